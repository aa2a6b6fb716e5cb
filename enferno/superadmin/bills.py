"""What the operator sees of billing: who pays what, what became of the events, and how it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import case, func, select

from enferno.billing.account import account_of, billing
from enferno.billing.clock import billing_now
from enferno.billing.inbox import handle_event
from enferno.billing.mirror import refresh
from enferno.billing.models import BillingAccount, BillingEvent, EventState, Subscription
from enferno.billing.states import State
from enferno.billing.twice import billed_twice
from enferno.database import now
from enferno.errors import Conflict, NotFound
from enferno.extensions import db
from enferno.superadmin.people import operator
from enferno.tenancy import in_workspace, unscoped
from enferno.workspace.events import Event, record
from enferno.workspace.models import Activity, Workspace
from enferno.workspace.operator import at_work

__all__ = [
    "changes_per_day", "events_in", "money_a_month", "named", "numbers", "replay", "reread",
    "subscriptions_in",
]  # fmt: skip

DAYS = 30
EARNING = (State.ACTIVE, State.PAST_DUE)


@dataclass(frozen=True)
class Money:
    """An amount in a currency's minor unit."""

    currency: str
    amount: int


def money_a_month() -> list[Money]:
    """Monthly recurring revenue by currency: what is paid for a month, and a twelfth of what is paid for a year."""
    monthly = case((Subscription.interval == "year", Subscription.amount / 12.0), else_=Subscription.amount * 1.0)
    query = (
        select(Subscription.currency, func.sum(monthly * Subscription.quantity))
        .where(Subscription.state.in_(EARNING))
        .group_by(Subscription.currency)
        .order_by(Subscription.currency)
    )
    with unscoped("the operator's revenue"):
        return [Money(currency, round(amount)) for currency, amount in db.session.execute(query)]


def numbers() -> dict[str, int]:
    """How many subscriptions are in each state, and how many events and customers wait for the operator."""
    states = select(Subscription.state, func.count()).group_by(Subscription.state)
    waiting = (EventState.PARKED, EventState.UNREADABLE)
    events = select(BillingEvent.state, func.count()).group_by(BillingEvent.state)
    left = dict(db.session.execute(events.where(BillingEvent.state.in_(waiting))).all())
    with unscoped("the operator's count of subscriptions"):
        found = dict(db.session.execute(states).all())
    return {state: found.get(state, 0) for state in State} | {
        **{state: left.get(state, 0) for state in waiting},
        "billed_twice": len(billed_twice()),
    }


def changes_per_day() -> dict[str, list[int]]:
    """How many subscriptions began and ended on each of the last 30 days, the oldest day first."""
    first = billing_now().date() - timedelta(days=DAYS - 1)
    what = Activity.payload["change"].as_string()
    query = select(Activity.created_at, what).where(
        Activity.kind == "billing.changed", what.in_(["started", "trial_started", "trial_paid", "ended"])
    )
    found = {"began": [0] * DAYS, "ended": [0] * DAYS}
    with unscoped("the operator's chart of beginnings and endings"):
        for at, change in db.session.execute(query.where(Activity.created_at >= now() - timedelta(days=DAYS))):
            place = (at.date() - first).days
            if 0 <= place < DAYS:
                found["ended" if change == "ended" else "began"][place] += 1
    return found


def events_in(state: str) -> Any:
    """The events, as a statement to refine; of one state when `state` is given."""
    query = select(BillingEvent)
    return query.where(BillingEvent.state == state) if state else query


def subscriptions_in(state: str) -> Any:
    """The subscriptions, as a statement to refine under `unscoped`; of one state when `state` is given."""
    query = select(Subscription)
    return query.where(Subscription.state == state) if state else query


def named(rows: Sequence[Subscription]) -> list[dict[str, Any]]:
    """Subscriptions with the names of their workspaces: one statement for all of them."""
    query = select(Workspace.id, Workspace.name).where(Workspace.id.in_([row.workspace_id for row in rows]))
    names = dict(db.session.execute(query).all())
    shown = (
        "state", "plan", "interval", "currency", "amount", "quantity", "others", "period_ends_at", "cancel_at",
        "synced_at",
    )  # fmt: skip
    return [
        {"workspace_id": row.workspace_id, "workspace": names.get(row.workspace_id, "")}
        | {name: getattr(row, name) for name in shown}
        for row in rows
    ]


class BillReread(Event, kind="billing.reread"):
    title: ClassVar = _l("Subscription read again")
    words: ClassVar = _l("had the subscription read again at %(provider)s")
    provider: str


class BillReplayed(Event, kind="billing.replayed"):
    title: ClassVar = _l("Billing event handled again")
    words: ClassVar = _l("had %(provider)s's event %(event)s handled again")
    provider: str
    event: str


def replay(event_id: UUID, reason: str) -> None:
    """Handle an event again, whatever became of it.

    Raises:
        NotFound: there is no such event.
        Conflict: nobody could read it, and a second try would find no more in it.
    """
    event = db.session.get(BillingEvent, event_id)
    if event is None:
        raise NotFound
    if event.state == EventState.UNREADABLE:
        raise Conflict(_("Nobody can read this event. The provider is asked about all customers once a day."))
    event.state, event.tries, event.next_try_at, event.last_error = EventState.RECEIVED, 0, now(), None
    customers = select(BillingAccount.account_of_id).where(BillingAccount.provider == event.provider)
    workspace_id = db.session.scalar(customers.where(BillingAccount.customer_id == event.customer_id))
    with at_work(operator(), reason) as work:
        if workspace_id is None:
            work.note("billing_replayed", None, event_id=event.event_id)
        else:
            with unscoped("the history of the workspace that the event is about"):
                record(BillReplayed(provider=event.provider, event=event.event_id), workspace_id=workspace_id)
                db.session.flush()
    handle_event.queue(event.id)


def reread(workspace_id: UUID, reason: str) -> None:
    """Ask the provider now. Raises `NotFound` for a workspace that never bought, and what the provider raises."""
    provider = billing().chosen
    if not billing().sells or account_of(provider, workspace_id) is None:
        raise NotFound
    with in_workspace(workspace_id), at_work(operator(), reason):
        account = account_of(provider, workspace_id)
        assert account is not None
        BillReread(provider=provider).record()
        refresh(billing().provider(), account.customer_id)
