"""Workspaces, for the operator."""

from uuid import UUID

from flask import Response
from sqlalchemy import func, select

from enferno.access.guards import superadmin_only
from enferno.api.contract import ApiBlueprint, Page, no_content
from enferno.api.lists import page_of
from enferno.api.superadmin.schemas import Why, WorkspaceRowOut, WorkspacesQuery, WorkspaceWithRoomOut
from enferno.billing.limits import standing
from enferno.superadmin.people import operator
from enferno.superadmin.teams import (
    acting_in,
    delete_workspace,
    described,
    find_workspace,
    inside,
    workspaces_with_status,
)
from enferno.tenancy import unscoped
from enferno.workspace.models import Membership, Workspace

workspaces = ApiBlueprint("workspaces", __name__, url_prefix="/workspaces")

MEMBERS = (
    select(func.count())
    .select_from(Membership)
    .where(Membership.workspace_id == Workspace.id)
    .correlate(Workspace)
    .scalar_subquery()
)
SORTS = {
    "name": func.lower(Workspace.name),
    "slug": Workspace.slug,
    "members": MEMBERS,
    "created_at": Workspace.created_at,
    "suspended_at": Workspace.suspended_at,
    "id": Workspace.id,
}


@workspaces.get("")
@superadmin_only
def index(query: WorkspacesQuery) -> Page[WorkspaceRowOut]:
    """Every workspace, with its oldest owner."""
    with unscoped("the operator's list of workspaces"):
        statement = workspaces_with_status(query.status)
        search = [Workspace.name, Workspace.slug]
        page = page_of(statement, query, sorts=SORTS, default="-created_at", search=search)
        return page.model_copy(update={"items": described(page.items)})


@workspaces.get("/<uuid:workspace_id>")
@superadmin_only
def show(workspace_id: UUID) -> WorkspaceWithRoomOut:
    """One workspace, and how many more members its plan has room for."""
    with unscoped("one workspace, for the operator"):
        found = described([find_workspace(workspace_id)])[0]
    with inside(workspace_id):
        return WorkspaceWithRoomOut.model_validate(found | {"room": standing("members", used=found["members"])})


@workspaces.post("/<uuid:workspace_id>/suspension", status=204)
@superadmin_only
def suspend(workspace_id: UUID, query: Why) -> Response:
    """Shut everyone out from the next request on; everything is kept."""
    with acting_in(workspace_id, query.reason) as workspace:
        workspace.suspend()
    return no_content()


@workspaces.delete("/<uuid:workspace_id>/suspension")
@superadmin_only
def restore(workspace_id: UUID, query: Why) -> Response:
    """Let the members in again."""
    with acting_in(workspace_id, query.reason) as workspace:
        workspace.restore()
    return no_content()


@workspaces.delete("/<uuid:workspace_id>")
@superadmin_only
def delete(workspace_id: UUID, query: Why) -> Response:
    """Delete a workspace with everything in it, for good."""
    delete_workspace(find_workspace(workspace_id), by=operator(), reason=query.reason)
    return no_content()
