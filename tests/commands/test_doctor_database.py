"""What `flask doctor` says of the database: on each one, and as each role."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from enferno.app import create_app
from tests.commands.conftest import Shell, lines
from tests.support import databases


def test_the_database_is_named_without_its_password(app: Flask, shell: Shell) -> None:
    told = lines(shell("doctor").output)["database"][1]
    assert told.startswith(("SQLite, ", "PostgreSQL, database test_"))
    assert "@" not in told


def test_migrations_that_are_missing_fail_and_say_what_to_run(app: Flask, shell: Shell, outside: Any) -> None:
    outside.execute(text("DELETE FROM alembic_version"))
    outside.commit()
    result = shell("doctor")
    level, told = lines(result.output)["migrations"]
    assert (result.exit_code, level) == (1, "fail")
    assert told.endswith("flask create-db")


def test_a_database_ahead_of_the_code_fails(app: Flask, shell: Shell, outside: Any) -> None:
    outside.execute(text("DELETE FROM alembic_version"))
    outside.execute(text("INSERT INTO alembic_version VALUES ('from_next_year')"))
    outside.commit()
    level, told = lines(shell("doctor").output)["migrations"]
    assert level == "fail"
    assert "ahead of this code, at from_next_year" in told


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_fails_in_production(app: Flask, shell: Shell) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], env="production")
    assert lines(shell("doctor").output)["role"][0] == "fail"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("role", "options"),
    [
        ("postgres", ""),
        ("readykit_owner", ""),
        ("doctors_bypass", "LOGIN BYPASSRLS"),
        ("doctors_super", "LOGIN SUPERUSER"),
    ],
)
def test_a_role_that_policies_do_not_bind_fails(
    database: databases.Database, tmp_path: Path, role: str, options: str
) -> None:
    with as_role(database, role, options) as wrong:
        app = create_app(databases.settings_for(wrong, tmp_path))
        result = app.test_cli_runner().invoke(args=["doctor"])
        databases.dispose(app)
    level, told = lines(result.output)["role"]
    assert (result.exit_code, level) == (1, "fail")
    assert told.endswith("See docs/postgres.md.")


@contextmanager
def as_role(database: databases.Database, role: str, options: str) -> Iterator[databases.Database]:
    """The database with the application signing in as another role, which is made for the length of the block."""
    owner = create_engine(database.owner_url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        if options:
            connection.execute(text(f"CREATE ROLE {role} {options}"))
        yield replace(database, app_url=database.app_url.replace("//readykit_app@", f"//{role}@"))
        if options:
            connection.execute(text(f"DROP ROLE {role}"))
    owner.dispose()
