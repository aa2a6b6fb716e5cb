"""The life of a subscription: bought, renewed, unpaid, recovered, ended. The numbers are those of the billing cases."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from enferno.billing.changes import cancel_at_end, resume
from enferno.billing.gates import current_plan
from enferno.billing.states import State
from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.workspace.models import Membership
from tests.billing.shops import only
from tests.billing.stripe_standin import DAY


def plan_of(shop, team, at=None):
    """The key of the plan that the team may use, now or at a moment in seconds."""
    moment = datetime.fromtimestamp(at or shop.provider.clock, UTC)
    with time_machine.travel(moment, tick=False), shop.app.app_context(), in_workspace(team.id):
        return current_plan().key


@pytest.fixture
def bought(shop):
    one = shop.buy(shop.world.acme)
    shop.deliver()
    return one


def test_who_never_bought_has_the_free_plan(shop):
    assert plan_of(shop, shop.world.acme) == "free"


def test_who_pays_has_the_plan_and_nobody_else_has(shop, bought):
    assert plan_of(shop, shop.world.acme) == "starter"
    assert plan_of(shop, shop.world.noise) == "free"


def test_case_20_the_first_failed_payment_keeps_the_plan_for_the_grace(shop, bought):
    shop.provider.renew(bought["id"], paid=False)
    shop.deliver(*shop.provider.events[-2:])
    failed_at = shop.provider.clock
    assert shop.subscription(shop.world.acme)["state"] == State.PAST_DUE
    assert plan_of(shop, shop.world.acme, failed_at + 7 * DAY - 1) == "starter"
    assert plan_of(shop, shop.world.acme, failed_at + 7 * DAY) == "free"


def test_case_20_the_grace_counts_from_the_failure_and_not_from_when_we_heard_of_it(shop, bought):
    shop.provider.renew(bought["id"], paid=False)
    failed_at = shop.provider.clock
    with time_machine.travel(datetime.fromtimestamp(failed_at + 5 * DAY, UTC), tick=False):
        assert shop.deliver(shop.provider.events[-1]) == [200]
    assert plan_of(shop, shop.world.acme, failed_at + 7 * DAY) == "free"


def test_case_20_a_second_unpaid_period_brings_no_second_grace(shop, bought):
    shop.provider.renew(bought["id"], paid=False)
    shop.deliver(*shop.provider.events[-2:])
    first_failed_at = shop.provider.clock
    shop.provider.renew(bought["id"], paid=False)
    with time_machine.travel(datetime.fromtimestamp(shop.provider.clock, UTC), tick=False):
        shop.deliver(*shop.provider.events[-2:])
    found = shop.subscription(shop.world.acme)
    assert found["grace_until"] == datetime.fromtimestamp(first_failed_at + 7 * DAY, UTC)
    assert plan_of(shop, shop.world.acme, shop.provider.clock) == "free"


def test_case_20_owners_are_told_that_a_payment_failed(shop, bought):
    outbox = shop.app.extensions["settings"].instance_path / "outbox"
    before = set(outbox.glob("*.eml"))
    shop.provider.renew(bought["id"], paid=False)
    shop.deliver(*shop.provider.events[-2:])
    mails = [file.read_text() for file in set(outbox.glob("*.eml")) - before]
    assert len(mails) == 1
    assert shop.world.acme.owner.email in mails[0]
    assert "failed" in mails[0]


@only("stripe")
@pytest.mark.parametrize("status", ["unpaid", "canceled", "incomplete_expired"])
def test_case_21_given_up_or_cancelled_means_the_free_plan_at_once(shop, bought, status):
    shop.provider.change(bought["id"], status=status)
    shop.deliver(shop.provider.events[-1])
    assert plan_of(shop, shop.world.acme) == "free"


def test_case_21_an_end_brings_the_free_plan_keeps_what_is_there_and_can_be_undone(shop, bought):
    shop.provider.end(bought["id"])
    shop.deliver(shop.provider.events[-1])
    assert plan_of(shop, shop.world.acme) == "free"
    with shop.app.app_context(), in_workspace(shop.world.acme.id):
        assert db.session.query(Membership).count() == 3
    shop.provider.clock += DAY
    shop.buy(shop.world.acme)
    shop.deliver()
    assert plan_of(shop, shop.world.acme) == "starter"


def test_case_22_a_payment_that_comes_through_restores_the_plan_at_once(shop, bought):
    shop.provider.renew(bought["id"], paid=False)
    shop.deliver(*shop.provider.events[-2:])
    late = shop.provider.clock + 20 * DAY
    assert plan_of(shop, shop.world.acme, late) == "free"
    shop.recover(bought)
    shop.deliver(shop.provider.events[-1])
    assert plan_of(shop, shop.world.acme, late) == "starter"
    assert shop.subscription(shop.world.acme)["grace_until"] is None


def test_a_paid_period_that_ended_without_news_grants_no_more_than_the_grace(shop, bought):
    ends = shop.period_end(bought)
    assert plan_of(shop, shop.world.acme, ends + 7 * DAY) == "starter"
    assert plan_of(shop, shop.world.acme, ends + 7 * DAY + 1) == "free"


def test_case_29_paused_means_the_free_plan_and_resumed_the_paid_one(shop, bought):
    shop.pause(bought, paused=True)
    shop.deliver(shop.provider.events[-1])
    assert shop.subscription(shop.world.acme)["state"] == State.PAUSED
    assert plan_of(shop, shop.world.acme) == "free"
    shop.pause(bought, paused=False)
    shop.deliver(shop.provider.events[-1])
    assert plan_of(shop, shop.world.acme) == "starter"


def test_case_29_a_deleted_customer_has_no_subscription(shop, bought):
    assert shop.deliver(shop.delete_customer(bought)) == [200]
    assert shop.subscription(shop.world.acme)["state"] == State.NONE
    assert plan_of(shop, shop.world.acme) == "free"


def test_case_29_a_refund_or_a_dispute_takes_what_the_provider_takes_and_no_more(shop, bought):
    for event in shop.give_back(bought):
        shop.deliver(event)
        assert shop.events()[-1]["state"] == "done"
        assert plan_of(shop, shop.world.acme) == "starter"
    shop.provider.end(bought["id"])
    shop.deliver(shop.give_back(bought)[0])
    assert plan_of(shop, shop.world.acme) == "free"


def test_case_29_a_trial_that_is_about_to_end_changes_nothing_yet(shop):
    one = shop.buy(shop.world.acme, "pro")
    shop.deliver(shop.ending_soon(one))
    assert shop.subscription(shop.world.acme)["state"] == State.TRIALING
    assert plan_of(shop, shop.world.acme) == "pro"


def test_a_cancellation_at_the_end_of_the_period_is_shown_and_keeps_the_plan_until_then(shop, bought):
    ends = shop.period_end(bought)
    shop.cancel_at_end(bought)
    shop.deliver(shop.provider.events[-1])
    assert shop.subscription(shop.world.acme)["cancel_at"] == datetime.fromtimestamp(ends, UTC)
    assert plan_of(shop, shop.world.acme, ends - 1) == "starter"


@only("stripe")
@pytest.mark.parametrize("mode", ["classic", "flexible"])
def test_a_cancellation_by_our_page_is_read_and_taken_back_in_either_billing_mode(shop, bought, mode):
    shop.provider.billing_mode = mode
    ends = datetime.fromtimestamp(bought["items"]["data"][0]["current_period_end"], UTC)
    with shop.app.test_request_context(), in_workspace(shop.world.acme.id):
        assert cancel_at_end().cancel_at == ends
        assert resume().cancel_at is None
    one = shop.provider.subscriptions[bought["id"]]
    assert (one["cancel_at"], one["cancel_at_period_end"]) == (None, False)


@only("stripe")
def test_a_cancellation_by_stripes_portal_has_a_date_alone_and_is_taken_back_too(shop, bought):
    shop.provider.billing_mode = "flexible"
    shop.provider.change(bought["id"], cancel_at=bought["items"]["data"][0]["current_period_end"])
    shop.deliver(shop.provider.events[-1])
    with shop.app.test_request_context(), in_workspace(shop.world.acme.id):
        assert resume().cancel_at is None
    assert shop.provider.subscriptions[bought["id"]]["cancel_at"] is None


@only("stripe")
def test_what_stripe_gave_up_collecting_while_it_was_on_hold_is_unpaid_and_not_paused(shop, bought):
    shop.provider.change(bought["id"], status="unpaid", pause_collection={"behavior": "void"})
    shop.deliver(shop.provider.events[-1])
    assert shop.subscription(shop.world.acme)["state"] == "past_due"
    assert plan_of(shop, shop.world.acme) == "free"


def test_case_28_three_days_without_events_are_repaired_and_reported(shop, bought):
    from enferno.billing.reconcile import reconcile

    shop.buy(shop.world.noise)
    shop.provider.end(bought["id"])
    with shop.app.app_context():
        found = {difference.workspace_id: difference.changed for difference in reconcile()}
    assert found[shop.world.acme.id] == {"state": ("active", "cancelled")}
    assert found[shop.world.noise.id]["state"] == ("none", "active")
    assert plan_of(shop, shop.world.acme) == "free"
    with shop.app.app_context():
        assert list(reconcile()) == []


def test_each_change_is_announced_once_in_the_history_of_its_workspace(shop, bought):
    shop.deliver()
    with shop.app.app_context(), in_workspace(shop.world.acme.id) as workspace:
        kinds = [row.payload["change"] for row in db.session.scalars(workspace.history("billing.changed"))]
    assert kinds == ["started"]


def test_period_of_a_year(shop):
    session = shop.checkout(shop.world.acme, interval="year")
    shop.provider.finish_checkout(session)
    shop.deliver()
    found = shop.subscription(shop.world.acme)
    assert (found["interval"], found["amount"]) == ("year", 9000)
    assert found["period_ends_at"] - datetime.now(UTC) > timedelta(days=20)
