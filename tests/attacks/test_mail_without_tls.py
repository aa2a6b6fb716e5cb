"""A mail server between us and the real one, which leaves STARTTLS out so that it can read along."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from enferno.app import create_app
from enferno.extensions import db
from enferno.mail import OutboundMail, send
from enferno.mail.models import QUEUED, SENT
from enferno.settings import Settings, SettingsError
from tests.deploy.test_refuses_to_start import GOOD
from tests.support import databases
from tests.support.servers import MailServer, mail_server


@pytest.fixture
def database(tmp_path: Path) -> Iterator[databases.Database]:
    """Production runs on no other."""
    with databases.fresh("postgresql", tmp_path) as found:
        yield found


@pytest.fixture
def stripped() -> Iterator[MailServer]:
    """A server that offers no STARTTLS, and takes whatever it is given."""
    with mail_server(auth_require_tls=False) as running:
        yield running


@contextmanager
def refusing_starttls() -> Iterator[tuple[int, list[bytes]]]:
    """A server that offers STARTTLS and refuses it when asked; gives its port and what it was told."""
    told: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as stream:
            stream.write(b"220 hello\r\n")
            stream.flush()
            for line in stream:
                told.append(line.split()[0].upper())
                answers = {b"EHLO": b"250-here\r\n250-AUTH PLAIN\r\n250 STARTTLS", b"STARTTLS": b"454 not now"}
                stream.write(answers.get(told[-1], b"250 fine") + b"\r\n")
                stream.flush()

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield listener.getsockname()[1], told
    listener.close()
    thread.join(5)


def outcome(settings: Settings, url: str) -> tuple[str, str | None]:
    """What became of a mail that the application in production sends through this server."""
    production = replace(settings, env="production", smtp_url=url, base_url="https://app.example.com")
    app = create_app(production)
    try:
        with app.app_context():
            send("nora@example.com", "Hello", "text")
            db.session.commit()
            app.extensions["tasks"].close()
            mail = db.session.scalars(select(OutboundMail)).one()
            return mail.status, mail.last_error
    finally:
        databases.dispose(app)


def test_nothing_is_sent_to_a_server_that_offers_no_starttls(settings: Settings, stripped: MailServer) -> None:
    """A25: the mail waits, and the server in between has not even learnt for whom it is."""
    assert outcome(settings, stripped.url) == (QUEUED, "NotEncrypted")
    assert (stripped.tried, stripped.mails) == (0, [])


def test_nothing_is_sent_to_a_server_that_refuses_the_starttls_it_offers(settings: Settings) -> None:
    """A25: neither a mail nor a password."""
    with refusing_starttls() as (port, told):
        status, error = outcome(settings, f"smtp://user:hush-hush@127.0.0.1:{port}")
    assert (status, error) == (QUEUED, "SMTPResponseException")
    assert set(told) <= {b"EHLO", b"STARTTLS", b"QUIT"}


def test_a_relay_without_tls_is_used_when_it_is_asked_for_by_name(settings: Settings, stripped: MailServer) -> None:
    """A25: the one way to send without TLS in production stands in the address."""
    assert outcome(settings, f"{stripped.url}?tls=none") == (SENT, None)
    assert stripped.encrypted == [False]


@pytest.mark.parametrize(
    "url",
    [
        "smtp://user:hush-hush@mail.example.com:587?tls=none",
        "smtp://user@localhost:25?tls=none",
        "smtps://mail.example.com?tls=none",
        "smtp://mail.example.com?tls=off",
        "smtp://mail.example.com?starttls=0",
    ],
)
@pytest.mark.parametrize("env", ["development", "production"])
def test_it_cannot_be_asked_for_with_a_password_nor_under_another_name(env: str, url: str) -> None:
    """A25: what would be read as a wish for no TLS is refused at the start, without repeating the password."""
    with pytest.raises(SettingsError) as refused:
        Settings.from_environ(GOOD | {"ENV": env, "SMTP_URL": url})
    (fault,) = refused.value.faults
    assert fault.startswith("SMTP_URL")
    assert "tls=none" in fault
    assert "hush" not in fault
