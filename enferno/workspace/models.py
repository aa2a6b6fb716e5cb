"""The workspace, its members and its history."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from enferno.access.roles import MemberRole
from enferno.database import new_id, now
from enferno.errors import AlreadyMember, LastOwner, NotAllowed, NotFound
from enferno.extensions import db
from enferno.tenancy import WorkspaceScoped
from enferno.user.models import User
from enferno.workspace import events

if TYPE_CHECKING:
    from enferno.workspace.events import Event
    from enferno.workspace.operator import Operator

__all__ = ["Activity", "Membership", "Workspace", "WorkspaceSlug"]


class Workspace(db.Model):  # type: ignore[name-defined, misc]
    """A tenant: every scoped row belongs to exactly one."""

    __tablename__ = "workspaces"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    team_since: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)

    former_slugs: Mapped[list["WorkspaceSlug"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    @property
    def is_team(self) -> bool:
        """Whether people see it as a team; who works alone never meets the word workspace."""
        return self.team_since is not None

    @property
    def is_suspended(self) -> bool:
        return self.suspended_at is not None

    def add(self, user: User, role: MemberRole = MemberRole.MEMBER) -> "Membership":
        """Make `user` a member.

        Raises:
            AlreadyMember: the person belongs to this workspace already.
        """
        if self.find_membership(user.id) is not None:
            raise AlreadyMember
        membership = Membership(workspace_id=self.id, user=user, role=role)
        db.session.add(membership)
        db.session.flush()
        if self.team_since is None and self.count_members() > 1:
            self.team_since = now()
        events.record(events.MemberJoined(member=user.display_name, role=role))
        return membership

    def memberships(self) -> Any:
        """The memberships of this workspace, as a statement to refine."""
        return select(Membership).where(Membership.workspace_id == self.id).join(Membership.user)

    def membership_of(self, user_id: UUID) -> "Membership":
        """The membership of the person.

        Raises:
            NotFound: nobody of this id belongs to this workspace.
        """
        membership = self.find_membership(user_id)
        if membership is None:
            raise NotFound
        return membership

    def find_membership(self, user_id: UUID) -> "Membership | None":
        query = select(Membership).where(Membership.workspace_id == self.id, Membership.user_id == user_id)
        return db.session.scalars(query).one_or_none()

    def count_members(self) -> int:
        query = select(func.count()).select_from(Membership).where(Membership.workspace_id == self.id)
        return db.session.scalar(query) or 0

    def history(self, kind: str = "") -> Any:
        """What happened here, as a statement to refine; of one kind when `kind` is given."""
        query = select(Activity).where(Activity.workspace_id == self.id)
        return query.where(Activity.kind == kind) if kind else query

    def rename(self, name: str, slug: str) -> None:
        """Give it another name and address; the old address keeps leading here."""
        from enferno.workspace.naming import claim_slug

        if name != self.name:
            events.record(events.WorkspaceRenamed(before=self.name, after=name))
            self.name = name
        if slug != self.slug:
            claim_slug(self, slug)

    def become_team(self) -> None:
        """Show the pages for working with others."""
        self.team_since = self.team_since or now()

    def suspend(self) -> None:
        """Shut everyone out, keeping everything, until `restore`."""
        if self.suspended_at is None:
            self.suspended_at = now()
            events.record(events.WorkspaceSuspended())

    def restore(self) -> None:
        if self.suspended_at is not None:
            self.suspended_at = None
            events.record(events.WorkspaceRestored())

    def lock(self) -> None:
        """Let nobody else change who belongs here until this transaction ends."""
        db.session.execute(select(Workspace.id).where(Workspace.id == self.id).with_for_update())

    def owners(self) -> int:
        query = (
            select(func.count())
            .select_from(Membership)
            .where(Membership.workspace_id == self.id, Membership.role == MemberRole.OWNER)
        )
        return db.session.scalar(query) or 0


class WorkspaceSlug(db.Model):  # type: ignore[name-defined, misc]
    """An address that a workspace had before; visitors are sent on to the one it has now."""

    __tablename__ = "workspace_slugs"

    slug: Mapped[str] = mapped_column(String(60), primary_key=True)
    former_of_id: Mapped[UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    replaced_at: Mapped[datetime] = mapped_column(default=now)

    workspace: Mapped[Workspace] = relationship(back_populates="former_slugs")


class Membership(WorkspaceScoped, db.Model):  # type: ignore[name-defined, misc]
    """That a person belongs to a workspace, and as what."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("workspace_id", "user_id"), Index(None, "user_id"))

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(30), default=MemberRole.MEMBER)
    created_at: Mapped[datetime] = mapped_column(default=now)

    user: Mapped[User] = relationship()

    @property
    def name(self) -> str:
        return self.user.display_name

    @property
    def email(self) -> str:
        return self.user.email

    @property
    def is_owner(self) -> bool:
        return self.role == MemberRole.OWNER

    def change_role(self, role: str, by: "Membership | Operator") -> None:
        """Give this member another role.

        Raises:
            NotAllowed: `by` is no owner and touches an owner, or makes one.
            LastOwner: the workspace would be left without an owner.
        """
        if role == self.role:
            return
        by.ensure_may_touch(self, role)
        self.ensure_not_last_owner()
        events.record(events.MemberRoleChanged(member=self.name, before=self.role, after=role))
        self.role = role

    def remove(self, by: "Membership | Operator") -> None:
        """Take this member out, effective on the next request.

        Raises:
            NotAllowed: `by` is no owner and removes an owner.
            LastOwner: the workspace would be left without an owner.
        """
        by.ensure_may_touch(self)
        self.ensure_not_last_owner()
        events.record(events.MemberRemoved(member=self.name))
        db.session.delete(self)

    def leave(self) -> None:
        """Leave of one's own will.

        Raises:
            LastOwner: the workspace would be left without an owner.
        """
        self.ensure_not_last_owner()
        events.record(events.MemberLeft(member=self.name))
        db.session.delete(self)

    def ensure_may_touch(self, other: "Membership", role: str | None = None) -> None:
        """Only owners change owners or make them; nobody rises by own hand."""
        if (other.is_owner or role == MemberRole.OWNER) and not self.is_owner:
            raise NotAllowed

    def ensure_not_last_owner(self) -> None:
        if not self.is_owner:
            return
        workspace = db.session.get_one(Workspace, self.workspace_id)
        workspace.lock()
        if workspace.owners() < 2:
            raise LastOwner


class Activity(WorkspaceScoped, db.Model):  # type: ignore[name-defined, misc]
    """Something that happened in a workspace; written with the change itself and never altered."""

    __tablename__ = "activities"
    # The third serves the deletion of a person, which empties actor_id.
    __table_args__ = (Index(None, "workspace_id", "created_at"), Index(None, "created_at"), Index(None, "actor_id"))

    kind: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(String(120), default="")
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def event(self) -> "Event | None":
        return events.load(self.kind, self.payload)

    @property
    def sentence(self) -> str:
        """What happened, in the reader's language, to be read after the actor's name."""
        event = self.event
        return event.sentence() if event else self.kind
