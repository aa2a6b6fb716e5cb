"""The operator's hand on people's sessions."""

from enferno.superadmin.people import operator
from enferno.user.models import Session, User
from enferno.user.sessions import current_session

__all__ = ["own_session_of"]


def own_session_of(user: User) -> Session | None:
    """The session of this request if it is the person's own: ending it would shut the operator out in mid-act."""
    return current_session._get_current_object() if user.id == operator().id else None  # type: ignore[attr-defined]
