"""People as the operator sees them: a number of statements that does not grow with the list."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_security import current_user
from sqlalchemy import func, select

from enferno.errors import NotFound
from enferno.extensions import db
from enferno.tenancy import unscoped
from enferno.user.models import SUPERADMIN, Role, Session, User
from enferno.workspace.models import Membership, Workspace

__all__ = ["described", "find_user", "operator", "places_of", "users_with_status"]


def operator() -> User:
    """The superadmin who makes this request."""
    return current_user._get_current_object()


def find_user(user_id: UUID) -> User:
    """
    Raises:
        NotFound: nobody has this id.
    """
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound
    return user


def users_with_status(status: str) -> Any:
    """Everybody, or those of one status, as a statement to refine."""
    conditions = {
        "active": User.active,
        "inactive": User.active.is_(False),
        "superadmin": User.roles.any(Role.name == SUPERADMIN),
    }
    query = select(User)
    return query.where(conditions[status]) if status else query


def described(users: Sequence[User]) -> list[dict[str, Any]]:
    """What a row of the list says about each: two statements for all of them."""
    ids = [user.id for user in users]
    seen = select(Session.user_id, func.max(Session.last_seen_at)).where(Session.user_id.in_(ids))
    belongs = select(Membership.user_id, func.count()).where(Membership.user_id.in_(ids))
    last_seen = dict(db.session.execute(seen.group_by(Session.user_id)).all())
    with unscoped("in how many workspaces people are"):
        places = dict(db.session.execute(belongs.group_by(Membership.user_id)).all())
    return [
        {
            "id": user.id,
            "name": user.name,
            "email": user.email,
            "active": user.active,
            "is_superadmin": user.is_superadmin,
            "confirmed_at": user.confirmed_at,
            "created_at": user.created_at,
            "workspaces": places.get(user.id, 0),
            "last_seen_at": last_seen.get(user.id),
        }
        for user in users
    ]


def places_of(user: User) -> list[dict[str, Any]]:
    """The workspaces that the person belongs to, by name, with the role in each."""
    query = (
        select(Workspace, Membership.role)
        .join(Membership, Membership.workspace_id == Workspace.id)
        .where(Membership.user_id == user.id)
        .order_by(func.lower(Workspace.name), Workspace.id)
    )
    with unscoped("the workspaces of a person, for the operator"):
        found = db.session.execute(query).all()
    return [
        {"id": one.id, "slug": one.slug, "name": one.name, "role": role, "is_suspended": one.is_suspended}
        for one, role in found
    ]
