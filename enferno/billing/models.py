"""The mirror of a workspace's subscription, who a provider's customer is, and the events that arrived."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from enferno.billing.states import State
from enferno.database import new_id, now
from enferno.extensions import db
from enferno.tenancy import WorkspaceScoped

__all__ = ["ID_LENGTH", "KIND_LENGTH", "BillingAccount", "BillingEvent", "Checkout", "EventState", "Subscription"]

# Of a provider's ids, and of what it calls its events.
ID_LENGTH, KIND_LENGTH = 120, 80


class Subscription(WorkspaceScoped, db.Model):  # type: ignore[name-defined, misc]
    """What the provider last said of the workspace's subscription: one row per workspace, written by the mirror."""

    __tablename__ = "subscriptions"
    __table_args__ = (UniqueConstraint("workspace_id"), Index(None, "state"))

    provider: Mapped[str] = mapped_column(String(20), default="")
    customer_id: Mapped[str] = mapped_column(String(120), default="")
    subscription_id: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[str] = mapped_column(String(20), default=State.NONE)
    plan: Mapped[str] = mapped_column(String(40), default="")
    interval: Mapped[str] = mapped_column(String(10), default="")
    currency: Mapped[str] = mapped_column(String(3), default="")
    amount: Mapped[int] = mapped_column(default=0)
    quantity: Mapped[int] = mapped_column(default=1)
    trial_ends_at: Mapped[datetime | None]
    period_ends_at: Mapped[datetime | None]
    cancel_at: Mapped[datetime | None]
    grace_until: Mapped[datetime | None]
    # How many days before the trial's end the last reminder went out.
    reminded_days: Mapped[int | None]
    # When it ended, and whether that was because nobody paid.
    ended_at: Mapped[datetime | None]
    ended_unpaid: Mapped[bool] = mapped_column(default=False)
    # How many more subscriptions the customer pays for beside this one. Each is a second bill; there should be none.
    others: Mapped[int] = mapped_column(default=0)
    synced_at: Mapped[datetime | None]

    def plan_in_force(self, moment: datetime, slack: timedelta) -> str | None:
        """The plan that the workspace may use at this moment; None for the free one.

        `slack` is how long a paid period may have ended without news of the next: longer than a webhook may be
        late, and no longer than the grace after a failed payment.
        """
        if self.state in (State.ACTIVE, State.TRIALING):
            known_until = self.period_ends_at + slack if self.period_ends_at else moment
            return self.plan if moment <= known_until else None
        if self.state == State.PAST_DUE:
            return self.plan if self.grace_until is not None and moment < self.grace_until else None
        return None


class BillingAccount(db.Model):  # type: ignore[name-defined, misc]
    """Which workspace a provider's customer is. Not scoped: an event names the customer before anyone is current."""

    __tablename__ = "billing_accounts"
    __table_args__ = (UniqueConstraint("provider", "customer_id"), UniqueConstraint("provider", "account_of_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    provider: Mapped[str] = mapped_column(String(20))
    customer_id: Mapped[str] = mapped_column(String(120))
    account_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("workspaces.id", ondelete="SET NULL"))
    # One trial for a customer's life, used up when one begins: a checkout that was left offers it again.
    trial_claimed_at: Mapped[datetime | None]
    # When an account whose workspace is gone was found to have nothing left to pay for.
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Checkout(WorkspaceScoped, db.Model):  # type: ignore[name-defined, misc]
    """A visit to the provider's checkout. Its id is the idempotency key, so that a repetition makes no second one."""

    __tablename__ = "checkouts"
    __table_args__ = (UniqueConstraint("workspace_id", "session_id"), Index(None, "workspace_id", "created_at"))

    provider: Mapped[str] = mapped_column(String(20))
    plan: Mapped[str] = mapped_column(String(40))
    interval: Mapped[str] = mapped_column(String(10))
    currency: Mapped[str] = mapped_column(String(3))
    trial_days: Mapped[int] = mapped_column(default=0)
    session_id: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=now)


class EventState:
    """Where an event stands. Parked: tried as often as is sensible, shown to the operator, replayed by hand.

    Unreadable: it came from the provider and makes no sense; shown to the operator as well.
    """

    RECEIVED, DONE, IGNORED, PARKED, UNREADABLE = "received", "done", "ignored", "parked", "unreadable"


class BillingEvent(db.Model):  # type: ignore[name-defined, misc]
    """Something that a provider told us, stored before it is answered and done when the mirror agrees."""

    __tablename__ = "billing_events"
    __table_args__ = (
        UniqueConstraint("provider", "event_id"),
        Index(None, "state", "next_try_at"),
        Index(None, "received_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    provider: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH))
    customer_id: Mapped[str] = mapped_column(String(ID_LENGTH), default="")
    # The workspace that the event's metadata names: a claim, believed only where the customer is not known yet.
    named_workspace: Mapped[str] = mapped_column(String(60), default="")
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(10), default=EventState.RECEIVED)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(default=now)
    # The kind of error alone: a provider's words may repeat what somebody typed.
    last_error: Mapped[str | None] = mapped_column(String(80))
    received_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]
