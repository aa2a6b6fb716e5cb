"""A trial does not end by surprise, and what is wrong with a bill stands above every page."""

import pytest

from enferno.billing.banner import banner
from enferno.billing.changes import cancel_at_end
from enferno.billing.providers.local import bank
from enferno.billing.reminders import remind_of_trials
from tests.billing.box import Box
from tests.support.visitor import mails_of


@pytest.fixture
def box(stage):
    return Box(stage)


@pytest.fixture
def acme(stage):
    return stage.world.acme


@pytest.fixture
def reminded(stage):
    """Run the round, and see which reminders went out since the last look: to whom, about how many days."""
    seen = len(mails_of(stage.app))

    def look():
        nonlocal seen
        with stage.app.app_context():
            remind_of_trials.perform(None, [], {})
        found = mails_of(stage.app)[seen:]
        seen += len(found)
        return [(mail["To"], mail["Subject"]) for mail in found if "trial of Pro ends" in mail["Subject"]]

    return look


def test_owners_are_reminded_seven_three_and_one_day_before_and_once_each(box, acme, reminded):
    box.buy(acme, "pro")
    assert reminded() == []
    for days, words in ((7.1, "7 days"), (4, "3 days"), (2, "1 day")):
        box.days_later(days)
        assert reminded() == [(acme.owner.email, f"Your trial of Pro ends in {words}")]
        assert reminded() == []


def test_missed_rounds_are_caught_up_with_the_nearest_reminder_alone(box, acme, reminded):
    box.buy(acme, "pro")
    box.days_later(13.5)
    assert reminded() == [(acme.owner.email, "Your trial of Pro ends in 1 day")]


def test_a_day_between_two_reminders_brings_none(box, acme, reminded):
    box.buy(acme, "pro")
    box.days_later(7.1)
    assert len(reminded()) == 1
    box.days_later(2)
    assert reminded() == []


def test_who_pays_is_not_reminded_of_a_trial(box, acme, reminded):
    box.buy(acme, "starter")
    box.days_later(25)
    assert reminded() == []


def test_a_trial_that_became_a_subscription_is_not_spoken_of_again(box, acme, reminded):
    box.buy(acme, "pro")
    box.days_later(15)
    assert reminded() == []


def said(box, team):
    found = box.within(team, lambda: banner(team.slug))
    return None if found is None else (found["kind"], str(found["text"]), found["url"])


def test_who_has_nothing_to_be_told_sees_no_banner(box, acme):
    assert said(box, acme) is None
    box.buy(acme, "starter")
    assert said(box, acme) is None


def test_a_trial_is_announced_in_its_last_week(box, acme):
    box.buy(acme, "pro")
    assert said(box, acme) is None
    box.days_later(7.5)
    assert said(box, acme) == ("info", "The trial ends in 6 days.", "/w/acme/billing")
    box.days_later(6)
    assert said(box, acme)[1] == "The trial ends today."


def test_a_failed_payment_says_until_when_all_goes_on_and_then_that_it_is_over(box, acme):
    box.buy(acme, "starter", card="fails_at_renewal")
    box.days_later(31)
    kind, text, _url = said(box, acme)
    assert kind == "error"
    assert text.startswith("The last payment failed. Everything goes on until ")
    box.at_the_bank(lambda: setattr(bank.books(), "delivery", "held"))
    box.days_later(6.5)
    assert "you have the free plan now" in said(box, acme)[1]


def test_a_card_that_works_takes_the_banner_away(box, acme):
    box.buy(acme, "starter", card="fails_at_renewal")
    box.days_later(31)
    box.change_card(acme, "works")
    assert said(box, acme) is None


def test_a_cancellation_says_when_it_ends(box, acme):
    box.buy(acme, "starter")
    box.within(acme, cancel_at_end)
    assert said(box, acme)[1].startswith("The subscription ends on ")


def test_the_banner_of_a_neighbour_is_not_shown_here(box, stage, acme):
    box.buy(stage.world.noise, "starter", card="fails_at_renewal")
    box.days_later(31)
    assert said(box, acme) is None
