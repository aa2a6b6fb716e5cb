"""The operator's hand on people's sessions."""

from enferno.superadmin.people import operator
from enferno.user.models import Session, User
from enferno.user.sessions import row_of_this_browser

__all__ = ["own_session_of"]


def own_session_of(user: User) -> Session | None:
    """The session of this request if it is the person's own: ending it would shut the operator out in mid-act."""
    return row_of_this_browser() if user.id == operator().id else None
