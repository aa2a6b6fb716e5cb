"""The pages of errors, in the whole application."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from enferno.access.guards import open_to_all, requires
from enferno.access.permissions import Permission
from enferno.app import create_app
from enferno.errors import Unauthenticated
from tests.support import databases
from tests.support.client import Browser
from tests.support.world import build_world

OWNER = "owner@acme.example.com"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The kit itself, not the small application of the other tests here."""
    with databases.fresh("sqlite", tmp_path) as database:
        app = create_app(databases.settings_for(database, tmp_path, log_level="ERROR"))
        app.config["PROPAGATE_EXCEPTIONS"] = False
        build_world(app)
        yield app
        databases.dispose(app)


def block_of(text: str) -> dict:
    return json.loads(re.search(r'id="page-data"[^>]*>(.*?)</script>', text, re.DOTALL)[1])


def without_secrets(text: str) -> str:
    """What may differ between two answers to the same person: the nonce and the token."""
    text = re.sub(r'nonce="[^"]*"', "", text)
    return re.sub(r'"csrf":"[^"]*"', "", text)


def test_two_pages_that_are_not_there_are_alike_to_the_byte(app: Flask):
    browser = Browser(app).sign_in(OWNER)
    foreign, missing = browser.get("/w/noise/"), browser.get("/w/nowhere/")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert without_secrets(foreign.text) == without_secrets(missing.text)
    assert block_of(foreign.text)["request_id"] == ""


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (OperationalError("SELECT 1", {}, Exception("server closed the connection")), 503, "unavailable"),
        (RuntimeError("a fault of ours"), 500, "internal_error"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/app", "/w/acme/"])
def test_a_failure_has_its_page_even_when_nobody_knows_who_asks(
    app: Flask, monkeypatch: pytest.MonkeyPatch, path: str, fault: Exception, status: int, code: str
):
    browser = Browser(app).sign_in(OWNER)

    def away(_token: str) -> None:
        raise fault

    monkeypatch.setattr("enferno.user.sessions.find_session", away)
    answer = browser.get(path)
    block = block_of(answer.text)
    assert (answer.status_code, block["page"], block["data"]["code"]) == (status, "errors/error", code)
    assert block["request_id"] == answer.headers["X-Request-ID"]
    assert "SELECT" not in answer.text
    assert "a fault of ours" not in answer.text


def test_a_fault_in_a_view_keeps_the_person_in_the_page(app: Flask):
    @requires(Permission.WORKSPACE_VIEW)
    def broken(**_given: str) -> None:
        raise RuntimeError("a fault of ours")

    app.view_functions["portal.home"] = broken
    block = block_of(Browser(app).sign_in(OWNER).get("/w/acme/").text)
    assert (block["status"], block["user"]["email"]) == (500, OWNER)


def test_whoever_must_sign_in_is_told_so_where_no_redirect_fits(app: Flask):
    @open_to_all
    def shut() -> None:
        raise Unauthenticated

    app.view_functions["public.landing"] = shut
    answer = Browser(app).get("/")
    assert (answer.status_code, block_of(answer.text)["title"]) == (401, "Sign in to go on")


def test_no_page_of_an_error_is_kept_by_a_cache(app: Flask):
    assert Browser(app).get("/nowhere").headers["Cache-Control"] == "no-store"
