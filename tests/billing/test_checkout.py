"""Buying: once, by the right workspace, with one trial for life. The numbers are those of the billing cases."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import select

from enferno.billing.checkout import AlreadySubscribed, PaymentPending, begin_checkout, confirm_checkout
from enferno.billing.models import Checkout
from enferno.billing.providers import ProviderUnavailable
from enferno.errors import Invalid, NotFound
from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import User
from tests.billing.shops import only


def checkouts(shop, team) -> list[UUID]:
    with shop.app.app_context(), in_workspace(team.id):
        return list(db.session.scalars(select(Checkout.id).where(Checkout.workspace_id == team.id)))


def confirm(shop, team, checkout_id):
    with shop.app.test_request_context(), in_workspace(team.id):
        return str(confirm_checkout(checkout_id).state)


def test_case_17_the_way_back_may_be_taken_ten_times_and_before_any_webhook(shop):
    shop.buy(shop.world.acme)
    [checkout] = checkouts(shop, shop.world.acme)
    assert {confirm(shop, shop.world.acme, checkout) for _ in range(10)} == {"active"}
    shop.deliver()
    with shop.app.app_context(), in_workspace(shop.world.acme.id) as workspace:
        assert len(db.session.scalars(workspace.history("billing.changed")).all()) == 1


def test_case_17_who_comes_back_before_paying_is_told_that_nothing_is_confirmed_yet(shop):
    shop.checkout(shop.world.acme)
    [checkout] = checkouts(shop, shop.world.acme)
    assert confirm(shop, shop.world.acme, checkout) == "none"


def test_case_18_the_checkout_of_another_workspace_does_not_exist_here(shop):
    shop.buy(shop.world.noise)
    [theirs] = checkouts(shop, shop.world.noise)
    with pytest.raises(NotFound):
        confirm(shop, shop.world.acme, theirs)
    assert shop.subscription(shop.world.acme) == {}


def test_case_27_an_answer_that_got_lost_makes_no_second_checkout_and_no_second_customer(shop):
    to_lose = set(shop.made_at)

    def die_once(method, path):
        if method == "POST" and path in to_lose:
            to_lose.remove(path)
            return "die"
        return None

    shop.provider.after = die_once
    shop.checkout(shop.world.acme)
    assert not to_lose
    assert len(shop.checkouts()) == 1
    assert len(shop.provider.customers) == 1
    assert [shop.provider.requests.count(("POST", path)) for path in shop.made_at] == [2, 2]


def test_case_27_a_provider_that_is_away_is_said_and_nothing_is_half_done(shop):
    shop.provider.before = lambda _method, _path: 500
    with pytest.raises(ProviderUnavailable):
        shop.checkout(shop.world.acme)
    shop.provider.before = lambda _method, _path: None
    shop.checkout(shop.world.acme)
    assert len(shop.provider.customers) == 1


def test_case_32_who_pays_already_cannot_buy_a_second_subscription(shop):
    shop.buy(shop.world.acme)
    shop.deliver()
    with pytest.raises(AlreadySubscribed):
        shop.checkout(shop.world.acme, "pro")
    assert len(shop.checkouts()) == 1


def test_case_33_the_first_checkout_of_a_plan_with_a_trial_begins_with_it(shop):
    shop.buy(shop.world.acme, "pro")
    shop.deliver()
    assert shop.subscription(shop.world.acme)["state"] == "trialing"


def test_case_33_there_is_one_trial_in_a_customers_life(shop):
    one = shop.buy(shop.world.acme, "pro")
    shop.deliver()
    shop.provider.end(one["id"])
    shop.deliver(shop.provider.events[-1])
    assert not shop.is_on_trial(shop.buy(shop.world.acme, "pro"))


def test_case_33_who_has_paid_before_gets_no_trial(shop):
    one = shop.buy(shop.world.acme, "starter")
    shop.provider.end(one["id"])
    shop.deliver()
    assert not shop.is_on_trial(shop.buy(shop.world.acme, "pro"))


@only("stripe")
def test_case_33_of_two_checkouts_at_once_one_is_open_and_has_the_trial(shop):
    shop.checkout(shop.world.acme, "starter")
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: shop.checkout(shop.world.acme, "pro"), range(2)))
    [left] = [session for session in shop.provider.sessions.values() if session["status"] == "open"]
    assert "subscription_data[trial_period_days]" in left["wanted"]
    assert len(shop.provider.sessions) == 3


@only("stripe")
def test_case_32_a_checkout_that_is_paid_while_it_is_being_closed_is_found(shop):
    first = shop.checkout(shop.world.acme)

    def pay_just_before(method, path):
        if path == f"/v1/checkout/sessions/{first}/expire":
            shop.provider.finish_checkout(first)

    shop.provider.before = pay_just_before
    with pytest.raises(AlreadySubscribed):
        shop.checkout(shop.world.acme, "pro")
    assert shop.subscription(shop.world.acme)["state"] == "active"
    assert len(shop.provider.sessions) == 1


@only("stripe")
@pytest.mark.parametrize("path", ["/v1/checkout/sessions", "/v1/subscriptions"])
def test_case_33_a_provider_that_fails_while_it_is_asked_offers_no_trial(shop, path):
    shop.checkout(shop.world.acme, "starter")
    shop.provider.before = lambda method, where: 500 if (method, where) == ("GET", path) else None
    with pytest.raises(ProviderUnavailable):
        shop.checkout(shop.world.acme, "pro")
    assert len(shop.provider.sessions) == 1


def test_case_15_while_a_bank_is_thinking_nothing_else_can_be_bought(shop):
    one = shop.buy_pending(shop.world.acme)
    with pytest.raises(PaymentPending):
        shop.checkout(shop.world.acme, "pro")
    shop.expire(one)
    shop.checkout(shop.world.acme, "pro")
    assert len(shop.checkouts()) == 2


@pytest.mark.parametrize(
    ("plan", "interval", "field"),
    [
        ("gold", "month", "plan"),
        ("free", "month", "interval"),
        ("pro", "week", "interval"),
        ("enterprise", "month", "interval"),
    ],
)
def test_only_what_is_in_the_file_can_be_bought(shop, plan, interval, field):
    with pytest.raises(Invalid) as refused:
        shop.checkout(shop.world.acme, plan, interval)
    assert [error["field"] for error in refused.value.errors] == [field]


def test_seats_are_counted_where_the_plan_is_sold_per_seat(shop):
    with shop.app.test_request_context(), in_workspace(shop.world.acme.id):
        owner = db.session.get_one(User, shop.world.acme.owner.id)
        begin_checkout("pro", "month", "eur", by=owner, quantity=3)
    [checkout] = shop.checkouts()
    assert shop.seats_in(checkout) == 3
