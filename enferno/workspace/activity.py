"""The history of a workspace."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from enferno.database import now
from enferno.extensions import db
from enferno.tenancy import WorkspaceScoped
from enferno.workspace import events

__all__ = ["Activity"]


class Activity(WorkspaceScoped, db.Model):  # type: ignore[name-defined, misc]
    """Something that happened in a workspace; written with the change itself and never altered."""

    __tablename__ = "activities"
    __table_args__ = (
        Index(None, "workspace_id", "created_at"),
        # For the operator: the newest of all, and which workspaces were active on which day.
        Index(None, "created_at", "workspace_id"),
        # For the deletion of a person, which empties actor_id.
        Index(None, "actor_id"),
    )

    kind: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(String(120), default="")
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    about: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def event(self) -> events.Event | None:
        return events.load(self.kind, self.payload)

    @property
    def sentence(self) -> str:
        """What happened, in the reader's language, to be read after the actor's name."""
        event = self.event
        if event is None:
            return self.kind
        return _("%(done)s (%(why)s)", done=event.sentence(), why=event.because) if event.because else event.sentence()
