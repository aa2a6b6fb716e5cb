"""The workspace, its members and its history."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship

from enferno.access.permissions import Permission, permission_map
from enferno.access.roles import MemberRole
from enferno.database import new_id, now
from enferno.errors import AlreadyMember, LastOwner, NotAllowed, NotAlone, NotFound
from enferno.extensions import db
from enferno.locking import hold
from enferno.tenancy import WorkspaceScoped
from enferno.user.models import User
from enferno.workspace import events
from enferno.workspace.activity import Activity

if TYPE_CHECKING:
    from enferno.workspace.operator import Operator

__all__ = ["LONGEST_NAME", "Activity", "Membership", "Workspace", "WorkspaceSlug"]

log = structlog.get_logger()

LONGEST_NAME = 80


class Workspace(db.Model):  # type: ignore[name-defined, misc]
    """A tenant: every scoped row belongs to exactly one."""

    __tablename__ = "workspaces"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
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
        """Make `user` a member. The plan's limit holds whoever adds, the operator too: another plan is the way past it.

        Raises:
            AlreadyMember: the person belongs to this workspace already.
            LimitReached: the plan has no room for one more.
        """
        # Bills know of workspaces, and are asked here alone.
        from enferno.billing.gates import take

        if self.find_membership(user.id) is not None:
            raise AlreadyMember
        take("members")
        membership = Membership(workspace_id=self.id, user=user, role=role)
        db.session.add(membership)
        db.session.flush()
        self.team_since = self.team_since or now()
        events.MemberJoined(member=user.display_name, role=role).record()
        return membership

    def memberships(self) -> Any:
        """The memberships of this workspace with their people, as a statement to refine."""
        people = contains_eager(Membership.user).lazyload(User.roles)
        return select(Membership).where(Membership.workspace_id == self.id).join(Membership.user).options(people)

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

    def rename(self, name: str) -> None:
        if name != self.name:
            events.WorkspaceRenamed(before=self.name, after=name).record()
            self.name = name

    def move(self, slug: str) -> None:
        """Give it another address; the old one keeps leading here and is never handed to another workspace.

        Raises:
            SlugTaken: another workspace has this address, or had it before.
            AddressesUsedUp: ten are reserved for it already.
        """
        from enferno.workspace.naming import claim_slug

        if slug != self.slug:
            self.lock()
            events.WorkspaceMoved(before=self.slug, after=slug).record()
            claim_slug(self, slug)

    def become_team(self) -> None:
        """Show the pages for working with others."""
        if self.team_since is None:
            self.team_since = now()
            events.TeamStarted().record()

    def become_solo(self) -> None:
        """Take the pages for working with others out of sight again.

        Raises:
            NotAlone: somebody else belongs to it.
        """
        if self.team_since is None:
            return
        self.lock()
        if self.count_members() > 1:
            raise NotAlone
        self.team_since = None
        events.TeamEnded().record()

    def suspend(self) -> None:
        """Shut everyone out, keeping everything, until `restore`."""
        if self.suspended_at is None:
            self.suspended_at = now()
            events.WorkspaceSuspended().record()

    def restore(self) -> None:
        if self.suspended_at is not None:
            self.suspended_at = None
            events.WorkspaceRestored().record()

    def delete(self) -> None:
        """Delete it with everything that belongs to it, for good; the database takes the rows with it.

        Its history goes too, so that it happened is in the log alone.
        """
        log.info("workspace_deleted", workspace=str(self.id), slug=self.slug)
        db.session.delete(self)
        db.session.flush()

    def lock(self) -> None:
        """Let nobody else change who belongs here until this transaction ends."""
        hold(Workspace, Workspace.id == self.id)

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
        self.settle(by)
        if role == self.role:
            return
        by.ensure_may_touch(self, role)
        self.ensure_not_last_owner()
        events.MemberRoleChanged(member=self.name, before=self.role, after=role).record()
        self.role = role
        db.session.flush()

    def remove(self, by: "Membership | Operator") -> None:
        """Take this member out, effective on the next request.

        Raises:
            NotAllowed: `by` is no owner and removes an owner.
            LastOwner: the workspace would be left without an owner.
        """
        self.settle(by)
        by.ensure_may_touch(self)
        self.ensure_not_last_owner()
        events.MemberRemoved(member=self.name).record()
        self.end()

    def leave(self) -> None:
        """Leave of one's own will.

        Raises:
            LastOwner: the workspace would be left without an owner.
        """
        self.settle(self)
        self.ensure_not_last_owner()
        events.MemberLeft(member=self.name).record()
        self.end()

    def end(self) -> None:
        """No longer belong. What the person made stays; what names the membership lets go of it."""
        db.session.delete(self)
        db.session.flush()

    def settle(self, by: "Membership | Operator") -> None:
        """Wait for whoever is changing the members right now, then read again who these two are.

        Without it two owners could remove each other at the same moment, each still seeing the other.

        Raises:
            NotFound: one of them was removed meanwhile.
        """
        db.session.get_one(Workspace, self.workspace_id).lock()
        both = {self.id, by.id} if isinstance(by, Membership) else {self.id}
        again = select(Membership).where(Membership.id.in_(both)).execution_options(populate_existing=True)
        if len(db.session.scalars(again).all()) < len(both):
            raise NotFound

    def ensure_may_touch(self, other: "Membership", role: str | None = None) -> None:
        """Only owners change owners or make them; nobody rises by own hand."""
        manages_owners = Permission.OWNERS_MANAGE in permission_map().of(self.role)
        if (other.is_owner or role == MemberRole.OWNER) and not manages_owners:
            raise NotAllowed

    def ensure_not_last_owner(self) -> None:
        if self.is_owner and db.session.get_one(Workspace, self.workspace_id).owners() < 2:
            raise LastOwner
