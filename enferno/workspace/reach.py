"""Which workspaces a person can reach: the one question that is asked across workspaces, and only about oneself."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, func, select

from enferno.extensions import db
from enferno.tenancy import unscoped
from enferno.user.models import User
from enferno.workspace.models import Membership, Workspace

__all__ = ["SWITCHER", "first_place", "memberships", "own", "reachable"]

# How many workspaces the switcher offers besides the current one.
SWITCHER = 50
REASON = "the person's own workspaces"


def memberships(user: User, slug: str, *, others: int = 0) -> Sequence[Row[Workspace, Membership]]:
    """The workspace at `slug` with the person's membership, if there is one, and up to `others` more by name.

    One statement, since it runs before every view. Only the membership at `slug` stays in the session.
    """
    with unscoped(REASON, routine=True):
        found = db.session.execute(of_person(others), {"user_id": user.id, "slug": slug}).all()
    for workspace, membership in found:
        if workspace.slug != slug:
            db.session.expunge(membership)
    return found


@cache
def of_person(others: int) -> Any:
    """Built once: the same for everybody but for two values."""
    slug: BindParameter[str] = bindparam("slug")
    query = (
        select(Workspace, Membership)
        .join(Membership, Membership.workspace_id == Workspace.id)
        .where(Membership.user_id == bindparam("user_id"))
        .order_by(Workspace.slug != slug, func.lower(Workspace.name))
        .limit(1 + others)
    )
    return query if others else query.where(Workspace.slug == slug)


def reachable(user: User, limit: int = SWITCHER) -> list[Workspace]:
    """The person's workspaces by name, at most `limit`, without those that are suspended."""
    with unscoped(REASON, routine=True):
        return list(db.session.scalars(own(user).order_by(func.lower(Workspace.name)).limit(limit)))


def first_place(user: User) -> Workspace | None:
    """Where signing in leads: the first workspace by name; a suspended one only if there is no other."""
    query = of(user).order_by(Workspace.suspended_at.is_not(None), func.lower(Workspace.name)).limit(1)
    with unscoped(REASON, routine=True):
        return db.session.scalars(query).one_or_none()


def own(user: User) -> Any:
    """The statement for the person's workspaces, to be run under `unscoped`."""
    return of(user).where(Workspace.suspended_at.is_(None))


def of(user: User) -> Any:
    return (
        select(Workspace).join(Membership, Membership.workspace_id == Workspace.id).where(Membership.user_id == user.id)
    )
