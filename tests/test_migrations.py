"""The migrations lead to what the models say, and back; the kit's and the features'."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect

from enferno.app import create_app
from tests.conftest import DATABASES
from tests.support import databases, postgres

ROOT = Path(__file__).parent.parent


@pytest.fixture(params=DATABASES)
def empty(request, tmp_path):
    """A database without a single table."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
        yield databases.Database("sqlite", url, url, url)
        return
    found = postgres.cluster().new_database()
    yield databases.Database("postgresql", found.app, found.owner, found.superuser)
    found.drop()


@contextmanager
def migrating(database, tmp_path):
    app = create_app(databases.settings_for(database, tmp_path))
    with app.app_context():
        yield
    databases.dispose(app)


def tables(database):
    engine = create_engine(database.owner_url)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def test_every_migration_goes_up_down_and_up_again(empty, tmp_path):
    with migrating(empty, tmp_path):
        upgrade(revision="heads")
        there = tables(empty)
        downgrade(revision="base")
        assert tables(empty) == {"alembic_version"}
        upgrade(revision="heads")
    assert tables(empty) == there
    assert {"users", "workspaces", "memberships", "activities"} <= there


def test_the_models_and_the_migrations_agree(database, tmp_path):
    """In a process of its own, which does not know the models that other tests declare."""
    environ = {
        "ENV": "testing",
        "SECRET_KEY": databases.KEY,
        "SECURITY_PASSWORD_SALT": databases.SALT,
        "DATABASE_URL": database.app_url,
        "MIGRATION_DATABASE_URL": database.migration_url,
        "INSTANCE_PATH": str(tmp_path / "instance"),
    }
    command = [sys.executable, "-m", "flask", "--app", "run", "db", "check"]
    result = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    said = result.stdout + result.stderr
    assert "No new upgrade operations detected" in said
    assert result.returncode == 0, said
