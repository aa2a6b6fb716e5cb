"""What anyone sees."""

from dataclasses import replace

import pytest

from enferno.app import create_app
from tests.support import databases
from tests.support.visitor import block_of

PAGES = ["/", "/login", "/register", "/reset", "/confirm", "/check-your-mail", "/api/v1/docs"]


@pytest.fixture(scope="module")
def visitor(standing_stage):
    return standing_stage.app.test_client()


@pytest.mark.parametrize("path", PAGES)
def test_anyone_may_see_it_and_nobody_keeps_it(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert block_of(answer)["user"] is None


def test_the_landing_page_shows_its_picture_once_there_is_one(visitor, monkeypatch):
    def missing(name: str) -> str:
        raise LookupError(name)

    monkeypatch.setattr("enferno.public.pages.asset", missing)
    assert block_of(visitor.get("/"))["data"]["pictures"] == {}
    monkeypatch.setattr("enferno.public.pages.asset", lambda name: f"/assets/{name}")
    shown = block_of(visitor.get("/"))["data"]["pictures"]
    assert shown == {"light": "/assets/img/home-light.webp", "dark": "/assets/img/home-dark.webp"}


def test_the_reference_points_to_the_document(visitor):
    document = visitor.get(block_of(visitor.get("/api/v1/docs"))["data"]["document"])
    assert document.json["openapi"].startswith("3.1")


def test_mails_are_linked_from_nowhere_when_a_server_sends_them(settings):
    app = create_app(
        replace(settings, env="development", smtp_url="smtp://localhost:25", celery_broker_url="memory://")
    )
    assert block_of(app.test_client().get("/check-your-mail"))["data"]["outbox"] == ""
    databases.dispose(app)
