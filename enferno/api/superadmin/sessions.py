"""Where somebody is signed in, and ending it (ASVS 7.4.5)."""

from uuid import UUID

from flask import Response

from enferno.access.guards import superadmin_only
from enferno.api.contract import ApiBlueprint, no_content
from enferno.errors import NotFound
from enferno.superadmin.people import find_user, operator
from enferno.superadmin.sessions import own_session_of
from enferno.user import administration

sessions = ApiBlueprint("sessions", __name__, url_prefix="/users/<uuid:user_id>/sessions")


@sessions.delete("")
@superadmin_only
def end_all(user_id: UUID) -> Response:
    """Sign somebody out everywhere; of your own sessions, this one stays."""
    user = find_user(user_id)
    administration.end_sessions(user, by=operator(), keep=own_session_of(user))
    return no_content()


@sessions.delete("/<uuid:session_id>")
@superadmin_only
def end(user_id: UUID, session_id: UUID) -> Response:
    """End one of somebody's sessions."""
    user = find_user(user_id)
    if not administration.end_session(user, session_id, by=operator()):
        raise NotFound
    return no_content()
