"""What `celery -A enferno.tasks` runs: every declared task, each in the application's context."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from celery import Celery, signals
from flask import Flask
from kombu import Queue

from enferno.logs import writes_json
from enferno.settings import Settings, SettingsError, current_settings
from enferno.tasks.dispatch import Broker, pause
from enferno.tasks.output import speak_in_events
from enferno.tasks.pulse import note_what_is_sent
from enferno.tasks.task import TASKS, Message, Task, perform

__all__ = ["worker_app"]

log = structlog.get_logger()
_made: list[Celery] = []

PARKED = Queue("readykit.parked", routing_key="readykit.parked")


def worker_app() -> Celery:
    """Celery with the application behind it, built once: the features' tasks are known by then."""
    if not _made:
        from enferno.start import started

        app = started()
        dispatcher = app.extensions["tasks"]
        if not isinstance(dispatcher, Broker):
            raise SystemExit(
                "CELERY_BROKER_URL is empty: without a broker tasks run in the web process, no worker is needed."
            )
        if writes_json(current_settings(app)):
            speak_in_events(dispatcher.celery)
        for declared in TASKS.values():
            register(dispatcher.celery, declared, app)
        signals.worker_process_init.connect(forget_connections(app), weak=False)
        signals.task_unknown.connect(park(dispatcher.celery), weak=False)
        signals.worker_ready.connect(take_back_parked(dispatcher.celery), weak=False)
        signals.heartbeat_sent.connect(show_life(app), weak=False)
        signals.beat_init.connect(begin_at_once, weak=False)
        signals.beat_init.connect(note_what_is_sent(app), weak=False)
        _made.append(dispatcher.celery)
    return _made[0]


def register(celery: Celery, declared: Task, app: Flask) -> None:
    def run(self: Any, workspace_id: str | None, arguments: str) -> None:
        message = Message(declared.name, UUID(workspace_id) if workspace_id else None, arguments)
        follow_the_server(app)
        try:
            perform(app, message)
        except Exception as fault:
            tried = self.request.retries
            log.exception("task_failed", task=declared.name, tried=tried)
            if tried < declared.retries:
                raise self.retry(exc=fault, countdown=pause(tried), max_retries=declared.retries) from fault
            raise

    celery.task(run, name=declared.name, bind=True)


def follow_the_server(app: Flask) -> None:
    """In development the server may have been started after the worker, at another port: links lead to where it is."""
    settings = current_settings(app)
    if settings.env == "development":
        with suppress(SettingsError):
            app.extensions["settings"] = replace(settings, base_url=Settings.from_environ().base_url)


def forget_connections(app: Flask) -> Any:
    """A forked worker leaves its parent's connections alone: two processes on one socket read each other's rows."""

    def forget(**_signal: Any) -> None:
        with app.app_context():
            for engine in app.extensions["sqlalchemy"].engines.values():
                engine.dispose(close=False)

    return forget


def begin_at_once(sender: Any, **_signal: Any) -> None:
    """What beat has never sent is due when it starts, and not a day later: by then it may have been deployed anew, with
    nothing that it remembers. The tasks of the schedule bear repetition."""
    for entry in sender.scheduler.schedule.values():
        if entry.total_run_count == 0:
            entry.last_run_at = datetime.fromtimestamp(0, UTC)


def show_life(app: Flask) -> Any:
    """Touch a file at each heartbeat to the broker: a health check over the broker would start a process each time."""
    file = Path(app.instance_path) / "worker-alive"

    def touch(**_signal: Any) -> None:
        file.touch()

    return touch


def park(celery: Celery) -> Any:
    """Keep a task that this version does not know: newer code has sent it, or its name has changed (cases/faults, 18).

    Celery would throw it away.
    """

    def keep(message: Any, name: str, **_signal: Any) -> None:
        log.error("task_parked", task=name)
        with celery.connection_for_write() as connection:
            publish(connection, message, PARKED.name, declare=[PARKED])

    return keep


def take_back_parked(celery: Celery) -> Any:
    """When a worker starts: what was parked and is known now goes back into the queue; the rest waits on."""

    def take_back(**_signal: Any) -> None:
        with celery.connection_for_write() as connection:
            parked = PARKED(connection.default_channel)
            parked.declare()
            unknown = []
            while message := parked.get():
                if message.headers.get("task") in celery.tasks:
                    publish(connection, message, celery.conf.task_default_queue)
                    message.ack()
                else:
                    unknown.append(message)
            for message in unknown:
                message.requeue()

    return take_back


def publish(connection: Any, message: Any, queue: str, **options: Any) -> None:
    """Send a message on as it came."""
    kept = {name: message.properties[name] for name in ("correlation_id", "reply_to") if name in message.properties}
    with connection.Producer() as producer:
        producer.publish(
            message.body,
            routing_key=queue,
            headers=message.headers,
            content_type=message.content_type,
            content_encoding=message.content_encoding,
            **kept,
            **options,
        )
