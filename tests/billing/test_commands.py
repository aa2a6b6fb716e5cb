"""The shell's side of billing: set up, compare, look, replay, reconcile."""

import pytest
from structlog.testing import capture_logs

from enferno.billing.models import BillingEvent
from enferno.extensions import db
from tests.billing.shops import only

pytestmark = only("stripe")


@pytest.fixture
def flask(shop):
    def run(*words, ends=0):
        result = shop.app.test_cli_runner().invoke(args=words)
        assert result.exit_code == ends, result.output
        return result.output

    return run


def endpoint(shop, **changes):
    address = shop.app.extensions["settings"].base_url + "/webhooks/stripe"
    shop.provider.endpoints.append({
        "id": "we_1", "object": "webhook_endpoint", "url": address, "status": "enabled",
        "api_version": "2026-10-28.endive", **changes,
    })  # fmt: skip


def test_set_up_says_what_it_would_make_makes_it_and_then_has_nothing_to_do(shop, flask):
    shop.provider.prices.clear()
    told = flask("billing", "setup")
    assert told.count("Would make") == 4
    assert shop.provider.prices == {}
    assert flask("billing", "setup", "--yes").count("Made") == 4
    assert {price["lookup_key"]: price["unit_amount"] for price in shop.provider.prices.values()} == {
        "starter-month-eur": 900, "starter-year-eur": 9000, "pro-month-eur": 1900, "pro-year-eur": 19000,
    }  # fmt: skip
    assert "has every price" in flask("billing", "setup")


def test_the_doctor_is_content_when_file_provider_and_endpoint_agree(shop, flask):
    endpoint(shop)
    shop.provider.prices[next(iter(shop.provider.prices))]["unit_amount"] = 900
    for price in shop.provider.prices.values():
        price["unit_amount"] = {"starter-month-eur": 900, "starter-year-eur": 9000, "pro-month-eur": 1900}.get(
            price["lookup_key"], 19000
        )
    assert "ok" in flask("billing", "doctor")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda shop: shop.provider.prices.pop(next(iter(shop.provider.prices))), "no active price starter-month-eur"),
        (lambda shop: next(iter(shop.provider.prices.values())).update(unit_amount=1), "starter: plans.toml says"),
        (lambda shop: shop.provider.endpoints.clear(), "no enabled webhook endpoint"),
        (lambda shop: shop.provider.endpoints[0].update(status="disabled"), "no enabled webhook endpoint"),
        (lambda shop: shop.provider.endpoints[0].update(api_version="2020-08-27"), "speaks API version 2020-08-27"),
    ],
)
def test_the_doctor_names_each_difference(shop, flask, change, says):
    endpoint(shop)
    change(shop)
    assert says in flask("billing", "doctor", ends=1)


def test_events_are_listed_and_one_that_was_given_up_can_be_replayed(shop, flask):
    one = shop.buy(shop.world.acme)
    shop.provider.change(one["id"], status="hibernating")
    shop.deliver(shop.provider.events[-1])
    listed = flask("billing", "events", "--state", "parked")
    assert "Unmapped" in listed
    event_id = listed.split()[0]
    assert "parked: Unmapped" in flask("billing", "replay", event_id, ends=1)
    shop.provider.change(one["id"], status="active")
    assert "Done." in flask("billing", "replay", event_id)
    assert shop.subscription(shop.world.acme)["state"] == "active"


def test_replaying_what_is_not_there_is_refused(flask):
    assert "There is no event" in flask("billing", "replay", "0199d0c0-0000-7000-8000-000000000000", ends=1)


def test_reconcile_says_what_differed_and_then_that_nothing_does(shop, flask):
    shop.buy(shop.world.acme)
    assert "state none -> active" in flask("billing", "reconcile")
    assert "Nothing differed." in flask("billing", "reconcile")


@pytest.fixture
def billed_twice(shop):
    """The merchant made a second subscription at Stripe's own pages."""
    one = shop.buy(shop.world.acme)
    shop.provider.subscribe(one["customer"], one["items"]["data"][0]["price"]["id"])
    with capture_logs() as logged:
        shop.deliver()
    assert [line["log_level"] for line in logged if line["event"] == "billing_subscribed_twice"][-1:] == ["error"]
    return one["customer"]


def test_the_doctor_names_who_is_billed_twice(shop, flask, billed_twice):
    endpoint(shop)
    told = flask("billing", "doctor", ends=1)
    assert f"fail  {billed_twice} pays for 2 subscriptions" in told
    assert "give back" in told


def test_reconcile_names_who_is_billed_twice_until_it_is_put_right(shop, flask, billed_twice):
    for _round in range(2):
        assert f"{billed_twice} pays for 2 subscriptions" in flask("billing", "reconcile")
    shop.provider.end(list(shop.provider.subscriptions)[-1])
    assert "others 1 -> 0" in flask("billing", "reconcile")
    assert "Nothing differed." in flask("billing", "reconcile")


def test_tick_brings_in_what_waits(shop, flask):
    shop.buy(shop.world.acme)
    shop.provider.before = lambda _method, path: 500 if path == "/v1/subscriptions" else None
    shop.deliver(shop.provider.events[0])
    shop.provider.before = lambda _method, _path: None
    with shop.app.app_context():
        [event] = db.session.scalars(db.select(BillingEvent))
        event.next_try_at = event.received_at
        db.session.commit()
    assert "Ran drain_billing" in flask("tick")
    assert shop.subscription(shop.world.acme)["state"] == "active"
    assert flask("tick") == ""
    assert "Ran reconcile_daily" in flask("tick", "--all")
