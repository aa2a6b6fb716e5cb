"""What a task is: a named function and the workspace that it works in."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, overload
from uuid import UUID

import structlog
from flask import Flask, current_app
from kombu.utils.json import dumps, loads

from enferno.extensions import db
from enferno.tasks.commit import after_commit
from enferno.tenancy import NoWorkspace, current_workspace, in_workspace

__all__ = ["TASKS", "MaintenanceTask", "Message", "WorkspaceTask", "maintenance", "perform", "task"]

log = structlog.get_logger()
Function = Callable[..., Any]


@dataclass(frozen=True)
class Message:
    """A task to be done: its name, its workspace and its arguments as JSON, as a broker would carry them."""

    name: str
    workspace_id: UUID | None
    arguments: str

    def send(self, app: Flask) -> None:
        app.extensions["tasks"].send(self)


class Task:
    """A function that is done later. Called directly, it is the plain function."""

    def __init__(self, function: Function, retries: int) -> None:
        self.function = function
        self.retries = retries
        self.name = f"{function.__module__}.{function.__qualname__}"
        TASKS[self.name] = self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def _queue(self, workspace_id: UUID | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        message = Message(self.name, workspace_id, dumps([args, kwargs]))
        after_commit(partial(message.send, current_app._get_current_object()))  # type: ignore[attr-defined]

    def perform(self, workspace_id: UUID | None, args: list[Any], kwargs: dict[str, Any]) -> None:
        raise NotImplementedError


TASKS: dict[str, Task] = {}


class WorkspaceTask(Task):
    """A task of one workspace: it runs inside it and sees nothing of any other."""

    def queue(self, workspace_id: UUID, *args: Any, **kwargs: Any) -> None:
        """Do this in the workspace, after the commit.

        Arguments are JSON, UUID and datetime: hand over ids, not rows.
        Raises NoWorkspace without a workspace's id, at the place that forgot it and not in the worker.
        """
        self._queue(required(self, workspace_id), args, kwargs)

    def perform(self, workspace_id: UUID | None, args: list[Any], kwargs: dict[str, Any]) -> None:
        with in_workspace(required(self, workspace_id)):
            try:
                structlog.contextvars.bind_contextvars(workspace=str(current_workspace.id))
            except NoWorkspace:
                log.warning("task_without_its_workspace", task=self.name, workspace=str(workspace_id))
                return
            self.function(*args, **kwargs)


class MaintenanceTask(Task):
    """A task of the whole house, for tables that belong to no workspace."""

    def queue(self, *args: Any, **kwargs: Any) -> None:
        """Do this after the commit. Rows of workspaces are out of reach without unscoped(...), as everywhere."""
        self._queue(None, args, kwargs)

    def gather(self, one: Any) -> None:
        """Soon, call this with a list: `one`, and what else is gathered within a fifth of a second.

        For what comes in crowds. The process may end in that moment, so `one` is the id of a row that is committed
        already, and found again.
        """
        current_app.extensions["tasks"].gather(self.name, one)

    def perform(self, _workspace_id: UUID | None, args: list[Any], kwargs: dict[str, Any]) -> None:
        try:
            self.function(*args, **kwargs)
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise


def required(which: Task, workspace_id: object) -> UUID:
    if isinstance(workspace_id, UUID):
        return workspace_id
    raise NoWorkspace(
        f"{which.name} is a task of a workspace: write {which.function.__name__}.queue(current_workspace.id, ...), "
        "or declare it with @maintenance if it belongs to none."
    )


@overload
def task(function: Function) -> WorkspaceTask: ...
@overload
def task(*, retries: int = 0) -> Callable[[Function], WorkspaceTask]: ...
def task(function: Function | None = None, *, retries: int = 0) -> Any:
    """Declare a task of a workspace. `retries`: how often it is tried again after an exception, with backoff."""
    return WorkspaceTask(function, retries) if function else partial(WorkspaceTask, retries=retries)


@overload
def maintenance(function: Function) -> MaintenanceTask: ...
@overload
def maintenance(*, retries: int = 0) -> Callable[[Function], MaintenanceTask]: ...
def maintenance(function: Function | None = None, *, retries: int = 0) -> Any:
    """Declare a task that belongs to no workspace."""
    return MaintenanceTask(function, retries) if function else partial(MaintenanceTask, retries=retries)


def perform(app: Flask, message: Message) -> None:
    """Do it now, in an application context and a session of its own."""
    args, kwargs = loads(message.arguments)
    with app.app_context(), structlog.contextvars.bound_contextvars(task=message.name, workspace=None):
        TASKS[message.name].perform(message.workspace_id, args, kwargs)
