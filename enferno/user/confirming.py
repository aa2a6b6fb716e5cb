"""Confirming an address: the link in the mail opens a page, and its button confirms.

A link that acted by itself would be followed by mail scanners and previews (ASVS 3.5.3). The browser that signed up is
signed in at once, since it has shown that it knows the password; any other goes through the sign-in page. Otherwise
somebody could sign up with a stranger's address and wait for the stranger to confirm and use the account.
"""

from typing import Any
from uuid import UUID

from flask import Flask, flash, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import user_confirmed, user_not_registered, user_registered, views
from flask_security.confirmable import confirm_email_token_status
from flask_security.utils import get_message, login_user

from enferno.database import new_id
from enferno.pages import render_page
from enferno.user.at_once import hold_person
from enferno.user.models import User

__all__ = ["confirm_email", "init_app"]

SIGNED_UP = "signed_up"


def init_app(app: Flask) -> None:
    user_registered.connect(remember_sign_up, app)
    user_not_registered.connect(pretend_sign_up, app)
    user_confirmed.connect(let_in, app)


def confirm_email(token: str) -> ResponseReturnValue:
    if request.method == "POST":
        hold_person(confirm_email_token_status(token)[-1])
    return ask(token) or views.confirm_email(token=token)


def ask(token: str) -> ResponseReturnValue | None:
    """The page with the button; nothing when the link is no good, for then the library has the words."""
    expired, invalid, user = confirm_email_token_status(token)
    if user is None or expired or invalid:
        return None
    if user.confirmed_at is not None:
        flash(*get_message("ALREADY_CONFIRMED"))
        return redirect(url_for("security.login"))
    if request.method == "POST":
        return None
    data = {"action": request.path, "email": user.email}
    return render_page("auth/confirm", title=_("Confirm your address"), data=data, layout="public")


def remember_sign_up(_app: Flask, user: User, **_more: Any) -> None:
    remember(user.id)


def pretend_sign_up(_app: Flask, **_more: Any) -> None:
    """The address was known: the answer must not differ, not even by what its cookie holds."""
    remember(new_id())


def remember(user_id: UUID) -> None:
    cookie[SIGNED_UP] = str(user_id)


def let_in(_app: Flask, user: User, **_more: Any) -> None:
    """Sign in the browser that signed up."""
    if cookie.pop(SIGNED_UP, None) == str(user.id) and user.active:
        login_user(user, authn_via=["confirm"])
