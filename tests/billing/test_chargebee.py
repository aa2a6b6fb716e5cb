"""What Chargebee sends us. Case 30 of the billing cases, and what its API lacks next to Stripe's."""

import json

import pytest

from tests.billing.chargebee_standin import LOGIN, ChargebeeStandIn
from tests.billing.shops import only

pytestmark = only("chargebee")


@pytest.fixture
def event(shop):
    shop.buy(shop.world.acme)
    return shop.provider.events[0]


@pytest.mark.parametrize("login", [":", "readykit:wrong", "readykit", LOGIN + "x", "é:ü"])
def test_case_30_another_login_is_refused(shop, event, login):
    assert shop.post(ChargebeeStandIn.delivered(event, login=login)) == 401
    assert shop.events() == []


@pytest.mark.parametrize("header", ["", "Basic", "Basic ###", "Bearer abc"])
def test_case_30_no_login_is_refused(shop, event, header):
    request = ChargebeeStandIn.delivered(event)
    request["headers"]["Authorization"] = header
    assert shop.post(request) == 401


@pytest.mark.parametrize("change", [{"id": ""}, {"id": None}])
def test_case_30_an_event_without_an_id_is_refused(shop, event, change):
    assert shop.post(ChargebeeStandIn.delivered({**event, **change})) == 400
    assert shop.events() == []


@pytest.mark.parametrize("change", [{"id": 7}, {"content": None}, {"content": "text"}])
def test_an_event_that_makes_no_sense_is_kept_for_the_operator_to_see(shop, event, change):
    assert shop.post(ChargebeeStandIn.delivered({**event, **change})) == 200
    assert [row["state"] for row in shop.events()] == ["unreadable"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b"7"])
def test_what_is_no_json_object_is_kept_for_the_operator_to_see(shop, body):
    assert shop.post(ChargebeeStandIn.delivered(body)) == 200
    assert [row["state"] for row in shop.events()] == ["unreadable"]


def test_case_30_an_event_with_an_older_version_of_a_subscription_changes_nothing(shop, event):
    shop.deliver()
    older = json.loads(json.dumps(event))
    older["id"] = "ev_older"
    older["content"]["subscription"] |= {"status": "cancelled", "resource_version": 1}
    assert shop.post(ChargebeeStandIn.delivered(older)) == 200
    assert shop.subscription(shop.world.acme)["state"] == "active"


def test_a_customer_that_was_made_and_then_forgotten_is_known_by_its_id(shop, event):
    from sqlalchemy import delete

    from enferno.billing.models import BillingAccount
    from enferno.extensions import db

    with shop.app.app_context():
        db.session.execute(delete(BillingAccount))
        db.session.commit()
    shop.deliver()
    assert shop.subscription(shop.world.acme)["state"] == "active"
