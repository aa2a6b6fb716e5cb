"""Stripe: what its API calls things, in our words.

The API version is pinned to the SDK's own, so an account's default version changes nothing. Webhooks are only news
that something happened; what happened is read from the API.
https://docs.stripe.com/webhooks, https://docs.stripe.com/api/subscriptions/object
"""

import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

import stripe
from stripe import StripeClient

from enferno.billing.plans import Catalogue, Plan, Price
from enferno.billing.providers import Compared, Invoice, NotGenuine, Notice, Order, ProviderUnavailable, Unmapped
from enferno.billing.providers.events import Unreadable, noticed, shown, text
from enferno.billing.states import State, Truth
from enferno.settings import current_settings

__all__ = ["Stripe"]

Answer = TypeVar("Answer")

STATES = {
    "trialing": State.TRIALING,
    "active": State.ACTIVE,
    "past_due": State.PAST_DUE,
    "unpaid": State.PAST_DUE,
    "paused": State.PAUSED,
    "incomplete": State.INCOMPLETE,
    "incomplete_expired": State.CANCELLED,
    "canceled": State.CANCELLED,
}

# Stripe sends what an endpoint is subscribed to; of that, these can change what a workspace has.
KINDS = (
    "checkout.session.",
    "customer.subscription.",
    "customer.deleted",
    "invoice.",
    "charge.refunded",
    "charge.dispute.",
)

# Of a webhook's timestamp, either way. No setting changes it, and an application with 0 here does not start.
TOLERANCE_SECONDS = 300
TIMEOUT_SECONDS = 5
# As many as Stripe takes.
MOST_METADATA = 50
# Once more after a failure: with the time-out above, a call ends within some ten seconds.
RETRIES = 1


class Stripe:
    key = "stripe"

    def __init__(
        self, api_key: str, webhook_secrets: tuple[str, ...], catalogue: Catalogue, base_url: str | None = None
    ) -> None:
        if TOLERANCE_SECONDS <= 0:
            raise ValueError("Stripe's webhooks need a tolerance above 0, in seconds")
        self.live = "_live_" in api_key
        self.secrets = webhook_secrets
        self.catalogue = catalogue
        self.client = StripeClient(
            api_key,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
            max_network_retries=RETRIES,
            base_addresses={"api": base_url} if base_url else None,
        )

    def notice(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        self._verify(body, headers.get("Stripe-Signature", ""))
        return noticed(body, "type", self._read)

    def _read(self, event: dict[str, Any]) -> Notice:
        if event["object"] != "event":
            raise Unreadable("it is no event")
        if not isinstance(live := event.get("livemode", False), bool):
            raise Unreadable("neither live nor test")
        if live is not self.live:
            raise NotGenuine("an event of the other mode, live or test")
        thing = event["data"]["object"]
        return Notice(
            event_id=event["id"],
            kind=event["type"],
            customer_id=customer_of(thing),
            named_workspace=named_workspace(thing)[:60],
            concerns_us=event["type"].startswith(KINDS),
            payload=redacted(event, thing),
        )

    def _verify(self, body: bytes, signature: str) -> None:
        """As https://docs.stripe.com/webhooks#verify-manually has it. The SDK does the same, but with text alone: what
        is no UTF-8 would be a forgery to it."""
        parts = [part.partition("=")[::2] for part in signature.split(",")]
        stamp = next((value for name, value in parts if name == "t"), "")
        given = [value for name, value in parts if name == "v1"]
        # Below, text is compared that must be ASCII.
        if not signature.isascii() or not stamp.isdigit():
            raise NotGenuine("the signature is none")
        for secret in self.secrets:
            fitting = hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()
            if any(hmac.compare_digest(fitting, one) for one in given):
                refuse_another_time(int(stamp))
                return
        raise NotGenuine("the signature does not fit")

    def subscriptions_of(self, customer_id: str) -> list[Truth]:
        def read() -> list[Any]:
            found = self.client.v1.subscriptions.list({"customer": customer_id, "status": "all", "limit": 100})
            return [one.to_dict() for one in found.auto_paging_iter()]

        return [self.truth(one) for one in asked(read)]

    def _owed_since(self, subscription: Mapping[str, Any], default: int) -> int:
        """Since when a subscription that is past due is owed for: Stripe moves on to the next period also when it was
        told to leave the unpaid one be, so the period's own beginning would grant a new grace with every month."""
        wanted: Any = {"subscription": subscription["id"], "limit": 24}
        since = default
        for invoice in asked(lambda: self.client.v1.invoices.list(wanted)).data:
            if invoice.status == "paid":
                break
            if invoice.status in ("open", "uncollectible"):
                since = min(since, invoice.created)
        return since

    def truth(self, subscription: Mapping[str, Any]) -> Truth:
        item = subscription["items"]["data"][0]
        price = item["price"]
        found = self.catalogue.at_provider(self.key, price["id"], price.get("lookup_key"))
        if found is None:
            raise Unmapped("a price that no plan in plans.toml has")
        status = subscription["status"]
        state = STATES.get(status)
        if state is None:
            raise Unmapped("a state of a subscription that is not known here")
        # Held is what goes on; what was given up as unpaid has nothing to hold.
        if subscription.get("pause_collection") and status in ("active", "trialing", "past_due"):
            state = State.PAUSED
        start = item["current_period_start"]
        since = self._owed_since(subscription, start) if state is State.PAST_DUE else start
        return Truth(
            subscription_id=subscription["id"],
            customer_id=customer_of(subscription),
            state=state,
            plan=found[0].key,
            interval=price["recurring"]["interval"],
            currency=price["currency"],
            amount=price["unit_amount"] or 0,
            quantity=item.get("quantity") or 1,
            started_at=moment(subscription["created"]),
            period_started_at=moment(since),
            period_ends_at=moment(item["current_period_end"]),
            trial_ends_at=moment_or_none(subscription.get("trial_end")),
            cancel_at=cancels_at(subscription),
            ended_at=moment_or_none(subscription.get("ended_at")),
            ended_unpaid=status == "canceled" and why_cancelled(subscription) == "payment_failed",
            unpaid=status == "unpaid",
        )

    def make_customer(self, workspace_id: UUID, name: str, email: str) -> str:
        wanted: Any = {"name": name, "email": email, "metadata": {"workspace_id": str(workspace_id)}}
        options: Any = {"idempotency_key": f"customer-{workspace_id}"}
        return asked(lambda: self.client.v1.customers.create(wanted, options)).id

    def open_checkout(self, order: Order) -> tuple[str, str]:
        about = {"workspace_id": str(order.workspace_id), "checkout_id": str(order.id)}
        subscription: dict[str, Any] = {"metadata": about}
        if order.trial_days:
            subscription["trial_period_days"] = order.trial_days
        wanted: Any = {
            "mode": "subscription",
            "customer": order.customer_id,
            "client_reference_id": str(order.workspace_id),
            "metadata": about,
            "line_items": [{"price": self._price_id(order.plan, order.price), "quantity": order.quantity}],
            "subscription_data": subscription,
            "success_url": order.success_url,
            "cancel_url": order.cancel_url,
        }
        session = asked(
            lambda: self.client.v1.checkout.sessions.create(wanted, {"idempotency_key": f"checkout-{order.id}"})
        )
        return session.id, session.url or ""

    def close_checkouts(self, customer_id: str) -> None:
        wanted: Any = {"customer": customer_id, "status": "open", "limit": 100}
        found = asked(lambda: list(self.client.v1.checkout.sessions.list(wanted).auto_paging_iter()))
        for session in found:
            if session.mode == "subscription":
                self._close(session.id)

    def _close(self, session_id: str) -> None:
        """One that was paid or has expired in this moment is refused by Stripe, and closed either way."""
        try:
            asked(lambda: self.client.v1.checkout.sessions.expire(session_id))
        except stripe.InvalidRequestError as refused:
            now = asked(lambda: self.client.v1.checkout.sessions.retrieve(session_id))
            if now.status == "open":
                raise ProviderUnavailable from refused

    def _price_id(self, plan: Plan, price: Price) -> str:
        if price.stripe:
            return price.stripe
        key = plan.lookup_key(price)
        found = asked(lambda: self.client.v1.prices.list({"lookup_keys": [key], "active": True, "limit": 1})).data
        if not found:
            raise Unmapped(f"no price at Stripe has the lookup key {key}: run flask billing setup")
        return found[0].id

    def open_portal(self, customer_id: str, return_url: str) -> str:
        wanted: Any = {"customer": customer_id, "return_url": return_url}
        return asked(lambda: self.client.v1.billing_portal.sessions.create(wanted)).url

    def cancel_now(self, subscription_id: str) -> None:
        try:
            asked(lambda: self.client.v1.subscriptions.cancel(subscription_id))
        except stripe.InvalidRequestError as fault:
            if fault.code != "resource_missing":
                raise

    def set_quantity(self, subscription_id: str, quantity: int) -> None:
        self._change_item(subscription_id, {"quantity": quantity})

    def change_plan(self, subscription_id: str, plan: Plan, price: Price) -> None:
        self._change_item(subscription_id, {"price": self._price_id(plan, price)})

    def _change_item(self, subscription_id: str, values: dict[str, Any]) -> None:
        def change() -> None:
            item = self.client.v1.subscriptions.retrieve(subscription_id).to_dict()["items"]["data"][0]
            wanted: Any = {"items": [{"id": item["id"], **values}], "proration_behavior": "create_prorations"}
            self.client.v1.subscriptions.update(subscription_id, wanted)

        asked(change)

    def cancel_at_end(self, subscription_id: str) -> None:
        asked(lambda: self.client.v1.subscriptions.update(subscription_id, {"cancel_at_period_end": True}))

    def resume(self, subscription_id: str) -> None:
        def change() -> None:
            one = self.client.v1.subscriptions.retrieve(subscription_id)
            # Each of the two is taken back by itself alone; see `cancels_at`.
            wanted: Any = {"cancel_at_period_end": False} if one.cancel_at_period_end else {"cancel_at": ""}
            self.client.v1.subscriptions.update(subscription_id, wanted)

        asked(change)

    def invoices_of(self, customer_id: str) -> list[Invoice]:
        found = asked(lambda: self.client.v1.invoices.list({"customer": customer_id, "limit": 24})).data
        return [
            Invoice(
                number=one.number or one.id or "",
                at=moment(one.created),
                amount=one.total,
                currency=one.currency,
                paid=one.status == "paid",
                url=one.hosted_invoice_url or "",
            )
            for one in found
        ]

    def compare(self, catalogue: Catalogue) -> list[Compared]:
        return [self._compared(plan, price) for plan in catalogue for price in plan.price]

    def _compared(self, plan: Plan, price: Price) -> Compared:
        wanted: Any = {"lookup_keys": [plan.lookup_key(price)], "active": True, "limit": 1}
        try:
            if price.stripe:
                there: Any = asked(lambda: self.client.v1.prices.retrieve(price.stripe))
            else:
                there = next(iter(asked(lambda: self.client.v1.prices.list(wanted)).data), None)
        except stripe.InvalidRequestError:
            there = None
        if there is None:
            name = price.stripe or plan.lookup_key(price)
            return Compared(plan=plan, price=price, is_missing=True, fault=f"Stripe has no active price {name}")
        asks = (there.unit_amount, there.currency, there.recurring.interval if there.recurring else "")
        says = (price.amount, price.currency, price.interval)
        fault = f"{plan.key}: plans.toml says {says}, Stripe asks {asks}" if asks != says else ""
        return Compared(plan=plan, price=price, fault=fault)

    def make_price(self, plan: Plan, price: Price) -> None:
        key = plan.lookup_key(price)
        wanted: Any = {
            "currency": price.currency,
            "unit_amount": price.amount,
            "recurring": {"interval": price.interval},
            "lookup_key": key,
            "product_data": {"name": plan.name, "metadata": {"plan": plan.key}},
        }
        options: Any = {"idempotency_key": f"price-{key}-{price.amount}"}
        asked(lambda: self.client.v1.prices.create(wanted, options))

    def complaints(self) -> list[str]:
        address = f"{current_settings().base_url}/webhooks/stripe"
        endpoints = asked(lambda: self.client.v1.webhook_endpoints.list({"limit": 100})).data
        mine = next((one for one in endpoints if one.url == address and one.status == "enabled"), None)
        if mine is None:
            return [f"Stripe has no enabled webhook endpoint {address}"]
        version = stripe.api_version
        if mine.api_version not in (None, version):
            return [f"The webhook endpoint speaks API version {mine.api_version}, this code {version}"]
        return []


def asked(call: Callable[[], Answer]) -> Answer:
    """Ask Stripe; what may pass by itself becomes `ProviderUnavailable`, a fault of ours stays what it is."""
    try:
        return call()
    except (stripe.APIConnectionError, stripe.RateLimitError) as fault:
        raise ProviderUnavailable from fault
    except stripe.APIError as fault:
        if fault.http_status is None or fault.http_status >= 500:
            raise ProviderUnavailable from fault
        raise


def refuse_another_time(stamp: int) -> None:
    """Both ways: a clock that is off is told from a forgery by how much."""
    seconds_off = round(datetime.now(UTC).timestamp() - stamp)
    if abs(seconds_off) > TOLERANCE_SECONDS:
        raise NotGenuine("its time is too far from ours", seconds_off)


def customer_of(thing: Mapping[str, Any]) -> str:
    """The customer's id, which Stripe gives as a string or, where it was expanded, as an object."""
    if thing.get("object") == "customer":
        return text(thing["id"])
    customer = thing.get("customer")
    if customer is None:
        return ""
    return text(customer["id"] if isinstance(customer, Mapping) else customer)


def cancels_at(subscription: Mapping[str, Any]) -> datetime | None:
    """When it is to end. In Stripe's classic billing mode a cancellation sets `cancel_at_period_end` and `cancel_at`;
    in the flexible one, the default of new accounts, the portal sets the date alone and the API the flag alone.
    https://docs.stripe.com/billing/subscriptions/billing-mode/compare
    """
    if subscription.get("cancel_at"):
        return moment(subscription["cancel_at"])
    ends = subscription["items"]["data"][0]["current_period_end"]
    return moment(ends) if subscription.get("cancel_at_period_end") and not subscription.get("ended_at") else None


def why_cancelled(subscription: Mapping[str, Any]) -> str:
    return str((subscription.get("cancellation_details") or {}).get("reason") or "")


def named_workspace(thing: Mapping[str, Any]) -> str:
    """The workspace that we wrote into the metadata of what this event is about."""
    parent = ((thing.get("parent") or {}).get("subscription_details") or {}).get("metadata") or {}
    own = thing.get("metadata") or {}
    return text(own.get("workspace_id") or parent.get("workspace_id") or thing.get("client_reference_id") or "")


def redacted(event: Mapping[str, Any], thing: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of an event: which object, in which state; nobody's name, address or card."""
    names = ("id", "object", "status", "payment_status", "subscription", "customer", "billing_reason")
    kept = {name: shown(thing[name]) for name in names if name in thing}
    if own := thing.get("metadata"):
        kept["metadata"] = {shown(name): shown(value) for name, value in [*own.items()][:MOST_METADATA]}
    return {name: shown(event.get(name)) for name in ("id", "type", "created", "api_version")} | {"object": kept}


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def moment_or_none(seconds: int | None) -> datetime | None:
    return None if seconds is None else moment(seconds)
