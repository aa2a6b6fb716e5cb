"""The operator's pages: people, workspaces and activity over the whole installation."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from enferno.access.guards import superadmin_only
from enferno.pages import render_page

superadmin = Blueprint("superadmin", __name__, url_prefix="/superadmin")


@superadmin.get("/")
@superadmin_only
def overview() -> ResponseReturnValue:
    return render_page("superadmin/overview", title=_("Overview"), layout="superadmin")


@superadmin.get("/users")
@superadmin_only
def users() -> ResponseReturnValue:
    return render_page("superadmin/users", title=_("Users"), layout="superadmin")


@superadmin.get("/workspaces")
@superadmin_only
def workspaces() -> ResponseReturnValue:
    return render_page("superadmin/workspaces", title=_("Workspaces"), layout="superadmin")


@superadmin.get("/activity")
@superadmin_only
def activity() -> ResponseReturnValue:
    return render_page("superadmin/activity", title=_("Activity"), layout="superadmin")
