"""The shapes of a project: what goes out, what comes in, and how the list is asked for."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from enferno.api.contract import In, Line, ListQuery, Out
from features.projects.models import ProjectStatus


class ProjectOut(Out):
    """`owner_id` is the person's id, the one that the members' list shows."""

    id: UUID
    name: str
    status: str
    owner_id: UUID | None = Field(validation_alias="owner_user_id")
    owner_name: str
    created_at: datetime


class ProjectIn(In):
    name: Line
    status: ProjectStatus = ProjectStatus.ACTIVE
    owner_id: UUID | None = None


class ProjectChange(In):
    name: Line | None = None
    status: ProjectStatus | None = None
    owner_id: UUID | None = None


class ProjectQuery(ListQuery):
    """`owner` is a person's id, or "none" for the projects that nobody answers for."""

    status: ProjectStatus | Literal[""] = ""
    owner: UUID | Literal["none", ""] = ""
