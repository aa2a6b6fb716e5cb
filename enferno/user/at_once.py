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
from enferno.locking import hold
from enferno.user.models import User

__all__ = ["hold_person", "register", "reset_password"]

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
        hold_person(reset_password_token_status(token)[-1])
    return cast(ResponseReturnValue, views.reset_password(token=token))


def hold_person(user: User | None) -> None:
    """Wait for whoever is using a link of this person, and forget what was read before."""
    if user is not None:
        hold(User, User.id == user.id)
        db.session.expire(user)
