"""An application whose database is its own cluster, so that a test may stop it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, create_engine

from enferno.app import create_app
from tests.support import databases
from tests.support.client import Browser
from tests.support.servers import OwnPostgres, own_postgres
from tests.support.world import build_world


@pytest.fixture(scope="module")
def postgres() -> Iterator[OwnPostgres]:
    with own_postgres() as server:
        yield server


@pytest.fixture
def stoppable(postgres: OwnPostgres) -> databases.Database:
    return postgres.database()


@pytest.fixture
def serving(stoppable: databases.Database, tmp_path: Path) -> Iterator[Any]:
    """Make an application with two workspaces on that cluster: serving(database_pool_size=1)."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        app = create_app(databases.settings_for(stoppable, tmp_path, **changes))
        build_world(app)
        made.append(app)
        return app

    yield make
    for app in made:
        databases.dispose(app)


@pytest.fixture
def from_outside(stoppable: databases.Database) -> Iterator[Any]:
    """Make a connection that sees every row."""
    engine = create_engine(stoppable.owner_url)

    def connect() -> Connection:
        return engine.connect()

    yield connect
    engine.dispose()


@pytest.fixture
def owner() -> Any:
    """Sign the owner of Acme in."""
    return lambda app: Browser(app).sign_in("owner@acme.example.com")
