"""One application for all tests of a module, set back before each; and a clock that can be moved on."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import create_engine

from tests.support.stage import Stage
from tests.support.world import World


@pytest.fixture
def app(stage: Stage) -> Flask:
    shutil.rmtree(stage.app.extensions["settings"].instance_path / "outbox", ignore_errors=True)
    return stage.app


@pytest.fixture
def world(app: Flask, stage: Stage) -> World:
    return stage.world


@pytest.fixture
def outside(stage: Stage) -> Iterator[Any]:
    """A connection that sees every row, whatever the walls."""
    engine = create_engine(stage.database.owner_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def clock() -> Iterator[Any]:
    """Time that can be moved on: `clock.shift(3600)`."""
    with time_machine.travel(datetime.now(UTC), tick=True) as traveller:
        yield traveller
