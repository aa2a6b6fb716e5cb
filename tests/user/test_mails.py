"""What the mails of coming in say, and to whom."""

import pytest

from enferno.names import without_links
from tests.support.visitor import Visitor, link_in, mails_of, text_of
from tests.support.world import PASSWORD, make_person

ADA, NEW = "ada@example.com", "nora@new.example.com"
HOSTILE = "${7*7} {{7*7}} <img src=x onerror=alert(1)>"
ANOTHER = "amber-gallery-77-pocket"


@pytest.fixture
def visitor(app) -> Visitor:
    return Visitor(app)


def sent_to_new(app, visitor):
    visitor.sign_up(NEW, HOSTILE)
    return mails_of(app, NEW)[-1]


def sent_to_known(app, visitor):
    make_person(app, ADA, HOSTILE)
    visitor.sign_up(ADA, "Eve")
    return mails_of(app, ADA)[-1]


def sent_again(app, visitor):
    visitor.sign_up(NEW, HOSTILE)
    visitor.submit("/confirm", email=NEW)
    return mails_of(app, NEW)[-1]


def sent_for_reset(app, visitor):
    make_person(app, ADA, HOSTILE)
    visitor.submit("/reset", email=ADA)
    return mails_of(app, ADA)[-1]


def sent_after_reset(app, visitor):
    visitor.submit(link_in(sent_for_reset(app, visitor), "/reset/"), password=ANOTHER)
    return mails_of(app, ADA)[-1]


def sent_after_change(app, visitor):
    make_person(app, ADA, HOSTILE)
    visitor.sign_in(ADA)
    visitor.submit("/account/password", password=PASSWORD, new_password=ANOTHER)
    return mails_of(app, ADA)[-1]


EVERY = {
    sent_to_new: "Confirm your address for ReadyKit",
    sent_to_known: "You have an account at ReadyKit already",
    sent_again: "Confirm your address for ReadyKit",
    sent_for_reset: "Choose a new password for ReadyKit",
    sent_after_reset: "Your password for ReadyKit was changed",
    sent_after_change: "Your password for ReadyKit was changed",
}


@pytest.mark.parametrize("sent", EVERY, ids=lambda sent: sent.__name__)
def test_a_mail_has_a_subject_two_forms_and_links_to_the_product_alone(app, visitor, sent):
    mail = sent(app, visitor)
    assert mail["Subject"] == EVERY[sent]
    text, html = text_of(mail), mail.get_body(("html",)).get_content()
    for form in (text, html):
        assert without_links(HOSTILE) in form
        assert HOSTILE not in form
    assert "<img" not in html
    for form in (text, html):
        assert "ReadyKit" in form
        addresses = [part for part in form.replace('"', " ").replace("<", " ").split() if "://" in part]
        assert addresses
        assert all(address.partition("http")[2].startswith("://localhost:5000") for address in addresses)


def test_the_link_of_a_mail_is_no_longer_kept_once_it_is_out(app, visitor, outside):
    from sqlalchemy import text

    sent_for_reset(app, visitor)
    rows = outside.execute(text("SELECT body_text, body_html FROM outbound_mails")).all()
    assert rows == [("", None)]


def test_a_refused_form_sends_nothing(app, visitor):
    visitor.submit("/reset", "", email=ADA)
    visitor.sign_up(NEW, "Nora", "short")
    assert mails_of(app) == []
