"""Forms that are sent several times at the same moment do what one of them would have done.

A link works once because using it changes what it is tied to. Two requests that read before either has written would
both find it good, so whoever uses a link first holds the row of the person it is for.
"""

from typing import cast

from flask import request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_security import views
from flask_security.recoverable import reset_password_token_status
from sqlalchemy.exc import IntegrityError

from enferno.extensions import db
from enferno.user.unconfirmed import held

__all__ = ["register", "reset_password"]

# Two who sign up at once can meet in the address, and in the address of the workspace that is made of their name.
MOST_MEETINGS = 3


def register() -> ResponseReturnValue:
    """Whoever is second comes upon the unique address, and is then somebody whose address is known."""
    before = dict(cookie)
    for _meeting in range(MOST_MEETINGS):
        try:
            return cast(ResponseReturnValue, views.register())
        except IntegrityError:
            db.session.remove()
            cookie.clear()
            cookie.update(before)
    return cast(ResponseReturnValue, views.register())


def reset_password(token: str) -> ResponseReturnValue:
    if request.method == "POST":
        held(reset_password_token_status(token)[-1])
    return cast(ResponseReturnValue, views.reset_password(token=token))
