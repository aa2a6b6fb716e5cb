"""The landing page and what a visitor sees before signing in."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from enferno.access.guards import open_to_all
from enferno.pages import render_page
from enferno.settings import current_settings

public = Blueprint("public", __name__)


@public.get("/")
@open_to_all
def landing() -> ResponseReturnValue:
    settings = current_settings()
    return render_page(
        "public/landing", title=settings.app_name, data={"signup_open": settings.signup_open}, layout="public"
    )


@public.get("/check-your-mail")
@open_to_all
def check_your_mail() -> ResponseReturnValue:
    """After signing up: the same words whether or not the address was known."""
    local = not current_settings().is_production and not current_settings().smtp_url
    return render_page("auth/check-your-mail", title=_("Check your mail"), data={"dev_mail": local}, layout="public")
