"""PostgreSQL restarts, is gone, is full, is read-only, is slow (cases/faults, 4 to 8)."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text
from werkzeug.test import TestResponse

from enferno.extensions import db
from tests.support.client import Browser
from tests.support.servers import OwnPostgres, silence

ACME = "/api/v1/workspaces/acme"


def name_of_acme(connect: Any) -> str:
    with connect() as connection:
        return connection.scalar(text("SELECT name FROM workspaces WHERE slug = 'acme'"))


def assert_unavailable(response: TestResponse) -> None:
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert response.headers["X-Request-ID"]


@contextmanager
def before_commit(do: Callable[[], Any]) -> Iterator[None]:
    """Do something once, when a request is about to commit what it has written."""

    done: list[bool] = []

    def once(_session: Any) -> None:
        if not done:
            done.append(True)
            do()

    event.listen(db.session, "before_commit", once)
    yield
    event.remove(db.session, "before_commit", once)
    assert done, "the request has not committed"


def test_no_request_fails_when_postgresql_restarts_between_requests(
    postgres: OwnPostgres, serving: Any, owner: Any
) -> None:
    browser = owner(serving())
    assert browser.get(ACME).status_code == 200
    postgres.restart()
    assert [browser.get(ACME).status_code for _ in range(5)] == [200] * 5


def test_a_restart_inside_a_transaction_is_503_and_writes_nothing(
    postgres: OwnPostgres, serving: Any, owner: Any, from_outside: Any
) -> None:
    browser = owner(serving())
    with before_commit(postgres.restart):
        response = browser.patch(ACME, json={"name": "Half written"})
    assert_unavailable(response)
    assert response.get_json()["code"] == "unavailable"
    assert name_of_acme(from_outside) == "Acme"
    assert browser.patch(ACME, json={"name": "Whole"}).status_code == 200
    assert name_of_acme(from_outside) == "Whole"


def test_a_page_whose_transaction_is_lost_says_so(postgres: OwnPostgres, serving: Any, owner: Any) -> None:
    browser = owner(serving())
    with before_commit(postgres.restart):
        response = browser.get("/w/acme/", follow_redirects=True)
    assert_unavailable(response)
    assert response.mimetype == "text/html"
    assert "not available right now" in response.text


def test_without_a_database_pages_and_programs_are_told_to_come_back(
    postgres: OwnPostgres, serving: Any, owner: Any
) -> None:
    app = serving()
    browser = owner(app)
    postgres.stop()
    try:
        page, answer = browser.get("/account/profile"), browser.get(ACME)
        visitor = Browser(app)
        alive, ready, landing = visitor.get("/healthz"), visitor.get("/readyz"), visitor.get("/")
    finally:
        postgres.start()
    assert_unavailable(page)
    assert page.mimetype == "text/html"
    assert_unavailable(answer)
    assert answer.mimetype == "application/problem+json"
    assert (alive.status_code, ready.status_code) == (200, 503)
    assert ready.get_json()["parts"]["database"] == "unavailable"
    assert landing.status_code == 200
    assert browser.get(ACME).status_code == 200


def test_a_database_that_accepts_and_says_nothing_is_503_within_five_seconds(
    serving: Any, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = serving()
    browser = owner(app)
    with silence() as port, app.app_context():
        db.engine.dispose()

        @event.listens_for(db.engine, "do_connect")
        def elsewhere(_dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:
            parameters.update(host="127.0.0.1", port=port)

        began = time.monotonic()
        response = browser.get(ACME)
        assert time.monotonic() - began < 5
        event.remove(db.engine, "do_connect", elsewhere)
    assert_unavailable(response)
    assert browser.get(ACME).status_code == 200


def test_an_exhausted_pool_is_503_within_five_seconds(serving: Any, owner: Any) -> None:
    app = serving(database_pool_size=1)
    browser = owner(app)
    with app.app_context():
        held = [db.engine.connect() for _ in range(2)]
    began = time.monotonic()
    answer, page = browser.get(ACME), browser.get("/account/profile")
    waited = time.monotonic() - began
    for connection in held:
        connection.close()
    assert_unavailable(answer)
    assert_unavailable(page)
    assert waited < 2 * 5
    assert browser.get(ACME).status_code == 200


def test_on_a_read_only_database_reads_go_on_and_writes_are_503(serving: Any, owner: Any, from_outside: Any) -> None:
    app = serving()
    browser = owner(app)
    with from_outside() as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
        connection.commit()
    with app.app_context():
        db.engine.dispose()
    assert browser.get(ACME).status_code == 200
    assert browser.get("/w/acme/", follow_redirects=True).status_code == 200
    assert_unavailable(browser.patch(ACME, json={"name": "Not now"}))
    assert name_of_acme(from_outside) == "Acme"


def test_a_slow_statement_is_ended_and_the_answer_names_the_request(
    serving: Any, owner: Any, from_outside: Any
) -> None:
    browser = owner(serving(database_statement_timeout=200))
    with from_outside() as connection:
        connection.execute(text("SELECT 1 FROM workspaces WHERE slug = 'acme' FOR UPDATE"))
        response = browser.patch(ACME, json={"name": "Too slow"})
    assert_unavailable(response)
    assert name_of_acme(from_outside) == "Acme"


def test_a_fault_of_a_statement_is_ours_and_not_the_databases(serving: Any, owner: Any, from_outside: Any) -> None:
    """A missing column does not pass by waiting: 500, so that somebody looks."""
    browser = owner(serving())
    with from_outside() as connection:
        connection.execute(text("ALTER TABLE workspaces RENAME COLUMN name TO name_of_old"))
        connection.commit()
    assert browser.get(ACME).status_code == 500
