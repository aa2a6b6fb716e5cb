"""What a customer and a bank do, in the same words at every provider, so that one scenario runs on all of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from enferno.app import create_app
from enferno.billing import changes
from enferno.billing.account import account_of, billing
from enferno.billing.checkout import begin_checkout, open_portal
from enferno.billing.gates import current_plan
from enferno.billing.models import Subscription
from enferno.billing.providers.local import bank
from enferno.billing.providers.local.delivery import deliver_held
from enferno.billing.providers.local.models import LocalSession, LocalSubscription
from enferno.billing.states import State
from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import User
from tests.billing import chargebee_standin, stripe_standin
from tests.billing.chargebee_standin import LOGIN, ChargebeeStandIn
from tests.billing.stripe_standin import SECRET, CheckoutClosed, StripeStandIn
from tests.support import databases
from tests.support.world import Team, World, build_world

__all__ = ["SIDES", "Side"]


class Side(ABC):
    """One provider and the application that sells through it."""

    key: str
    app: Flask
    world: World

    @classmethod
    @contextmanager
    @abstractmethod
    def open(cls, database: databases.Database, folder: Path) -> Iterator["Side"]:
        """Start the provider and an application on this database."""
        yield cls()

    @abstractmethod
    def pay(self, session_id: str) -> str:
        """The customer pays at the checkout; gives the subscription's id. Raises `CheckoutClosed`."""

    @abstractmethod
    def subscribe_by_hand(self, team: Team) -> str:
        """The merchant makes another subscription for the customer; gives its id."""

    @abstractmethod
    def living(self, team: Team) -> list[str]:
        """The subscriptions at the provider that have not ended."""

    @abstractmethod
    def renew(self, subscription_id: str, *, paid: bool) -> None:
        """A period is over, and the card is charged."""

    @abstractmethod
    def recover(self, subscription_id: str) -> None:
        """What was owed is paid."""

    @abstractmethod
    def end_unheard(self, subscription_id: str) -> None:
        """The subscription ends now, at the provider's own pages, and no event of it has come yet."""

    @abstractmethod
    def give_up(self, subscription_id: str) -> None:
        """The provider ends it, because nobody paid."""

    def end(self, subscription_id: str) -> None:
        self.end_unheard(subscription_id)
        self.deliver()

    @abstractmethod
    def deliver(self) -> None:
        """Deliver whatever has not been delivered yet."""

    # --- what the application does, the same with every provider ---------------------------------------------

    def checkout(self, team: Team, plan: str = "starter", interval: str = "month", quantity: int = 1) -> str:
        """Begin a checkout as the owner; gives the session's id."""

        def begin() -> str:
            owner = db.session.get_one(User, team.owner.id)
            return str(begin_checkout(plan, interval, "eur", by=owner, quantity=quantity).checkout.session_id)

        return str(self.within(team, begin))

    def buy(self, team: Team, plan: str = "starter", interval: str = "month", quantity: int = 1) -> str:
        subscription_id = self.pay(self.checkout(team, plan, interval, quantity))
        self.deliver()
        return subscription_id

    def try_to_pay(self, session_id: str) -> bool:
        """The customer pays, at a page that was left open, perhaps; whether the provider takes it."""
        try:
            self.pay(session_id)
        except CheckoutClosed:
            return False
        return True

    def within(self, team: Team, work: Callable[[], Any]) -> Any:
        with self.app.test_request_context(), in_workspace(team.id):
            return work()

    def mirror(self, team: Team) -> dict[str, Any]:
        """What we know of the subscription; empty while there is none."""

        def read() -> dict[str, Any]:
            row = db.session.scalars(select(Subscription).where(Subscription.workspace_id == team.id)).one_or_none()
            return (
                {}
                if row is None or row.state == State.NONE
                else {column.key: getattr(row, column.key) for column in Subscription.__table__.columns}
            )

        return dict(self.within(team, read))

    def plan(self, team: Team) -> str:
        return str(self.within(team, lambda: current_plan().key))

    def change_plan(self, team: Team, plan: str, interval: str = "month") -> None:
        self.within(team, lambda: changes.change_plan(plan, interval))

    def cancel_at_end(self, team: Team) -> datetime | None:
        return self.within(team, lambda: changes.cancel_at_end().cancel_at)

    def resume(self, team: Team) -> datetime | None:
        return self.within(team, lambda: changes.resume().cancel_at)

    def portal(self, team: Team) -> str:
        return str(self.within(team, open_portal))

    def invoices(self, team: Team) -> list[Any]:
        def read() -> list[Any]:
            account = account_of(self.key, team.id)
            assert account is not None
            return billing().provider().invoices_of(account.customer_id)

        return list(self.within(team, read))


class StripeSide(Side):
    key = "stripe"

    @classmethod
    @contextmanager
    def open(cls, database: databases.Database, folder: Path) -> Iterator[Side]:
        with stripe_standin.running() as account:
            for plan, amount in (("starter", 900), ("pro", 1900)):
                account.add_price(f"{plan}-month-eur", amount)
                account.add_price(f"{plan}-year-eur", amount * 10, interval="year")
            side = cls()
            side.account = account
            side.sent = 0
            side.app = create_app(
                databases.settings_for(
                    database, folder, billing_provider="stripe", stripe_api_key="sk_test_stand_in",
                    stripe_webhook_secrets=(SECRET,), stripe_api_base=account.url,
                )
            )  # fmt: skip
            side.world = build_world(side.app)
            yield side
            databases.dispose(side.app)

    account: StripeStandIn
    sent: int

    def deliver(self) -> None:
        client = self.app.test_client()
        while self.sent < len(self.account.events):
            self.sent += 1
            answer = client.post("/webhooks/stripe", **StripeStandIn.signed(self.account.events[self.sent - 1]))
            assert answer.status_code == 200

    def pay(self, session_id: str) -> str:
        return str(self.account.finish_checkout(session_id)["id"])

    def subscribe_by_hand(self, team: Team) -> str:
        [first] = self.account.subscriptions.values()
        return str(self.account.subscribe(first["customer"], first["items"]["data"][0]["price"]["id"])["id"])

    def living(self, team: Team) -> list[str]:
        return [one["id"] for one in self.account.subscriptions.values() if one["status"] != "canceled"]

    def renew(self, subscription_id: str, *, paid: bool) -> None:
        self.account.renew(subscription_id, paid=paid)
        self.deliver()

    def recover(self, subscription_id: str) -> None:
        self.account.change(subscription_id, status="active")
        self.deliver()

    def give_up(self, subscription_id: str) -> None:
        self.renew(subscription_id, paid=False)
        why = {"reason": "payment_failed"}
        self.account.change(subscription_id, status="canceled", ended_at=self.account.clock, cancellation_details=why)
        self.deliver()

    def end_unheard(self, subscription_id: str) -> None:
        self.account.end(subscription_id)


class LocalSide(Side):
    key = "local"

    @classmethod
    @contextmanager
    def open(cls, database: databases.Database, folder: Path) -> Iterator[Side]:
        side = cls()
        side.app = create_app(databases.settings_for(database, folder, billing_provider="local"))
        side.world = build_world(side.app)
        yield side
        databases.dispose(side.app)

    def deliver(self) -> None:
        """This provider delivers at once, unless it was told to hold an event back."""

        def work() -> None:
            bank.books().delivery = "at_once"
            deliver_held()

        self.at_the_bank(work)

    def at_the_bank(self, work: Callable[[], Any]) -> Any:
        with self.app.test_request_context():
            result = work()
            db.session.commit()
            return result

    def pay(self, session_id: str) -> str:
        def work() -> str:
            session = db.session.get_one(LocalSession, session_id)
            if not bank.still_open(session):
                raise CheckoutClosed
            one = bank.pay(session, "works")
            assert one is not None
            return str(one.id)

        return str(self.at_the_bank(work))

    def subscribe_by_hand(self, team: Team) -> str:
        def work() -> str:
            one = db.session.scalars(select(LocalSubscription)).one()
            values = {column.key: getattr(one, column.key) for column in LocalSubscription.__table__.columns}
            db.session.add(again := LocalSubscription(**values | {"id": f"{one.id}_again"}))
            db.session.flush()
            bank.tell("subscription.created", again)
            return str(again.id)

        return str(self.at_the_bank(work))

    def living(self, team: Team) -> list[str]:
        living = select(LocalSubscription.id).where(LocalSubscription.state != State.CANCELLED)
        return [str(each) for each in self.at_the_bank(lambda: db.session.scalars(living).all())]

    def renew(self, subscription_id: str, *, paid: bool) -> None:
        def work() -> None:
            one = db.session.get_one(LocalSubscription, subscription_id)
            one.customer.card = "works" if paid else "fails_at_renewal"
            bank.move_clock(one.period_ends_at - bank.local_now())

        self.at_the_bank(work)

    def recover(self, subscription_id: str) -> None:
        def work() -> None:
            bank.change_card(db.session.get_one(LocalSubscription, subscription_id).customer, "works")

        self.at_the_bank(work)

    def give_up(self, subscription_id: str) -> None:
        self.renew(subscription_id, paid=False)
        self.at_the_bank(lambda: bank.move_clock(timedelta(days=8)))

    def end_unheard(self, subscription_id: str) -> None:
        def work() -> None:
            bank.books().delivery = "held"
            bank.end(db.session.get_one(LocalSubscription, subscription_id))

        self.at_the_bank(work)


class ChargebeeSide(Side):
    key = "chargebee"
    account: ChargebeeStandIn
    sent: int

    @classmethod
    @contextmanager
    def open(cls, database: databases.Database, folder: Path) -> Iterator[Side]:
        with chargebee_standin.running() as account:
            for plan, amount in (("starter", 900), ("pro", 1900)):
                account.add_price(f"{plan}-month-eur", amount)
                account.add_price(f"{plan}-year-eur", amount * 10, interval="year")
            side = cls()
            side.account = account
            side.sent = 0
            side.app = create_app(
                databases.settings_for(
                    database, folder, billing_provider="chargebee", chargebee_site="readykit-test",
                    chargebee_api_key="test_key", chargebee_webhook_logins=(LOGIN,), chargebee_api_base=account.url,
                )
            )  # fmt: skip
            side.world = build_world(side.app)
            yield side
            databases.dispose(side.app)

    def deliver(self) -> None:
        client = self.app.test_client()
        while self.sent < len(self.account.events):
            self.sent += 1
            event = self.account.events[self.sent - 1]
            assert client.post("/webhooks/chargebee", **ChargebeeStandIn.delivered(event)).status_code == 200

    def pay(self, session_id: str) -> str:
        return str(self.account.finish_checkout(session_id)["id"])

    def subscribe_by_hand(self, team: Team) -> str:
        [first] = self.account.subscriptions.values()
        again = first | {"id": f"{first['id']}-again"}
        self.account.subscriptions[again["id"]] = again
        self.account.event("subscription_created", again)
        return str(again["id"])

    def living(self, team: Team) -> list[str]:
        return [one["id"] for one in self.account.subscriptions.values() if one["status"] != "cancelled"]

    def renew(self, subscription_id: str, *, paid: bool) -> None:
        self.account.renew(subscription_id, paid=paid)
        self.deliver()

    def recover(self, subscription_id: str) -> None:
        self.account.recover(subscription_id)
        self.deliver()

    def give_up(self, subscription_id: str) -> None:
        self.renew(subscription_id, paid=False)
        self.account.subscriptions[subscription_id]["cancel_reason"] = "not_paid"
        self.end(subscription_id)

    def end_unheard(self, subscription_id: str) -> None:
        self.account.end(subscription_id)


SIDES: list[type[Side]] = [StripeSide, ChargebeeSide, LocalSide]
