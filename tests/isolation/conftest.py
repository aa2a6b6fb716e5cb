"""A database with the orchard's tables, and two workspaces with the same rows in them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine

from enferno.app import create_app
from enferno.workspace.models import Workspace
from tests.conftest import DATABASES
from tests.isolation import matrix, orchard
from tests.isolation.ways import Orchards
from tests.support import databases
from tests.support.stage import Stage, stage_on

Planted = tuple[Flask, Any]

# A product that deletes the example deletes its tests with it; these are about projects, and go along.
EXAMPLE = Path(__file__).resolve().parents[2] / "features" / "projects"
collect_ignore = [] if EXAMPLE.is_dir() else ["test_cases_projects.py", "test_state_machine.py"]


@pytest.fixture(scope="module")
def planted_on(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Iterator[Planted]]:
    """An application whose database also has the orchard's tables, and a connection that sees all of it."""

    def plant(kind: str) -> Iterator[Planted]:
        folder = tmp_path_factory.mktemp("orchard")
        with databases.fresh(kind, folder) as found:
            owner, outside = create_engine(found.migration_url), create_engine(found.owner_url)
            with owner.connect() as connection:
                orchard.build(connection)
            owner.dispose()
            orchard.Rural.registry.configure()
            app = create_app(databases.settings_for(found, folder))
            with outside.connect() as connection:
                yield app, connection
            databases.dispose(app)
            outside.dispose()

    return plant


@pytest.fixture(scope="module", params=DATABASES)
def planted(request: pytest.FixtureRequest, planted_on: Callable[[str], Iterator[Planted]]) -> Iterator[Planted]:
    yield from planted_on(request.param)


@pytest.fixture
def orchards(planted: Planted) -> Iterator[Orchards]:
    """Workspaces A and B, freshly planted, seen from A."""
    app, outside = planted
    a, b = orchard.Side("A"), orchard.Side("B")
    table = Workspace.__table__
    outside.execute(table.insert(), [{"id": s.workspace, "slug": str(s.workspace), "name": s.letter} for s in (a, b)])
    orchard.plant(outside, a, b)
    with app.app_context():
        yield Orchards(app, outside, a, b)


@pytest.fixture(scope="module", params=DATABASES)
def full_stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One application for a module, with rows of every kind that its interface can make in both workspaces."""
    with stage_on(request.param, tmp_path_factory.mktemp("full")) as stage:
        yield matrix.furnished(stage)


@pytest.fixture
def cases(full_stage: Stage) -> Stage:
    """The full stage as it was in the beginning."""
    full_stage.reset()
    return full_stage
