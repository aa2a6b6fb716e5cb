"""What the log says of sign-ins that fail (ASVS 16.3.1), and what it never says."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from sqlalchemy import select
from structlog.testing import LogCapture

from enferno.extensions import db
from enferno.user.models import User
from tests.support.visitor import Visitor, block_of
from tests.support.world import PASSWORD, make_person

ADA = "ada@example.com"
WRONG = "canary of a password"


@pytest.fixture
def ada(app):
    return make_person(app, ADA, "Ada Example")


@pytest.fixture
def lines(app) -> Iterator[list[Any]]:
    """What is logged, whatever the level of the tests."""
    kept, capture = structlog.get_config(), LogCapture()
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, capture],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
    )
    yield capture.entries
    structlog.configure(**kept)


def told(lines, event="sign_in_failed"):
    return [line for line in lines if line["event"] == event]


def change(app, **values):
    with app.app_context():
        user = db.session.scalars(select(User).where(User.email == ADA)).one()
        for name, value in values.items():
            setattr(user, name, value)
        db.session.commit()


def test_a_wrong_password_is_told_with_account_and_address(app, ada, lines):
    Visitor(app, "203.0.113.9").sign_in(ADA, WRONG)
    (line,) = told(lines)
    assert (line["reason"], line["address"], line["user"]) == ("wrong_password", "203.0.113.9", str(ada.id))
    assert line["log_level"] == "warning"


def test_tries_on_one_account_can_be_told_from_tries_on_another(app, ada, lines):
    for email in (ADA, ADA.upper(), "ben@example.com", "ben@example.com"):
        Visitor(app).sign_in(email, WRONG)
    accounts = [line["account"] for line in told(lines)]
    assert accounts[0] == accounts[1] != accounts[2] == accounts[3]
    assert [line["reason"] for line in told(lines)] == ["wrong_password"] * 2 + ["unknown_account"] * 2


def test_neither_the_password_nor_what_stood_in_the_field_of_the_address_is_written_down(app, ada, lines):
    Visitor(app).sign_in(ADA, WRONG)
    Visitor(app).sign_in(WRONG, ADA)
    assert len(told(lines)) == 2
    assert WRONG not in str(lines)
    assert ADA not in str(lines)


@pytest.mark.parametrize(
    ("values", "reason"), [({"active": False}, "inactive"), ({"confirmed_at": None}, "unconfirmed")]
)
def test_who_knows_the_password_and_is_kept_out_is_told_apart(app, ada, lines, values, reason):
    change(app, **values)
    Visitor(app).sign_in(ADA)
    assert [line["reason"] for line in told(lines)] == [reason]


def test_an_empty_form_is_no_guess(app, ada, lines):
    Visitor(app).sign_in("", "")
    assert [line["reason"] for line in told(lines)] == ["incomplete"]


def test_a_sign_in_that_succeeds_has_no_such_line(app, ada, lines):
    Visitor(app).sign_in(ADA)
    assert told(lines) == []
    assert told(lines, "signed_in")[0]["user"] == str(ada.id)


def test_a_limit_that_is_reached_is_told_with_the_account_that_was_tried(app, ada, lines):
    attacker = Visitor(app, "203.0.113.9")
    token = block_of(attacker.get("/login"))["csrf"]
    for _ in range(11):
        attacker.submit("/login", token, email=ADA, password=WRONG)
    (line,) = told(lines, "limit_reached")
    assert (line["endpoint"], line["address"]) == ("security.login", "203.0.113.9")
    assert line["limit"] == "10 per 15 minute"
    assert line["account"] == told(lines)[0]["account"]
    assert len(told(lines)) == 10


@pytest.mark.parametrize("path", ["/verify", "/account/password"])
def test_a_password_guessed_from_a_session_left_open_is_told(app, ada, lines, path):
    visitor = Visitor(app)
    visitor.sign_in(ADA)
    visitor.submit(path, password=WRONG, new_password="copper-window-77-meadow")
    (line,) = told(lines, "password_check_failed")
    assert (line["user"], line["path"]) == (str(ada.id), path)
    visitor.submit(path, password=PASSWORD, new_password="copper-window-77-meadow")
    assert len(told(lines, "password_check_failed")) == 1
    assert WRONG not in str(lines)
