"""Confirming an address: the link in the mail opens a page, and its button confirms.

A link that acted by itself would be followed by mail scanners and previews (ASVS 3.5.3). The browser that signed up is
signed in at once, since it has shown that it knows the password. In any other, whoever has the mailbox says who they
are and chooses a password, and what was typed at the sign-up counts for nothing: otherwise somebody could sign up with
a stranger's address, wait for the stranger to confirm, and come in with a password of their own.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from flask import Flask, flash, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import hash_password, password_reset, user_confirmed, user_not_registered, user_registered, views
from flask_security.confirmable import confirm_email_token_status
from flask_security.utils import check_and_get_token_status, get_message, login_user
from sqlalchemy import select

from enferno.database import now
from enferno.extensions import db
from enferno.pages import render_page
from enferno.user.form_pages import described
from enferno.user.forms import ClaimForm
from enferno.user.models import User
from enferno.user.unconfirmed import begin_anew, held, is_claim

__all__ = ["confirm_email", "init_app"]

SIGNED_UP = "signed_up"
# So long a link that was used leads to signing in, and not to a page that says it is no good.
REMEMBERED = timedelta(days=365)


def init_app(app: Flask) -> None:
    user_registered.connect(remember_sign_up, app)
    user_not_registered.connect(pretend_sign_up, app)
    user_confirmed.connect(let_in, app)
    password_reset.connect(confirm_by_reset, app)


def confirm_email(token: str) -> ResponseReturnValue:
    if request.method == "POST":
        # Whoever is second waits here, and then finds the address confirmed.
        held(confirm_email_token_status(token)[-1])
    return ask(token) or views.confirm_email(token=token)


def ask(token: str) -> ResponseReturnValue | None:
    """The page with the button; nothing when the button may do its work, or the library has the words for a bad link.

    From another browser than the one that signed up, the page asks for a name and a password as well.
    """
    expired, invalid, user = confirm_email_token_status(token)
    if user is None or expired or invalid:
        return already_confirmed() if confirmed_by(token) else None
    if user.confirmed_at is not None:
        return already_confirmed()
    form = None if signed_up_here(user) else ClaimForm(user)
    if request.method == "POST" and (form is None or form.validate()):
        if form is not None:
            begin_anew(user, form.name.data, hash_password(form.password.data))
        return None
    data = {"action": request.path, "email": user.email, "form": described(form) if form else None}
    return render_page("auth/confirm", title=_("Confirm your address"), data=data, layout="public")


def already_confirmed() -> ResponseReturnValue:
    flash(*get_message("ALREADY_CONFIRMED"))
    return redirect(url_for("security.login"))


def confirmed_by(token: str) -> bool:
    """Whether this link has confirmed an account that is still in the state that it was in then."""
    expired, invalid, told = check_and_get_token_status(token, "confirm", REMEMBERED)
    if expired or invalid or not told:
        return False
    query = select(User.id).where(User.fs_uniquifier == after_confirming(told[0]), User.confirmed_at.is_not(None))
    return db.session.scalar(query) is not None


def after_confirming(uniquifier: str) -> str:
    """What an account is named by once it is confirmed: another value, so that no link of before leads to it, and one
    that follows from the former, so that a link followed twice is told from a bad one."""
    return hashlib.sha256(f"confirmed {uniquifier}".encode()).hexdigest()


def remember_sign_up(_app: Flask, user: User, **_more: Any) -> None:
    cookie[SIGNED_UP] = mark(user)


def pretend_sign_up(_app: Flask, **_more: Any) -> None:
    """The address was known: the answer must not differ, not even by what its cookie holds."""
    cookie[SIGNED_UP] = secrets.token_hex(32)


def mark(user: User) -> str:
    """Stands for one sign-up: another one for the same address has another mark."""
    return hashlib.sha256(f"{user.id} {user.created_at.timestamp()}".encode()).hexdigest()


def signed_up_here(user: User) -> bool:
    """Whether the last sign-up for this account came from this browser."""
    return cookie.get(SIGNED_UP) == mark(user)


def let_in(_app: Flask, user: User, **_more: Any) -> None:
    """Sign in the browser that signed up. Links that were sent until now have done their work."""
    user.fs_uniquifier = after_confirming(user.fs_uniquifier)
    mine = signed_up_here(user)
    cookie.pop(SIGNED_UP, None)
    if mine and user.active:
        login_user(user, authn_via=["confirm"])


def confirm_by_reset(_app: Flask, user: User, **_more: Any) -> None:
    """Who followed the link in a mail to the address has it. What somebody else typed goes, as with the other link."""
    if is_claim(user) and not signed_up_here(user):
        begin_anew(user, "", user.password)
    user.confirmed_at = user.confirmed_at or now()
