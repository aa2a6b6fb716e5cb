"""Somebody with a browser and a mailbox: fills in the forms of the pages and follows the links of the mails."""

import json
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.world import PASSWORD

__all__ = ["Visitor", "block_of", "mails_of"]

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Visitor:
    """`Visitor(app).sign_in("ana@example.com")`, by the form and with the token that the page holds."""

    def __init__(self, app: Flask, address: str = "192.0.2.1", host: str = "localhost:5000") -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.base: dict[str, Any] = {
            "environ_base": {"REMOTE_ADDR": address, "HTTP_USER_AGENT": FIREFOX},
            "base_url": host if "://" in host else f"http://{host}",
        }
        if host.startswith("https:"):
            self.base["environ_base"]["HTTP_REFERER"] = host  # without it Flask-WTF refuses a form over TLS
        self.tokens: dict[str, str] = {}

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **(self.base | options))

    def submit(self, path: str, csrf: str | None = None, **fields: str) -> TestResponse:
        """Fill in the fields of a form and send it, with the token of a page unless another is given."""
        token = self.csrf() if csrf is None else csrf
        return self.client.post(path, data={"csrf_token": token, **fields}, **self.base)

    def csrf(self) -> str:
        """The token that our pages hold; it lasts as long as the cookie's own part of it."""
        with self.client.session_transaction(**self.base) as cookie:
            kept = cookie.get("csrf_token", "")
        if kept not in self.tokens:
            token = block_of(self.get("/"))["csrf"]
            with self.client.session_transaction(**self.base) as cookie:
                self.tokens = {cookie["csrf_token"]: token}
            return token
        return self.tokens[kept]

    def sign_in(self, email: str, password: str = PASSWORD, **more: str) -> TestResponse:
        return self.submit("/login", email=email, password=password, **more)

    def sign_up(self, email: str, name: str = "Nora New", password: str = PASSWORD, **more: str) -> TestResponse:
        return self.submit("/register", email=email, name=name, password=password, **more)

    def sign_out(self) -> TestResponse:
        return self.submit("/logout")

    @property
    def is_signed_in(self) -> bool:
        return self.get("/api/v1/me").status_code == 200

    def cookie(self, name: str = "session") -> str:
        found = self.client.get_cookie(name)
        return found.value if found else ""


def block_of(response: TestResponse) -> dict[str, Any]:
    """What a page starts from."""
    found = re.search(r'<script type="application/json" id="page-data"[^>]*>(.*?)</script>', response.text, re.DOTALL)
    assert found, f"{response.status_code}: no page here"
    return cast(dict[str, Any], json.loads(found[1]))


def mails_of(app: Flask, to: str = "") -> list[EmailMessage]:
    """What lies in the outbox, the oldest first."""
    folder = app.extensions["settings"].instance_path / "outbox"
    found = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in sorted(folder.glob("*.eml"))]
    return [cast(EmailMessage, mail) for mail in found if not to or mail["To"] == to]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""


def link_in(mail: EmailMessage, part: str) -> str:
    """The path of the first link whose address has `part` in it."""
    found = re.search(rf"https?://\S*{re.escape(part)}\S*", text_of(mail))
    assert found, f"no link with {part!r} in: {text_of(mail)}"
    return urlsplit(found[0]).path
