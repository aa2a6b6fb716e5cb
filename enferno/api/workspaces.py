"""The workspace itself and its history."""

from enferno.access.guards import requires
from enferno.access.permissions import Permission
from enferno.api.contract import ApiBlueprint, Filter, ListQuery, Page
from enferno.api.lists import page_of
from enferno.api.schemas import ActivityOut, WorkspaceChange, WorkspaceOut
from enferno.tenancy import current_workspace
from enferno.workspace.models import Activity

workspaces = ApiBlueprint("workspaces", __name__, url_prefix="/workspaces/<slug>")


class ActivityQuery(ListQuery):
    kind: Filter = ""


@workspaces.get("")
@requires(Permission.WORKSPACE_VIEW)
def show() -> WorkspaceOut:
    """The workspace."""
    return current_workspace


@workspaces.patch("")
@requires(Permission.WORKSPACE_MANAGE)
def change(body: WorkspaceChange) -> WorkspaceOut:
    """Rename the workspace, move it to another address, or open it to a team."""
    current_workspace.rename(body.name or current_workspace.name, body.slug or current_workspace.slug)
    if body.is_team:
        current_workspace.become_team()
    return current_workspace


@workspaces.get("/activity")
@requires(Permission.ACTIVITY_VIEW)
def activity(query: ActivityQuery) -> Page[ActivityOut]:
    """What happened in the workspace, the newest first."""
    return page_of(
        current_workspace.history(query.kind),
        query,
        sorts={"created_at": Activity.created_at, "id": Activity.id},
        default="-created_at",
        search=[Activity.actor_name, Activity.kind],
    )
