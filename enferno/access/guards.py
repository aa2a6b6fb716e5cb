"""Who may reach a view. Every view declares one guard under its route; without one the application does not start.

    @members.delete("/<uuid:user_id>")
    @requires(Permission.MEMBERS_MANAGE)
    def remove(user_id: UUID) -> Response: ...

The order is fixed: who are you, is the workspace yours, may you do this, does the request come from our page (CSRF),
and for what the operator changes, was the password typed lately. Only then does the view look at what was sent, so that
an invalid body for something hidden is still 404.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar, cast

import structlog
from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from werkzeug.exceptions import BadRequest
from werkzeug.local import LocalProxy

from enferno.access.permissions import permission_map
from enferno.access.recent import insist_on_recent_password
from enferno.answers import wants_json
from enferno.author import AuthorFault, place_of
from enferno.errors import NotAllowed, NotFound, Suspended, Unauthenticated
from enferno.extensions import csrf, db
from enferno.machines import also_for_machines
from enferno.tenancy import bind_workspace
from enferno.workspace.models import Membership, WorkspaceSlug
from enferno.workspace.reach import SWITCHER, memberships

__all__ = [
    "Guard",
    "allowed",
    "current_membership",
    "guard_of",
    "open_to_all",
    "provider_signed",
    "requires",
    "signed_in",
    "superadmin_only",
]

View = TypeVar("View", bound=Callable[..., Any])
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Guard:
    """What a view asks of its caller. `for_machines`: it brings no cookie, and has the short way of `machines.py`."""

    name: str
    permission: StrEnum | None = None
    for_machines: bool = False

    def __call__(self, view: View) -> View:
        view.__guard__ = self  # type: ignore[attr-defined]
        return view

    def __str__(self) -> str:
        return f"{self.name}({self.permission})" if self.permission else self.name


open_to_all = Guard("open_to_all")
signed_in = Guard("signed_in")
superadmin_only = Guard("superadmin_only")
provider_signed = Guard("provider_signed", for_machines=True)


def requires(permission: StrEnum) -> Guard:
    """A member of the workspace in the URL whose role holds `permission`."""
    return Guard("requires", permission)


# The views that extensions bring; a test compares this table with the URL map.
GUARDS_OF_EXTENSIONS = {
    "static": open_to_all,
    "security.login": open_to_all,
    "security.logout": open_to_all,
    "security.register": open_to_all,
    "security.forgot_password": open_to_all,
    "security.reset_password": open_to_all,
    "security.send_confirmation": open_to_all,
    "security.confirm_email": open_to_all,
    "security.change_password": signed_in,
    "security.verify": signed_in,
}


def init_app(app: Flask) -> None:
    app.before_request(also_for_machines(enforce))


def guard_of(endpoint: str, app: Flask | None = None) -> Guard | None:
    view = (app or current_app).view_functions[endpoint]
    return getattr(view, "__guard__", None) or GUARDS_OF_EXTENSIONS.get(endpoint)


def refuse_unguarded(app: Flask) -> None:
    """Stop the start if a view has no guard, or one that names an unknown permission.

    Raises:
        AuthorFault: with one line per view that says what to write.
    """
    known = permission_map(app).holders
    faults = []
    for endpoint, view in app.view_functions.items():
        guard = guard_of(endpoint, app)
        if guard is None:
            faults.append(f"{place_of(view)}: {endpoint}: declare who may call it, such as @signed_in, under its route")
        elif guard.permission is not None and guard.permission not in known:
            faults.append(
                f"{place_of(view)}: {endpoint}: no role holds {str(guard.permission)!r}; add it to the permissions of "
                "the feature"
            )
    if faults:
        raise AuthorFault(*faults)


def enforce() -> ResponseReturnValue | None:
    """Let the request through, or raise what refuses it."""
    if request.routing_exception is not None or request.endpoint is None:
        return None
    if "\x00" in request.path:
        raise NotFound
    guard = guard_of(request.endpoint)
    if guard is None:
        raise NotAllowed
    if guard is provider_signed:
        return None
    if guard is not open_to_all and not current_user.is_authenticated:
        return ask_to_sign_in()
    if guard is not open_to_all:
        structlog.contextvars.bind_contextvars(user=str(current_user.id))
    if guard is superadmin_only and not current_user.is_superadmin:
        raise NotAllowed
    if guard.permission is not None:
        # The view asks `current_workspace`, so it need not take the slug.
        moved = enter(cast(dict[str, Any], request.view_args).pop("slug"))
        if moved is not None:
            return moved
        if guard.permission not in allowed():
            raise NotAllowed
    if request.method not in SAFE_METHODS:
        bound_form()
        csrf.protect()
        refuse_nul()
        if guard is superadmin_only:
            insist_on_recent_password()
    return None


def bound_form() -> None:
    """Nothing else does where a form is one string of escapes: a megabyte of those is as much work as fifty pages."""
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]


def refuse_nul() -> None:
    """No form holds the character NUL; PostgreSQL takes it in no text, and would say so with an error."""
    if any("\x00" in value for _name, value in request.form.items(multi=True)):
        raise BadRequest


def ask_to_sign_in() -> ResponseReturnValue:
    if wants_json() or request.method not in SAFE_METHODS:
        raise Unauthenticated
    target = request.full_path if request.query_string else request.path
    return redirect(url_for("security.login", next=target))


def enter(slug: str) -> ResponseReturnValue | None:
    """Load the workspace of the URL and the caller's membership in it, and serve it from here on.

    Someone who does not belong to it gets the 404 of a slug that does not exist (isolation, case 1).
    """
    page = not wants_json()
    mine = memberships(current_user, slug, others=SWITCHER if page else 0)
    if not mine or mine[0][0].slug != slug:
        return redirect(here_under(present_slug(slug)), code=308)
    workspace, g.membership = mine[0]
    g.reachable = [other for other, _membership in mine] if page else None
    structlog.contextvars.bind_contextvars(workspace=str(workspace.id))
    bind_workspace(workspace)
    if workspace.is_suspended:
        raise Suspended(workspace.name)
    return None


def present_slug(slug: str) -> str:
    """The address that the caller's workspace has now, if it had this one before."""
    former = db.session.get(WorkspaceSlug, slug)
    if former is None or not memberships(current_user, former.workspace.slug):
        raise NotFound
    return former.workspace.slug


def here_under(slug: str) -> str:
    """This very address, under the workspace's present slug."""
    path = url_for(cast(str, request.endpoint), _method=request.method, slug=slug, **(request.view_args or {}))
    return f"{path}?{request.query_string.decode('latin-1')}" if request.query_string else path


def allowed() -> frozenset[str]:
    """The permissions of the caller in the current workspace; none outside of one."""
    membership = g.get("membership")
    return permission_map().of(membership.role) if membership else frozenset()


def _membership() -> Membership:
    if g.get("membership") is None:
        raise RuntimeError("There is no membership here: this view is not under @requires(...)")
    return cast(Membership, g.membership)


current_membership: Membership = LocalProxy(_membership)  # type: ignore[assignment]
