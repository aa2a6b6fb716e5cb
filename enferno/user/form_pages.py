"""Flask-Security's forms on our pages: the library validates, our page shows the fields and what is wrong."""

from typing import Any, cast

from flask import get_flashed_messages, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Form

from enferno.i18n import language
from enferno.pages import render_page
from enferno.settings import current_settings

__all__ = ["described", "notices", "render_form"]

# The library's template, the page that stands for it, and the name of the form in the template's context.
PAGES = {
    "security/login_user.html": ("auth/sign-in", "login_user_form"),
    "security/register_user.html": ("auth/sign-up", "register_user_form"),
    "security/forgot_password.html": ("auth/forgot-password", "forgot_password_form"),
    "security/reset_password.html": ("auth/reset-password", "reset_password_form"),
    "security/send_confirmation.html": ("auth/send-again", "send_confirmation_form"),
    "security/change_password.html": ("account/password", "change_password_form"),
    "security/verify.html": ("auth/verify", "verify_form"),
}
# After these is nothing but a mail to wait for: the same page whether one was sent or not.
MAILING = {"auth/forgot-password", "auth/send-again"}
HIDDEN = {"csrf_token", "submit"}


def render_form(template: str, **context: Any) -> ResponseReturnValue:
    """The page for one of the library's templates; its mails are rendered as the templates they are."""
    if template not in PAGES:
        return render_template(template, **context, **letterhead())
    page, name = PAGES[template]
    form = context[name]
    if page in MAILING and request.method == "POST" and not form.errors:
        return redirect(url_for("public.check_your_mail"))
    layout = "account" if page.startswith("account/") else "public"
    data = {"form": described(form), "notices": notices(), "signup_open": current_settings().signup_open}
    return render_page(page, title=titles()[page], data=data, layout=layout, flash=[])


def letterhead() -> dict[str, str]:
    """What every mail says of the product. Links are made from BASE_URL, whatever host the request named."""
    return {
        "app_name": current_settings().app_name,
        "base_url": current_settings().base_url,
        "language": language(),
        "sign_in_link": url_for("security.login", _external=True),
        "forgot_link": url_for("security.forgot_password", _external=True),
    }


def titles() -> dict[str, str]:
    return {
        "auth/sign-in": _("Sign in"),
        "auth/sign-up": _("Sign up"),
        "auth/forgot-password": _("Forgot your password?"),
        "auth/reset-password": _("Choose a new password"),
        "auth/send-again": _("Confirm your address"),
        "account/password": _("Change your password"),
        "auth/verify": _("Confirm that it is you"),
    }


def described(form: Form) -> dict[str, Any]:
    """The form as data for a page. A password is never sent back."""
    fields = {
        field.name: {
            "value": "" if "password" in field.name else (field.data or ""),
            "errors": [str(error) for error in field.errors],
        }
        for field in form
        if field.name not in HIDDEN
    }
    return {
        "action": request.path,
        "fields": fields,
        "errors": [str(error) for error in form.form_errors],
        "unconfirmed": getattr(form, "user_authenticated", False) and form.requires_confirmation,
    }


def notices() -> list[dict[str, str]]:
    """What the page before had to say. These pages show it in place instead of in passing."""
    flashed = cast(list[tuple[str, str]], get_flashed_messages(with_categories=True))
    return [{"kind": kind, "text": text} for kind, text in flashed]
