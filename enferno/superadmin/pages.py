"""The operator's pages: people, workspaces and activity over the whole installation."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from enferno.access.guards import superadmin_only
from enferno.billing.account import billing as bills
from enferno.pages import render_page
from enferno.superadmin.people import find_user, operator
from enferno.superadmin.teams import find_workspace
from enferno.workspace.events import titles

superadmin = Blueprint("superadmin", __name__, url_prefix="/superadmin")


@superadmin.get("/")
@superadmin_only
def overview() -> ResponseReturnValue:
    return render_page("superadmin/overview", title=_("Overview"), layout="superadmin")


@superadmin.get("/users")
@superadmin_only
def users() -> ResponseReturnValue:
    return render_page("superadmin/users", title=_("Users"), layout="superadmin")


@superadmin.get("/users/<uuid:user_id>")
@superadmin_only
def user(user_id: UUID) -> ResponseReturnValue:
    found = find_user(user_id)
    data = {"id": found.id, "is_self": found.id == operator().id}
    return render_page("superadmin/user", title=found.display_name, data=data, layout="superadmin")


@superadmin.get("/workspaces")
@superadmin_only
def workspaces() -> ResponseReturnValue:
    return render_page("superadmin/workspaces", title=_("Workspaces"), layout="superadmin")


@superadmin.get("/workspaces/<uuid:workspace_id>")
@superadmin_only
def workspace(workspace_id: UUID) -> ResponseReturnValue:
    found = find_workspace(workspace_id)
    return render_page("superadmin/workspace", title=found.name, data={"id": found.id}, layout="superadmin")


@superadmin.get("/billing")
@superadmin_only
def billing() -> ResponseReturnValue:
    data = {"plans": {plan.key: plan.name for plan in bills().catalogue}}
    return render_page("superadmin/billing", title=_("Billing"), data=data, layout="superadmin")


@superadmin.get("/billing/events")
@superadmin_only
def billing_events() -> ResponseReturnValue:
    return render_page("superadmin/billing-events", title=_("Billing events"), layout="superadmin")


@superadmin.get("/activity")
@superadmin_only
def activity() -> ResponseReturnValue:
    return render_page("superadmin/activity", title=_("Activity"), data={"kinds": titles()}, layout="superadmin")
