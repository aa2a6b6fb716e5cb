"""A Chargebee on this machine: its HTTP, as much of it as we use, for the real SDK to talk to.

Shapes: the response types of chargebee-python 3 (`SubscriptionResponse`, `HostedPageResponse`, `InvoiceResponse`).
"""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import chargebee

from tests.billing.standin import CheckoutClosed, StandIn, listening

__all__ = ["LOGIN", "ChargebeeStandIn", "running"]

LOGIN = "readykit:a login for tests"
DAY = 86_400
LASTS = {"month": 30 * DAY, "year": 365 * DAY}


@dataclass
class ChargebeeStandIn(StandIn):
    key_header = "chargebee-idempotency-key"
    failure = {"type": "operation_failed", "api_error_code": "internal_error", "message": "no"}

    pages: dict[str, dict[str, str]] = field(default_factory=dict)
    prices: dict[str, tuple[int, str]] = field(default_factory=dict)

    def add_price(self, price_id: str, amount: int, interval: str = "month") -> None:
        self.prices[price_id] = amount, interval

    # --- what customers and banks do ---------------------------------------------------------------------------

    def finish_checkout(self, page_id: str) -> dict[str, Any]:
        form = self.pages[page_id]
        if form["subscription[id]"] in self.subscriptions:
            raise CheckoutClosed("duplicate_entry: the id of a subscription is taken once")
        trial_end = int(form["subscription[trial_end]"])
        one = {
            "id": form["subscription[id]"], "object": "subscription", "customer_id": form["customer[id]"],
            "currency_code": "EUR", "created_at": self.clock, "resource_version": self.clock * 1000,
            "status": "in_trial" if trial_end else "active", "due_invoices_count": 0,
        }  # fmt: skip
        self.put_item(one, form["subscription_items[item_price_id][0]"], int(form["subscription_items[quantity][0]"]))
        if trial_end:
            one |= {"trial_start": self.clock, "trial_end": trial_end}
        else:
            one |= {
                "current_term_start": self.clock,
                "current_term_end": self.clock + LASTS[one["billing_period_unit"]],
            }
        self.subscriptions[one["id"]] = one
        self.event("subscription_created", one)
        if not trial_end:
            self.invoice(one, paid=True)
        return one

    def put_item(self, one: dict[str, Any], price_id: str, quantity: int) -> None:
        amount, interval = self.prices[price_id]
        one["subscription_items"] = [{
            "item_price_id": price_id, "item_type": "plan", "quantity": quantity, "unit_price": amount,
            "amount": amount * quantity, "object": "subscription_item",
        }]  # fmt: skip
        one |= {"billing_period": 1, "billing_period_unit": interval}

    def renew(self, subscription_id: str, *, paid: bool) -> None:
        one = self.subscriptions[subscription_id]
        start = one.get("current_term_end") or one["trial_end"]
        self.clock = max(self.clock, start)
        one |= {"current_term_start": start, "current_term_end": start + LASTS[one["billing_period_unit"]]}
        if one["status"] == "in_trial":
            one["status"] = "active"
        if not paid:
            # Due since the oldest of the invoices that are.
            one |= {"due_invoices_count": one["due_invoices_count"] + 1, "total_dues": 900}
            one.setdefault("due_since", start)
        self.event("subscription_renewed", one)
        self.invoice(one, paid=paid)

    def recover(self, subscription_id: str) -> None:
        one = self.subscriptions[subscription_id]
        one |= {"due_invoices_count": 0, "total_dues": 0}
        one.pop("due_since", None)
        self.event("payment_succeeded", one)

    def end(self, subscription_id: str) -> dict[str, Any]:
        one = self.subscriptions[subscription_id]
        one |= {"status": "cancelled", "cancelled_at": self.clock}
        one.pop("cancel_schedule_created_at", None)
        self.event("subscription_cancelled", one)
        return one

    def invoice(self, one: dict[str, Any], *, paid: bool) -> None:
        self.invoices.append({
            "id": self.id("inv"), "object": "invoice", "customer_id": one["customer_id"], "date": self.clock,
            "total": sum(item["amount"] for item in one["subscription_items"]), "currency_code": "EUR",
            "status": "paid" if paid else "payment_due",
        })  # fmt: skip
        self.event("payment_succeeded" if paid else "payment_failed", one)

    def event(self, kind: str, one: dict[str, Any]) -> dict[str, Any]:
        one["resource_version"] += 1
        found = {
            "id": self.id("ev"), "object": "event", "api_version": "v2", "event_type": kind, "occurred_at": self.clock,
            "source": "scheduled_job", "webhook_status": "scheduled",
            "content": {"subscription": json.loads(json.dumps(one)), "customer": {"id": one["customer_id"]}},
        }  # fmt: skip
        self.events.append(found)
        return found

    @staticmethod
    def delivered(event: Any, login: str = LOGIN) -> dict[str, Any]:
        """The body and the headers with which Chargebee would deliver an event."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        words = base64.b64encode(login.encode()).decode()
        return {"data": body, "headers": {"Authorization": f"Basic {words}", "Content-Type": "application/json"}}

    # --- the API ------------------------------------------------------------------------------------------------

    def work(self, method: str, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        path = path.removeprefix("/api/v2")
        if (method, path) == ("POST", "/customers"):
            if form["id"] in self.customers:
                return refused("duplicate_entry")
            self.customers[form["id"]] = {"id": form["id"], "object": "customer", "email": form["email"]}
            return 200, {"customer": self.customers[form["id"]]}
        if (method, path) == ("POST", "/hosted_pages/checkout_new_for_items"):
            page_id = self.id("hp")
            self.pages[page_id] = form
            return 200, {"hosted_page": {"id": page_id, "object": "hosted_page", "url": f"{self.url}/pay/{page_id}"}}
        if (method, path) == ("POST", "/portal_sessions"):
            session = {"id": self.id("portal"), "object": "portal_session", "access_url": f"{self.url}/portal"}
            return 200, {"portal_session": session}
        if (method, path) == ("GET", "/subscriptions"):
            mine = [one for one in self.subscriptions.values() if one["customer_id"] == form["customer_id[is]"]]
            return 200, {"list": [{"subscription": one, "customer": {"id": one["customer_id"]}} for one in mine]}
        if (method, path) == ("GET", "/invoices"):
            mine = [one for one in self.invoices if one["customer_id"] == form["customer_id[is]"]]
            return 200, {"list": [{"invoice": one} for one in reversed(mine)]}
        if found := re.fullmatch(r"/subscriptions/([\w-]+)(/\w+)?", path):
            return self._subscription(found[1], found[2] or "", form)
        return refused("resource_not_found", 404)

    def _subscription(self, key: str, act: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        one = self.subscriptions.get(key)
        if one is None:
            return refused("resource_not_found", 404)
        if act == "/cancel_for_items":
            if form.get("end_of_term") == "true":
                if one["status"] != "in_trial":
                    one["status"] = "non_renewing"
                ends = one["trial_end"] if one["status"] == "in_trial" else one["current_term_end"]
                one |= {"cancelled_at": ends, "cancel_schedule_created_at": self.clock}
                self.event("subscription_cancellation_scheduled", one)
            else:
                self.end(key)
        elif act == "/remove_scheduled_cancellation":
            if one["status"] == "non_renewing":
                one["status"] = "active"
            one.pop("cancelled_at", None)
            one.pop("cancel_schedule_created_at", None)
            self.event("subscription_scheduled_cancellation_removed", one)
        elif act == "/update_for_items":
            assert form["replace_items_list"] == "true"
            quantity = int(form["subscription_items[quantity][0]"])
            self.put_item(one, form["subscription_items[item_price_id][0]"], quantity)
            self.event("subscription_changed", one)
        return 200, {"subscription": one, "customer": self.customers[one["customer_id"]]}


def refused(code: str, status: int = 400) -> tuple[int, dict[str, Any]]:
    return status, {"type": "invalid_request", "api_error_code": code, "message": "no", "http_status_code": status}


@contextmanager
def running() -> Iterator[ChargebeeStandIn]:
    """A stand-in that listens on loopback for the length of a block; the SDK speaks plain HTTP meanwhile."""
    checked = chargebee.Chargebee.verify_ca_certs
    chargebee.Chargebee.verify_ca_certs = False
    try:
        with listening(ChargebeeStandIn()) as account:
            yield account
    finally:
        chargebee.Chargebee.verify_ca_certs = checked
