"""What the log says about a request, and what it never says."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

from enferno.app import create_app
from enferno.extensions import db
from enferno.tasks import task
from tests.support import databases
from tests.support.client import Browser
from tests.support.world import PASSWORD, World, build_world

ACME = "/api/v1/workspaces/acme"


@pytest.fixture(params=["json", "console"])
def log_format(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def logging_app(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Any]:
    """Make an application that logs to what `capsys` reads; logging_app(log_format="console")."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        given = {"log_level": "DEBUG", "log_format": "json", "trusted_proxies": 1}
        made.append(create_app(databases.settings_for(database, tmp_path, **(given | changes))))
        return made[-1]

    with databases.fresh("sqlite", tmp_path) as database:
        yield make
        for app in made:
            databases.dispose(app)
    structlog.reset_defaults()


def entries(capsys: pytest.CaptureFixture[str], event: str = "request") -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line]
    return [line for line in lines if line["event"] == event]


def rename_column(app: Flask, table: str, name: str, new_name: str) -> None:
    """Break a table behind the application's back."""
    with sqlite3.connect(app.extensions["settings"].database.removeprefix("sqlite:///")) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME COLUMN {name} TO {new_name}")


def test_a_request_is_one_line_with_who_where_and_how_long(
    logging_app: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    app = logging_app()
    world = build_world(app)
    browser = Browser(app).sign_in(world.acme.owner.email)
    capsys.readouterr()
    answer = browser.patch(f"{ACME}?q=canary", json={"name": "Renamed"})
    (entry,) = entries(capsys)
    assert entry.pop("duration_ms") >= 0
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {
        "event": "request",
        "level": "info",
        "method": "PATCH",
        "path": ACME,
        "status": 200,
        "address": "127.0.0.1",
        "request_id": answer.headers["X-Request-ID"],
        "user": str(world.acme.owner.id),
        "workspace": str(world.acme.id),
    }


def test_the_line_costs_no_statement(logging_app: Any) -> None:
    """The commit lets go of what was loaded; asking for the person's id must not load it again."""
    from tests.support.statements import count_statements

    app = logging_app()
    browser = Browser(app).sign_in(build_world(app).acme.owner.email)
    quiet = logging_app(log_level="ERROR")
    counts = []
    for each in (app, quiet):
        browser.app, browser.client.application = each, each
        with each.app_context(), count_statements(db.engine) as statements:
            assert browser.get(ACME).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_nothing_of_one_request_is_left_for_the_next(logging_app: Any, capsys: pytest.CaptureFixture[str]) -> None:
    app = logging_app()
    Browser(app).sign_in(build_world(app).acme.owner.email).get(ACME)
    capsys.readouterr()
    app.test_client().get("/login")
    (entry,) = entries(capsys)
    assert "user" not in entry
    assert "workspace" not in entry


def test_an_id_from_outside_is_taken_from_a_proxy_alone(logging_app: Any) -> None:
    given = "0123456789abcdef0123456789abcdef"
    for proxies, taken in ((1, True), (0, False)):
        client = logging_app(trusted_proxies=proxies).test_client()
        answer = client.get("/healthz", headers={"X-Request-ID": given})
        assert (answer.headers["X-Request-ID"] == given) is taken
    forged = client.get("/healthz", headers={"X-Request-ID": "a forged id"})
    assert "forged" not in forged.headers["X-Request-ID"]


def test_line_ends_in_what_is_sent_begin_no_line_of_their_own(
    logging_app: Any, log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    client = logging_app(log_format=log_format).test_client()
    capsys.readouterr()
    client.get("/nothing%0d%0a2026-11-21T00:00:00Z%20[info]%20signed_in%20user=root")
    client.get("/nothing%0a%E2%80%A8here")
    lines = [line for line in capsys.readouterr().err.split("\n") if line]
    assert len(lines) == 2
    assert all("\r" not in line for line in lines)


def test_a_failure_is_logged_whole_and_on_one_line(logging_app: Any, capsys: pytest.CaptureFixture[str]) -> None:
    app = logging_app()
    browser = Browser(app).sign_in(build_world(app).acme.owner.email)
    rename_column(app, "workspaces", "name", "gone")
    capsys.readouterr()
    answer = browser.get(ACME)
    assert answer.status_code == 500
    (entry,) = entries(capsys, "unexpected_error")
    assert entry["request_id"] == answer.headers["X-Request-ID"]
    assert "Traceback" in entry["exception"]
    assert "Traceback" not in answer.text


def test_signing_in_and_out_is_logged(logging_app: Any, capsys: pytest.CaptureFixture[str]) -> None:
    app = logging_app()
    world = build_world(app)
    browser = Browser(app).sign_in(world.acme.owner.email)
    browser.post("/logout")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line]
    told = [(line["event"], line["user"]) for line in lines if line["event"].startswith("signed_")]
    assert told == [("signed_in", str(world.acme.owner.id)), ("signed_out", str(world.acme.owner.id))]


def test_a_task_says_in_which_workspace_it_ran(logging_app: Any, capsys: pytest.CaptureFixture[str]) -> None:
    app = logging_app()
    world: World = build_world(app)

    @task
    def speak() -> None:
        structlog.get_logger().info("spoken")

    with app.app_context():
        speak.queue(world.acme.id)
        db.session.commit()
    (entry,) = entries(capsys, "spoken")
    assert (entry["task"], entry["workspace"]) == (speak.name, str(world.acme.id))


def token_of(client: FlaskClient) -> str:
    """What the sign-in page sends along against forged requests."""
    token = client.get("/login").text.partition('"csrf":"')[2].partition('"')[0]
    assert token
    return token


CANARY = "canary-5f2e8c"


def test_canary_secrets_sent_through_every_route_never_appear(
    logging_app: Any, log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every route and method, with a secret wherever one can stand: path, query, form, JSON, header and cookie."""
    app = logging_app(log_format=log_format)
    world = build_world(app)
    browsers = [Browser(app), *(Browser(app).sign_in(p.email) for p in (world.acme.owner, world.root))]
    capsys.readouterr()
    secrets = {"password": CANARY, "new_password": CANARY, "new_password_confirm": CANARY, "token": CANARY}
    headers = {"Authorization": f"Bearer {CANARY}", "X-API-Key": CANARY, "Cookie": f"other={CANARY}"}
    asked = 0
    for rule in app.url_map.iter_rules():
        given = {name: "acme" if name == "slug" else "0" * 8 + "-0000-7000-8000-" + "0" * 12 for name in rule.arguments}
        given |= {name: CANARY for name in rule.arguments if "token" in name}
        values = {name: given[name] for name in rule.arguments}
        try:
            path = app.url_map.bind("localhost").build(rule.endpoint, values)
        except Exception:
            continue
        for method in sorted(rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            if rule.endpoint == "security.logout":
                continue
            for browser in browsers:
                body = (
                    {"json": secrets} if path.startswith("/api/") else {"data": secrets | {"csrf_token": browser.csrf}}
                )
                browser.open(f"{path}?token={CANARY}", method, headers=headers, **body)
                asked += 1
    written = capsys.readouterr().err
    assert asked > 100
    assert written.count("duration_ms") >= asked * 0.9
    assert CANARY not in written


def test_a_real_password_and_a_real_session_never_appear(
    logging_app: Any, log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also not when the sign-in fails in the middle, with the statement and its values in the error."""
    app = logging_app(log_format=log_format)
    build_world(app)
    client = app.test_client()
    form = {"email": "owner@acme.example.com", "password": PASSWORD, "csrf_token": token_of(client)}
    rename_column(app, "sessions", "device", "gone")
    assert client.post("/login", data=form).status_code == 500
    rename_column(app, "sessions", "gone", "device")
    form["csrf_token"] = token_of(client)
    assert client.post("/login", data=form).status_code == 302
    client.get("/w/acme/")
    with client.session_transaction() as cookie:
        kept = cookie["token"]
    written = capsys.readouterr().err
    assert "unexpected_error" in written
    for secret in (PASSWORD, kept, form["csrf_token"]):
        assert secret not in written
