"""Flask-Security's forms on our pages: the library validates, our page shows the fields and what is wrong."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Form

from enferno.pages import render_page
from enferno.settings import current_settings

__all__ = ["render_form"]

# The library's template, the page that stands for it, and the name of the form in the template's context.
PAGES = {
    "security/login_user.html": ("auth/sign-in", "login_user_form"),
    "security/register_user.html": ("auth/sign-up", "register_user_form"),
    "security/forgot_password.html": ("auth/forgot-password", "forgot_password_form"),
    "security/reset_password.html": ("auth/reset-password", "reset_password_form"),
    "security/send_confirmation.html": ("auth/confirm", "send_confirmation_form"),
    "security/change_password.html": ("account/password", "change_password_form"),
    "security/verify.html": ("auth/verify", "verify_form"),
}
HIDDEN = {"csrf_token", "submit"}


def render_form(template: str, **context: Any) -> ResponseReturnValue:
    """The page for one of the library's templates, with the form's fields, what was typed and what is wrong."""
    page, name = PAGES[template]
    titles = {
        "auth/sign-in": _("Sign in"),
        "auth/sign-up": _("Sign up"),
        "auth/forgot-password": _("Reset your password"),
        "auth/reset-password": _("Choose a new password"),
        "auth/confirm": _("Confirm your address"),
        "account/password": _("Change your password"),
        "auth/verify": _("Confirm that it is you"),
    }
    layout = "account" if page.startswith("account/") else "public"
    data = {"form": described(context[name]), "signup_open": current_settings().signup_open}
    return render_page(page, title=titles[page], data=data, layout=layout)


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
        "action": request.full_path.rstrip("?"),
        "fields": fields,
        "errors": [str(e) for e in form.form_errors],
    }
