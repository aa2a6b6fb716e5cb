"""The same life at every provider: what a workspace may use does not depend on who collects the money."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.billing.sides import SIDES, Side
from tests.support import databases


@pytest.fixture(params=SIDES, ids=lambda side: side.key)
def side(request: pytest.FixtureRequest, database: databases.Database, tmp_path: Path) -> Iterator[Side]:
    with request.param.open(database, tmp_path) as opened:
        yield opened


def test_who_buys_has_the_plan_and_the_neighbour_has_not(side):
    side.buy(side.world.acme)
    mirrored = side.mirror(side.world.acme)
    assert (mirrored["state"], mirrored["plan"], mirrored["interval"]) == ("active", "starter", "month")
    assert (mirrored["amount"], mirrored["currency"], mirrored["quantity"]) == (900, "eur", 1)
    assert mirrored["period_ends_at"] > mirrored["synced_at"]
    assert side.plan(side.world.acme) == "starter"
    assert side.plan(side.world.noise) == "free"
    assert side.mirror(side.world.noise) == {}


def test_a_trial_is_a_trial(side):
    side.buy(side.world.acme, "pro", quantity=3)
    mirrored = side.mirror(side.world.acme)
    assert (mirrored["state"], mirrored["quantity"]) == ("trialing", 3)
    assert mirrored["trial_ends_at"] is not None
    assert side.plan(side.world.acme) == "pro"


def test_a_renewal_that_is_paid_goes_on(side):
    one = side.buy(side.world.acme)
    before = side.mirror(side.world.acme)["period_ends_at"]
    side.renew(one, paid=True)
    mirrored = side.mirror(side.world.acme)
    assert mirrored["state"] == "active"
    assert mirrored["period_ends_at"] > before


def test_a_renewal_that_fails_is_past_due_with_grace_and_recovers(side):
    one = side.buy(side.world.acme)
    side.renew(one, paid=False)
    mirrored = side.mirror(side.world.acme)
    assert mirrored["state"] == "past_due"
    assert mirrored["grace_until"] is not None
    side.recover(one)
    mirrored = side.mirror(side.world.acme)
    assert (mirrored["state"], mirrored["grace_until"]) == ("active", None)


def test_an_end_is_an_end(side):
    one = side.buy(side.world.acme)
    side.end(one)
    assert side.mirror(side.world.acme)["state"] == "cancelled"
    assert side.plan(side.world.acme) == "free"


def test_after_an_end_the_plan_can_be_bought_again(side):
    side.end(side.buy(side.world.acme))
    side.buy(side.world.acme)
    assert side.mirror(side.world.acme)["state"] == "active"
    assert side.plan(side.world.acme) == "starter"


def test_another_plan_is_mirrored_at_once(side):
    side.buy(side.world.acme)
    side.change_plan(side.world.acme, "pro", "year")
    mirrored = side.mirror(side.world.acme)
    assert (mirrored["plan"], mirrored["interval"], mirrored["amount"]) == ("pro", "year", 19000)


def test_a_cancellation_waits_for_the_end_of_the_period_and_can_be_taken_back(side):
    side.buy(side.world.acme)
    assert side.cancel_at_end(side.world.acme) == side.mirror(side.world.acme)["period_ends_at"]
    assert side.plan(side.world.acme) == "starter"
    assert side.resume(side.world.acme) is None
    assert side.mirror(side.world.acme)["cancel_at"] is None


def test_a_cancelled_trial_runs_to_its_end_and_can_be_taken_back(side):
    side.buy(side.world.acme, "pro")
    ends = side.cancel_at_end(side.world.acme)
    mirrored = side.mirror(side.world.acme)
    assert ends is not None
    assert (mirrored["state"], mirrored["cancel_at"]) == ("trialing", mirrored["trial_ends_at"])
    assert side.plan(side.world.acme) == "pro"
    assert side.resume(side.world.acme) is None
    assert side.mirror(side.world.acme)["state"] == "trialing"


def test_an_end_for_want_of_payment_is_told_from_one_that_was_wished_for(side):
    side.give_up(side.buy(side.world.acme))
    mirrored = side.mirror(side.world.acme)
    assert (mirrored["state"], mirrored["ended_unpaid"]) == ("cancelled", True)
    assert mirrored["ended_at"] is not None
    side.end(side.buy(side.world.noise))
    mirrored = side.mirror(side.world.noise)
    assert (mirrored["state"], mirrored["ended_unpaid"]) == ("cancelled", False)
    assert mirrored["ended_at"] is not None


def test_the_portal_has_an_address(side):
    side.buy(side.world.acme)
    assert side.portal(side.world.acme).startswith("http")


def test_what_was_paid_is_on_an_invoice(side):
    side.buy(side.world.acme)
    [invoice] = side.invoices(side.world.acme)
    assert (invoice.amount, invoice.currency, invoice.paid) == (900, "eur", True)
