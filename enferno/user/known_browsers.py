"""A browser remembers whose accounts it was signed in to, so that tries from elsewhere do not lock those people out."""

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from enferno.user.addresses import mark, marks
from enferno.user.models import User

__all__ = ["is_known", "remember"]

A_YEAR = 365 * 24 * 3600
AT_MOST = 5
USE = "known browser"


def is_known(email: str) -> bool:
    """Whether this browser was signed in to the account of this address before."""
    return not marks(email, USE).isdisjoint(remembered())


def remember(user: User) -> None:
    """Say it with the answer to this request. It outlives signing out, and lets nobody in by itself."""
    former = marks(user.email, USE)
    kept = [mark(user.email, USE), *(other for other in remembered() if other not in former)][:AT_MOST]

    @after_this_request
    def set_cookie(response: Response) -> Response:
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        value = str(serializer().dumps(kept))
        response.set_cookie(cookie_name(), value, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")
        return response


def remembered() -> list[str]:
    try:
        return list(serializer().loads(request.cookies.get(cookie_name(), "")))
    except BadSignature:
        return []


def serializer() -> URLSafeSerializer:
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return URLSafeSerializer(keys, salt="known browser")


def cookie_name() -> str:
    return "__Host-known" if current_app.config["SESSION_COOKIE_SECURE"] else "known"
