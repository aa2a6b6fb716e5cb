"""A migrated, empty database for a test: SQLite by copying a file, PostgreSQL by copying a template database."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade

from enferno.app import create_app
from enferno.settings import Settings
from tests.support import postgres

__all__ = ["KEY", "SALT", "Database", "dispose", "fresh", "migrate", "settings_for"]

KEY = "a key for tests, which nobody uses anywhere else"
SALT = "a salt for tests alone"


@dataclass(frozen=True)
class Database:
    """`app_url` is what the application signs in with, `migration_url` owns the tables, `owner_url` sees every row."""

    kind: str
    app_url: str
    migration_url: str
    owner_url: str


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[Database]:
    """A database of its own for one test, with every migration applied."""
    if kind == "sqlite":
        file = folder / "test.sqlite"
        shutil.copyfile(_migrated_sqlite(), file)
        yield Database(kind, f"sqlite:///{file}", f"sqlite:///{file}", f"sqlite:///{file}")
        return
    cluster = postgres.cluster()
    found = cluster.new_database(template=cluster.template("readykit_migrated", _migrate_postgres))
    yield Database(kind, found.app, found.owner, found.superuser)
    found.drop()


def settings_for(database: Database, folder: Path, **changes: Any) -> Settings:
    """The settings of a test application; `changes` go over them."""
    given: dict[str, Any] = {
        "env": "testing",
        "secret_key": KEY,
        "security_password_salt": SALT,
        "database_url": database.app_url,
        "migration_database_url": database.migration_url,
        "instance_path": folder / "instance",
        "log_level": "ERROR",
        "plans_path": Path(__file__).with_name("plans.toml"),
    }
    return Settings(**(given | changes))


def migrate(settings: Settings) -> None:
    """Bring a database to the newest revision, as the role that owns the tables."""
    app = create_app(settings)
    with app.app_context():
        upgrade(revision="heads")
    dispose(app)


def dispose(app: Flask) -> None:
    """End the threads and close every connection of the application, so that its database can be dropped."""
    app.extensions["tasks"].close()
    with app.app_context():
        for engine in app.extensions["sqlalchemy"].engines.values():
            engine.dispose()


@cache
def _migrated_sqlite() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="readykit-tests-"))
    url = f"sqlite:///{folder / 'migrated.sqlite'}"
    migrate(settings_for(Database("sqlite", url, url, url), folder))
    return folder / "migrated.sqlite"


def _migrate_postgres(draft: postgres.Database) -> None:
    with tempfile.TemporaryDirectory(prefix="readykit-tests-") as folder:
        migrate(settings_for(Database("postgresql", draft.app, draft.owner, draft.superuser), Path(folder)))
