"""Many people, workspaces and events, quickly: for tests of lists and for benches.

    crowd(app, users=20_000, workspaces=4_000, activities=200_000)

The rows are of the shape that the application makes, and the same at every call: each workspace has an owner,
everybody belongs to one, and sign-ups and events are spread over the last days.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import cycle, islice
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import Table, insert

from enferno.access.roles import MemberRole
from enferno.database import new_id, now
from enferno.extensions import db
from enferno.tenancy import unscoped
from enferno.user.models import User
from enferno.workspace.models import Activity, Membership, Workspace

__all__ = ["crowd"]

FIRST = ("Ada", "Björn", "Chidi", "Dalia", "Emeka", "Farah", "Goran", "Hana", "Iris", "Jonas", "Keiko", "Lena", "Mateo")
LAST = ("Abe", "Brandt", "Costa", "Dogan", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito", "Jansen", "Kovač", "Lund")
AT_ONCE = 2_000


def crowd(app: Flask, users: int = 20_000, workspaces: int = 0, activities: int = 0, days: int = 60) -> list[UUID]:
    """Insert them; gives the ids of the people. Nobody of the crowd has a password, so nobody can sign in."""
    with app.app_context(), unscoped("a crowd for a test"):
        people = list(some_users(users, days))
        teams = list(some_workspaces(workspaces, days))
        fill(User, people)
        fill(Workspace, teams)
        if teams:
            fill(Membership, some_memberships(people, teams))
            fill(Activity, some_activities(people, teams, activities, days))
        db.session.commit()
    return [person["id"] for person in people]


def fill(model: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    table: Table = model.__table__
    for batch in batches(rows):
        db.session.connection().execute(insert(table), batch)


def batches(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, AT_ONCE)):
        yield batch


def some_users(count: int, days: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {
            "id": new_id(),
            "email": f"person{number:06}@crowd.example.com",
            "name": f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]} {number:06}",
            "active": number % 50 != 49,
            "fs_uniquifier": secrets.token_hex(16),
            "confirmed_at": now(),
            "theme": "system",
            "created_at": some_time(number, count, days),
        }


def some_workspaces(count: int, days: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        made = some_time(number, count, days)
        yield {
            "id": new_id(),
            "slug": f"crowd-{number:06}",
            "name": f"Crowd {number:06}",
            "team_since": made if number % 3 == 0 else None,
            "suspended_at": made if number % 100 == 99 else None,
            "created_at": made,
        }


def some_memberships(people: list[dict[str, Any]], teams: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each person in one workspace; the first who comes to a workspace owns it."""
    for number, (person, team) in enumerate(zip(people, cycle(teams), strict=False)):
        yield {
            "workspace_id": team["id"],
            "id": new_id(),
            "user_id": person["id"],
            "role": MemberRole.OWNER if number < len(teams) else MemberRole.MEMBER,
            "created_at": person["created_at"],
        }


def some_activities(people: list[Any], teams: list[Any], count: int, days: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        actor = people[number % len(people)]
        yield {
            "workspace_id": teams[number * 7 % len(teams)]["id"],
            "id": new_id(),
            "kind": "workspace.renamed",
            "actor_id": actor["id"],
            "actor_name": actor["name"],
            "payload": {"before": "Before", "after": f"After {number}"},
            "created_at": some_time(number, count, days),
        }


def some_time(number: int, count: int, days: int) -> Any:
    """Spread evenly, the last one just now."""
    return now() - timedelta(days=days) * ((count - 1 - number) / max(count, 1))
