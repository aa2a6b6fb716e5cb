"""The members of any workspace, for the operator: the workspace's own rules hold, and its history tells of it."""

from uuid import UUID

from flask import Response

from enferno.access.guards import superadmin_only
from enferno.api.contract import ApiBlueprint, ListQuery, Page, no_content
from enferno.api.lists import page_of
from enferno.api.members import SORTS
from enferno.api.schemas import MemberChange, MemberOut
from enferno.api.superadmin.schemas import MemberIn, Why
from enferno.superadmin.teams import acting_in, inside, person_at
from enferno.user.models import User
from enferno.workspace.operator import OPERATOR

members = ApiBlueprint("members", __name__, url_prefix="/workspaces/<uuid:workspace_id>/members")


@members.get("")
@superadmin_only
def index(workspace_id: UUID, query: ListQuery) -> Page[MemberOut]:
    """Who belongs to the workspace."""
    with inside(workspace_id) as workspace:
        return page_of(workspace.memberships(), query, sorts=SORTS, default="name", search=[User.name, User.email])


@members.post("")
@superadmin_only
def add(workspace_id: UUID, body: MemberIn, query: Why) -> MemberOut:
    """Add somebody who has an account."""
    with acting_in(workspace_id, query.reason) as workspace:
        return workspace.add(person_at(body.email), body.role)


@members.patch("/<uuid:user_id>")
@superadmin_only
def change(workspace_id: UUID, user_id: UUID, body: MemberChange, query: Why) -> MemberOut:
    """Give a member another role."""
    with acting_in(workspace_id, query.reason) as workspace:
        membership = workspace.membership_of(user_id)
        membership.change_role(body.role, by=OPERATOR)
        return membership


@members.delete("/<uuid:user_id>")
@superadmin_only
def remove(workspace_id: UUID, user_id: UUID, query: Why) -> Response:
    """Remove a member, effective on the next request."""
    with acting_in(workspace_id, query.reason) as workspace:
        workspace.membership_of(user_id).remove(by=OPERATOR)
    return no_content()
