"""The landing page and what a visitor sees before signing in."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from enferno.access.guards import open_to_all
from enferno.billing.price_list import price_list, sales_address
from enferno.billing.trials import has_had_trial
from enferno.pages import asset, render_page
from enferno.settings import current_settings
from enferno.user.form_pages import notices

public = Blueprint("public", __name__)


@public.get("/")
@open_to_all
def landing() -> ResponseReturnValue:
    settings = current_settings()
    data = {"signup_open": settings.signup_open, "pictures": pictures()}
    return render_page("public/landing", title="", data=data, layout="public")


@public.get("/pricing")
@open_to_all
def pricing() -> ResponseReturnValue:
    """What it costs, from plans.toml; there is no such page where nothing is sold."""
    trials = not (current_user.is_authenticated and has_had_trial(current_user))
    data = {"plans": price_list(trials=trials), "contact": sales_address()}
    return render_page("public/pricing", title=_("Pricing"), data=data, layout="public")


@public.get("/check-your-mail")
@open_to_all
def check_your_mail() -> ResponseReturnValue:
    """After signing up or asking for a link: the same words whether or not the address was known."""
    settings = current_settings()
    outbox = "/dev/mail" if settings.env == "development" and not settings.smtp_url else ""
    data = {"notices": notices(), "outbox": outbox}
    return render_page("auth/check-your-mail", title=_("Check your mail"), data=data, layout="public", flash=[])


@open_to_all
def closed() -> ResponseReturnValue:
    """In place of signing up, where SIGNUP_OPEN is false."""
    return render_page("auth/closed", title=_("Sign-up is closed"), layout="public", status=403)


def pictures() -> dict[str, str]:
    """The product itself, as the screenshot script found it; nothing until it has run."""
    found = {}
    for theme in ("light", "dark"):
        try:
            found[theme] = asset(f"img/home-{theme}.webp")
        except LookupError:
            return {}
    return found
