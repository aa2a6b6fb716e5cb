"""Signing in makes a row, every request finds it by its token, signing out ends it."""

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from flask import Flask, has_request_context, request
from flask import session as cookie
from flask_login import user_logged_in, user_logged_out
from flask_security.utils import set_request_attr
from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import contains_eager, joinedload
from werkzeug.local import LocalProxy

from enferno.access.recent import TYPED_AT
from enferno.database import now
from enferno.extensions import db
from enferno.settings import current_settings
from enferno.user.cookie import Cookies
from enferno.user.devices import device_of, place_of
from enferno.user.known_browsers import remember
from enferno.user.models import Session, User

__all__ = ["current_session", "init_app", "row_of_this_browser"]

TOKEN = "token"  # noqa: S105 - the name of the cookie's entry, not a token
FRESH = timedelta(minutes=5)
# Nobody has so many browsers; a program that signs in each time would have thousands.
MOST_SESSIONS = 50


def init_app(app: Flask) -> None:
    """Make Flask-Login read our rows instead of trusting the cookie, and nothing but our rows."""
    app.session_interface = Cookies()
    app.login_manager.user_loader(load_user)  # type: ignore[attr-defined]
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    user_logged_in.connect(begin, app)
    user_logged_out.connect(end, app)


def load_user(uniquifier: str) -> User | None:
    """The person whose open session this cookie names: one statement, roles included."""
    session = find_session(cookie.get(TOKEN, ""))
    if session is None or session.user.fs_uniquifier != uniquifier:
        return None
    if now() - session.last_seen_at > FRESH:
        session.seen(timedelta(days=current_settings().session_idle_days))
    # What Flask-Security's own loader would say: how one was let in, and when the password was typed.
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", cookie.get(TYPED_AT, 0))
    return session.user


def find_session(token: str) -> Session | None:
    if not token:
        return None
    session = db.session.scalars(by_token(), {"token_hash": hashed(token), "moment": now()}).unique().one_or_none()
    request.environ["enferno.session"] = session
    return session


@cache
def by_token() -> Any:
    """Built once, since every request asks it: building it takes a third as long as having it answered."""
    moment: BindParameter[datetime] = bindparam("moment")
    return (
        select(Session)
        .join(Session.user)
        .where(Session.token_hash == bindparam("token_hash"), Session.is_open_at(moment), User.active)
        .options(contains_eager(Session.user).options(joinedload(User.roles)))
    )


def begin(_app: Flask, user: User) -> None:
    """A new row and a new token at every sign-in and privilege change (ASVS 7.2.4)."""
    if not end_current():
        cookie.pop("csrf_token", None)  # Whoever had this browser before signing in does not know the next one.
    token = secrets.token_urlsafe(32)
    settings = current_settings()
    session = Session(
        user_id=user.id,
        token_hash=hashed(token),
        device=device_of(request.user_agent.string),
        address=request.remote_addr or "",
        place=place_of(request.form.get("timezone", "")),
        idle_until=now() + timedelta(days=settings.session_idle_days),
        expires_at=now() + timedelta(days=settings.session_absolute_days),
    )
    end_oldest(user)
    db.session.add(session)
    cookie[TOKEN] = token
    cookie.permanent = True
    request.environ["enferno.session"] = session
    remember(user)


def end_oldest(user: User) -> None:
    """Make room for one more: of more than so many, the one that was not seen for the longest ends."""
    for session in user.open_sessions()[MOST_SESSIONS - 1 :]:
        session.end()


def end(_app: Flask, user: User) -> None:
    end_current()
    cookie.clear()


def end_current() -> Session | None:
    """End the session that this browser came with, if there is one, and say which it was."""
    session = find_session(cookie.pop(TOKEN, ""))
    if session is not None:
        session.end()
    return session


def hashed(token: str) -> str:
    """A plain SHA-256 is enough: the token has 256 random bits, so there is nothing to guess."""
    return hashlib.sha256(token.encode()).hexdigest()


def row_of_this_browser() -> Session | None:
    """The session of this request; none outside of requests and for those who are not signed in."""
    return request.environ.get("enferno.session") if has_request_context() else None


current_session: Session = LocalProxy(row_of_this_browser)  # type: ignore[assignment]
