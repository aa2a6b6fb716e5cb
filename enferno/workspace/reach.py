"""Which workspaces a person can reach: the one question that is asked across workspaces, and only about oneself."""

from typing import Any

from sqlalchemy import func, select

from enferno.extensions import db
from enferno.tenancy import unscoped
from enferno.user.models import User
from enferno.workspace.models import Membership, Workspace

__all__ = ["own", "reachable"]


def reachable(user: User, limit: int = 50) -> list[Workspace]:
    """The person's workspaces by name, at most `limit`, for the switcher."""
    with unscoped("the person's own workspaces", routine=True):
        return list(db.session.scalars(own(user).order_by(func.lower(Workspace.name)).limit(limit)))


def own(user: User) -> Any:
    """The statement for the person's workspaces, to be run under `unscoped`."""
    return (
        select(Workspace)
        .join(Membership, Membership.workspace_id == Workspace.id)
        .where(Membership.user_id == user.id, Workspace.suspended_at.is_(None))
    )
