"""What `flask db migrate` writes for a new feature is whole: the table's wall and what comes first included."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from enferno.tenancy.catalogue import key_faults
from tests.conftest import DATABASES
from tests.support import databases, postgres
from tests.support.servers import ROOT

MODELS = """
from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from enferno.extensions import db
from enferno.tenancy import WorkspaceScoped, belongs_to


class Shelf(WorkspaceScoped, db.Model):
    __tablename__ = "shelves"

    name: Mapped[str] = mapped_column(String(80))


class Toy(WorkspaceScoped, db.Model):
    __tablename__ = "toys"

    name: Mapped[str] = mapped_column(String(80))
    bought_at: Mapped[datetime]
    shelf: Mapped[Shelf] = belongs_to(Shelf, ondelete="CASCADE")


class Maker(db.Model):
    __tablename__ = "makers"

    id: Mapped[int] = mapped_column(primary_key=True)
"""
FEATURE = """
from enferno.features import Feature
from toybox.toys import models

feature = Feature(name="toys")
"""
# In a process of its own: an import cannot be taken back.
SCRIPT = """
import sys
from flask_migrate import check, downgrade, migrate, upgrade
from enferno.app import create_app

folder, step = sys.argv[1:]
app = create_app()
with app.app_context():
    if step == "write":
        upgrade(revision="heads")
        migrate(message="toys", head="base", branch_label="toys", version_path=folder)
    if step == "up":
        upgrade(revision="heads")
        check()
    if step == "change":
        migrate(message="no more makers", head="toys@head")
    if step == "down":
        downgrade(revision="toys@base")
"""


@pytest.fixture(params=DATABASES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[databases.Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
        yield databases.Database("sqlite", url, url, url)
        return
    found = postgres.cluster().new_database()
    yield databases.Database("postgresql", found.app, found.owner, found.superuser)
    found.drop()


@pytest.fixture
def toys(tmp_path: Path) -> Path:
    feature = tmp_path / "toybox" / "toys"
    (feature / "migrations").mkdir(parents=True)
    (feature / "__init__.py").write_text(FEATURE)
    (feature / "models.py").write_text(MODELS)
    return feature


def step(name: str, feature: Path, database: databases.Database) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "ENV": "testing",
        "SECRET_KEY": databases.KEY,
        "SECURITY_PASSWORD_SALT": databases.SALT,
        "DATABASE_URL": database.app_url,
        "MIGRATION_DATABASE_URL": database.migration_url,
        "INSTANCE_PATH": str(feature.parent.parent / "instance"),
        "FEATURES_PATH": str(feature.parent),
    }
    command = [sys.executable, "-c", SCRIPT, str(feature / "migrations"), name]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def newest(feature: Path) -> str:
    return max((feature / "migrations").glob("*.py"), key=lambda file: file.stat().st_mtime_ns).read_text()


def test_a_written_migration_needs_no_line_by_hand(empty: databases.Database, toys: Path, tmp_path: Path) -> None:
    step("write", toys, empty)
    text_of_it = newest(toys)
    assert 'protect("shelves", "toys")' in text_of_it
    assert 'unprotect("toys", "shelves")' in text_of_it
    assert 'grant("makers")' in text_of_it
    assert "= '2026_11_28_readable_version'\n" in text_of_it.partition("depends_on:")[2]
    lint = [sys.executable, "-m", "ruff", "check", "--select", "F", "--isolated", str(toys / "migrations")]
    assert subprocess.run(lint, check=False, cwd=ROOT, capture_output=True).returncode == 0, text_of_it

    step("up", toys, empty)
    engine = create_engine(empty.owner_url)
    with engine.connect() as connection:
        assert key_faults(connection) == []
        if empty.kind == "postgresql":
            walls = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
            assert set(connection.scalars(text(walls))) >= {"shelves", "toys"}
            policies = "SELECT count(*) FROM pg_policies WHERE tablename IN ('shelves', 'toys')"
            assert connection.scalar(text(policies)) == 8
            may = "SELECT has_table_privilege('readykit_app', 'makers', 'SELECT, INSERT, UPDATE, DELETE')"
            assert connection.scalar(text(may))

    without = toys / "models.py"
    without.write_text(MODELS.partition("class Maker")[0])
    step("change", toys, empty)
    assert "protect" not in newest(toys)
    assert 'grant("makers")' in newest(toys).partition("def downgrade")[2]
    step("up", toys, empty)
    step("down", toys, empty)
    with engine.connect() as connection:
        left = set(inspect(connection).get_table_names())
    engine.dispose()
    assert "users" in left
    assert not {"shelves", "toys", "makers"} & left
