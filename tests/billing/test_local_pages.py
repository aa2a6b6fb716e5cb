"""/dev/billing, the provider in a box, as somebody with a browser meets it."""

import re

import pytest

from enferno.app import create_app
from enferno.billing.providers.local.models import LocalDelivery
from enferno.extensions import db
from enferno.settings import Settings, SettingsError
from tests.billing.box import Box
from tests.support import databases

DESK = "/dev/billing"


@pytest.fixture
def box(stage):
    return Box(stage)


@pytest.fixture
def acme(stage):
    return stage.world.acme


@pytest.fixture
def owner(stage, acme):
    return stage.browser(acme.owner.email)


@pytest.fixture
def begin(owner, acme):
    """Begin a checkout; gives the path of the provider's page."""

    def begun(plan="starter"):
        answer = owner.post(f"{acme.api}/billing/checkouts", json={"plan": plan, "interval": "month"})
        return "/" + answer.json["url"].partition("://")[2].partition("/")[2]

    return begun


def submit(browser, path, **fields):
    return browser.open(path, "POST", data=fields)


def portal_of(box, team):
    return f"{DESK}/portal/{box.at_the_bank(lambda: box.customer(team).id)}"


def test_the_checkout_says_what_it_costs_and_leads_back_when_it_is_paid(box, owner, acme, begin):
    page = begin()
    text = owner.get(page).text
    assert "Starter" in text
    assert "€9.00" in text
    paid = submit(owner, page, card="works")
    assert paid.status_code == 303
    assert re.search(rf"/w/{acme.slug}/billing\?checkout=", paid.headers["Location"])
    assert box.mirror(acme)["state"] == "active"
    assert "This checkout is paid" in owner.get(page).text


def test_paying_twice_buys_once(box, owner, acme, begin):
    page = begin()
    for _time in range(2):
        assert submit(owner, page, card="works").status_code == 303
    assert len(owner.get(f"{acme.api}/billing/invoices").json["items"]) == 1


def test_an_older_page_says_that_a_newer_checkout_was_begun_and_sells_nothing(box, owner, acme, begin):
    old, new = begin(), begin()
    assert "This checkout has expired" in owner.get(old).text
    answer = submit(owner, old, card="works")
    assert answer.status_code == 200
    assert "This checkout has expired" in answer.text
    assert box.mirror(acme) == {}
    assert submit(owner, new, card="works").status_code == 303


def test_a_declined_card_is_said_and_the_checkout_stays_open(box, owner, acme, begin):
    page = begin()
    refused = submit(owner, page, card="declined")
    assert refused.status_code == 200
    assert "The card was declined" in refused.text
    assert box.mirror(acme) == {}
    assert submit(owner, page, card="works").status_code == 303


def test_a_trial_is_offered_with_what_it_costs_afterwards(box, owner, acme, begin):
    page = begin("pro")
    text = owner.get(page).text
    assert "14 days free, then €57.00 a month" in text, "three members at 19.00"
    submit(owner, page, card="works")
    assert box.mirror(acme)["state"] == "trialing"


def test_a_card_that_asks_for_a_confirmation_waits_for_it(box, owner, acme, begin):
    submit(owner, begin(), card="needs_confirmation")
    assert box.mirror(acme)["state"] == "incomplete"
    page = portal_of(box, acme)
    assert "Confirm the payment" in owner.get(page).text
    submit(owner, f"{DESK}/subscriptions/{box.mirror(acme)['subscription_id']}", act="confirm")
    assert box.mirror(acme)["state"] == "active"


def test_the_portal_cancels_resumes_and_ends(box, owner, acme):
    one = box.buy(acme)
    act = f"{DESK}/subscriptions/{one}"
    submit(owner, act, act="cancel")
    assert box.mirror(acme)["cancel_at"] is not None
    assert "Ends on" in owner.get(portal_of(box, acme)).text
    submit(owner, act, act="resume")
    assert box.mirror(acme)["cancel_at"] is None
    submit(owner, act, act="end")
    assert box.mirror(acme)["state"] == "cancelled"
    assert "Ended on" in owner.get(portal_of(box, acme)).text


def test_a_new_card_pays_what_is_owed(box, owner, acme):
    box.buy(acme, card="fails_at_renewal")
    submit(owner, f"{DESK}/clock", days="30")
    submit(owner, f"{DESK}/clock", days="1")
    assert box.mirror(acme)["state"] == "past_due"
    assert "The card is tried again on" in owner.get(portal_of(box, acme)).text
    submit(owner, f"{portal_of(box, acme)}/card", card="works")
    assert box.mirror(acme)["state"] == "active"


def test_the_clock_moves_by_the_steps_it_shows_and_by_no_other(box, owner, acme):
    box.buy(acme, "pro")
    submit(owner, f"{DESK}/clock", days="365")
    assert box.mirror(acme)["state"] == "trialing"
    for _week in range(2):
        submit(owner, f"{DESK}/clock", days="7")
    submit(owner, f"{DESK}/clock", days="1")
    assert box.mirror(acme)["state"] == "active"
    assert "15 days ahead" in owner.get(DESK).text


def test_deliveries_are_held_and_then_arrive_in_either_order(box, owner, acme):
    for order in ("first_first", "last_first"):
        box.stage.reset()
        submit(owner, f"{DESK}/delivery", way="held")
        one = box.buy(acme)
        submit(owner, f"{DESK}/subscriptions/{one}", act="cancel")
        assert box.mirror(acme) == {}
        submit(owner, f"{DESK}/deliveries", order=order)
        assert (box.mirror(acme)["state"], box.mirror(acme)["cancel_at"] is not None) == ("active", True)


def test_an_event_that_comes_twice_or_again_changes_nothing_more(box, stage, owner, acme):
    submit(owner, f"{DESK}/delivery", way="twice")
    box.buy(acme)
    assert "subscription.created" in owner.get(DESK).text
    event_id = box.at_the_bank(lambda: db.session.query(LocalDelivery).first().id)
    assert submit(owner, f"{DESK}/deliveries/{event_id}").status_code == 303
    root = stage.browser(stage.world.root.email)
    assert root.get("/api/v1/superadmin/billing/events").json["total"] == 2
    history = owner.get(f"{acme.api}/activity").json["items"]
    assert [each["kind"] for each in history].count("billing.changed") == 1


@pytest.mark.parametrize("path", ["checkout/cs_0", "portal/cus_0"])
def test_what_is_not_there_is_not_found(owner, path):
    assert owner.get(f"{DESK}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["clock", "delivery", "deliveries"])
def test_without_the_token_of_a_page_nothing_happens(stage, path):
    assert (
        stage.browser(stage.world.acme.owner.email).client.post(f"{DESK}/{path}", data={"days": "1"}).status_code == 400
    )


def test_there_are_no_such_pages_where_something_else_is_sold(database, tmp_path):
    for provider in ("none", "stripe"):
        keys = {"stripe_api_key": "sk_test_x", "stripe_webhook_secrets": ("whsec_x",)} if provider == "stripe" else {}
        app = create_app(databases.settings_for(database, tmp_path, billing_provider=provider, **keys))
        assert not [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(DESK)]
        databases.dispose(app)


def test_production_does_not_start_with_a_provider_in_a_box():
    with pytest.raises(SettingsError, match="BILLING_PROVIDER is local"):
        Settings.from_environ({"ENV": "production", "BILLING_PROVIDER": "local"})
