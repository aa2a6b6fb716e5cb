"""A clock that is ten minutes off (cases/faults, 17): links and webhooks fail, with a number in the log to watch."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
import time_machine
from flask import Flask
from structlog.testing import LogCapture

from enferno.app import create_app
from enferno.commands import checks
from enferno.database import now
from tests.billing.stripe_standin import SECRET, StripeStandIn
from tests.support import databases
from tests.support.visitor import Visitor, block_of, link_in, mails_of
from tests.support.world import PASSWORD, build_world

TEN_MINUTES = 600
OLGA = "owner@acme.example.com"


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    selling = {"billing_provider": "stripe", "stripe_api_key": "sk_test_x", "stripe_webhook_secrets": (SECRET,)}
    with databases.fresh(request.param, tmp_path) as database:
        app = create_app(databases.settings_for(database, tmp_path, **selling))
        build_world(app)
        yield app
        databases.dispose(app)


@pytest.fixture
def lines(app: Flask) -> Iterator[list[Any]]:
    """What is logged, whatever the level of the tests."""
    kept, capture = structlog.get_config(), LogCapture()
    structlog.configure(processors=[capture], wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    yield capture.entries
    structlog.configure(**kept)


def numbers(lines: list[Any], event: str) -> list[int]:
    return [line["seconds_off"] for line in lines if line["event"] == event]


def test_a_link_made_by_a_clock_that_is_ahead_is_refused_and_told_with_a_number(app: Flask, lines: list[Any]) -> None:
    visitor = Visitor(app)
    with time_machine.travel(now() + timedelta(seconds=TEN_MINUTES), tick=True):
        visitor.submit("/reset", email=OLGA)
    link = link_in(mails_of(app, OLGA)[0], "/reset/")
    assert visitor.get(link).location == "/reset"
    visitor.submit(link, password="copper-window-77-meadow")
    assert visitor.sign_in(OLGA, PASSWORD).location == "/app", "the password was changed by a link of tomorrow"
    assert all(TEN_MINUTES - 30 < off <= TEN_MINUTES for off in numbers(lines, "link_from_the_future"))
    assert len(numbers(lines, "link_from_the_future")) == 2


def test_a_link_of_today_says_nothing(app: Flask, lines: list[Any]) -> None:
    visitor = Visitor(app)
    visitor.submit("/reset", email=OLGA)
    page = visitor.get(link_in(mails_of(app, OLGA)[0], "/reset/"))
    assert page.status_code == 200
    assert block_of(page)["data"]["form"]["errors"] == []
    for odd in ("x", "a.b.c", "..", "a.b", "%00.%00.%00"):
        visitor.get(f"/reset/{odd}")
    assert numbers(lines, "link_from_the_future") == []


@pytest.mark.parametrize("ahead", [TEN_MINUTES, -TEN_MINUTES])
def test_a_webhook_of_another_time_is_refused_and_told_with_a_number(app: Flask, lines: list[Any], ahead: int) -> None:
    event = {"id": "evt_1", "type": "invoice.paid", "livemode": False, "data": {"object": {"id": "in_1"}}}
    with time_machine.travel(now() + timedelta(seconds=ahead), tick=True):
        sent = StripeStandIn.signed(event)
    assert app.test_client().post("/webhooks/stripe", **sent).status_code == 400
    (off,) = numbers(lines, "webhook_refused")
    assert abs(off + ahead) < 30


def test_the_doctor_compares_the_clock_with_the_databases(app: Flask) -> None:
    with app.app_context():
        assert [level for level, *_ in checks.clock()] == [checks.OK]
        if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
            with time_machine.travel(now() + timedelta(seconds=TEN_MINUTES), tick=True):
                ((level, text, remedy),) = checks.clock()
            assert (level, text) == (checks.FAIL, "+600 seconds off the database's")
            assert "NTP" in remedy
