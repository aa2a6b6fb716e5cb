"""The members of a workspace."""

from uuid import UUID

from flask import Response

from enferno.access.guards import current_membership, requires
from enferno.access.permissions import Permission
from enferno.api.contract import ApiBlueprint, ListQuery, Page, no_content
from enferno.api.lists import page_of
from enferno.api.schemas import MemberChange, MemberOut
from enferno.tenancy import current_workspace
from enferno.user.models import User
from enferno.workspace.models import Membership

members = ApiBlueprint("members", __name__, url_prefix="/workspaces/<slug>/members")

SORTS = {
    "name": User.name,
    "email": User.email,
    "role": Membership.role,
    "created_at": Membership.created_at,
    "id": Membership.id,
}


@members.get("")
@requires(Permission.MEMBERS_VIEW)
def index(query: ListQuery) -> Page[MemberOut]:
    """Who belongs to the workspace."""
    return page_of(current_workspace.memberships(), query, sorts=SORTS, default="name", search=[User.name, User.email])


@members.get("/<uuid:user_id>")
@requires(Permission.MEMBERS_VIEW)
def show(user_id: UUID) -> MemberOut:
    """One member."""
    return current_workspace.membership_of(user_id)


@members.patch("/<uuid:user_id>")
@requires(Permission.MEMBERS_MANAGE)
def change(user_id: UUID, body: MemberChange) -> MemberOut:
    """Give a member another role."""
    membership = current_workspace.membership_of(user_id)
    membership.change_role(body.role, by=current_membership)
    return membership


@members.delete("/<uuid:user_id>")
@requires(Permission.MEMBERS_MANAGE)
def remove(user_id: UUID) -> Response:
    """Remove a member, effective on the next request."""
    membership = current_workspace.membership_of(user_id)
    membership.remove(by=current_membership)
    return no_content()


@members.delete("/me")
@requires(Permission.WORKSPACE_VIEW)
def leave() -> Response:
    """Leave the workspace."""
    current_membership.leave()
    return no_content()
