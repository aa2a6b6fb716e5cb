"""With a broker: the worker does what was queued, and what happens when one of the two is killed, gone or silent."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from kombu import serialization
from kombu.exceptions import ContentDisallowed
from kombu.serialization import prepare_accept_content
from kombu.utils.json import dumps
from sqlalchemy import text

from enferno.app import create_app
from enferno.extensions import db
from enferno.settings import Settings
from enferno.tasks import task
from enferno.tasks.broker import broker_connection
from enferno.tasks.task import Message
from enferno.tenancy import current_workspace
from tests.support import databases
from tests.support.servers import Program, Valkey, free_port, running, silence, until, valkey
from tests.support.world import World, build_world

FEATURES = Path(__file__).parent / "chores_of_tests"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[databases.Database]:
    """One is enough: the two differ in SQL, and not in who runs it."""
    with databases.fresh("postgresql", tmp_path) as found:
        yield found


@pytest.fixture
def broker() -> Iterator[Valkey]:
    with valkey() as server:
        yield server


@pytest.fixture
def sending(settings: Settings) -> Iterator[Any]:
    """Make an application that sends its tasks to this broker."""
    made: list[Flask] = []

    def make(url: str) -> Flask:
        made.append(create_app(replace(settings, celery_broker_url=url)))
        return made[-1]

    yield make
    for app in made:
        databases.dispose(app)


@contextmanager
def worker(app: Flask, folder: Path, features: Path = FEATURES) -> Iterator[Program]:
    settings = app.extensions["settings"]
    environ = os.environ | {
        "ENV": "testing",
        "SECRET_KEY": settings.secret_key,
        "SECURITY_PASSWORD_SALT": settings.security_password_salt,
        "DATABASE_URL": settings.database_url,
        "CELERY_BROKER_URL": settings.celery_broker_url,
        "INSTANCE_PATH": str(settings.instance_path),
        "FEATURES_PATH": str(features),
    }
    celery = str(Path(sys.prefix) / "bin" / "celery")
    words = ["worker", "--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    with running([celery, "-A", "enferno.tasks", *words], environ, folder) as program:
        program.wait_for(lambda: " ready." in program.log, "the worker")
        yield program


def send(app: Flask, chore: str, workspace_id: UUID, *args: Any) -> None:
    message = Message(f"chores_of_tests.chores.chores.{chore}", workspace_id, dumps([args, {}]))
    with app.app_context():
        message.send(app)


def tries(folder: Path) -> list[int]:
    return [int(file.read_text() or 0) for file in sorted(folder.glob("try-*"))]


def name_of(outside: Any, workspace_id: UUID) -> str:
    outside.rollback()
    return outside.scalar(text("SELECT name FROM workspaces WHERE id = :id"), {"id": workspace_id})


def test_the_queue_takes_json_and_nothing_else(settings: Settings) -> None:
    """ASVS 1.5.2: a pickle that somebody put there is not read."""
    accepted = prepare_accept_content(broker_connection(settings).conf.accept_content)
    kind, encoding, body = serialization.dumps({"a": "row"}, serializer="pickle")
    with pytest.raises(ContentDisallowed):
        serialization.loads(body, kind, encoding, accept=accepted)
    kind, encoding, body = serialization.dumps([1], serializer="json")
    assert serialization.loads(body, kind, encoding, accept=accepted) == [1]


def test_a_task_whose_process_is_killed_is_done_again_and_has_its_effect_once(
    sending: Any, broker: Valkey, outside: Any, tmp_path: Path
) -> None:
    app = sending(broker.url)
    acme = build_world(app).acme
    with worker(app, tmp_path):
        send(app, "rename_slowly", acme.id, str(tmp_path), "Renamed")
        (first,) = until(lambda: tries(tmp_path), "the first try")
        os.kill(first, signal.SIGKILL)
        until(lambda: len(tries(tmp_path)) == 2, "the second try")
        assert name_of(outside, acme.id) == "Acme", "half of the first try was kept"
        (tmp_path / "go").touch()
        until(lambda: name_of(outside, acme.id) == "Renamed", "the effect")
    events = text("SELECT count(*) FROM activities WHERE workspace_id = :id AND kind = 'workspace.renamed'")
    assert outside.scalar(events, {"id": acme.id}) == 1


def test_a_failed_task_is_tried_again_also_after_the_broker_was_away(
    sending: Any, broker: Valkey, outside: Any, tmp_path: Path
) -> None:
    app = sending(broker.url)
    acme = build_world(app).acme
    with worker(app, tmp_path) as program:
        broker.stop()
        until(lambda: "Connection to broker lost" in program.log, "the worker to notice")
        broker.start()
        until(lambda: program.log.count("Connected to ") == 2, "the worker to be back")
        send(app, "fail_once", acme.id, str(tmp_path), "In the end")
        until(lambda: name_of(outside, acme.id) == "In the end", "the effect")
    assert len(tries(tmp_path)) == 2
    assert "task_failed" in program.log


def test_a_task_of_newer_code_is_kept_until_a_worker_knows_it(
    sending: Any, broker: Valkey, outside: Any, tmp_path: Path
) -> None:
    app = sending(broker.url)
    acme = build_world(app).acme
    (tmp_path / "go").touch()
    with worker(app, tmp_path, features=tmp_path / "none") as old:
        send(app, "rename_slowly", acme.id, str(tmp_path), "By newer code")
        until(lambda: "task_parked" in old.log, "the old worker to park it")
        old.end()
    with worker(app, tmp_path):
        until(lambda: name_of(outside, acme.id) == "By newer code", "the new worker to do it")


def done_by(app: Flask, world: World, how_often: int = 1) -> list[str]:
    """Queue a task as a request does, and give the names of the threads that did it."""
    done: list[str] = []

    @task
    def note(number: int) -> None:
        done.append(f"{current_workspace.slug} {number}")

    with app.app_context():
        for number in range(how_often):
            note.queue(world.acme.id, number)
        db.session.commit()
    until(lambda: len(done) == how_often, "the tasks")
    return sorted(done)


def test_with_the_broker_down_a_task_is_done_in_this_process(sending: Any) -> None:
    app = sending(f"redis://127.0.0.1:{free_port()}/0")
    assert done_by(app, build_world(app)) == ["acme 0"]


def test_a_broker_that_says_nothing_is_waited_for_once(sending: Any) -> None:
    """One second for the first task and nothing for the others, so that a request stays below its five."""
    with silence() as port:
        app = sending(f"redis://127.0.0.1:{port}/0")
        world = build_world(app)
        began = time.monotonic()
        assert done_by(app, world, how_often=10) == sorted(f"acme {number}" for number in range(10))
        assert time.monotonic() - began < 5


def test_a_broker_that_is_back_is_used_again(sending: Any, broker: Valkey) -> None:
    app = sending(broker.url)
    world = build_world(app)
    dispatcher = app.extensions["tasks"]
    broker.stop()
    assert done_by(app, world) == ["acme 0"]
    assert dispatcher.away
    broker.start()
    until(lambda: not dispatcher.away, "the end of the outage")
    send(app, "rename_slowly", world.acme.id, "nowhere", "x")
    with app.app_context(), dispatcher.celery.connection_for_read() as connection:
        assert connection.default_channel.client.llen("readykit") == 1
