"""What Chargebee sends us. Case 30 of the billing cases, and what its API lacks next to Stripe's."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.billing.chargebee_standin import LOGIN, ChargebeeStandIn
from tests.billing.sides import ChargebeeSide
from tests.support import databases


@pytest.fixture
def side(database: databases.Database, tmp_path: Path) -> Iterator[ChargebeeSide]:
    with ChargebeeSide.open(database, tmp_path) as opened:
        yield opened


def post(side, **request):
    return side.app.test_client().post("/webhooks/chargebee", **request).status_code


@pytest.fixture
def event(side):
    session = side.within(side.world.acme, lambda: begin(side))
    side.account.finish_checkout(session)
    return side.account.events[0]


def begin(side):
    from enferno.billing.checkout import begin_checkout
    from enferno.extensions import db
    from enferno.user.models import User

    owner = db.session.get_one(User, side.world.acme.owner.id)
    return begin_checkout("starter", "month", "eur", by=owner).checkout.session_id


@pytest.mark.parametrize("login", [":", "readykit:wrong", "readykit", LOGIN + "x", "é:ü"])
def test_case_30_another_login_is_refused(side, event, login):
    assert post(side, **ChargebeeStandIn.delivered(event, login=login)) == 401
    assert side.mirror(side.world.acme) == {}


@pytest.mark.parametrize("header", ["", "Basic", "Basic ###", "Bearer abc"])
def test_case_30_no_login_is_refused(side, event, header):
    request = ChargebeeStandIn.delivered(event)
    request["headers"]["Authorization"] = header
    assert post(side, **request) == 401


@pytest.mark.parametrize("change", [{"id": ""}, {"id": None}, {"id": 7}, {"content": None}, {"content": "text"}])
def test_case_30_what_is_no_event_is_refused(side, event, change):
    assert post(side, **ChargebeeStandIn.delivered({**event, **change})) == 400
    assert side.mirror(side.world.acme) == {}


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b"7"])
def test_case_30_what_is_no_json_object_is_refused(side, body):
    assert post(side, **ChargebeeStandIn.delivered(body)) == 400


def test_case_30_an_event_with_an_older_version_of_a_subscription_changes_nothing(side, event):
    side.deliver()
    older = json.loads(json.dumps(event))
    older["id"] = "ev_older"
    older["content"]["subscription"] |= {"status": "cancelled", "resource_version": 1}
    assert post(side, **ChargebeeStandIn.delivered(older)) == 200
    assert side.mirror(side.world.acme)["state"] == "active"


def test_a_customer_that_was_made_and_then_forgotten_is_known_by_its_id(side, event):
    from sqlalchemy import delete

    from enferno.billing.models import BillingAccount
    from enferno.extensions import db

    with side.app.app_context():
        db.session.execute(delete(BillingAccount))
        db.session.commit()
    side.deliver()
    assert side.mirror(side.world.acme)["state"] == "active"
