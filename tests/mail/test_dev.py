"""The mails of this machine: shown in development, nowhere else, and harmless."""

from dataclasses import replace

import pytest

from enferno.app import create_app
from enferno.mail.models import OutboundMail
from enferno.mail.transport import compose, transmit
from tests.support import databases

HOSTILE = "${7*7} <img src=x onerror=alert(1)>"


@pytest.fixture
def development(settings):
    app = create_app(replace(settings, env="development", celery_broker_url="memory://"))
    yield app
    databases.dispose(app)


def deliver(app, subject: str, text: str = "Hello", html: str | None = None) -> str:
    settings = app.extensions["settings"]
    from enferno.database import new_id, now

    mail = OutboundMail(
        id=new_id(), recipient="ana@example.com", subject=subject, body_text=text, body_html=html, created_at=now()
    )
    transmit(compose(mail, settings), settings)
    return str(mail.id)


def test_an_empty_outbox_says_how_to_fill_it(development):
    assert "Nothing was sent yet" in development.test_client().get("/dev/mail").text


def test_the_newest_mail_comes_first(development):
    deliver(development, "The first")
    deliver(development, "The second")
    page = development.test_client().get("/dev/mail").text
    assert page.index("The second") < page.index("The first")


def test_a_mail_is_shown_with_links_to_follow_and_nothing_that_runs(development):
    mail = deliver(development, HOSTILE, f"Open http://localhost:5000/confirm/abc {HOSTILE}", f"<head></head>{HOSTILE}")
    client = development.test_client()
    page = client.get(f"/dev/mail/{mail}")
    assert '<a href="http://localhost:5000/confirm/abc"' in page.text
    assert "<img src=x" not in page.text
    assert "<img src=x" not in client.get("/dev/mail").text
    framed = client.get(f"/dev/mail/{mail}/html")
    assert framed.headers["Content-Security-Policy"].startswith("sandbox ")
    assert "script-src" not in framed.headers["Content-Security-Policy"]
    assert "default-src 'none'" in framed.headers["Content-Security-Policy"]
    assert "allow-scripts" not in page.text + framed.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["01234567-89ab-7def-8123-456789abcdef", "01234567-89ab-7def-8123-456789abcdef/html"])
def test_a_mail_that_is_not_there_is_not_found(development, path):
    assert development.test_client().get(f"/dev/mail/{path}").status_code == 404


def test_a_mail_without_html_has_no_picture_of_it(development):
    mail = deliver(development, "Plain")
    assert "<iframe" not in development.test_client().get(f"/dev/mail/{mail}").text
    assert development.test_client().get(f"/dev/mail/{mail}/html").status_code == 404


def test_signing_up_leads_to_the_outbox_in_development_alone(app, development):
    from tests.support.visitor import block_of

    assert block_of(development.test_client().get("/check-your-mail"))["data"]["outbox"] == "/dev/mail"
    assert block_of(app.test_client().get("/check-your-mail"))["data"]["outbox"] == ""


def test_outside_of_development_there_is_no_outbox_to_see(app):
    deliver(app, "Secret")
    assert app.test_client().get("/dev/mail").status_code == 404
