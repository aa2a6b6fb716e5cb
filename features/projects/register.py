"""Finding, adding and changing the projects of the current workspace."""

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from enferno.billing.gates import take
from enferno.errors import Invalid, NotFound
from enferno.extensions import db
from enferno.tenancy import current_workspace
from enferno.user.models import User
from enferno.workspace.models import Membership
from features.projects.events import ProjectChanged, ProjectCreated, ProjectDeleted
from features.projects.models import Project
from features.projects.schemas import ProjectChange, ProjectIn


def listed() -> Select[Any]:
    """The projects with their owners, as a statement to refine."""
    owner = contains_eager(Project.owner).contains_eager(Membership.user).lazyload(User.roles)
    return select(Project).outerjoin(Project.owner).outerjoin(Membership.user).options(owner)


def count() -> int:
    """How many there are, for the plan's limit."""
    return db.session.scalar(select(func.count()).select_from(Project)) or 0


def find(project_id: UUID) -> Project:
    """The project; raises NotFound when the workspace has none of this id."""
    project = db.session.scalars(listed().where(Project.id == project_id)).one_or_none()
    if project is None:
        raise NotFound
    return project


def add(wanted: ProjectIn) -> Project:
    owner = owner_of(wanted.owner_id)
    take("projects")
    project = Project(name=wanted.name, status=wanted.status, owner=owner)
    db.session.add(project)
    ProjectCreated(name=project.name).record()
    db.session.flush()
    return project


def change(project: Project, wanted: ProjectChange) -> Project:
    """Change what was sent and leave the rest."""
    if wanted.name is not None:
        project.name = wanted.name
    if wanted.status is not None:
        project.status = wanted.status
    if "owner_id" in wanted.model_fields_set:
        project.owner = owner_of(wanted.owner_id)
    if db.session.is_modified(project):
        ProjectChanged(name=project.name).record()
    db.session.flush()
    return project


def delete(project: Project) -> None:
    ProjectDeleted(name=project.name).record()
    db.session.delete(project)
    db.session.flush()


def owner_of(user_id: UUID | None) -> Membership | None:
    """The membership of whoever shall own a project; raises Invalid for somebody who does not belong here."""
    if user_id is None:
        return None
    membership: Membership | None = current_workspace.find_membership(user_id)
    if membership is None:
        raise Invalid.field("owner_id", _("This person does not belong here"))
    return membership
