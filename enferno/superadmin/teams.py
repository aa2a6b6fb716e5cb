"""Workspaces as the operator sees them: a number of statements that does not grow with the list."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from enferno.access.roles import MemberRole
from enferno.errors import Invalid, NotFound
from enferno.extensions import db
from enferno.superadmin.people import operator
from enferno.tenancy import serve
from enferno.user.addresses import normal_address
from enferno.user.models import User
from enferno.workspace.models import Membership, Workspace
from enferno.workspace.operator import at_work

__all__ = [
    "acting_in", "delete_workspace", "described", "find_workspace", "inside", "person_at", "workspaces_with_status",
]  # fmt: skip


def find_workspace(workspace_id: UUID) -> Workspace:
    """
    Raises:
        NotFound: no workspace has this id.
    """
    workspace = db.session.get(Workspace, workspace_id)
    if workspace is None:
        raise NotFound
    return workspace


@contextmanager
def inside(workspace_id: UUID) -> Iterator[Workspace]:
    """Act in this workspace, in the transaction of the request: its rows, its history, its rules."""
    workspace = find_workspace(workspace_id)
    with serve(workspace):
        yield workspace
        db.session.flush()


@contextmanager
def acting_in(workspace_id: UUID, reason: str) -> Iterator[Workspace]:
    """Act in it for the operator: its history and the log say who did it, and why."""
    with inside(workspace_id) as workspace, at_work(operator(), reason):
        yield workspace


def person_at(email: str) -> User:
    """
    Raises:
        Invalid: nobody has this address.
    """
    user = db.session.scalars(select(User).where(User.email == normal_address(email))).one_or_none()
    if user is None:
        raise Invalid.field("email", _("Nobody has an account with this address"))
    return user


def workspaces_with_status(status: str) -> Any:
    """All workspaces, or those of one status, as a statement to refine."""
    conditions = {
        "active": Workspace.suspended_at.is_(None),
        "suspended": Workspace.suspended_at.is_not(None),
        "team": Workspace.team_since.is_not(None),
    }
    query = select(Workspace)
    return query.where(conditions[status]) if status else query


def described(workspaces: Sequence[Workspace]) -> list[dict[str, Any]]:
    """What a row of the list says about each: two statements for all of them, to be run under `unscoped`."""
    ids = [workspace.id for workspace in workspaces]
    counts = select(Membership.workspace_id, func.count()).where(Membership.workspace_id.in_(ids))
    members = dict(db.session.execute(counts.group_by(Membership.workspace_id)).all())
    owners = first_owners(ids)
    return [
        {
            "id": workspace.id,
            "slug": workspace.slug,
            "name": workspace.name,
            "is_team": workspace.is_team,
            "created_at": workspace.created_at,
            "suspended_at": workspace.suspended_at,
            "members": members.get(workspace.id, 0),
            "owner": owners.get(workspace.id),
        }
        for workspace in workspaces
    ]


def first_owners(ids: list[UUID]) -> dict[UUID, Membership]:
    """Who has owned each workspace the longest."""
    query = (
        select(Membership)
        .where(Membership.workspace_id.in_(ids), Membership.role == MemberRole.OWNER)
        .options(joinedload(Membership.user))
        .order_by(Membership.created_at.desc(), Membership.id.desc())
    )
    return {membership.workspace_id: membership for membership in db.session.scalars(query)}


def delete_workspace(workspace: Workspace, by: User, reason: str) -> None:
    """Delete it for good. Its history goes with it, so the log keeps what it was, who did it, and why."""
    with at_work(by, reason) as work:
        work.note("workspace_deleted", workspace.id, slug=workspace.slug)
        workspace.delete()
