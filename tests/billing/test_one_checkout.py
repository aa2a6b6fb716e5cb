"""One workspace, one bill: however many checkouts are begun, one subscription comes of them. Cases 32 and 33."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError, TimeoutError

from enferno.billing.account import billing
from enferno.billing.checkout import AlreadySubscribed
from enferno.billing.models import Checkout
from enferno.billing.overview import overview
from enferno.billing.providers import Unmapped
from enferno.extensions import db
from tests.billing.sides import SIDES, Side
from tests.support import databases

AT_ONCE = 20


@pytest.fixture(params=SIDES, ids=lambda side: side.key)
def side(request: pytest.FixtureRequest, database: databases.Database, tmp_path: Path) -> Iterator[Side]:
    with request.param.open(database, tmp_path) as opened:
        yield opened


@pytest.fixture
def acme(side):
    return side.world.acme


def begin_at_once(side, team):
    """Twenty requests at the same moment; gives the checkouts that were opened."""

    def begin(_number):
        # Who waited too long for the others, or for a connection, is told to try again: a 503.
        with suppress(OperationalError, TimeoutError):
            return side.checkout(team, "pro")

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return [each for each in threads.map(begin, range(AT_ONCE)) if each]


@pytest.mark.parametrize("first_paid", ["the older", "the newer"])
def test_case_32_of_two_open_checkouts_one_can_be_paid(side, acme, first_paid):
    opened = [side.checkout(acme, "starter"), side.checkout(acme, "starter", "year")]
    paid = [side.try_to_pay(each) for each in (opened if first_paid == "the older" else opened[::-1])]
    assert paid.count(True) == 1
    side.deliver()
    assert len(side.living(acme)) == 1
    assert side.mirror(acme)["state"] == "active"


def test_case_32_what_was_paid_and_not_heard_of_yet_is_found_before_another_checkout_is_opened(side, acme):
    side.pay(side.checkout(acme))
    with pytest.raises(AlreadySubscribed):
        side.checkout(acme, "pro")
    assert side.mirror(acme)["state"] == "active"
    assert len(side.living(acme)) == 1


def test_case_32_a_page_left_open_from_before_an_ended_subscription_sells_nothing(side, acme):
    old = side.checkout(acme, "starter", "year")
    side.end(side.buy(acme))
    assert not side.try_to_pay(old)
    side.buy(acme)
    assert len(side.living(acme)) == 1


def test_a_neighbours_checkout_stays_open(side, acme):
    theirs = side.checkout(side.world.noise)
    side.checkout(acme)
    assert side.try_to_pay(theirs)


def test_case_33_a_checkout_that_was_left_keeps_the_trial_for_the_next(side, acme):
    side.checkout(acme, "pro")
    assert side.within(acme, lambda: overview().can_try)
    side.buy(acme, "pro")
    assert side.mirror(acme)["state"] == "trialing"
    assert not side.within(acme, lambda: overview().can_try)


def test_cases_32_and_33_twenty_checkouts_begun_at_once_leave_one_to_pay_and_one_trial(side, acme):
    opened = begin_at_once(side, acme)
    assert opened
    assert [side.try_to_pay(each) for each in opened].count(True) == 1
    side.deliver()
    assert side.mirror(acme)["state"] == "trialing"
    side.end(side.living(acme)[0])
    side.buy(acme, "pro")
    assert side.mirror(acme)["state"] == "active"


def test_case_33_a_trial_that_ended_unheard_of_was_the_one_trial(side, acme):
    side.end_unheard(side.pay(side.checkout(acme, "pro")))
    side.buy(acme, "pro")
    assert side.mirror(acme)["state"] == "active"


@pytest.mark.parametrize("fault", [Unmapped("a new state"), RuntimeError("a fault of ours")])
def test_case_33_an_error_while_checking_means_no_trial_and_no_checkout(side, acme, fault, monkeypatch):
    def fail(_customer_id):
        raise fault

    monkeypatch.setattr(provider_of(side), "subscriptions_of", fail)
    with pytest.raises(type(fault)):
        side.checkout(acme, "pro")
    monkeypatch.undo()
    assert side.within(acme, lambda: db.session.query(Checkout).filter_by(workspace_id=acme.id).all()) == []
    side.buy(acme, "pro")
    assert side.mirror(acme)["state"] == "trialing"


def test_case_32_two_subscriptions_of_one_customer_are_never_silent(side, acme):
    """They cannot come from our checkouts; a merchant can make one at the provider's own pages all the same."""
    side.buy(acme)
    second = side.subscribe_by_hand(acme)
    side.deliver()
    assert side.mirror(acme)["others"] == 1
    side.end(second)
    assert side.mirror(acme)["others"] == 0


def provider_of(side):
    with side.app.app_context():
        return billing().provider()
