"""A person's own pages."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from enferno.access.guards import signed_in
from enferno.pages import render_page

account = Blueprint("account", __name__, url_prefix="/account")


@account.get("/profile")
@signed_in
def profile() -> ResponseReturnValue:
    return render_page("account/profile", title=_("Profile"), layout="account")


@account.get("/security")
@signed_in
def security() -> ResponseReturnValue:
    return render_page("account/security", title=_("Security"), layout="account")
