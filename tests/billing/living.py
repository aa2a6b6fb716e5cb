"""Many lives on one application: how they are drawn, on what ground they are lived, and how many there are.

1,000, and 10,000 in the nightly run: `BILLING_LIVES` says how many. They are drawn anew with another
`BILLING_SEED`. Two files live them, one a provider, so that two workers share them.
"""

import itertools
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chargebee
import httpx
import pytest
import stripe
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from enferno.app import create_app
from enferno.billing.account import billing
from enferno.tasks.dispatch import AtOnce
from enferno.tasks.task import Message
from tests.billing.banks import Bank, ChargebeeBank, StripeBank
from tests.billing.chargebee_standin import LOGIN
from tests.billing.in_process import Line, StripeOverALine, chargebee_over
from tests.billing.lives import POINTS, Ground, Life
from tests.billing.stripe_standin import SECRET
from tests.support import databases
from tests.support.world import build_world

__all__ = ["CHUNKS", "SHARES", "TOTAL", "ground_of", "live", "number_of"]

TOTAL = 1_000
LIVES = int(os.environ.get("BILLING_LIVES") or TOTAL)
# Of a hundred lives. What PostgreSQL does differently (locks, policies) has tests of its own, and takes its time.
SHARES = {
    ("stripe", "sqlite"): 45,
    ("stripe", "postgresql"): 5,
    ("chargebee", "sqlite"): 45,
    ("chargebee", "postgresql"): 5,
}
# Each chunk is a test with a seed of its own.
CHUNKS = 4

SETTINGS = {
    "stripe": {"stripe_api_key": "sk_test_lives", "stripe_webhook_secrets": (SECRET,)},
    "chargebee": {
        "chargebee_site": "lives", "chargebee_api_key": "test_lives", "chargebee_webhook_logins": (LOGIN,),
        "chargebee_api_base": "http://line.invalid",
    },
}  # fmt: skip
BANKS: dict[str, type[Bank]] = {"stripe": StripeBank, "chargebee": ChargebeeBank}

# --- how a life is drawn ----------------------------------------------------------------------------------------------

plans, intervals = st.sampled_from(["starter", "pro"]), st.sampled_from(["month", "year"])
days = st.sampled_from([0, 1, 3, 6, 7, 8, 14, 22, 30, 31, 61, 366])
purchases = st.tuples(st.just("checkout"), plans, intervals)
payments = st.tuples(st.just("pay"), st.sampled_from([False, False, True]))
# How often something happens, in a hundred steps; `st.one_of` would count what is named twice once.
OFTEN: list[tuple[int, Any]] = [
    (26, st.tuples(st.just("wait"), days, st.booleans(), st.sampled_from(["canceled", "unpaid", "left"]))),
    (20, st.tuples(st.just("deliver"), st.integers(0, 999), st.sampled_from([1, 1, 2]))),
    (8, st.tuples(st.just("kill"), st.sampled_from(POINTS))),
    (7, st.tuples(st.just("change"), plans, intervals)),
    (5, purchases),
    (5, payments),
    *((weight, st.just((name,))) for weight, name in [
        (4, "recover"), (3, "cancel"), (3, "lose"), (3, "outage"), (3, "recovery"), (3, "tick"), (2, "come_back"),
        (2, "resume"), (2, "confirm"), (2, "daily"), (1, "end"), (1, "pause"), (1, "unpause"),
    ]),
]  # fmt: skip
steps = st.sampled_from([step for weight, step in OFTEN for _ in range(weight)]).flatmap(lambda step: step)
# Every life begins with a purchase; without one little can happen.
lives = st.builds(
    lambda start, rest: [*start, *rest], st.tuples(purchases, payments), st.lists(steps, min_size=4, max_size=18)
)

# --- where it is lived ------------------------------------------------------------------------------------------------


class BillingAlone(AtOnce):
    """Nobody carries the mails away: a life looks at what was granted, and mails are rows until then."""

    def send(self, message: Message) -> None:
        if message.name.startswith("enferno.billing."):
            super().send(message)


@contextmanager
def ground_of(key: str, kind: str, folder: Path) -> Iterator[Ground]:
    """The application on one provider and a database of its own; the provider is a new one for each life."""
    line = Line(lambda where: found.at(where))
    with databases.fresh(kind, folder) as database, pytest.MonkeyPatch.context() as patch:
        app = create_app(databases.settings_for(database, folder, billing_provider=key, **SETTINGS[key]))
        team = build_world(app).acme
        app.extensions["tasks"] = BillingAlone(app)
        outside = create_engine(database.owner_url, isolation_level="AUTOCOMMIT")
        speak_over(line, app, key, patch)

        def new_bank() -> Bank:
            line.is_down = False
            return BANKS[key](line)

        with outside.connect() as connection:
            found = Ground(app, team, new_bank, connection)
            with found.with_points():
                yield found
        outside.dispose()
        databases.dispose(app)


def speak_over(line: Line, app: Flask, key: str, patch: pytest.MonkeyPatch) -> None:
    """The SDK stays what it is; only the socket is gone, and Stripe's own repetition, which sleeps."""
    with app.app_context():
        provider = billing().providers[key]
    if key == "stripe":
        provider.client = stripe.StripeClient("sk_test_lives", http_client=StripeOverALine(line), max_network_retries=0)
    else:
        patch.setattr(httpx, "Client", chargebee_over(line))
        patch.setattr(chargebee.Chargebee, "verify_ca_certs", False)


# --- and how many -----------------------------------------------------------------------------------------------------


def number_of(key: str, kind: str) -> int:
    """How many lives a chunk lives at this provider on this database."""
    return max(5, math.ceil(LIVES * SHARES[key, kind] / 100 / CHUNKS))


def live(ground: Ground, key: str, kind: str, chunk: int) -> None:
    """Live one chunk of lives; the first that breaks a promise is shrunk to its shortest and shown."""
    lived, killed = itertools.count(), ground.kills

    @seed(int(os.environ.get("BILLING_SEED", "1")) * 1000 + chunk)
    @settings(
        max_examples=number_of(key, kind),
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(lives)
    def each(steps: list[tuple[Any, ...]]) -> None:
        next(lived)
        Life(ground).run(steps)

    each()
    assert next(lived) >= number_of(key, kind)
    assert ground.kills > killed or next(lived) < 100, "no process was ever killed: the points are not where they were"
