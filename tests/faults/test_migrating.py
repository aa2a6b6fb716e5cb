"""A migration while people work (cases/faults, 9 and 18)."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask_migrate import upgrade
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from enferno.app import create_app
from enferno.features import migration_folders
from tests.support import databases
from tests.support.servers import until

ACME = "/api/v1/workspaces/acme"
MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "2026_widening", None, ("widening",), ("2026_11_20_kit",)


def upgrade():
    op.create_table("wide", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("workspaces", sa.Column("motto", sa.String(80)))


def downgrade():
    op.drop_column("workspaces", "motto")
    op.drop_table("wide")
"""


@pytest.fixture
def migrating(
    stoppable: databases.Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], None]]:
    """Newer code, whose migration wants a lock on `workspaces`; called, it migrates."""
    (tmp_path / "widening").mkdir()
    (tmp_path / "widening" / "widening.py").write_text(MIGRATION)
    monkeypatch.setattr(
        "enferno.features.migration_folders", lambda root: [*migration_folders(root), tmp_path / "widening"]
    )
    newer = create_app(databases.settings_for(stoppable, tmp_path))

    def migrate() -> None:
        with newer.app_context():
            upgrade(revision="heads")

    yield migrate
    databases.dispose(newer)


def columns(connect: Any) -> set[str]:
    with connect() as connection:
        found = {column["name"] for column in inspect(connection).get_columns("workspaces")}
        return found | ({"wide"} & set(inspect(connection).get_table_names()))


def test_a_migration_that_cannot_get_its_lock_gives_up_and_no_reader_waits_for_it(
    migrating: Any, serving: Any, owner: Any, from_outside: Any
) -> None:
    """A reader who came first stands in the migration's way, and who comes later waits behind the migration."""
    browser = owner(serving())
    failed: list[BaseException] = []

    def migrate() -> None:
        try:
            migrating()
        except BaseException as fault:
            failed.append(fault)

    with from_outside() as reader:
        reader.execute(text("SELECT count(*) FROM workspaces"))
        at_work = threading.Thread(target=migrate)
        at_work.start()
        with from_outside() as watching:
            waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'")
            until(lambda: watching.scalar(waiting), "the migration to wait for its lock")
        began = time.monotonic()
        statuses = [browser.get(ACME).status_code for _ in range(3)]
        waited = time.monotonic() - began
        at_work.join()
    assert statuses == [200, 200, 200]
    assert waited < 5, "readers waited longer than the lock may be asked for"
    (fault,) = failed
    assert isinstance(fault, OperationalError)
    assert getattr(fault.orig, "sqlstate", None) == "55P03"
    assert not {"motto", "wide"} & columns(from_outside), "half of the migration was kept"
    migrating()
    assert {"motto", "wide"} <= columns(from_outside)


def test_old_code_works_on_the_database_of_newer_code(
    migrating: Any, serving: Any, owner: Any, from_outside: Any
) -> None:
    """Between the migration and the last restart both serve: a column more is nothing that the old code must know."""
    browser = owner(serving())
    migrating()
    assert browser.get(ACME).status_code == 200
    assert browser.patch(ACME, json={"name": "By old code"}).status_code == 200
    assert browser.post("/api/v1/me/workspaces", json={"name": "A new one"}).status_code == 201
    assert browser.get("/w/acme/", follow_redirects=True).status_code == 200
