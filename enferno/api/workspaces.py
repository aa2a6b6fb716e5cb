"""The workspace itself, what is in it, and its history."""

from flask import Response

from enferno.access.guards import requires
from enferno.access.permissions import Permission
from enferno.access.recent import insist_on_recent_password
from enferno.api.contract import ApiBlueprint, Filter, ListQuery, Page, no_content
from enferno.api.lists import page_of
from enferno.api.schemas import ActivityOut, WorkspaceChange, WorkspaceOut, WorkspaceOverviewOut
from enferno.extensions import limiter
from enferno.features import home_cards
from enferno.tenancy import current_workspace
from enferno.workspace.models import Activity
from enferno.workspace.overview import active_members, activity_per_day, recent_activity

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
@limiter.limit("60 per hour", key_func=lambda: str(current_workspace.id))
def change(body: WorkspaceChange) -> WorkspaceOut:
    """Rename the workspace, move it to another address, or open it to a team."""
    workspace = current_workspace
    # First, as whoever changes the members does: two that began with other rows would each wait for the other.
    workspace.lock()
    workspace.move(body.slug or workspace.slug)
    workspace.rename(body.name or workspace.name)
    if body.is_team is not None:
        workspace.become_team() if body.is_team else workspace.become_solo()
    return workspace


@workspaces.delete("")
@requires(Permission.WORKSPACE_DELETE)
def delete() -> Response:
    """Delete the workspace with everything in it, for good. Asks for a password typed within ten minutes."""
    insist_on_recent_password()
    current_workspace.delete()
    return no_content()


@workspaces.get("/overview")
@requires(Permission.WORKSPACE_VIEW)
def overview() -> WorkspaceOverviewOut:
    """What is in the workspace, who was active in the last days, and what happened last."""
    found = {
        "members": current_workspace.count_members(),
        "cards": home_cards(),
        "days": activity_per_day(current_workspace),
        "active": active_members(current_workspace),
        "recent": recent_activity(current_workspace),
    }
    return WorkspaceOverviewOut.model_validate(found)


@workspaces.get("/activity")
@requires(Permission.ACTIVITY_VIEW)
def activity(query: ActivityQuery) -> Page[ActivityOut]:
    """What happened in the workspace, the newest first."""
    return page_of(
        current_workspace.history(query.kind),
        query,
        sorts={"created_at": Activity.created_at, "id": Activity.id},
        default="-created_at",
        search=[Activity.actor_name, Activity.about],
    )
