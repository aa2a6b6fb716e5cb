"""What a provider sends us: genuine or not, once or often, in any order. The numbers are those of the billing cases."""

import itertools
import time
from dataclasses import replace

import pytest
from sqlalchemy import text

from enferno.app import create_app
from tests.billing.shops import only
from tests.billing.stripe_standin import StripeStandIn
from tests.support import databases


@pytest.fixture
def event(shop):
    shop.buy(shop.world.acme)
    return shop.provider.events[0]


@only("stripe")
@pytest.mark.parametrize("signature", [None, "", "garbage", "t=1,v1=é", "t=,v1=", "v1=abc", "t=x,v1=abc"])
def test_case_1_a_webhook_without_a_fitting_signature_is_refused_and_not_kept(shop, event, signature):
    request = StripeStandIn.signed(event)
    request["headers"].pop("Stripe-Signature")
    if signature is not None:
        request["headers"]["Stripe-Signature"] = signature
    assert shop.post(request) == 400
    assert shop.events() == []


@only("stripe")
def test_case_1_a_webhook_signed_with_another_secret_or_changed_by_a_byte_is_refused(shop, event):
    assert shop.post(StripeStandIn.signed(event, secret="whsec_other")) == 400
    changed = StripeStandIn.signed(event)
    changed["data"] = changed["data"].replace(b"evt_", b"evu_", 1)
    assert shop.post(changed) == 400
    assert shop.events() == []


@only("stripe")
@pytest.mark.parametrize("body", [b"", b"not JSON", b"[]", b'{"object": "v2.core.event", "id": "evt_1"}'])
def test_what_is_signed_and_no_event_is_kept_for_the_operator_to_see(shop, body):
    """Stripe would send it again for days, and then nothing more at all."""
    assert shop.post(StripeStandIn.signed(body)) == 200
    assert [row["state"] for row in shop.events()] == ["unreadable"]


@only("stripe")
@pytest.mark.parametrize("shift", [-302, 302])
def test_case_2_a_timestamp_five_minutes_off_in_either_direction_is_refused(shop, event, shift):
    assert shop.post(StripeStandIn.signed(event, at=int(time.time()) + shift)) == 400
    assert shop.events() == []


def test_case_4_both_secrets_are_good_while_one_is_rolled(shop, event):
    assert shop.post(shop.rolled(event)) == 200
    assert shop.post(shop.request(shop.provider.events[1])) == 200
    assert len(shop.events()) == 2


def test_case_5_the_same_event_twice_has_one_effect(shop, event):
    assert shop.deliver(event, event) == [200, 200]
    assert [row["state"] for row in shop.events()] == ["done"]
    assert shop.subscription(shop.world.acme)["state"] == "active"


def test_case_12_the_order_of_delivery_makes_no_difference(shop, outside):
    """Created, paid, updated, checkout completed: 24 orders, each beginning with an empty mirror."""
    one = shop.buy(shop.world.acme)
    while len(shop.provider.events) < 4:
        shop.update(one)
    ends = set()
    for order in itertools.permutations(shop.provider.events[:4]):
        for table in ("subscriptions", "billing_events"):
            outside.execute(text(f"DELETE FROM {table}"))
        outside.commit()
        assert set(shop.deliver(*order)) == {200}
        found = shop.subscription(shop.world.acme)
        ends.add((found["state"], found["plan"], found["amount"], found["subscription_id"], found["period_ends_at"]))
    assert [end[:4] for end in ends] == [("active", "starter", 900, one["id"])]


def test_case_13_news_that_a_subscription_is_active_cannot_wake_one_that_has_ended(shop):
    one = shop.buy(shop.world.acme)
    updated = shop.update(one)
    shop.provider.end(one["id"])
    shop.deliver()
    assert shop.deliver(shop.again(updated)) == [200]
    assert shop.subscription(shop.world.acme)["state"] == "cancelled"


def test_case_15_a_checkout_whose_payment_is_pending_upgrades_nobody_until_it_is_paid(shop):
    one = shop.buy_pending(shop.world.acme)
    shop.deliver()
    assert shop.subscription(shop.world.acme)["state"] == "incomplete"
    shop.recover(one)
    shop.deliver()
    assert shop.subscription(shop.world.acme)["state"] == "active"


def test_case_16_the_webhook_alone_is_enough(shop):
    shop.buy(shop.world.acme)
    assert set(shop.deliver()) == {200}
    assert shop.subscription(shop.world.acme)["plan"] == "starter"
    assert shop.subscription(shop.world.noise) == {}


def test_case_23_an_old_subscription_that_ends_does_not_end_a_newer_one(shop):
    old = shop.buy(shop.world.acme)
    shop.provider.clock += 10
    newer = shop.subscribe_elsewhere(shop.customer(old), shop.world.acme.id, "pro")
    shop.provider.end(old["id"])
    shop.deliver()
    found = shop.subscription(shop.world.acme)
    assert (found["subscription_id"], found["state"], found["plan"]) == (newer["id"], "active", "pro")


def test_case_24_an_unknown_kind_is_kept_and_changes_nothing(shop):
    event = shop.something_new()
    assert shop.deliver(event) == [200]
    [kept] = shop.events()
    assert kept["state"] == "ignored"
    assert kept["kind"].endswith("something_new")
    assert shop.subscription(shop.world.acme) == {}


def test_case_24_a_status_we_have_no_word_for_leaves_the_mirror_as_it_was_and_is_shown(shop):
    one = shop.buy(shop.world.acme)
    shop.deliver()
    shop.sleep(one)
    assert shop.deliver(shop.provider.events[-1]) == [200]
    assert shop.subscription(shop.world.acme)["state"] == "active"
    assert (shop.events()[-1]["state"], shop.events()[-1]["last_error"]) == ("parked", "Unmapped")


def test_case_24_an_event_of_an_api_version_that_came_later_is_news_like_any_other(shop):
    """What it says in another shape is not looked at; the re-read speaks the version that is pinned."""
    shop.buy(shop.world.acme)
    assert shop.deliver(shop.of_a_new_version(shop.provider.events[0])) == [200]
    assert [row["state"] for row in shop.events()] == ["done"]
    assert shop.subscription(shop.world.acme)["state"] == "active"


@only("stripe")
def test_case_25_a_live_event_on_a_test_deployment_is_refused(shop, event):
    assert shop.deliver({**event, "livemode": True}) == [400]
    assert shop.events() == []


@only("stripe")
def test_case_25_a_test_event_on_a_live_deployment_is_refused(shop, event, settings):
    live = create_app(replace(settings, stripe_api_key="sk_live_stand_in"))
    assert shop.deliver(event, app=live) == [400]
    assert shop.events() == []
    databases.dispose(live)


@pytest.mark.parametrize("named", ["", "not an id", "0199d0c0-0000-7000-8000-000000000000"])
def test_case_19_metadata_that_names_no_workspace_of_ours_is_answered_and_gives_nobody_anything(shop, named):
    shop.subscribe_elsewhere(shop.unknown(named), named)
    assert set(shop.deliver()) == {200}
    assert shop.subscription(shop.world.acme) == {}
    assert shop.subscription(shop.world.noise) == {}
    assert {row["state"] for row in shop.events()} <= {"ignored", "received"}


def test_case_19_metadata_cannot_move_a_known_customer_to_another_workspace(shop):
    one = shop.buy(shop.world.acme)
    shop.deliver()
    assert shop.deliver(shop.claimed_for(one, shop.world.noise)) == [200]
    assert shop.subscription(shop.world.noise).get("state") in (None, "none")
    assert shop.subscription(shop.world.acme)["state"] == "active"
