"""The caller: profile, sessions, workspaces."""

from uuid import UUID

from flask import Response
from flask_babel import gettext as _
from flask_security import current_user

from enferno.access.guards import signed_in
from enferno.api.contract import ApiBlueprint, ListQuery, Page, no_content
from enferno.api.lists import page_of
from enferno.api.schemas import MeChange, MeOut, SessionOut, WorkspaceIn, WorkspaceOut
from enferno.errors import Invalid, NotFound
from enferno.extensions import limiter
from enferno.i18n import available
from enferno.tenancy import unscoped
from enferno.user.devices import known_zones
from enferno.user.models import User
from enferno.user.sessions import current_session
from enferno.workspace.founding import found_workspace
from enferno.workspace.models import Workspace
from enferno.workspace.reach import own

me = ApiBlueprint("me", __name__, url_prefix="/me")


@me.get("")
@signed_in
def show() -> MeOut:
    """Who you are."""
    return current_user


@me.patch("")
@signed_in
def change(body: MeChange) -> MeOut:
    """Change your name, language, time zone or theme.

    A language or a time zone of null is the browser's; null changes nothing else.
    """
    if body.timezone is not None and body.timezone not in known_zones():
        raise Invalid.field("timezone", _("This time zone is not known"))
    if body.locale is not None and body.locale not in available():
        raise Invalid.field("locale", _("There is no translation for this language"))
    for name, value in body.model_dump(exclude_unset=True).items():
        if value is not None or name in {"locale", "timezone"}:
            setattr(current_user, name, value)
    return current_user


@me.get("/sessions")
@signed_in
def sessions() -> Page[SessionOut]:
    """Where you are signed in."""
    found = current_user.open_sessions()
    items = [described(session) for session in found]
    return Page(items=items, total=len(items), page=1, per_page=max(len(items), 1))


@me.delete("/sessions/<uuid:session_id>")
@signed_in
def end_session(session_id: UUID) -> Response:
    """End one of your sessions."""
    own = {session.id: session for session in current_user.open_sessions()}
    if session_id not in own:
        raise NotFound
    own[session_id].end()
    return no_content()


@me.delete("/sessions")
@signed_in
def end_other_sessions() -> Response:
    """End all of your sessions but this one."""
    current_user.end_sessions(except_for=current_session._get_current_object())  # type: ignore[attr-defined]
    return no_content()


@me.get("/workspaces")
@signed_in
def workspaces(query: ListQuery) -> Page[WorkspaceOut]:
    """The workspaces you belong to."""
    sorts = {"name": Workspace.name, "created_at": Workspace.created_at, "id": Workspace.id}
    with unscoped("the person's own workspaces", routine=True):
        return page_of(own(person()), query, sorts=sorts, default="name", search=[Workspace.name])


@me.post("/workspaces")
@signed_in
@limiter.limit("20/hour", key_func=lambda: str(person().id))
def create_workspace(body: WorkspaceIn) -> WorkspaceOut:
    """Make another workspace, with you as its owner."""
    return found_workspace(person(), body.name)


def person() -> User:
    return current_user._get_current_object()


def described(session: object) -> SessionOut:
    shown = SessionOut.model_validate(session)
    return shown.model_copy(update={"is_current": shown.id == current_session.id})
