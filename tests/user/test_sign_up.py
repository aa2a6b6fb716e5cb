"""From nothing to an own workspace."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text

from enferno.app import create_app
from tests.support import databases
from tests.support.visitor import Visitor, block_of, link_in, mails_of
from tests.support.world import PASSWORD

NEW = "nora@new.example.com"


@pytest.fixture
def visitor(app) -> Visitor:
    return Visitor(app)


def test_the_browser_that_signed_up_is_in_its_workspace_after_confirming(app, visitor):
    answer = visitor.sign_up(NEW, "Nora New")
    assert (answer.status_code, answer.location) == (302, "/check-your-mail")
    link = link_in(mails_of(app, NEW)[0], "/confirm/")
    assert not visitor.is_signed_in
    assert block_of(visitor.get(link))["data"]["email"] == NEW
    visitor.submit(link)
    home = visitor.get("/app")
    assert home.location == "/w/nora-new/"
    block = block_of(visitor.get(home.location))
    assert block["user"]["name"] == "Nora New"
    assert block["workspace"]["role"] == "owner"


def test_another_browser_signs_in_after_confirming(app, visitor):
    visitor.sign_up(NEW)
    other = Visitor(app, "198.51.100.7")
    answer = other.submit(link_in(mails_of(app, NEW)[0], "/confirm/"), name="Nora New", password=PASSWORD)
    assert answer.location == "/login"
    assert block_of(other.get("/login"))["data"]["notices"] == [
        {"kind": "success", "text": "Your address is confirmed"}
    ]
    assert not other.is_signed_in
    assert other.sign_in(NEW).location == "/app"
    assert other.is_signed_in


def test_opening_the_link_alone_confirms_nothing(app, visitor, outside):
    """ASVS 7.6.2: neither in the browser that signed up nor in another, wherever the link leads."""
    visitor.sign_up(NEW)
    link = link_in(mails_of(app, NEW)[0], "/confirm/")
    for browser in (visitor, Visitor(app)):
        answer = browser.get(link)
        while answer.location:
            answer = browser.get(answer.location)
        assert not browser.is_signed_in
    assert (
        outside.execute(text("SELECT confirmed_at FROM users WHERE email = :email"), {"email": NEW}).scalar_one()
        is None
    )


def test_nobody_signs_in_before_confirming_and_only_the_password_says_why(app, visitor):
    visitor.sign_up(NEW)
    errors = block_of(visitor.sign_in(NEW))["data"]["form"]["errors"]
    assert errors == ["Confirm your address first: open the link we sent you"]
    guess = block_of(visitor.sign_in(NEW, "not the password at all"))["data"]["form"]["errors"]
    assert guess == ["The address and the password do not belong together"]


def test_a_confirmed_link_leads_to_signing_in(app, visitor):
    visitor.sign_up(NEW)
    link = link_in(mails_of(app, NEW)[0], "/confirm/")
    visitor.submit(link)
    answer = Visitor(app).get(link)
    assert (answer.status_code, answer.location) == (302, "/login")


def test_a_broken_or_old_link_leads_to_asking_for_a_new_one(app, visitor, clock):
    visitor.sign_up(NEW)
    link = link_in(mails_of(app, NEW)[0], "/confirm/")
    assert visitor.get(link + "x").location == "/confirm"
    clock.shift(2 * 86_400 + 60)
    assert visitor.get(link).location == "/confirm"
    assert "2 days" in block_of(visitor.get("/confirm"))["data"]["notices"][-1]["text"]


def test_a_new_link_is_sent_on_request_and_works(app, visitor):
    visitor.sign_up(NEW)
    assert visitor.submit("/confirm", email=NEW).location == "/check-your-mail"
    assert len(mails_of(app, NEW)) == 2
    visitor.submit(link_in(mails_of(app, NEW)[1], "/confirm/"))
    assert visitor.is_signed_in


def test_a_known_address_gets_the_same_answer_and_a_mail_that_says_so(app, world):
    one, other = Visitor(app), Visitor(app)
    fresh, known = one.sign_up(NEW), other.sign_up(world.acme.owner.email.upper(), "Eve")
    assert (fresh.status_code, fresh.location, fresh.data) == (known.status_code, known.location, known.data)
    with one.client.session_transaction() as mine, other.client.session_transaction() as theirs:
        assert set(mine) == set(theirs)
    texts = [block_of(who.get("/check-your-mail"))["data"]["notices"][0]["text"] for who in (one, other)]
    assert texts[0].replace(NEW, "-") == texts[1].replace(world.acme.owner.email, "-")
    [mail] = mails_of(app, world.acme.owner.email)
    assert mail["Subject"] == "You have an account at ReadyKit already"
    assert link_in(mail, "/reset/")
    assert other.sign_in(world.acme.owner.email).location == "/app"


def test_a_weak_password_is_said_alike_for_known_and_new_addresses(app, world, visitor):
    for email in (NEW, world.acme.owner.email):
        form = block_of(visitor.sign_up(email, "Nora", "password1234"))["data"]["form"]
        assert form["fields"]["email"] == {"value": email, "errors": []}
        assert len(form["fields"]["password"]["errors"]) == 1
    assert not mails_of(app)


def test_what_was_typed_is_kept_and_the_password_is_not(visitor):
    fields = block_of(visitor.sign_up("not an address", "Nora", PASSWORD))["data"]["form"]["fields"]
    assert fields["email"] == {"value": "not an address", "errors": ["This is not an address"]}
    assert fields["name"]["value"] == "Nora"
    assert fields["password"]["value"] == ""


@pytest.mark.parametrize(
    "name",
    ["", "   ", "x" * 121, "Nora\x07", "Nora\r\nBcc: a@example.com", "\u202enora", "\u200b", "\u0301"],
    ids=ascii,
)
def test_a_name_is_one_line_of_up_to_120_characters(app, visitor, name):
    fields = block_of(visitor.sign_up(NEW, name))["data"]["form"]["fields"]
    assert fields["name"]["errors"]
    assert not mails_of(app)


def test_sign_up_can_be_closed(settings):
    app = create_app(replace(settings, signup_open=False))
    visitor = Visitor(app)
    closed = visitor.get("/register")
    assert (closed.status_code, block_of(closed)["title"]) == (403, "Sign-up is closed")
    assert visitor.sign_up(NEW).status_code == 405
    assert "sign_up" not in block_of(visitor.get("/login"))["urls"]
    databases.dispose(app)


def test_who_is_signed_in_is_not_asked_to_sign_up(app, world, visitor):
    visitor.sign_in(world.acme.owner.email)
    assert visitor.get("/register").location == "/app"


def test_two_people_of_one_name_get_different_addresses(app, visitor):
    places = []
    for email in (NEW, "nora@other.example.com"):
        who = Visitor(app)
        who.sign_up(email)
        who.submit(link_in(mails_of(app, email)[0], "/confirm/"))
        places.append(who.get("/app").location)
    assert places[0] == "/w/nora-new/"
    assert places[1] != places[0]


def test_two_browsers_that_take_one_address_at_once_make_one_account(app, outside):
    """Whoever is second comes upon the unique address, and is refused without a fault of ours."""
    visitors = [Visitor(app, f"192.0.2.{n}") for n in range(3)]
    for visitor in visitors:
        visitor.csrf()
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda visitor: visitor.sign_up(NEW).status_code, visitors))
    assert set(answers) <= {302, 409}
    assert 302 in answers
    found = outside.execute(text("SELECT count(*) FROM users WHERE email = :email"), {"email": NEW})
    assert found.scalar_one() == 1
