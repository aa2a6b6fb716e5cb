"""Flask's cookie, read and written as Flask does, but not made ready anew for every request."""

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

__all__ = ["Cookies"]


class Cookies(SecureCookieSessionInterface):
    """Who brings no cookie needs nothing that reads one; what reads and writes it is made once for the keys."""

    made: tuple[tuple[object, ...], URLSafeTimedSerializer | None] = ((), None)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if app.secret_key and "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        return super().open_session(app, request)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        keys = (app.secret_key, *app.config["SECRET_KEY_FALLBACKS"])
        known, serializer = self.made
        if known != keys:
            serializer = super().get_signing_serializer(app)
            self.made = (keys, serializer)
        return serializer
