"""A trial does not end by surprise, and what is wrong with a bill stands above every page."""

import pytest
from babel.dates import format_date

from enferno.billing.banner import banner
from enferno.billing.changes import cancel_at_end
from enferno.billing.providers.local import bank
from enferno.billing.reminders import remind_of_trials
from enferno.extensions import db
from enferno.user.models import User
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


def test_who_has_cancelled_a_trial_is_not_told_of_a_charge(box, acme, reminded):
    box.buy(acme, "pro")
    box.within(acme, cancel_at_end)
    box.days_later(12)
    assert reminded() == []
    assert said(box, acme)[1].startswith("The subscription ends on ")


def test_who_pays_is_not_reminded_of_a_trial(box, acme, reminded):
    box.buy(acme, "starter")
    box.days_later(25)
    assert reminded() == []


def test_a_trial_that_became_a_subscription_is_not_spoken_of_again(box, acme, reminded):
    box.buy(acme, "pro")
    box.days_later(15)
    assert reminded() == []


def test_each_owner_is_written_to_in_the_language_they_chose(stage, box, acme, monkeypatch):
    """Whoever caused the mail may read another. Dates show it without any translation."""
    monkeypatch.setitem(stage.app.extensions, "languages", ["en", "nl"])
    with stage.app.app_context():
        db.session.get_one(User, acme.owner.id).locale = "nl"
        db.session.commit()
    box.buy(acme, "pro")
    box.days_later(7.1)
    with stage.app.app_context():
        remind_of_trials.perform(None, [], {})
    ends = box.mirror(acme)["trial_ends_at"]
    reminder = mails_of(stage.app)[-1]
    assert reminder["To"] == acme.owner.email
    assert format_date(ends, locale="nl") in reminder.get_content()


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


@pytest.fixture
def given_up(box, acme):
    """A renewal failed, and so did every further try: the subscription ended."""
    one = box.buy(acme, "starter", card="fails_at_renewal")
    box.days_later(31 + 7)
    assert box.mirror(acme)["state"] == "cancelled"
    return one


def test_after_an_end_for_want_of_payment_it_is_said_what_is_left_and_where_to_choose(box, acme, given_up):
    assert said(box, acme) == (
        "error",
        "The subscription ended because it was not paid. You have the Free plan now; nothing was deleted.",
        "/w/acme/billing",
    )


def test_who_sees_no_bills_is_told_of_the_plan_and_of_nothing_that_was_owed(box, stage, acme, given_up):
    found = box.within(acme, lambda: banner(acme.slug, sees_bills=False))
    assert found == {
        "kind": "info",
        "text": "This workspace has the Free plan now. Nothing was deleted; an owner can choose another plan.",
    }
    page = stage.browser(acme.member.email).get("/w/acme/")
    assert "has the Free plan now" in page.text
    assert "was not paid" not in page.text


def test_an_end_for_want_of_payment_is_not_spoken_of_for_ever(box, acme, given_up):
    box.days_later(28)
    assert said(box, acme) is not None
    box.days_later(3)
    assert said(box, acme) is None


def test_whoever_buys_again_hears_no_more_of_it(box, acme, given_up):
    box.buy(acme, "starter")
    assert said(box, acme) is None


def test_an_end_that_was_wished_for_needs_no_word(box, acme):
    box.buy(acme, "starter")
    box.within(acme, cancel_at_end)
    box.days_later(31)
    assert box.mirror(acme)["state"] == "cancelled"
    assert said(box, acme) is None
    assert box.within(acme, lambda: banner(acme.slug, sees_bills=False)) is None


def test_members_hear_nothing_of_a_payment_that_failed(box, acme):
    box.buy(acme, "starter", card="fails_at_renewal")
    box.days_later(31)
    assert box.within(acme, lambda: banner(acme.slug, sees_bills=False)) is None


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
