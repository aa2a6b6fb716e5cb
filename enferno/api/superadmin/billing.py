"""Subscriptions, revenue and the providers' events, for the operator."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from flask import Response

from enferno.access.guards import superadmin_only
from enferno.api.contract import ApiBlueprint, ListQuery, Out, Page, no_content
from enferno.api.lists import page_of
from enferno.api.superadmin.schemas import Why
from enferno.billing.models import BillingEvent, Subscription
from enferno.superadmin import bills
from enferno.tenancy import unscoped

billing = ApiBlueprint("billing", __name__, url_prefix="/billing")


class MoneyOut(Out):
    currency: str
    amount: int


class PerDayOut(Out):
    began: list[int]
    ended: list[int]


class BillingNumbersOut(Out):
    a_month: list[MoneyOut]
    counts: dict[str, int]
    per_day: PerDayOut


class SubscriptionRowOut(Out):
    workspace_id: UUID
    workspace: str
    state: str
    plan: str
    interval: str
    currency: str
    amount: int
    quantity: int
    # How many more the same customer pays for: two bills, of which one has to be ended at the provider.
    others: int
    period_ends_at: datetime | None
    cancel_at: datetime | None
    synced_at: datetime | None


class BillingEventOut(Out):
    id: UUID
    provider: str
    event_id: str
    kind: str
    state: str
    tries: int
    last_error: str | None
    payload: dict[str, object]
    received_at: datetime
    done_at: datetime | None


class SubscriptionsQuery(ListQuery):
    state: Literal["", "none", "incomplete", "trialing", "active", "past_due", "paused", "cancelled"] = ""


class EventsQuery(ListQuery):
    state: Literal["", "received", "done", "ignored", "parked", "unreadable"] = ""


@billing.get("")
@superadmin_only
def show() -> BillingNumbersOut:
    """Revenue a month, subscriptions by state, and beginnings and endings per day."""
    return {"a_month": bills.money_a_month(), "counts": bills.numbers(), "per_day": bills.changes_per_day()}


@billing.get("/subscriptions")
@superadmin_only
def subscriptions(query: SubscriptionsQuery) -> Page[SubscriptionRowOut]:
    """Every subscription, as the mirror has it."""
    statement = bills.subscriptions_in(query.state)
    sorts = {"synced_at": Subscription.synced_at, "state": Subscription.state, "plan": Subscription.plan}
    search = [Subscription.customer_id, Subscription.subscription_id]
    with unscoped("the operator's list of subscriptions"):
        page = page_of(statement, query, sorts=sorts | {"id": Subscription.id}, default="-synced_at", search=search)
        return page.model_copy(update={"items": bills.named(page.items)})


@billing.post("/subscriptions/<uuid:workspace_id>/readings", status=204)
@superadmin_only
def reread(workspace_id: UUID, query: Why) -> Response:
    """Ask the provider now, and mirror what it says."""
    bills.reread(workspace_id, query.reason)
    return no_content()


@billing.get("/events")
@superadmin_only
def events(query: EventsQuery) -> Page[BillingEventOut]:
    """What the providers told us, the newest first."""
    sorts = {"received_at": BillingEvent.received_at, "kind": BillingEvent.kind, "id": BillingEvent.id}
    search = [BillingEvent.kind, BillingEvent.event_id, BillingEvent.customer_id]
    return page_of(bills.events_in(query.state), query, sorts=sorts, default="-received_at", search=search)


@billing.post("/events/<uuid:event_id>/replays", status=204)
@superadmin_only
def replay(event_id: UUID, query: Why) -> Response:
    """Handle an event again."""
    bills.replay(event_id, query.reason)
    return no_content()
