"""People, for the operator."""

from typing import Any
from uuid import UUID

from sqlalchemy import func

from enferno.access.guards import superadmin_only
from enferno.api.contract import ApiBlueprint, Page
from enferno.api.lists import page_of
from enferno.api.superadmin.schemas import UserChange, UserDetailOut, UserIn, UserMadeOut, UserOut, UsersQuery
from enferno.superadmin.people import described, find_user, operator, places_of, users_with_status
from enferno.user import administration
from enferno.user.models import User

users = ApiBlueprint("users", __name__, url_prefix="/users")

SORTS = {"name": func.lower(User.name), "email": User.email, "created_at": User.created_at, "id": User.id}


@users.get("")
@superadmin_only
def index(query: UsersQuery) -> Page[UserOut]:
    """Everybody with an account."""
    statement = users_with_status(query.status)
    page = page_of(statement, query, sorts=SORTS, default="-created_at", search=[User.name, User.email])
    return page.model_copy(update={"items": described(page.items)})


@users.get("/<uuid:user_id>")
@superadmin_only
def show(user_id: UUID) -> UserDetailOut:
    """One person, with their workspaces and open sessions."""
    user = find_user(user_id)
    return described([user])[0] | {"places": places_of(user), "sessions": user.open_sessions()}


@users.post("")
@superadmin_only
def create(body: UserIn) -> UserMadeOut:
    """Make an account. A password that is made here is shown this once."""
    password = body.password or administration.generate_password()
    user = administration.create_user(body.name, body.email, password, by=operator())
    administration.set_superadmin(user, body.is_superadmin, by=operator())
    return {"id": user.id, "email": user.email, "password": None if body.password else password}


@users.patch("/<uuid:user_id>")
@superadmin_only
def change(user_id: UUID, body: UserChange) -> UserOut:
    """Rename somebody, change the address, let in or shut out, make a superadmin or unmake one."""
    user = find_user(user_id)
    apply(user, body)
    return described([user])[0]


def apply(user: User, body: UserChange) -> None:
    acts: dict[str, Any] = {
        "name": administration.rename,
        "email": administration.change_address,
        "active": administration.set_active,
        "is_superadmin": administration.set_superadmin,
    }
    for name, value in body.model_dump(exclude_none=True).items():
        acts[name](user, value, by=operator())
