"""What has been dealt with is swept out after a while; what waits for somebody is not."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from enferno.billing.inbox import receive
from enferno.billing.models import BillingEvent, Checkout, EventState, Subscription
from enferno.billing.providers import Notice
from enferno.billing.providers.local import bank
from enferno.billing.providers.local.models import LocalDelivery, LocalSubscription
from enferno.database import now
from enferno.extensions import db
from enferno.tenancy import unscoped
from tests.billing.box import Box


@pytest.fixture
def box(stage):
    """Two workspaces bought something; the application is signed in as the role that it has in production."""
    box = Box(stage)
    box.buy(stage.world.acme)
    box.buy(stage.world.noise)
    return box


def tick(box, days):
    """Run everything, so many days from now."""
    with time_machine.travel(now() + timedelta(days=days), tick=True):
        ran = box.app.test_cli_runner().invoke(args=["tick", "--all"])
    assert ran.exit_code == 0, ran.output
    assert "Ran purge_billing" in ran.output


def count(box, model):
    with box.app.app_context(), unscoped("looking at what a test left"):
        return db.session.scalar(select(func.count()).select_from(model))


def test_nothing_is_swept_out_within_a_month(box):
    before = [count(box, model) for model in (BillingEvent, Checkout, LocalDelivery)]
    assert before == [4, 2, 4]
    tick(box, 29)
    assert [count(box, model) for model in (BillingEvent, Checkout, LocalDelivery)] == before


def test_visits_to_a_checkout_and_deliveries_go_after_a_month_in_every_workspace(box):
    tick(box, 31)
    assert (count(box, Checkout), count(box, LocalDelivery)) == (0, 0)
    assert count(box, BillingEvent) == 4
    assert count(box, Subscription) == 2


def test_events_go_after_three_months_unless_they_wait_for_somebody(box):
    def park():
        parked = db.session.scalars(select(BillingEvent).order_by(BillingEvent.received_at)).first()
        parked.state = EventState.PARKED

    box.at_the_bank(park)
    tick(box, 89)
    assert count(box, BillingEvent) == 4
    tick(box, 91)
    assert count(box, BillingEvent) == 1


def test_a_delivery_that_is_held_back_waits_for_as_long_as_it_takes(box):
    def hold():
        bank.books().delivery = "held"
        bank.cancel_at_end(db.session.scalars(select(LocalSubscription)).first())

    box.at_the_bank(hold)
    tick(box, 31)
    assert count(box, LocalDelivery) == 1


def test_an_event_that_comes_again_after_it_was_swept_out_changes_nothing(box, stage):
    event = box.at_the_bank(lambda: db.session.execute(select(LocalDelivery.id, LocalDelivery.customer_id)).first())
    tick(box, 91)
    before = box.mirror(stage.world.acme)
    notice = Notice(event_id=event.id, kind="subscription.created", customer_id=event.customer_id)
    assert box.at_the_bank(lambda: receive("local", notice))
    after = box.mirror(stage.world.acme)
    assert {**before, "synced_at": None} == {**after, "synced_at": None}
