"""A mail server on loopback, and an application that sends to it."""

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
from flask import Flask

from enferno.app import create_app
from enferno.settings import Settings
from tests.support import databases
from tests.support.servers import MailServer, mail_server


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def sending(settings: Settings, server: MailServer) -> Iterator[Any]:
    """Make an application that sends to that server, or to another address: sending(smtp_url=...)."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        given = {"smtp_url": server.url, "mail_from": "Acme <hello@acme.example.com>"}
        made.append(create_app(replace(settings, **(given | changes))))
        return made[-1]

    yield make
    for app in made:
        databases.dispose(app)


@pytest.fixture
def delivered(server: MailServer) -> Any:
    """The mails that the server has taken, parsed."""

    def read() -> list[EmailMessage]:
        return [cast(EmailMessage, message_from_bytes(mail.content, policy=policy.default)) for mail in server.mails]

    return read
