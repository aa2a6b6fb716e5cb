"""Chargebee: what its API calls things, in our words.

It has no state for a failed payment: an active subscription with invoices due is one. Webhooks come with basic
authentication and without a signature, which is one reason more to believe nothing that they say.
https://apidocs.chargebee.com/docs/api/subscriptions, https://www.chargebee.com/docs/2.0/webhook_settings.html
"""

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import chargebee
import httpx
from chargebee import APIError, InvalidRequestError

from enferno.billing.plans import Catalogue, Plan, Price
from enferno.billing.providers import (
    Compared,
    Invoice,
    NotAuthorised,
    NotGenuine,
    Notice,
    Order,
    ProviderUnavailable,
    Unmapped,
)
from enferno.billing.providers.events import noticed, shown, text
from enferno.billing.states import State, Truth
from enferno.database import now

__all__ = ["Chargebee"]

Answer = TypeVar("Answer")

STATES = {
    "future": State.INCOMPLETE,
    "in_trial": State.TRIALING,
    "active": State.ACTIVE,
    "non_renewing": State.ACTIVE,
    "paused": State.PAUSED,
    "cancelled": State.CANCELLED,
    "transferred": State.CANCELLED,
}
# Chargebee's reasons for having ended one by itself that mean that no money came.
UNPAID = frozenset({"not_paid", "no_card"})
KINDS = ("subscription_", "customer_deleted", "payment_", "invoice_", "refund_", "credit_note_")
CONNECT_SECONDS, READ_SECONDS = 2, 5
CUSTOMER = "ws-"
DAY_SECONDS = 86_400


class Chargebee:
    key = "chargebee"

    def __init__(
        self, site: str, api_key: str, logins: tuple[str, ...], catalogue: Catalogue, base_url: str | None = None
    ) -> None:
        self.logins = logins
        self.catalogue = catalogue
        self.client = chargebee.Chargebee(
            api_key, site, connection_time_out=CONNECT_SECONDS, read_time_out=READ_SECONDS
        )
        if base_url:
            self.client.env.protocol = base_url.partition(":")[0]
            self.client.env.api_endpoint = f"{base_url}/api/v2"

    def notice(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        self._authorise(headers.get("Authorization", ""))
        return noticed(body, "event_type", read)

    def _authorise(self, given: str) -> None:
        """Compare in constant time with every login that is good; two are while one is rolled."""
        try:
            login = base64.b64decode(given.removeprefix("Basic "), validate=True)
        except (binascii.Error, ValueError):
            login = b""
        matches = [hmac.compare_digest(login, known.encode()) for known in self.logins]
        if not login or not any(matches):
            raise NotAuthorised("the login does not fit")

    def subscriptions_of(self, customer_id: str) -> list[Truth]:
        return [self.truth(one) for one in asked(lambda: self._all_of(customer_id))]

    def _all_of(self, customer_id: str, *, deleted: bool = False) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        offset = None
        while True:
            wanted: Any = {"customer_id": {"is": customer_id}, "limit": 100, "include_deleted": deleted}
            answer = self.client.Subscription.list(wanted | ({"offset": offset} if offset else {}))
            found += [entry.subscription.raw_data for entry in answer.list]
            offset = answer.next_offset
            if not offset:
                return found

    def truth(self, one: Mapping[str, Any]) -> Truth:
        item = next(
            (each for each in one.get("subscription_items", []) if each.get("item_type", "plan") == "plan"), None
        )
        found = self.catalogue.at_provider(self.key, item["item_price_id"], item["item_price_id"]) if item else None
        if item is None or found is None:
            raise Unmapped("an item price that no plan in plans.toml has")
        state = STATES.get(one["status"])
        if state is None:
            raise Unmapped("a state of a subscription that is not known here")
        if state is State.ACTIVE and one.get("due_invoices_count"):
            state = State.INCOMPLETE if never_paid(one) else State.PAST_DUE
        start = one.get("current_term_start") or one.get("trial_start") or one["created_at"]
        ends = one.get("current_term_end") or one.get("trial_end") or start
        # A payment is due since the invoice, which is made when the term begins.
        since = one.get("due_since") if state is State.PAST_DUE else None
        return Truth(
            subscription_id=one["id"],
            customer_id=one["customer_id"],
            state=state,
            plan=found[0].key,
            interval=one["billing_period_unit"],
            currency=one["currency_code"].lower(),
            amount=item.get("unit_price") or 0,
            quantity=item.get("quantity") or 1,
            started_at=moment(one["created_at"]),
            period_started_at=moment(since or start),
            period_ends_at=moment(ends),
            trial_ends_at=moment(one["trial_end"]) if one.get("trial_end") else None,
            cancel_at=moment(one.get("cancelled_at") or ends) if is_to_end(one) else None,
            ended_at=moment(one["cancelled_at"]) if state is State.CANCELLED and one.get("cancelled_at") else None,
            ended_unpaid=state is State.CANCELLED and one.get("cancel_reason") in UNPAID,
        )

    def make_customer(self, workspace_id: UUID, name: str, email: str) -> str:
        """The customer's id is ours to choose, so a repetition meets the one that is there."""
        customer_id = f"{CUSTOMER}{workspace_id.hex}"
        wanted: Any = {"id": customer_id, "company": name, "email": email}
        try:
            asked(lambda: self.client.Customer.create(wanted), tries=2)
        except InvalidRequestError as fault:
            if fault.api_error_code != "duplicate_entry":
                raise
        return customer_id

    def open_checkout(self, order: Order) -> tuple[str, str]:
        trial_end = int((now() + timedelta(days=order.trial_days)).timestamp()) if order.trial_days else 0
        # Chargebee cannot close a page that it has opened, but takes no subscription's id twice. So every page that is
        # opened before the next subscription is there carries the same id, and only one of them can be paid.
        number = len(asked(lambda: self._all_of(order.customer_id, deleted=True))) + 1
        wanted: Any = {
            "customer": {"id": order.customer_id},
            "subscription": {"id": f"{order.customer_id}-{number}", "trial_end": trial_end},
            "subscription_items": [
                {"item_price_id": self._price_id(order.plan, order.price), "quantity": order.quantity}
            ],
            "redirect_url": order.success_url,
            "cancel_url": order.cancel_url,
        }
        headers = {self.client.idempotency_header: f"checkout-{order.id}"}
        answer = asked(lambda: self.client.HostedPage.checkout_new_for_items(wanted, headers), tries=2)
        return answer.hosted_page.id, answer.hosted_page.url

    def close_checkouts(self, customer_id: str) -> None:
        """The id that they share does it, see `open_checkout`."""

    def _price_id(self, plan: Plan, price: Price) -> str:
        return price.chargebee or plan.lookup_key(price)

    def open_portal(self, customer_id: str, return_url: str) -> str:
        wanted: Any = {"customer": {"id": customer_id}, "redirect_url": return_url}
        return str(asked(lambda: self.client.PortalSession.create(wanted)).portal_session.access_url)

    def cancel_now(self, subscription_id: str) -> None:
        try:
            asked(lambda: self.client.Subscription.cancel_for_items(subscription_id, {"end_of_term": False}))
        except InvalidRequestError as fault:
            if fault.api_error_code not in {"resource_not_found", "invalid_state_for_request"}:
                raise

    def set_quantity(self, subscription_id: str, quantity: int) -> None:
        one = asked(lambda: self.client.Subscription.retrieve(subscription_id)).subscription.raw_data
        self._replace_item(subscription_id, one["subscription_items"][0]["item_price_id"], quantity)

    def change_plan(self, subscription_id: str, plan: Plan, price: Price) -> None:
        one = asked(lambda: self.client.Subscription.retrieve(subscription_id)).subscription.raw_data
        quantity = one["subscription_items"][0].get("quantity") or 1
        self._replace_item(subscription_id, self._price_id(plan, price), quantity)

    def _replace_item(self, subscription_id: str, price_id: str, quantity: int) -> None:
        wanted: Any = {
            "subscription_items": [{"item_price_id": price_id, "quantity": quantity}],
            "replace_items_list": True,
        }
        asked(lambda: self.client.Subscription.update_for_items(subscription_id, wanted))

    def cancel_at_end(self, subscription_id: str) -> None:
        asked(lambda: self.client.Subscription.cancel_for_items(subscription_id, {"end_of_term": True}))

    def resume(self, subscription_id: str) -> None:
        asked(lambda: self.client.Subscription.remove_scheduled_cancellation(subscription_id))

    def invoices_of(self, customer_id: str) -> list[Invoice]:
        wanted: Any = {"customer_id": {"is": customer_id}, "limit": 24, "sort_by": {"desc": "date"}}
        found = [entry.invoice.raw_data for entry in asked(lambda: self.client.Invoice.list(wanted)).list]
        return [
            Invoice(
                number=one["id"],
                at=moment(one["date"]),
                amount=one["total"],
                currency=one["currency_code"].lower(),
                paid=one["status"] == "paid",
            )
            for one in found
        ]

    def compare(self, catalogue: Catalogue) -> list[Compared]:
        return [self._compared(plan, price) for plan in catalogue for price in plan.price]

    def _compared(self, plan: Plan, price: Price) -> Compared:
        name = self._price_id(plan, price)
        try:
            there = asked(lambda: self.client.ItemPrice.retrieve(name)).item_price.raw_data
        except InvalidRequestError as refusal:
            if refusal.api_error_code != "resource_not_found":
                raise
            return Compared(plan=plan, price=price, is_missing=True, fault=f"Chargebee has no item price {name}")
        asks = (there["price"], there["currency_code"].lower(), there["period_unit"])
        says = (price.amount, price.currency, price.interval)
        fault = f"{plan.key}: plans.toml says {says}, Chargebee asks {asks}" if asks != says else ""
        return Compared(plan=plan, price=price, fault=fault)

    def make_price(self, plan: Plan, price: Price) -> None:
        """The item must be there before its prices; a family called "readykit" holds all of them."""
        for make in (
            lambda: self.client.ItemFamily.create({"id": "readykit", "name": "ReadyKit"}),
            lambda: self.client.Item.create(
                {"id": plan.key, "name": plan.name, "type": "plan", "item_family_id": "readykit"}  # type: ignore[typeddict-item]
            ),
            lambda: self.client.ItemPrice.create(
                {
                    "id": self._price_id(plan, price),
                    "item_id": plan.key,
                    "name": self._price_id(plan, price),
                    "price": price.amount,
                    "currency_code": price.currency.upper(),
                    "period_unit": price.interval,  # type: ignore[typeddict-item]
                    "period": 1,
                    "pricing_model": "per_unit" if plan.per_seat else "flat_fee",  # type: ignore[typeddict-item]
                }
            ),
        ):
            try:
                asked(make)
            except InvalidRequestError as fault:
                if fault.api_error_code != "duplicate_entry":
                    raise

    def complaints(self) -> list[str]:
        """Chargebee's API does not tell of its webhooks: what it has there is seen in its own pages alone."""
        return []


def read(event: dict[str, Any]) -> Notice:
    """Without a signature, an id is the least that an event has to bring."""
    if event.get("id") in (None, ""):
        raise NotGenuine("an event without an id")
    kind, content = event["event_type"], event["content"]
    thing = content.get("subscription") or content.get("customer") or {}
    customer = text((content.get("customer") or {}).get("id") or thing.get("customer_id") or thing.get("id") or "")
    return Notice(
        event_id=event["id"],
        kind=kind,
        customer_id=customer,
        named_workspace=workspace_in(customer),
        concerns_us=kind.startswith(KINDS),
        payload={
            "id": shown(event["id"]),
            "type": shown(kind),
            "created": shown(event.get("occurred_at")),
            "object": {name: shown(thing[name]) for name in ("id", "status", "resource_version") if name in thing},
        },
    )


def asked(call: Callable[[], Answer], tries: int = 1) -> Answer:
    """Ask Chargebee; what may pass by itself becomes `ProviderUnavailable`, a fault of ours stays what it is.

    The SDK's own repetition stays off: it waits for as long as it is told "too many requests". `tries` above one is
    for what carries an idempotency key.
    """
    while True:
        tries -= 1
        try:
            return call()
        except httpx.HTTPError as fault:
            if tries <= 0:
                raise ProviderUnavailable from fault
        except APIError as fault:
            if fault.http_status_code == 429 or fault.http_status_code >= 500:
                raise ProviderUnavailable from fault
            raise


def never_paid(one: Mapping[str, Any]) -> bool:
    """Whether the very first invoice is due: a direct debit takes days, and until then nothing was bought. What is due
    since a later day (a renewal, the end of a trial, a dearer plan) comes after something that was paid or given."""
    started = one.get("started_at") or one["created_at"]
    return bool(one.get("due_since", started + DAY_SECONDS) < started + DAY_SECONDS)


def is_to_end(one: Mapping[str, Any]) -> bool:
    """Whether a cancellation is scheduled. An active subscription becomes non_renewing by it; one that is in its trial
    stays in_trial, and one that is to end on a later day stays active until its last term."""
    if STATES[one["status"]] is State.CANCELLED:
        return False
    is_set = bool(one.get("cancel_schedule_created_at")) or one["status"] == "in_trial"
    return one["status"] == "non_renewing" or (is_set and bool(one.get("cancelled_at")))


def workspace_in(customer_id: str) -> str:
    """The workspace that a customer's id was made of, or nothing."""
    try:
        return str(UUID(customer_id.removeprefix(CUSTOMER))) if customer_id.startswith(CUSTOMER) else ""
    except ValueError:
        return ""


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
