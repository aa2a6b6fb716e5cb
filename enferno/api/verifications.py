"""Showing once more that it is you, before what wants a recent password."""

from typing import Annotated

from flask import Response
from flask_babel import gettext as _
from flask_security import current_user
from pydantic import Field

from enferno.access.guards import signed_in
from enferno.access.recent import note_password
from enferno.api.contract import ApiBlueprint, In, no_content
from enferno.errors import Invalid
from enferno.extensions import limiter, security
from enferno.user.attempts import note_wrong_password
from enferno.user.limits import own_session
from enferno.user.passwords import LONGEST

verifications = ApiBlueprint("verifications", __name__, url_prefix="/me/verifications")


class PasswordIn(In):
    password: Annotated[str, Field(min_length=1, max_length=LONGEST)]


def refused(response: Response) -> bool:
    return response.status_code == Invalid.status


@verifications.post("", status=204)
@signed_in
@limiter.limit("10 per 15 minutes", key_func=own_session, deduct_when=refused)
def verify(body: PasswordIn) -> Response:
    """Type your password once more. It counts for ten minutes, in this browser."""
    typed = security.password_util.normalize(body.password)
    if not current_user.password or not current_user.verify_and_update_password(typed):
        note_wrong_password()
        raise Invalid.field("password", _("This is not your password"))
    note_password()
    return no_content()
