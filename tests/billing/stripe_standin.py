"""A Stripe on this machine: its HTTP, as much of it as we use, for the real SDK to talk to.

It holds customers, prices, checkout sessions and subscriptions, has a clock that can be moved, keeps idempotency keys,
can be slow, refuse or die after having done what was asked, and signs the events that it sends.
Shapes: the types of stripe-python 16 (`stripe.Subscription`, `stripe.checkout.Session`, `stripe.Event`).
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from stripe import WebhookSignature

from tests.billing.standin import CheckoutClosed, StandIn, listening

__all__ = ["CheckoutClosed", "StripeStandIn", "running"]

SECRET = "whsec_stand_in"
DAY = 86_400
MONTH = 30 * DAY


@dataclass
class StripeStandIn(StandIn):
    key_header = "Idempotency-Key"
    failure = {"error": {"type": "api_error", "message": "no"}}

    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    prices: dict[str, dict[str, Any]] = field(default_factory=dict)
    endpoints: list[dict[str, Any]] = field(default_factory=list)
    billing_mode: str = "classic"

    # --- what customers and banks do ---------------------------------------------------------------------------

    def add_price(self, lookup_key: str, amount: int, interval: str = "month", currency: str = "eur") -> str:
        price_id = self.id("price")
        self.prices[price_id] = {
            "id": price_id, "object": "price", "active": True, "currency": currency, "unit_amount": amount,
            "lookup_key": lookup_key, "recurring": {"interval": interval, "interval_count": 1}, "livemode": False,
        }  # fmt: skip
        return price_id

    def subscribe(
        self, customer: str, price: str, status: str = "active", metadata: dict[str, str] | None = None,
        trial_days: int = 0, quantity: int = 1,
    ) -> dict[str, Any]:  # fmt: skip
        """A subscription comes into being, by a checkout or at the dashboard."""
        ends = self.clock + (trial_days * DAY or MONTH)
        one = {
            "id": self.id("sub"), "object": "subscription", "customer": customer, "livemode": False,
            "status": "trialing" if trial_days else status, "created": self.clock, "cancel_at": None,
            "cancel_at_period_end": False, "cancellation_details": {"reason": None}, "ended_at": None,
            "trial_end": ends if trial_days else None, "pause_collection": None,
            "metadata": metadata or {},
            "items": {"object": "list", "has_more": False, "data": [{
                "id": self.id("si"), "object": "subscription_item", "quantity": quantity,
                "price": self.prices[price], "current_period_start": self.clock, "current_period_end": ends,
            }]},
        }  # fmt: skip
        self.subscriptions[one["id"]] = one
        self.event("customer.subscription.created", one)
        return one

    def finish_checkout(self, session_id: str, status: str = "active") -> dict[str, Any]:
        """The customer pays (or, with status "incomplete", the bank is still thinking)."""
        session = self.sessions[session_id]
        if session["status"] != "open":
            raise CheckoutClosed(session["status"])
        wanted = session["wanted"]
        one = self.subscribe(
            session["customer"],
            wanted["line_items[0][price]"],
            status,
            metadata={"workspace_id": wanted["subscription_data[metadata][workspace_id]"]},
            trial_days=int(wanted.get("subscription_data[trial_period_days]", 0)),
            quantity=int(wanted["line_items[0][quantity]"]),
        )
        session |= {"status": "complete", "subscription": one["id"]}
        session["payment_status"] = "unpaid" if status == "incomplete" else "paid"
        self.event("checkout.session.completed", session)
        if status == "active":
            self.event("invoice.paid", self.invoice(one))
        return one

    def change(self, subscription_id: str, **values: Any) -> dict[str, Any]:
        one = self.subscriptions[subscription_id]
        item = one["items"]["data"][0]
        for name in ("current_period_start", "current_period_end", "price", "quantity"):
            if name in values:
                item[name] = values.pop(name)
        one |= values
        if one["status"] == "active":
            for owed in (each for each in self.invoices if about(each) == subscription_id):
                owed["status"] = "paid"
        kind = "deleted" if one["status"] == "canceled" else "updated"
        self.event(f"customer.subscription.{kind}", one)
        return one

    def renew(self, subscription_id: str, paid: bool = True) -> dict[str, Any]:
        """A period is over: the card is charged, or refuses."""
        item = self.subscriptions[subscription_id]["items"]["data"][0]
        start = item["current_period_end"]
        self.clock = max(self.clock, start)
        one = self.change(
            subscription_id,
            status="active" if paid else "past_due",
            current_period_start=start,
            current_period_end=start + MONTH,
        )
        self.event("invoice.paid" if paid else "invoice.payment_failed", self.invoice(one))
        return one

    def end(self, subscription_id: str) -> dict[str, Any]:
        return self.change(subscription_id, status="canceled", ended_at=self.clock)

    def invoice(self, one: dict[str, Any]) -> dict[str, Any]:
        item = one["items"]["data"][0]
        made = {
            "id": self.id("in"), "object": "invoice", "customer": one["customer"], "livemode": False,
            "number": self.id("R"), "created": self.clock, "currency": item["price"]["currency"],
            "total": item["price"]["unit_amount"] * item["quantity"], "hosted_invoice_url": f"{self.url}/invoice",
            "status": "paid" if one["status"] == "active" else "open",
            "parent": {"type": "subscription_details", "subscription_details": {
                "subscription": one["id"], "metadata": one["metadata"],
            }},
        }  # fmt: skip
        self.invoices.append(made)
        return made

    def event(self, kind: str, thing: dict[str, Any]) -> dict[str, Any]:
        found = {
            "id": self.id("evt"), "object": "event", "type": kind, "created": self.clock, "livemode": False,
            "api_version": "2026-10-28.endive", "data": {"object": json.loads(json.dumps(thing))},
        }  # fmt: skip
        self.events.append(found)
        return found

    # --- webhooks -----------------------------------------------------------------------------------------------

    @staticmethod
    def signed(event: dict[str, Any] | bytes, *, secret: str = SECRET, at: int | None = None) -> dict[str, Any]:
        """The body and the headers with which Stripe would deliver an event."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        signature = WebhookSignature.generate_signature_header(body.decode(), secret, timestamp=at)
        return {"data": body, "headers": {"Stripe-Signature": signature, "Content-Type": "application/json"}}

    # --- the API ------------------------------------------------------------------------------------------------

    def work(self, method: str, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if (method, path) == ("POST", "/v1/customers"):
            one = {"id": self.id("cus"), "object": "customer", "email": form.get("email"), "livemode": False}
            self.customers[one["id"]] = one
            return 200, one
        if (method, path) == ("GET", "/v1/prices"):
            key = form.get("lookup_keys[0]")
            return 200, listed([p for p in self.prices.values() if p["lookup_key"] == key], path)
        if (method, path) == ("POST", "/v1/prices"):
            made = self.add_price(
                form["lookup_key"], int(form["unit_amount"]), form["recurring[interval]"], form["currency"]
            )
            return 200, self.prices[made]
        if (method, path) == ("GET", "/v1/webhook_endpoints"):
            return 200, listed(self.endpoints, path)
        if (method, path) == ("POST", "/v1/checkout/sessions"):
            return 200, self._session(form)
        if (method, path) == ("GET", "/v1/checkout/sessions"):
            mine = [s for s in self.sessions.values() if s["customer"] == form["customer"]]
            return 200, listed([s for s in mine if s["status"] == form.get("status", s["status"])], path)
        if method == "POST" and (found := re.fullmatch(r"/v1/checkout/sessions/(\w+)/expire", path)):
            return self._expire(self.sessions[found[1]])
        if method == "GET" and (found := re.fullmatch(r"/v1/checkout/sessions/(\w+)", path)):
            return 200, self.sessions[found[1]]
        if (method, path) == ("POST", "/v1/billing_portal/sessions"):
            return 200, {"id": self.id("bps"), "object": "billing_portal.session", "url": f"{self.url}/portal"}
        if (method, path) == ("GET", "/v1/subscriptions"):
            mine = [s for s in self.subscriptions.values() if s["customer"] == form["customer"]]
            return 200, listed(sorted(mine, key=lambda s: -s["created"]), path)
        if method == "GET" and (found := re.fullmatch(r"/v1/subscriptions/(\w+)", path)):
            return 200, self.subscriptions[found[1]]
        if method == "POST" and (found := re.fullmatch(r"/v1/subscriptions/(\w+)", path)):
            return 200, self._update(self.subscriptions[found[1]], form)
        if (method, path) == ("GET", "/v1/invoices"):
            mine = [one for one in self.invoices if one["customer"] == form.get("customer", one["customer"])]
            if "subscription" in form:
                mine = [one for one in mine if about(one) == form["subscription"]]
            return 200, listed(mine[::-1], path)
        if method == "DELETE" and (found := re.fullmatch(r"/v1/subscriptions/(\w+)", path)):
            if found[1] not in self.subscriptions:
                return 404, {"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "no"}}
            return 200, self.end(found[1])
        return 404, {"error": {"type": "invalid_request_error", "message": f"unknown: {method} {path}"}}

    def _update(self, one: dict[str, Any], form: dict[str, str]) -> dict[str, Any]:
        item = one["items"]["data"][0]
        values: dict[str, Any] = {}
        if "items[0][id]" in form:
            assert form["items[0][id]"] == item["id"]
        if "items[0][quantity]" in form:
            values["quantity"] = int(form["items[0][quantity]"])
        if "items[0][price]" in form:
            values["price"] = self.prices[form["items[0][price]"]]
        if "cancel_at_period_end" in form:
            ends = item["current_period_end"]
            ending = form["cancel_at_period_end"] in ("true", "True")
            values["cancel_at_period_end"] = ending
            # The classic billing mode dates what the flag says; in the flexible one the two are apart.
            if self.billing_mode == "classic":
                values["cancel_at"] = ends if ending else None
        if "cancel_at" in form:
            values["cancel_at"] = int(form["cancel_at"]) if form["cancel_at"] else None
        return self.change(one["id"], **values)

    def _expire(self, session: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if session["status"] != "open":
            return 400, {"error": {"type": "invalid_request_error", "message": "Only open sessions can be expired"}}
        session["status"] = "expired"
        self.event("checkout.session.expired", session)
        return 200, session

    def _session(self, form: dict[str, str]) -> dict[str, Any]:
        session_id = self.id("cs_test")
        self.sessions[session_id] = {
            "id": session_id, "object": "checkout.session", "customer": form["customer"], "status": "open",
            "mode": form["mode"], "payment_status": "unpaid", "subscription": None,
            "url": f"{self.url}/pay/{session_id}",
            "client_reference_id": form.get("client_reference_id"), "livemode": False, "wanted": form,
            "metadata": {"workspace_id": form.get("metadata[workspace_id]", "")},
        }  # fmt: skip
        return self.sessions[session_id]


def about(invoice: dict[str, Any]) -> str:
    """The subscription that an invoice is for."""
    return str(invoice["parent"]["subscription_details"]["subscription"])


def listed(items: list[dict[str, Any]], path: str) -> dict[str, Any]:
    return {"object": "list", "data": items, "has_more": False, "url": path}


@contextmanager
def running() -> Iterator[StripeStandIn]:
    """A stand-in that listens on loopback for the length of a block."""
    with listening(StripeStandIn()) as account:
        yield account
