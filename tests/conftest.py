"""What every test may use: an application on each database, two workspaces with the same shape of rows, people."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine

from enferno.app import create_app
from enferno.settings import Settings
from tests.support import databases
from tests.support.client import Browser
from tests.support.quick_routes import share_builders
from tests.support.replant import world_in
from tests.support.stage import Stage, stage_on
from tests.support.world import World

share_builders()

DATABASES = os.environ.get("TEST_DATABASES", "sqlite,postgresql").split(",")


@pytest.fixture(autouse=True, scope="module")
def no_thread_outlives_its_module() -> Iterator[None]:
    """A clock that ticks on, or a task that is tried again, would work on the database of a later test."""
    yield
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith(("clock", "task"))]
    assert not left, f"dispose of the application that started {left}"


@pytest.fixture(autouse=True)
def nobody_debugs(monkeypatch: pytest.MonkeyPatch) -> None:
    """`flask --debug` says so to its whole process, and production would show what it hides."""
    monkeypatch.delenv("FLASK_DEBUG", raising=False)


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[databases.Database]:
    """A migrated, empty database of its own; on PostgreSQL the application is the unprivileged role."""
    with databases.fresh(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def settings(database: databases.Database, tmp_path: Path) -> Settings:
    return databases.settings_for(database, tmp_path)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    databases.dispose(app)


@pytest.fixture
def world(app: Flask, database: databases.Database) -> World:
    """Two workspaces, "acme" and "noise", with an owner, an admin and a member each, and one superadmin."""
    return world_in(database, app)


@pytest.fixture
def browser(app: Flask) -> Any:
    """Make a client that keeps cookies and sends the CSRF token, signed in as whoever is named."""

    def make(email: str | None = None) -> Browser:
        return Browser(app).sign_in(email) if email else Browser(app)

    return make


@pytest.fixture(scope="module", params=DATABASES)
def standing_stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One application and world for all tests of a module, on each database."""
    with stage_on(request.param, tmp_path_factory.mktemp("stage")) as found:
        yield found


@pytest.fixture
def stage(standing_stage: Stage) -> Stage:
    """The module's application as it was in the beginning, everyone signed in: `stage.browser(email)`."""
    standing_stage.reset()
    return standing_stage


@pytest.fixture
def outside(database: databases.Database) -> Iterator[Any]:
    """A connection that sees every row, whatever the walls: for looking at what really is there."""
    engine = create_engine(database.owner_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
