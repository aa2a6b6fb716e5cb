"""The page of the projects. The rows come from the API; the page brings what its form offers."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from enferno.access.guards import requires
from enferno.billing.limits import limits
from enferno.pages import render_page
from features.projects.permissions import ProjectPermission

pages = Blueprint("projects_pages", __name__, url_prefix="/w/<slug>/projects")


@pages.get("")
@requires(ProjectPermission.VIEW)
def index() -> ResponseReturnValue:
    return render_page("projects/index", title=_("Projects"), limits=limits("projects"))
