"""What `celery -A enferno.tasks` runs: every declared task, each in the application's context."""

from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from celery import Celery, signals
from flask import Flask

from enferno.tasks.dispatch import Broker, pause
from enferno.tasks.task import TASKS, Message, Task, perform

__all__ = ["worker_app"]

log = structlog.get_logger()
_made: list[Celery] = []


def worker_app() -> Celery:
    """Celery with the application behind it, built once: the features' tasks are known by then."""
    if not _made:
        from enferno.app import create_app

        app = create_app()
        dispatcher = app.extensions["tasks"]
        if not isinstance(dispatcher, Broker):
            raise SystemExit(
                "CELERY_BROKER_URL is empty: without a broker tasks run in the web process, no worker is needed."
            )
        for declared in TASKS.values():
            register(dispatcher.celery, declared, app)
        signals.worker_process_init.connect(forget_connections(app), weak=False)
        signals.heartbeat_sent.connect(show_life(app), weak=False)
        _made.append(dispatcher.celery)
    return _made[0]


def register(celery: Celery, declared: Task, app: Flask) -> None:
    def run(self: Any, workspace_id: str | None, arguments: str) -> None:
        message = Message(declared.name, UUID(workspace_id) if workspace_id else None, arguments)
        try:
            perform(app, message)
        except Exception as fault:
            tried = self.request.retries
            log.exception("task_failed", task=declared.name, tried=tried)
            if tried < declared.retries:
                raise self.retry(exc=fault, countdown=pause(tried), max_retries=declared.retries) from fault
            raise

    celery.task(run, name=declared.name, bind=True)


def forget_connections(app: Flask) -> Any:
    """A forked worker leaves its parent's connections alone: two processes on one socket read each other's rows."""

    def forget(**_signal: Any) -> None:
        with app.app_context():
            for engine in app.extensions["sqlalchemy"].engines.values():
                engine.dispose(close=False)

    return forget


def show_life(app: Flask) -> Any:
    """Touch a file at each heartbeat to the broker. A health check that asks over the broker costs a process each time."""
    file = Path(app.instance_path) / "worker-alive"

    def touch(**_signal: Any) -> None:
        file.touch()

    return touch
