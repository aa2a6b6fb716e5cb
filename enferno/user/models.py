"""People, what they may do for the operator, and the browsers they are signed in with."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_security import RoleMixin, UserMixin
from sqlalchemy import BindParameter, Column, ForeignKey, Index, String, Table, Uuid, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from enferno.database import new_id, now
from enferno.extensions import db
from enferno.user.addresses import normal_address

__all__ = ["SUPERADMIN", "Role", "Session", "User"]

SUPERADMIN = "superadmin"

user_roles = Table(
    "user_roles",
    db.metadata,
    Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", Uuid, ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
)


class Role(db.Model, RoleMixin):  # type: ignore[name-defined, misc]
    """A role for the whole installation, such as the operator's; roles in a team are on `Membership`."""

    __tablename__ = "roles"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)  # type: ignore[assignment]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str | None] = mapped_column(String(255))


class User(db.Model, UserMixin):  # type: ignore[name-defined, misc]
    """A person. The address is the only identity, in its one spelling (user/addresses.py)."""

    __tablename__ = "users"
    __table_args__ = (Index(None, "created_at"), Index(None, "name"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)  # type: ignore[assignment]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None]
    theme: Mapped[str] = mapped_column(String(10), default="system")
    locale: Mapped[str | None] = mapped_column(String(10))
    timezone: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)

    roles: Mapped[list[Role]] = relationship(secondary=user_roles, lazy="selectin")  # type: ignore[assignment]
    sessions: Mapped[list["Session"]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )

    @validates("email")
    def _in_its_one_spelling(self, _key: str, email: str) -> str:
        return normal_address(email)

    @property
    def is_superadmin(self) -> bool:
        return any(role.name == SUPERADMIN for role in self.roles)

    @property
    def display_name(self) -> str:
        """The name, or before one was given, the address up to the @."""
        return self.name or self.email.partition("@")[0]

    def deactivate(self) -> None:
        """Keep the account but let nobody in with it."""
        self.active = False
        self.revoke_access()

    def activate(self) -> None:
        """Let the person in again, by nothing that was handed out while the account was shut."""
        self.active = True
        self.revoke_access()

    def revoke_access(self, except_for: "Session | None" = None) -> int:
        """End every session, and every link in a mail that was sent so far; returns how many sessions ended.

        To be called wherever trust changes: another address, role, or state. Links and cookies name `fs_uniquifier`,
        so that those of before name nobody any more (ASVS 7.4, 6.4.1).
        """
        self.fs_uniquifier = secrets.token_hex(32)
        return self.end_sessions(except_for)

    def end_sessions(self, except_for: "Session | None" = None) -> int:
        """End this person's sessions, effective on each one's next request; returns how many ended."""
        open_ones = [session for session in self.open_sessions() if session is not except_for]
        for session in open_ones:
            session.end()
        return len(open_ones)

    def open_sessions(self) -> list["Session"]:
        """The sessions that would be let in now, the latest used first."""
        query = select(Session).where(Session.user_id == self.id, Session.is_open_at(now()))
        return list(db.session.scalars(query.order_by(Session.last_seen_at.desc())))


class Session(db.Model):  # type: ignore[name-defined, misc]
    """One browser that is signed in. The cookie carries a random token, this row only its hash (ASVS 7.2.3)."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "user_id", "ended_at"), Index(None, "expires_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(120), default="")
    address: Mapped[str] = mapped_column(String(45), default="")
    place: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_seen_at: Mapped[datetime] = mapped_column(default=now)
    idle_until: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(back_populates="sessions")

    @classmethod
    def is_open_at(cls, moment: datetime | BindParameter[datetime]) -> Any:
        """The SQL condition for a session that is neither ended nor timed out (ASVS 7.3.1, 7.3.2)."""
        return cls.ended_at.is_(None) & (cls.idle_until > moment) & (cls.expires_at > moment)

    def seen(self, idle: timedelta) -> None:
        """Note a visit. Written at most every few minutes, so that reading a page costs no write."""
        self.last_seen_at = now()
        self.idle_until = self.last_seen_at + idle

    def end(self) -> None:
        self.ended_at = self.ended_at or now()
