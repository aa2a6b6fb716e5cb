"""An application that sells through a stand-in of Stripe or of Chargebee: what tests do to both, in the same words.

What the two say differently (how a webhook proves where it comes from, what an event looks like, what a state is
called) is said here, once for each, so that a test of a case is written once and runs at both.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
from flask import Flask
from sqlalchemy import select

from enferno.billing.checkout import begin_checkout
from enferno.billing.models import BillingEvent, Subscription
from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import User
from tests.billing import chargebee_standin, stripe_standin
from tests.billing.chargebee_standin import LOGIN, ChargebeeStandIn
from tests.billing.stripe_standin import SECRET, StripeStandIn
from tests.support.world import Team, World

__all__ = ["SHOPS", "ChargebeeShop", "Shop", "StripeShop", "only"]

AMOUNTS = {("starter", "month"): 900, ("starter", "year"): 9000, ("pro", "month"): 1900, ("pro", "year"): 19000}


def only(key: str) -> pytest.MarkDecorator:
    """For a test of what one provider alone has; why, stands in tests/billing/cases.py or beside the test."""
    return pytest.mark.parametrize("selling", [key], indirect=True)


class Shop(ABC):
    """What a test does with the two sides, and what it then looks at."""

    key: ClassVar[str]
    # Where the provider is asked for the truth about a customer, and where a customer and a checkout are made.
    truth_path: ClassVar[str]
    made_at: ClassVar[tuple[str, str]]

    def __init__(self, app: Flask, world: World, provider: Any) -> None:
        self.app, self.world, self.provider = app, world, provider

    # --- what the providers say differently ----------------------------------------------------------------------

    @staticmethod
    @abstractmethod
    def running() -> Any:
        """A context manager that gives the stand-in, without prices."""

    @staticmethod
    @abstractmethod
    def settings(account: Any) -> dict[str, Any]:
        """What an application is told that sells through this stand-in."""

    @staticmethod
    @abstractmethod
    def request(event: Any) -> dict[str, Any]:
        """The body and the headers with which the provider delivers an event."""

    @staticmethod
    @abstractmethod
    def rolled(event: Any) -> dict[str, Any]:
        """The same with the secret (or login) that is being rolled in."""

    @staticmethod
    @abstractmethod
    def called(team: Team) -> str:
        """What a customer of this workspace may be called whom nobody here has made."""

    @abstractmethod
    def checkouts(self) -> list[Any]:
        """What was opened at the provider to pay at."""

    @staticmethod
    @abstractmethod
    def seats_in(checkout: Any) -> int: ...
    @staticmethod
    @abstractmethod
    def is_on_trial(one: dict[str, Any]) -> bool: ...
    @abstractmethod
    def reopen(self, session_id: str) -> None:
        """A checkout that we closed turns out to have been paid just before."""

    @abstractmethod
    def expire(self, one: dict[str, Any]) -> None:
        """The payment that was pending never came."""

    @abstractmethod
    def cancel_at_end(self, one: dict[str, Any]) -> None:
        """The customer cancels at the provider's own pages, for the end of the period."""

    @abstractmethod
    def buy_pending(self, team: Team) -> dict[str, Any]:
        """Check out, and the bank is still thinking about the payment."""

    @abstractmethod
    def quantity(self, one: dict[str, Any]) -> int: ...
    @abstractmethod
    def period_end(self, one: dict[str, Any]) -> int: ...
    @abstractmethod
    def has_ended(self, one: dict[str, Any]) -> bool: ...
    @abstractmethod
    def recover(self, one: dict[str, Any]) -> None:
        """What was owed is paid."""

    @abstractmethod
    def pause(self, one: dict[str, Any], *, paused: bool) -> None: ...
    @abstractmethod
    def update(self, one: dict[str, Any]) -> dict[str, Any]:
        """Something about it changed; gives the event."""

    @abstractmethod
    def sleep(self, one: dict[str, Any]) -> None:
        """It goes into a state that we have no word for."""

    @abstractmethod
    def subscribe_elsewhere(self, customer: str, workspace_id: object, plan: str = "starter") -> dict[str, Any]:
        """A subscription that the merchant makes by hand; the workspace is named as our checkout would."""

    @staticmethod
    @abstractmethod
    def unknown(named: str) -> str:
        """The id of a customer who is not known here and about whom it is said that he is this workspace's."""

    @abstractmethod
    def claimed_for(self, one: dict[str, Any], team: Team) -> dict[str, Any]:
        """An event about the subscription that names another workspace than the one it belongs to."""

    @staticmethod
    @abstractmethod
    def customer(one: dict[str, Any]) -> str: ...
    @abstractmethod
    def paid(self, customer: str) -> dict[str, Any]:
        """The event of a payment that names nobody but the customer."""

    @abstractmethod
    def something_new(self) -> dict[str, Any]:
        """An event of a kind that nobody has heard of."""

    @abstractmethod
    def of_a_new_version(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event as an API would say it that came after this code."""

    @abstractmethod
    def delete_customer(self, one: dict[str, Any]) -> dict[str, Any]:
        """The customer is deleted at the provider; gives the event."""

    @abstractmethod
    def give_back(self, one: dict[str, Any]) -> list[dict[str, Any]]:
        """A refund and a dispute; gives their events."""

    @abstractmethod
    def ending_soon(self, one: dict[str, Any]) -> dict[str, Any]:
        """The event that says that a trial is about to end."""

    # --- what is the same ----------------------------------------------------------------------------------------

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Any]:
        """The stand-in with what plans.toml sells, for the length of a block."""
        with cls.running() as account:
            for (plan, interval), amount in AMOUNTS.items():
                account.add_price(f"{plan}-{interval}-eur", amount, interval)
            yield account

    @staticmethod
    def again(event: dict[str, Any], tag: object = "again", **changes: Any) -> dict[str, Any]:
        """The same news as another event."""
        return {**event, "id": f"{event['id']}_{tag}", **changes}

    def checkout(self, team: Team, plan: str = "starter", interval: str = "month") -> str:
        """Begin a checkout as the owner; gives the session's id at the provider."""
        with self.app.test_request_context(), in_workspace(team.id):
            owner = db.session.get_one(User, team.owner.id)
            return str(begin_checkout(plan, interval, "eur", by=owner).checkout.session_id)

    def buy(self, team: Team, plan: str = "starter", **how: Any) -> dict[str, Any]:
        """Check out and pay; no event is delivered yet."""
        found: dict[str, Any] = self.provider.finish_checkout(self.checkout(team, plan), **how)
        return found

    def post(self, request: dict[str, Any], app: Flask | None = None) -> int:
        return (app or self.app).test_client().post(f"/webhooks/{self.key}", **request).status_code

    def deliver(self, *events: dict[str, Any], app: Flask | None = None) -> list[int]:
        """Deliver these events, or everything that has happened so far, each once."""
        return [self.post(self.request(event), app) for event in events or tuple(self.provider.events)]

    def hides_the_truth(self, status: int = 500) -> Any:
        """For `provider.before`: whoever asks for the truth is answered with this status."""
        return lambda method, path: status if (method, path) == ("GET", self.truth_path) else None

    def subscription(self, team: Team) -> dict[str, Any]:
        """The mirror's row as values; empty where there is none."""
        with self.app.app_context(), in_workspace(team.id):
            row = db.session.scalars(select(Subscription).where(Subscription.workspace_id == team.id)).one_or_none()
            return {} if row is None else {c.key: getattr(row, c.key) for c in Subscription.__table__.columns}

    def events(self) -> list[dict[str, Any]]:
        with self.app.app_context():
            rows = db.session.scalars(select(BillingEvent).order_by(BillingEvent.received_at))
            return [{c.key: getattr(row, c.key) for c in BillingEvent.__table__.columns} for row in rows]


class StripeShop(Shop):
    key, truth_path, made_at = "stripe", "/v1/subscriptions", ("/v1/customers", "/v1/checkout/sessions")
    provider: StripeStandIn
    running = staticmethod(stripe_standin.running)
    request = staticmethod(StripeStandIn.signed)

    @staticmethod
    def settings(account: Any) -> dict[str, Any]:
        return {
            "billing_provider": "stripe", "stripe_api_key": "sk_test_stand_in",
            "stripe_webhook_secrets": (SECRET, "whsec_rolled_in"), "stripe_api_base": account.url,
        }  # fmt: skip

    @staticmethod
    def rolled(event: Any) -> dict[str, Any]:
        return StripeStandIn.signed(event, secret="whsec_rolled_in")

    @staticmethod
    def called(team: Team) -> str:
        return "cus_made_elsewhere"

    def checkouts(self) -> list[Any]:
        return list(self.provider.sessions.values())

    def buy_pending(self, team: Team) -> dict[str, Any]:
        return self.provider.finish_checkout(self.checkout(team), "incomplete")

    @staticmethod
    def seats_in(checkout: Any) -> int:
        return int(checkout["wanted"]["line_items[0][quantity]"])

    @staticmethod
    def is_on_trial(one: dict[str, Any]) -> bool:
        return bool(one["status"] == "trialing")

    def reopen(self, session_id: str) -> None:
        self.provider.sessions[session_id]["status"] = "open"

    def expire(self, one: dict[str, Any]) -> None:
        self.provider.change(one["id"], status="incomplete_expired")

    def cancel_at_end(self, one: dict[str, Any]) -> None:
        self.provider.change(one["id"], cancel_at=self.period_end(one))

    def quantity(self, one: dict[str, Any]) -> int:
        return int(self.provider.subscriptions[one["id"]]["items"]["data"][0]["quantity"])

    def period_end(self, one: dict[str, Any]) -> int:
        return int(one["items"]["data"][0]["current_period_end"])

    def has_ended(self, one: dict[str, Any]) -> bool:
        return bool(self.provider.subscriptions[one["id"]]["status"] == "canceled")

    def recover(self, one: dict[str, Any]) -> None:
        self.provider.change(one["id"], status="active")

    def pause(self, one: dict[str, Any], *, paused: bool) -> None:
        self.provider.change(one["id"], pause_collection={"behavior": "void"} if paused else None)

    def update(self, one: dict[str, Any]) -> dict[str, Any]:
        self.provider.change(one["id"])
        return self.provider.events[-1]

    def sleep(self, one: dict[str, Any]) -> None:
        self.provider.change(one["id"], status="hibernating")

    def subscribe_elsewhere(self, customer: str, workspace_id: object, plan: str = "starter") -> dict[str, Any]:
        key = next(key for key, price in self.provider.prices.items() if price["lookup_key"] == f"{plan}-month-eur")
        named = {"workspace_id": str(workspace_id)} if workspace_id else {}
        return self.provider.subscribe(customer, key, metadata=named)

    @staticmethod
    def unknown(named: str) -> str:
        return "cus_unknown"

    def claimed_for(self, one: dict[str, Any], team: Team) -> dict[str, Any]:
        self.provider.change(one["id"], metadata={"workspace_id": str(team.id)})
        return self.provider.events[-1]

    @staticmethod
    def customer(one: dict[str, Any]) -> str:
        return str(one["customer"])

    def paid(self, customer: str) -> dict[str, Any]:
        return self.provider.event("invoice.paid", {"id": "in_1", "object": "invoice", "customer": customer})

    def something_new(self) -> dict[str, Any]:
        return self.provider.event("treasury.something_new", {"object": "whatever", "id": "x_1"})

    def of_a_new_version(self, event: dict[str, Any]) -> dict[str, Any]:
        thing = event["data"]["object"] | {"customer_account": "acct_1", "items": {"shape": "new"}}
        return self.again(event, api_version="2031-01-31.zinnia", data={"object": thing})

    def delete_customer(self, one: dict[str, Any]) -> dict[str, Any]:
        self.provider.subscriptions.clear()
        return self.provider.event("customer.deleted", {"id": one["customer"], "object": "customer"})

    def give_back(self, one: dict[str, Any]) -> list[dict[str, Any]]:
        charge = {"id": "ch_1", "object": "charge", "customer": one["customer"]}
        return [self.provider.event(kind, charge) for kind in ("charge.refunded", "charge.dispute.created")]

    def ending_soon(self, one: dict[str, Any]) -> dict[str, Any]:
        return self.provider.event("customer.subscription.trial_will_end", one)


class ChargebeeShop(Shop):
    key, truth_path = "chargebee", "/api/v2/subscriptions"
    made_at = ("/api/v2/customers", "/api/v2/hosted_pages/checkout_new_for_items")
    provider: ChargebeeStandIn
    running = staticmethod(chargebee_standin.running)
    request = staticmethod(ChargebeeStandIn.delivered)

    @staticmethod
    def settings(account: Any) -> dict[str, Any]:
        return {
            "billing_provider": "chargebee", "chargebee_site": "readykit-test", "chargebee_api_key": "test_key",
            "chargebee_webhook_logins": (LOGIN, "readykit:rolled in"), "chargebee_api_base": account.url,
        }  # fmt: skip

    @staticmethod
    def rolled(event: Any) -> dict[str, Any]:
        return ChargebeeStandIn.delivered(event, login="readykit:rolled in")

    @staticmethod
    def called(team: Team) -> str:
        return f"ws-{team.id.hex}"

    def checkouts(self) -> list[Any]:
        return list(self.provider.pages.values())

    def buy_pending(self, team: Team) -> dict[str, Any]:
        """A direct debit: the subscription runs, and its first invoice is due."""
        one = self.buy(team)
        del self.provider.events[:]
        one |= {"due_invoices_count": 1, "due_since": self.provider.clock, "total_dues": 900}
        self.provider.event("subscription_created", one)
        return one

    @staticmethod
    def seats_in(checkout: Any) -> int:
        return int(checkout["subscription_items[quantity][0]"])

    @staticmethod
    def is_on_trial(one: dict[str, Any]) -> bool:
        return bool(one["status"] == "in_trial")

    def reopen(self, session_id: str) -> None:
        """Chargebee's pages cannot be closed."""

    def expire(self, one: dict[str, Any]) -> None:
        self.provider.end(one["id"])

    def cancel_at_end(self, one: dict[str, Any]) -> None:
        one |= {"status": "non_renewing", "cancelled_at": self.period_end(one)}
        self.provider.event("subscription_cancellation_scheduled", one)

    def quantity(self, one: dict[str, Any]) -> int:
        return int(self.provider.subscriptions[one["id"]]["subscription_items"][0]["quantity"])

    def period_end(self, one: dict[str, Any]) -> int:
        return int(one["current_term_end"])

    def has_ended(self, one: dict[str, Any]) -> bool:
        return bool(self.provider.subscriptions[one["id"]]["status"] == "cancelled")

    def recover(self, one: dict[str, Any]) -> None:
        self.provider.recover(one["id"])

    def pause(self, one: dict[str, Any], *, paused: bool) -> None:
        one["status"] = "paused" if paused else "active"
        self.provider.event("subscription_paused" if paused else "subscription_resumed", one)

    def update(self, one: dict[str, Any]) -> dict[str, Any]:
        return self.provider.event("subscription_changed", one)

    def sleep(self, one: dict[str, Any]) -> None:
        one["status"] = "hibernating"
        self.provider.event("subscription_changed", one)

    def subscribe_elsewhere(self, customer: str, workspace_id: object, plan: str = "starter") -> dict[str, Any]:
        """Here a customer's own id names the workspace: `called` makes it."""
        self.provider.pages[f"hp_{customer}"] = {
            "customer[id]": customer, "subscription[id]": f"sub-{customer}-{plan}", "subscription[trial_end]": "0",
            "subscription_items[item_price_id][0]": f"{plan}-month-eur", "subscription_items[quantity][0]": "1",
        }  # fmt: skip
        return self.provider.finish_checkout(f"hp_{customer}")

    @staticmethod
    def unknown(named: str) -> str:
        return f"ws-{named}" if named else "made-by-hand"

    def claimed_for(self, one: dict[str, Any], team: Team) -> dict[str, Any]:
        found = self.update(one)
        found["content"]["customer"]["id"] = self.called(team)
        return found

    @staticmethod
    def customer(one: dict[str, Any]) -> str:
        return str(one["customer_id"])

    def paid(self, customer: str) -> dict[str, Any]:
        found = self.provider.event("payment_succeeded", {"customer_id": customer, "resource_version": 1})
        del found["content"]["subscription"]
        return found

    def something_new(self) -> dict[str, Any]:
        found = self.provider.event("omnichannel_something_new", {"customer_id": "x", "resource_version": 1})
        found["content"] = {"whatever": {"id": "x_1"}}
        return found

    def of_a_new_version(self, event: dict[str, Any]) -> dict[str, Any]:
        thing = event["content"]["subscription"] | {"subscription_items": {"shape": "new"}}
        return self.again(event, api_version="v3", content=event["content"] | {"subscription": thing})

    def delete_customer(self, one: dict[str, Any]) -> dict[str, Any]:
        self.provider.subscriptions.clear()
        return self.provider.event("customer_deleted", one)

    def give_back(self, one: dict[str, Any]) -> list[dict[str, Any]]:
        return [self.provider.event(kind, one) for kind in ("payment_refunded", "credit_note_created")]

    def ending_soon(self, one: dict[str, Any]) -> dict[str, Any]:
        return self.provider.event("subscription_trial_end_reminder", one)


SHOPS: dict[str, type[Shop]] = {shop.key: shop for shop in (StripeShop, ChargebeeShop)}
