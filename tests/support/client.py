"""A browser for tests: keeps cookies, is signed in, and sends the CSRF token as the pages do."""

import secrets
import time
from typing import Any

from flask import Flask, g
from flask import session as cookie
from flask.testing import FlaskClient
from flask_login import login_user
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select
from werkzeug.test import TestResponse

from enferno.extensions import db
from enferno.user.models import User

__all__ = ["Browser"]

AGENT = "Mozilla/5.0 Firefox/140.0"
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


class Browser:
    """`Browser(app).sign_in("owner@acme.example.com").post("/api/v1/...", json={...})`.

    Signing in takes the same way as the sign-in page does once the password was right; the password itself, and the
    page, have tests of their own.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.client.environ_base["HTTP_USER_AGENT"] = AGENT
        self.csrf = ""

    def sign_in(self, email: str) -> "Browser":
        here = {"REMOTE_ADDR": "127.0.0.1"}
        with self.app.test_request_context("/", headers={"User-Agent": AGENT}, environ_base=here):
            user = db.session.scalars(select(User).where(User.email == email)).one()
            login_user(user)
            cookie["csrf_token"] = secrets.token_hex(20)
            # The password was typed just now, and a slow test run must not make it long ago.
            cookie["fs_paa"] = time.time() + 24 * 3600
            self.csrf = generate_csrf()
            db.session.commit()
            kept = dict(cookie)
            g.pop("csrf_token", None)
        with self.client.session_transaction() as mine:
            mine.update(kept)
            mine.permanent = True
        return self

    def visit(self) -> "Browser":
        """Come as nobody, with the CSRF token that the first page would have brought."""
        with self.app.test_request_context("/"):
            cookie["csrf_token"] = secrets.token_hex(20)
            self.csrf = generate_csrf()
            kept = dict(cookie)
            g.pop("csrf_token", None)
        with self.client.session_transaction() as mine:
            mine.update(kept)
        return self

    def open(self, path: str, method: str = "GET", **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if method in UNSAFE and self.csrf:
            headers.setdefault("X-CSRFToken", self.csrf)
        return self.client.open(path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.open(path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        return self.open(path, "POST", **options)

    def put(self, path: str, **options: Any) -> TestResponse:
        return self.open(path, "PUT", **options)

    def patch(self, path: str, **options: Any) -> TestResponse:
        return self.open(path, "PATCH", **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self.open(path, "DELETE", **options)
