"""An application that sells through Stripe, and the Stripe that it talks to."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from enferno.app import create_app
from enferno.billing.checkout import begin_checkout
from enferno.billing.models import BillingAccount, BillingEvent, Subscription
from enferno.extensions import db
from enferno.settings import Settings
from enferno.tenancy import in_workspace
from enferno.user.models import User
from tests.billing import stripe_standin
from tests.billing.stripe_standin import SECRET, StripeStandIn
from tests.support import databases
from tests.support.world import Team, World


@pytest.fixture
def provider() -> Iterator[StripeStandIn]:
    with stripe_standin.running() as account:
        for plan, amount in (("starter", 900), ("pro", 1900)):
            account.add_price(f"{plan}-month-eur", amount)
            account.add_price(f"{plan}-year-eur", amount * 10, interval="year")
        yield account


@pytest.fixture
def settings(database: databases.Database, tmp_path: Path, provider: StripeStandIn) -> Settings:
    return databases.settings_for(
        database,
        tmp_path,
        billing_provider="stripe",
        stripe_api_key="sk_test_stand_in",
        stripe_webhook_secrets=(SECRET, "whsec_rolled_in"),
        stripe_api_base=provider.url,
    )


@pytest.fixture
def shop(app: Flask, world: World, provider: StripeStandIn) -> "Shop":
    return Shop(app, world, provider)


class Shop:
    """What a test does with the two sides, and what it then looks at."""

    def __init__(self, app: Flask, world: World, provider: StripeStandIn) -> None:
        self.app, self.world, self.provider = app, world, provider

    def checkout(self, team: Team, plan: str = "starter", interval: str = "month") -> str:
        """Begin a checkout as the owner; gives the session's id at the provider."""
        with self.app.test_request_context(), in_workspace(team.id):
            owner = db.session.get_one(User, team.owner.id)
            return str(begin_checkout(plan, interval, "eur", by=owner).checkout.session_id)

    def buy(self, team: Team, plan: str = "starter", status: str = "active") -> dict[str, Any]:
        """Check out and pay; no event is delivered yet."""
        return self.provider.finish_checkout(self.checkout(team, plan), status)

    def deliver(self, *events: dict[str, Any], app: Flask | None = None) -> list[int]:
        """Deliver these events, or everything that has happened so far, each once."""
        client = (app or self.app).test_client()
        found = events or tuple(self.provider.events)
        return [client.post("/webhooks/stripe", **StripeStandIn.signed(event)).status_code for event in found]

    def subscription(self, team: Team) -> dict[str, Any]:
        """The mirror's row as values; empty where there is none."""
        with self.app.app_context(), in_workspace(team.id):
            row = db.session.scalars(select(Subscription).where(Subscription.workspace_id == team.id)).one_or_none()
            return {} if row is None else {c.key: getattr(row, c.key) for c in Subscription.__table__.columns}

    def events(self) -> list[dict[str, Any]]:
        with self.app.app_context():
            rows = db.session.scalars(select(BillingEvent).order_by(BillingEvent.received_at))
            return [{c.key: getattr(row, c.key) for c in BillingEvent.__table__.columns} for row in rows]

    def accounts(self) -> list[BillingAccount]:
        with self.app.app_context():
            return list(db.session.scalars(select(BillingAccount)))

    def with_app(self, **changes: Any) -> Callable[[], Flask]:
        return lambda: create_app(self.app.extensions["settings"])
