"""Deleting a person, and what becomes of the workspaces they belong to.

A workspace with nobody else in it goes with its owner. One with other members but no other owner needs a new owner
first. Everywhere else the person simply leaves. What they did stays in the history of each workspace, with their name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from enferno.access.roles import MemberRole
from enferno.errors import Conflict, Invalid, OwnerNeeded
from enferno.extensions import db
from enferno.locking import hold
from enferno.tenancy import unscoped
from enferno.user.administration import ensure_expendable, note
from enferno.user.attempts import account_mark
from enferno.user.models import User
from enferno.workspace import events
from enferno.workspace.models import Membership, Workspace
from enferno.workspace.operator import at_work, current_work

__all__ = ["Belonging", "Deletion", "delete_user", "deletion_of", "refusal"]

# So many people are offered as the new owner of a workspace; whoever else it is becomes one in the workspace itself.
MOST_CANDIDATES = 50


@dataclass
class Belonging:
    """The person's place in one workspace, and who could own it instead."""

    membership: Membership
    workspace: Workspace
    others: int
    other_owners: int
    candidates: list[Membership] = field(default_factory=list)

    @property
    def ends(self) -> bool:
        return self.membership.is_owner and not self.others

    @property
    def needs_owner(self) -> bool:
        return self.membership.is_owner and self.others > 0 and not self.other_owners


@dataclass
class Deletion:
    """What deleting `user` would do."""

    user: User
    belongings: list[Belonging]

    @property
    def ending(self) -> list[Belonging]:
        return [place for place in self.belongings if place.ends]

    @property
    def orphaned(self) -> list[Belonging]:
        return [place for place in self.belongings if place.needs_owner]

    @property
    def left(self) -> list[Belonging]:
        return [place for place in self.belongings if not place.ends and not place.needs_owner]


def deletion_of(user: User) -> Deletion:
    """What would happen to each workspace of the person: two statements, however many there are."""
    with unscoped("what deleting a person does to their workspaces"):
        deletion = Deletion(user, belongings_of(user))
        offer_candidates(deletion.orphaned, user)
    return deletion


def refusal(user: User, by: User) -> str | None:
    """The code of what forbids deleting the person; None where nothing does."""
    try:
        ensure_expendable(user, by)
    except Conflict as conflict:
        return conflict.code
    return None


def delete_user(user: User, by: User, new_owners: Mapping[UUID, UUID]) -> None:
    """Delete the person, with the workspaces nobody else is in; the others go to `new_owners` (workspace, person).

    Raises:
        OwnAccount, LastSuperadmin: see `ensure_expendable`.
        OwnerNeeded: a workspace has other members, and no owner is chosen; all such are named.
        Invalid: a chosen owner is no active member of the workspace.
    """
    ensure_expendable(user, by)
    with unscoped("deleting a person with their place in every workspace"), at_work(by):
        lock_workspaces(user)
        deletion = Deletion(user, belongings_of(user))
        ensure_owners(deletion.orphaned, new_owners)
        for place in deletion.orphaned:
            hand_over(place, new_owners[place.workspace.id])
        for place in deletion.belongings:
            leave(place)
        db.session.flush()
        db.session.delete(user)
    note("user_deleted", user, by, account=account_mark(user.email), workspaces_deleted=len(deletion.ending))


def belongings_of(user: User) -> list[Belonging]:
    other = aliased(Membership)
    others = select(func.count()).where(other.workspace_id == Membership.workspace_id, other.user_id != user.id)
    query = (
        select(
            Membership,
            Workspace,
            others.scalar_subquery(),
            others.where(other.role == MemberRole.OWNER).scalar_subquery(),
        )
        .join(Workspace, Workspace.id == Membership.workspace_id)
        .where(Membership.user_id == user.id)
        .order_by(func.lower(Workspace.name), Workspace.id)
    )
    return [Belonging(*row) for row in db.session.execute(query)]


def offer_candidates(places: list[Belonging], leaving: User) -> None:
    """Name those who could own each workspace: active, admins before members, then by name."""
    if not places:
        return
    rank = func.row_number().over(
        partition_by=Membership.workspace_id, order_by=(Membership.role, func.lower(User.name), User.id)
    )
    of_these = Membership.workspace_id.in_([place.workspace.id for place in places])
    ranked = (
        select(Membership.id, rank.label("rank"))
        .join(User, User.id == Membership.user_id)
        .where(of_these, User.active, User.id != leaving.id)
        .subquery()
    )
    query = (
        select(Membership)
        .join(ranked, ranked.c.id == Membership.id)
        .where(ranked.c.rank <= MOST_CANDIDATES)
        .options(joinedload(Membership.user))
        .order_by(ranked.c.rank)
    )
    found = list(db.session.scalars(query))
    for place in places:
        place.candidates = [one for one in found if one.workspace_id == place.workspace.id]


def lock_workspaces(user: User) -> None:
    """Let nobody join these workspaces, and no other owner leave them, until this transaction ends."""
    own = select(Membership.workspace_id).where(Membership.user_id == user.id, Membership.role == MemberRole.OWNER)
    hold(Workspace, Workspace.id.in_(own))


def ensure_owners(orphaned: list[Belonging], new_owners: Mapping[UUID, UUID]) -> None:
    ownerless = [place.workspace for place in orphaned if place.workspace.id not in new_owners]
    if ownerless:
        raise OwnerNeeded(
            ", ".join(workspace.name for workspace in ownerless),
            errors=[
                {"field": f"new_owners.{one.id}", "message": _("%(name)s needs a new owner", name=one.name)}
                for one in ownerless
            ],
        )


def hand_over(place: Belonging, user_id: UUID) -> None:
    """Make the person chosen the owner of the workspace."""
    query = (
        select(Membership)
        .join(Membership.user)
        .where(Membership.workspace_id == place.workspace.id, Membership.user_id == user_id, User.active)
        .options(joinedload(Membership.user))
    )
    heir = db.session.scalars(query).one_or_none()
    if heir is None or heir is place.membership:
        raise Invalid.field(f"new_owners.{place.workspace.id}", _("Choose an active member of this workspace"))
    changed = events.MemberRoleChanged(member=heir.name, before=heir.role, after=MemberRole.OWNER)
    events.record(changed, workspace_id=place.workspace.id)
    heir.role = MemberRole.OWNER


def leave(place: Belonging) -> None:
    """Take the person out of the workspace; nobody is left in it, so it goes as well."""
    work = current_work()
    if place.ends:
        if work is not None:
            work.note("workspace_deleted", place.workspace.id, slug=place.workspace.slug)
        place.workspace.delete()
        return
    events.record(events.MemberRemoved(member=place.membership.name), workspace_id=place.workspace.id)
    db.session.delete(place.membership)
