"""What the worker and the clock of Celery write: every line is an event of JSON, at its own level."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from enferno.app import create_app
from enferno.settings import Settings
from tests.support import databases
from tests.support.servers import Program, Valkey, running, until, valkey
from tests.support.world import build_world
from tests.tasks.test_broker import FEATURES, send


@pytest.fixture
def database(tmp_path: Path) -> Iterator[databases.Database]:
    """One is enough: what is looked at here lies before it."""
    with databases.fresh("sqlite", tmp_path) as found:
        yield found


@pytest.fixture
def broker() -> Iterator[Valkey]:
    with valkey() as server:
        yield server


@pytest.fixture
def app(settings: Settings, broker: Valkey) -> Iterator[Flask]:
    """An application that sends its tasks to this broker."""
    made = create_app(replace(settings, celery_broker_url=broker.url))
    yield made
    databases.dispose(made)


def lines(log: str) -> list[dict[str, Any]]:
    """Each line of a log, read; whatever is no event in JSON fails here, and is shown."""
    found = []
    for line in log.splitlines():
        event = json.loads(line)
        assert isinstance(event["event"], str)
        assert event["level"] in ("debug", "info", "warning", "error", "critical")
        assert datetime.fromisoformat(event["timestamp"]).utcoffset() is not None
        assert not event["event"].startswith(("{", "[20")), "a line wrapped in another"
        found.append(event)
    return found


@contextmanager
def celery(app: Flask, folder: Path, *words: str) -> Iterator[Program]:
    settings = app.extensions["settings"]
    environ = os.environ | {
        "ENV": "testing",
        "LOG_FORMAT": "json",
        "SECRET_KEY": settings.secret_key,
        "SECURITY_PASSWORD_SALT": settings.security_password_salt,
        "DATABASE_URL": settings.database_url,
        "CELERY_BROKER_URL": settings.celery_broker_url,
        "INSTANCE_PATH": str(settings.instance_path),
        "FEATURES_PATH": str(FEATURES),
    }
    command = [str(Path(sys.prefix) / "bin" / "celery"), "-A", "enferno.tasks", *words]
    with running(command, environ, folder) as program:
        yield program


def test_whatever_a_task_says_and_however_it_ends_the_workers_log_is_one_event_a_line(
    app: Flask, broker: Valkey, tmp_path: Path
) -> None:
    acme = build_world(app).acme
    with celery(app, tmp_path, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle") as program:
        program.wait_for(lambda: " ready." in program.log, "the worker")
        send(app, "say_all", acme.id, "canary")
        until(lambda: "raised unexpected" in program.log, "the task to fail", 60)
        broker.stop()
        until(lambda: "Connection to broker lost" in program.log, "the worker to notice", 60)
        broker.start()
        until(lambda: program.log.count("Connected to ") == 2, "the worker to be back", 60)
        assert program.end(signal.SIGTERM, 60) == 0
    found = lines(program.log)
    said = {event["event"]: event for event in found}
    assert said["said_by_structlog"]["level"] == "info"
    assert said["said_by_structlog"]["workspace"] == str(acme.id)
    assert said["said by logging: canary"]["level"] == "error"
    assert [event["text"] for event in found if event["event"] == "printed"] == [
        "printed: canary", "and on", "printed as an error: canary",
    ]  # fmt: skip
    warned = next(event for event in found if "said as a warning: canary" in event["event"])
    assert warned["level"] == "warning"
    for event, word in (("thread_failed", "said by a thread: canary"), ("task_failed", "said by an exception: canary")):
        assert said[event]["level"] == "error"
        assert word in said[event]["exception"]
        assert "Traceback" in said[event]["exception"]


def test_the_log_of_beat_is_one_event_a_line(app: Flask, tmp_path: Path) -> None:
    with celery(app, tmp_path, "beat") as program:
        program.wait_for(lambda: "Sending due task" in program.log, "beat to send")
        assert program.end(signal.SIGTERM, 60) == 0
    told = [event["event"] for event in lines(program.log)]
    assert told[:2] == ["beat_starting", "beat: Starting..."]
