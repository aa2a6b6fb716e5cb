"""What a provider keeps, kept here: customers, their cards, checkouts, subscriptions, invoices, and a clock.

None of these tables belongs to a workspace: they stand for somebody else's books, and only the provider reads them.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from enferno.database import new_id, now
from enferno.extensions import db

__all__ = [
    "CARDS", "LocalBooks", "LocalCustomer", "LocalDelivery", "LocalInvoice", "LocalSession", "LocalSubscription",
]  # fmt: skip

# The test cards: what each does when it is charged.
CARDS = {
    "works": "4242 4242 4242 4242",
    "declined": "4000 0000 0000 0002",
    "fails_at_renewal": "4000 0000 0000 0341",
    "needs_confirmation": "4000 0025 0000 3155",
}


class LocalBooks(db.Model):  # type: ignore[name-defined, misc]
    """One row: how far this provider's clock is ahead, and how it delivers its events."""

    __tablename__ = "local_books"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    ahead_seconds: Mapped[int] = mapped_column(default=0)
    delivery: Mapped[str] = mapped_column(String(10), default="at_once")

    @property
    def ahead(self) -> timedelta:
        return timedelta(seconds=self.ahead_seconds)


class LocalCustomer(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "local_customers"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254))
    card: Mapped[str] = mapped_column(String(20), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


class LocalSession(db.Model):  # type: ignore[name-defined, misc]
    """A hosted checkout: open until it is paid or expires. Its id is the order's, so a repetition finds it."""

    __tablename__ = "local_sessions"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("local_customers.id", ondelete="CASCADE"))
    plan: Mapped[str] = mapped_column(String(40))
    interval: Mapped[str] = mapped_column(String(10))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int]
    quantity: Mapped[int]
    trial_days: Mapped[int]
    named_workspace: Mapped[str] = mapped_column(String(60))
    success_url: Mapped[str] = mapped_column(String(500))
    cancel_url: Mapped[str] = mapped_column(String(500))
    subscription_id: Mapped[str | None] = mapped_column(String(60))
    expired_at: Mapped[datetime | None]

    customer: Mapped[LocalCustomer] = relationship()


class LocalSubscription(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "local_subscriptions"
    __table_args__ = (Index(None, "customer_id"),)

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("local_customers.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(20))
    plan: Mapped[str] = mapped_column(String(40))
    interval: Mapped[str] = mapped_column(String(10))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int]
    quantity: Mapped[int]
    created_at: Mapped[datetime]
    period_started_at: Mapped[datetime]
    period_ends_at: Mapped[datetime]
    trial_ends_at: Mapped[datetime | None]
    cancel_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # Charges that failed since the last one that worked; after the last of them the subscription ends.
    failures: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]

    customer: Mapped[LocalCustomer] = relationship()


class LocalInvoice(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "local_invoices"
    __table_args__ = (Index(None, "customer_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(ForeignKey("local_customers.id", ondelete="CASCADE"))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    paid: Mapped[bool]
    at: Mapped[datetime]


class LocalDelivery(db.Model):  # type: ignore[name-defined, misc]
    """An event on its way to us: kept back, or delivered, and deliverable again by hand."""

    __tablename__ = "local_deliveries"
    __table_args__ = (Index(None, "created_at"),)

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    customer_id: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    delivered: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
