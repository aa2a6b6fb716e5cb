"""Which workspace is current, for whom, and until when.

The workspace that a request serves lives on Flask's `g`, so it ends with the application context. A nested scope
(`in_workspace`, `unscoped`, `with serve(...)`) lives in a context variable tied to that application context: a thread
that shares the context never sees a scope which another thread entered, and a thread without a context sees none.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from inspect import CO_ASYNC_GENERATOR, CO_GENERATOR
from itertools import count
from types import FrameType
from typing import Any
from uuid import UUID

import structlog
from flask import current_app, g
from flask.globals import app_ctx
from sqlalchemy import inspect
from werkzeug.local import LocalProxy

from enferno.tenancy.errors import CrossWorkspace, NoWorkspace

__all__ = [
    "Scope",
    "bind_workspace",
    "current_scope",
    "current_workspace",
    "current_workspace_id",
    "in_workspace",
    "serve",
    "unscoped",
]

log = structlog.get_logger(__name__)
_units = count(1)
_entered: ContextVar["_Entry | None"] = ContextVar("enferno_tenancy_scope", default=None)

# Who runs a generator as a context manager: there, the code after the `yield` really is inside.
DRIVERS = {"contextlib", "_pytest.fixtures"}


@dataclass(frozen=True, slots=True)
class Scope:
    """What code may touch now. `unit` names the session: 0 is the application context's own one."""

    workspace_id: UUID | None = None
    workspace: Any = None
    unit: int = 0
    reason: str | None = None

    @property
    def unscoped(self) -> bool:
        return self.reason is not None


NOTHING = Scope()


@dataclass(eq=False, slots=True)
class _Entry:
    """A scope that was entered and not left. `holder`: the generator in which that happened, if it was one."""

    context: Any
    scope: Scope
    outer: "_Entry | None"
    holder: FrameType | None
    open: bool = True


def current_scope() -> Scope:
    """The scope in force; an empty one where there is no application context or nothing was bound.

    Raises `CrossWorkspace` where a generator that has yielded holds a scope open over code which is none of its own.
    """
    entry = _current_entry()
    if entry is None:
        return app_ctx.g.get("tenancy_scope", NOTHING) if app_ctx else NOTHING
    if entry.holder is not None and not _is_running(entry.holder):
        raise CrossWorkspace(
            f"A generator ({entry.holder.f_code.co_qualname}) has yielded inside `with in_workspace(...)`, so its "
            "workspace would be current for whoever reads from it. Collect the rows inside the `with` block and yield "
            "after it."
        )
    return entry.scope


def current_unit() -> int:
    """The number of the unit of work whose session `db.session` is; never raises, so that cleaning up always works."""
    entry = _current_entry()
    return entry.scope.unit if entry else 0


def _current_entry() -> _Entry | None:
    entry = _entered.get()
    if entry is None or not app_ctx or entry.context is not app_ctx._get_current_object():  # type: ignore[attr-defined]
        return None
    return entry


def _holder() -> FrameType | None:
    """The generator that is entering a scope, unless it is run as a context manager."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        driver = frame.f_back.f_globals.get("__name__") if frame.f_back else None
        generator = frame.f_code.co_flags & (CO_GENERATOR | CO_ASYNC_GENERATOR)
        if frame.f_globals.get("__name__") not in (__name__, "contextlib") and not (generator and driver in DRIVERS):
            return frame if generator else None
        frame = frame.f_back
    return None


def _is_running(holder: FrameType) -> bool:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame is not holder:
        frame = frame.f_back
    return frame is not None


def current_workspace_id() -> UUID:
    """The id of the current workspace; raises `NoWorkspace` where there is none."""
    workspace_id = current_scope().workspace_id
    if workspace_id is None:
        raise NoWorkspace
    return workspace_id


def _load_current_workspace() -> Any:
    scope = current_scope()
    if scope.workspace_id is None:
        raise NoWorkspace
    if scope.workspace is not None:
        return scope.workspace
    workspace = _session().get(_workspace_class(), scope.workspace_id)
    if workspace is None:
        raise NoWorkspace(f"The workspace {scope.workspace_id} does not exist (any more).")
    return workspace


current_workspace: Any = LocalProxy(_load_current_workspace)


def bind_workspace(workspace: Any) -> None:
    """Serve this workspace until the application context ends. For the request's guard."""
    scope = current_scope()
    workspace_id = _id_of(workspace)
    if scope.workspace_id not in (None, workspace_id):
        raise CrossWorkspace(_already(scope.workspace_id))
    _claim_session(workspace_id)
    g.tenancy_scope = Scope(workspace_id, _object(workspace))


@contextmanager
def serve(workspace: Any) -> Iterator[Any]:
    """Let this context's session serve this workspace, for the length of a block.

    A session never serves a second workspace: what it holds of the first could be written or shown under the second.
    Use `in_workspace` for that. Raises `CrossWorkspace`.
    """
    outer = current_scope()
    workspace_id = _id_of(workspace)
    if outer.workspace_id not in (None, workspace_id):
        raise CrossWorkspace(_already(outer.workspace_id))
    _claim_session(workspace_id)
    with _entering(Scope(workspace_id, _object(workspace), unit=outer.unit)):
        yield workspace


@contextmanager
def in_workspace(workspace: Any) -> Iterator[Any]:
    """A unit of work of its own in a workspace: its own session, committed at the end, rolled back on an exception.

    `workspace` is a Workspace or its id. Gives the workspace as this unit's session knows it. Objects loaded inside are
    detached afterwards: hand out values, not rows.
    """
    unit = next(_units)
    with _entering(Scope(_id_of(workspace), unit=unit)):
        session = _session()()
        try:
            yield current_workspace
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            end_sessions(current_app.extensions["sqlalchemy"], unit)


def end_sessions(db: Any, unit: int | None = None) -> None:
    """Close the sessions of this application context, or the one of a unit of work, and forget them."""
    sessions = db.session.registry.registry
    here = id(app_ctx._get_current_object())  # type: ignore[attr-defined]
    for key in [key for key in list(sessions) if key[0] == here and unit in (None, key[1])]:
        sessions.pop(key).close()


def lay_aside(db: Any) -> dict[Any, Any]:
    """Take the sessions of this application context out of its reach, so that they outlive it; see `take_up`."""
    sessions = db.session.registry.registry
    here = id(app_ctx._get_current_object())  # type: ignore[attr-defined]
    return {key: sessions.pop(key) for key in list(sessions) if key[0] == here}


def take_up(db: Any, aside: dict[Any, Any]) -> None:
    """Give this application context its sessions again."""
    while aside:
        key, session = aside.popitem()
        db.session.registry.registry[key] = session


@contextmanager
def unscoped(reason: str, *, routine: bool = False) -> Iterator[None]:
    """Let a block read and write across workspaces, for the superadmin and for maintenance. Logged with its reason.

    Reads are not filtered; a new row must name its `workspace_id`; a row still cannot change its workspace. Pending
    changes are flushed at the end. `routine` is for what happens on every request (finding the membership): such a
    use is logged at debug level.
    """
    if not isinstance(reason, str) or not reason.strip():
        raise ValueError('unscoped() needs a reason that a reader of the log understands: unscoped("monthly numbers")')
    (log.debug if routine else log.info)("tenancy.unscoped", reason=reason)
    with _entering(replace(current_scope(), reason=reason)):
        yield
        session = _session()
        if session.registry.has():
            session.flush()


@contextmanager
def _entering(scope: Scope) -> Iterator[None]:
    if not app_ctx:
        raise NoWorkspace("A workspace can only be current inside an application context (`with app.app_context():`).")
    outer = _entered.get()
    mine = _Entry(app_ctx._get_current_object(), scope, outer, _holder())  # type: ignore[attr-defined]
    _entered.set(mine)
    try:
        yield
    finally:
        mine.open = False
        left_in_order = _entered.get() is mine
        if left_in_order:
            while outer is not None and not outer.open:
                outer = outer.outer
            _entered.set(outer)
    if not left_in_order:
        raise CrossWorkspace(
            "Scopes were left in another order than they were entered, as happens when a generator holds one open "
            "across a yield. Collect the rows inside the `with` block and yield after it."
        )


def _claim_session(workspace_id: UUID) -> None:
    session = _session()
    if session.registry.has():
        session().claim(workspace_id)


def _session() -> Any:
    return current_app.extensions["sqlalchemy"].session


def _workspace_class() -> Any:
    for mapper in current_app.extensions["sqlalchemy"].Model.registry.mappers:
        if getattr(mapper.local_table, "name", None) == "workspaces":
            return mapper.class_
    raise LookupError("No model is mapped to the table workspaces.")


def _object(workspace: Any) -> Any:
    workspace = workspace._get_current_object() if isinstance(workspace, LocalProxy) else workspace
    return None if isinstance(workspace, UUID) else workspace


def _id_of(workspace: Any) -> UUID:
    thing = workspace._get_current_object() if isinstance(workspace, LocalProxy) else workspace
    if isinstance(thing, UUID):
        return thing
    state = inspect(thing, raiseerr=False)
    identity = getattr(state, "identity", None)
    workspace_id = identity[0] if identity else getattr(thing, "id", None)
    if not isinstance(workspace_id, UUID):
        if isinstance(thing, str):
            raise TypeError(
                f"{thing!r} is a text, and a workspace is given as itself or by its id. Look it up first: "
                f"db.session.scalars(select(Workspace).where(Workspace.slug == {thing!r})).one()"
            )
        raise TypeError(
            f"{thing!r} is neither a workspace with an id nor an id. Flush a new workspace before using it."
        )
    return workspace_id


def _already(workspace_id: UUID | None) -> str:
    return (
        f"This session already serves workspace {workspace_id}, and a session serves one workspace. "
        "Write `with in_workspace(other): ...` to get a session of its own."
    )
