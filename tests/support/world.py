"""The world that tests live in: two workspaces with rows of the same shape, so that a forgotten filter shows."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import UUID

from flask import Flask
from flask_security import hash_password

from enferno.access.roles import MemberRole
from enferno.database import now
from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import SUPERADMIN, Role, User
from enferno.workspace.founding import found_workspace

__all__ = ["PASSWORD", "Person", "Team", "World", "build_world", "make_person"]

PASSWORD = "violet-harbour-41-lantern"


@dataclass(frozen=True)
class Person:
    id: UUID
    email: str
    name: str


@dataclass(frozen=True)
class Team:
    """A workspace and who belongs to it."""

    id: UUID
    slug: str
    name: str
    owner: Person
    admin: Person
    member: Person

    @property
    def people(self) -> tuple[Person, Person, Person]:
        return self.owner, self.admin, self.member

    @property
    def api(self) -> str:
        return f"/api/v1/workspaces/{self.slug}"


@dataclass(frozen=True)
class World:
    """`stranger` belongs to no workspace; `root` is the operator and belongs to none either."""

    acme: Team
    noise: Team
    stranger: Person
    root: Person


def build_world(app: Flask) -> World:
    with app.app_context():
        root = make_user("root@example.com", "Rosa Root")
        root.roles.append(Role(name=SUPERADMIN, description="Runs this installation"))
        stranger = make_user("stranger@example.com", "Sten Stranger")
        db.session.commit()
        people = described(root), described(stranger)
    acme = make_team(app, "acme", "Acme")
    noise = make_team(app, "noise", "Noise")
    return World(acme=acme, noise=noise, root=people[0], stranger=people[1])


def make_team(app: Flask, slug: str, name: str) -> Team:
    """A workspace with an owner, an admin and a member, called `owner@<slug>.example.com` and so on."""
    with app.app_context():
        owner, admin, member = (
            make_user(f"{role}@{slug}.example.com", f"{who} of {name}")
            for role, who in (("owner", "Olga"), ("admin", "Adam"), ("member", "Mia"))
        )
        workspace = found_workspace(owner, name)
        db.session.commit()
        workspace_id, found_slug = workspace.id, workspace.slug
        people = [described(user) for user in (owner, admin, member)]
    with app.app_context(), in_workspace(workspace_id) as workspace:
        for person, role in ((people[1], MemberRole.ADMIN), (people[2], MemberRole.MEMBER)):
            workspace.add(db.session.get_one(User, person.id), role)
    return Team(workspace_id, found_slug, name, *people)


def make_person(app: Flask, email: str, name: str = "Paula Person") -> Person:
    """Somebody who has confirmed the address and belongs nowhere yet."""
    with app.app_context():
        user = make_user(email, name)
        db.session.commit()
        return described(user)


def make_user(email: str, name: str) -> User:
    user = User(
        email=email,
        name=name,
        password=hashed(PASSWORD),
        fs_uniquifier=secrets.token_hex(32),
        confirmed_at=now() - timedelta(days=1),
    )
    db.session.add(user)
    db.session.flush()
    return user


def described(user: User) -> Person:
    return Person(user.id, user.email, user.name)


@cache
def hashed(password: str) -> str:
    """Once per process: the tests need a password that can be checked, not a new salt each time."""
    return hash_password(password)
