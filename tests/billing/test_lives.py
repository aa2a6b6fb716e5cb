"""Random lives: whatever happens in whatever order, the mirror ends as the provider's truth, and nothing is given away.

Run by default: 300 lives at Stripe on SQLite, 39 on PostgreSQL, 60 and 21 at Chargebee. `BILLING_LIVES=10000` lives
that many at Stripe on SQLite, and the others in proportion. The lives are drawn anew with another `BILLING_SEED`.
"""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from enferno.app import create_app
from enferno.billing.account import billing
from tests.billing.banks import Bank, ChargebeeBank, StripeBank
from tests.billing.chargebee_standin import LOGIN
from tests.billing.in_process import Line, StripeOverALine, chargebee_over
from tests.billing.lives import POINTS, Ground, Life
from tests.billing.stripe_standin import SECRET
from tests.conftest import DATABASES
from tests.support import databases
from tests.support.world import World, build_world

DEFAULT = 300
LIVES = int(os.environ.get("BILLING_LIVES", DEFAULT))
SHARES = {
    ("stripe", "sqlite"): 1.0,
    ("stripe", "postgresql"): 0.13,
    ("chargebee", "sqlite"): 0.2,
    ("chargebee", "postgresql"): 0.07,
}
SETTINGS = {
    "stripe": {"stripe_api_key": "sk_test_lives", "stripe_webhook_secrets": (SECRET,)},
    "chargebee": {
        "chargebee_site": "lives", "chargebee_api_key": "test_lives", "chargebee_webhook_logins": (LOGIN,),
        "chargebee_api_base": "http://line.invalid",
    },
}  # fmt: skip

plans = st.sampled_from(["starter", "pro"])
intervals = st.sampled_from(["month", "year"])
orders, times = st.integers(0, 999), st.sampled_from([1, 1, 2])
days = st.sampled_from([0, 1, 3, 6, 7, 8, 14, 22, 30, 31, 61])
waits = st.tuples(st.just("wait"), days, st.booleans(), st.sampled_from(["canceled", "unpaid", "left"]))
deliveries = st.tuples(st.just("deliver"), orders, times)
purchases = st.tuples(st.just("checkout"), plans, intervals)
payments = st.tuples(st.just("pay"), st.sampled_from([False, False, True]))
kills = st.tuples(st.just("kill"), st.sampled_from(POINTS))
rarer = st.tuples(st.sampled_from([
    "come_back", "cancel", "resume", "confirm", "recover", "end", "pause", "unpause", "lose", "outage", "recovery",
    "tick", "daily",
]))  # fmt: skip
steps = st.one_of(
    waits, waits, deliveries, deliveries, purchases, payments, kills, st.tuples(st.just("change"), plans, intervals),
    rarer, rarer, rarer, rarer,
)  # fmt: skip
# Most lives begin with a purchase; without one little can happen.
lives = st.builds(
    lambda start, rest: [*start, *rest], st.tuples(purchases, payments), st.lists(steps, min_size=4, max_size=18)
)


@pytest.fixture(params=DATABASES, scope="module")
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[databases.Database]:
    with databases.fresh(request.param, tmp_path_factory.mktemp("lives")) as database:
        yield database


@pytest.fixture(params=["stripe", "chargebee"])
def ground(
    request: pytest.FixtureRequest, house: databases.Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, Ground]]:
    """The application on one provider; the provider is a new one for each life."""
    key, bank = request.param, {"stripe": StripeBank, "chargebee": ChargebeeBank}[request.param]
    app = create_app(databases.settings_for(house, tmp_path, billing_provider=key, **SETTINGS[key]))
    outside = create_engine(house.owner_url)
    line = Line(lambda where: found.at(where))
    speak_over(line, app, key, monkeypatch)

    def new_bank() -> Bank:
        line.is_down = False
        return bank(line)

    found = Ground(app, standing_world(app, house).acme, new_bank, outside)
    with found.with_points():
        yield key, found
    outside.dispose()
    databases.dispose(app)


def speak_over(line: Line, app: Flask, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK stays what it is; only the socket is gone, and Stripe's own repetition, which sleeps."""
    with app.app_context():
        provider = billing().providers[key]
    if key == "stripe":
        provider.client = stripe.StripeClient("sk_test_lives", http_client=StripeOverALine(line), max_network_retries=0)
    else:
        monkeypatch.setattr("httpx.Client", chargebee_over(line))
        monkeypatch.setattr("chargebee.Chargebee.verify_ca_certs", False)


WORLDS: dict[str, World] = {}


def standing_world(app: Flask, house: databases.Database) -> World:
    """The two providers share a database, and its people."""
    if house.app_url not in WORLDS:
        WORLDS[house.app_url] = build_world(app)
    return WORLDS[house.app_url]


def test_a_life_ends_as_the_provider_says_and_is_never_given_what_was_not_paid(
    ground: tuple[str, Ground], house: databases.Database
) -> None:
    key, found = ground
    lived = itertools.count()

    @seed(int(os.environ.get("BILLING_SEED", "1")))
    @settings(
        max_examples=max(5, round(LIVES * SHARES[key, house.kind])),
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(lives)
    def live(steps: list[tuple[Any, ...]]) -> None:
        next(lived)
        Life(found).run(steps)

    live()
    assert next(lived) >= max(5, round(LIVES * SHARES[key, house.kind]))
    assert found.kills, "no process was ever killed: the points are not where they were"
