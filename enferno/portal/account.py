"""A person's own pages."""

from typing import Any

from babel import Locale
from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_security import current_user

from enferno.access.guards import signed_in
from enferno.api.schemas import MeOut
from enferno.i18n import available
from enferno.pages import render_page

account = Blueprint("account", __name__, url_prefix="/account")


@account.get("/profile")
@signed_in
def profile() -> ResponseReturnValue:
    data = {"me": MeOut.model_validate(current_user), "languages": languages()}
    return render_page("account/profile", title=_("Profile"), data=data, layout="account")


@account.get("/security")
@signed_in
def security() -> ResponseReturnValue:
    return render_page("account/security", title=_("Security"), layout="account")


def languages() -> list[dict[str, Any]]:
    """Each language by its own name, and by what the reader calls it."""
    shown_in = get_locale() or Locale("en")
    found = []
    for code in available():
        locale = Locale.parse(code)
        own, here = locale.get_display_name(locale), locale.get_display_name(shown_in)
        found.append({"value": code, "title": own if own == here else f"{own} ({here})"})
    return found
