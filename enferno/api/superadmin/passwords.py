"""Helping somebody who cannot sign in: a link by mail, or a password to pass on."""

from uuid import UUID

from flask import Response

from enferno.access.guards import superadmin_only
from enferno.api.contract import ApiBlueprint, no_content
from enferno.api.superadmin.schemas import NewPasswordOut
from enferno.superadmin.people import find_user, operator
from enferno.user import administration

passwords = ApiBlueprint("passwords", __name__, url_prefix="/users/<uuid:user_id>")


@passwords.post("/password-reset")
@superadmin_only
def send_reset(user_id: UUID) -> Response:
    """Mail the person a link with which to choose a new password."""
    administration.send_reset(find_user(user_id), by=operator())
    return no_content()


@passwords.post("/password")
@superadmin_only
def replace(user_id: UUID) -> NewPasswordOut:
    """Make a new password, shown this once, and sign the person out everywhere."""
    return {"password": administration.set_new_password(find_user(user_id), by=operator())}
