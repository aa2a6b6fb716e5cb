"""A project: a piece of work with a name, a state and somebody who answers for it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from enferno.database import now
from enferno.extensions import db
from enferno.tenancy import WorkspaceScoped, belongs_to
from enferno.workspace.models import Membership


class ProjectStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    DONE = "done"


class Project(WorkspaceScoped, db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "projects"
    __table_args__ = (Index(None, "workspace_id", "name"), Index(None, "workspace_id", "created_at"))

    name: Mapped[str] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(20), default=ProjectStatus.ACTIVE)
    # A membership and not a user: only who belongs here can own it, and what a member leaves behind has no owner.
    owner = belongs_to(Membership, ondelete="SET NULL")
    created_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def owner_user_id(self) -> UUID | None:
        return self.owner.user_id if self.owner else None

    @property
    def owner_name(self) -> str:
        return self.owner.name if self.owner else ""
