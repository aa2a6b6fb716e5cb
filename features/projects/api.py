"""/api/v1/workspaces/<slug>/projects"""

from uuid import UUID

from flask import Response

from enferno.access.guards import requires
from enferno.api.contract import ApiBlueprint, Page, no_content
from enferno.api.lists import page_of
from enferno.user.models import User
from enferno.workspace.models import Membership
from features.projects import register
from features.projects.models import Project
from features.projects.permissions import ProjectPermission
from features.projects.schemas import ProjectChange, ProjectIn, ProjectOut, ProjectQuery

projects = ApiBlueprint("projects", __name__, url_prefix="/api/v1/workspaces/<slug>/projects")

SORTS = {
    "name": Project.name,
    "status": Project.status,
    "owner": User.name,
    "created_at": Project.created_at,
    "id": Project.id,
}


@projects.get("")
@requires(ProjectPermission.VIEW)
def index(query: ProjectQuery) -> Page[ProjectOut]:
    """The projects of the workspace."""
    found = register.listed()
    if query.status:
        found = found.where(Project.status == query.status)
    if query.owner == "none":
        found = found.where(Project.owner_id.is_(None))
    elif query.owner:
        found = found.where(Membership.user_id == query.owner)
    return page_of(found, query, sorts=SORTS, default="name", search=[Project.name, User.name])


@projects.post("")
@requires(ProjectPermission.MANAGE)
def create(body: ProjectIn) -> ProjectOut:
    """Add a project."""
    return register.add(body)


@projects.get("/<uuid:project_id>")
@requires(ProjectPermission.VIEW)
def show(project_id: UUID) -> ProjectOut:
    """One project."""
    return register.find(project_id)


@projects.patch("/<uuid:project_id>")
@requires(ProjectPermission.MANAGE)
def change(project_id: UUID, body: ProjectChange) -> ProjectOut:
    """Change a project's name, status or owner."""
    return register.change(register.find(project_id), body)


@projects.delete("/<uuid:project_id>")
@requires(ProjectPermission.DELETE)
def delete(project_id: UUID) -> Response:
    """Delete a project."""
    register.delete(register.find(project_id))
    return no_content()
