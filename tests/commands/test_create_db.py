"""`flask create-db`: the kit's migrations and the features', as the role that owns the tables."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import create_engine, inspect

from enferno.app import create_app
from enferno.extensions import migrate
from tests.support import databases, postgres


def newest(app: Flask) -> str:
    with app.app_context():
        return ", ".join(sorted(ScriptDirectory.from_config(migrate.get_config()).get_heads()))


def test_it_makes_the_database_and_then_finds_nothing_to_do(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    app = create_app(databases.settings_for(databases.Database("sqlite", url, url, url), tmp_path))
    first = app.test_cli_runner().invoke(args=["create-db"])
    again = app.test_cli_runner().invoke(args=["create-db"])
    assert first.output.startswith(f"SQLite in {tmp_path / 'new.sqlite'} was migrated from nothing to ")
    assert (again.exit_code, first.exit_code) == (0, 0)
    assert " is up to date (" in again.output
    tables = inspect(create_engine(url)).get_table_names()
    assert {"users", "workspaces", *app.extensions["features"]} <= set(tables)


def test_on_postgresql_the_owner_migrates_and_the_application_may_use_the_tables(tmp_path: Path) -> None:
    found = postgres.cluster().new_database()
    urls = databases.Database("postgresql", found.app, found.owner, found.superuser)
    app = create_app(databases.settings_for(urls, tmp_path))
    result = app.test_cli_runner().invoke(args=["create-db"])
    assert result.exit_code == 0
    assert "(as readykit_owner) was migrated from nothing" in result.output
    with found.connect() as connection:
        owners = {
            owner for (owner,) in connection.execute("SELECT tableowner FROM pg_tables WHERE schemaname='public'")
        }
    assert owners == {"readykit_owner"}
    assert app.test_cli_runner().invoke(args=["create", "-e", "ana@example.com"]).exit_code == 0
    databases.dispose(app)
    found.drop()


def test_migrations_grant_the_tables_to_the_role_of_the_settings(tmp_path: Path) -> None:
    found = postgres.cluster().new_database()
    urls = databases.Database("postgresql", found.app, found.owner, found.superuser)
    with found.connect() as connection:
        connection.execute("CREATE ROLE another_app LOGIN")
        app = create_app(databases.settings_for(urls, tmp_path, database_app_role="another_app"))
        assert app.test_cli_runner().invoke(args=["create-db"]).exit_code == 0
        allowed = "SELECT has_table_privilege('another_app', 'activities', 'INSERT')"
        granted = connection.execute(allowed).fetchone()
    databases.dispose(app)
    found.drop()
    with postgres.Database("postgres", postgres.cluster().socket).connect() as connection:
        connection.execute("DROP ROLE another_app")
    assert granted == (True,)


def test_a_database_that_cannot_be_reached_is_one_line(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.sqlite'}"
    app = create_app(databases.settings_for(databases.Database("sqlite", url, url, url), tmp_path))
    result = app.test_cli_runner().invoke(args=["create-db"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: SQLite in ")
    assert result.output.endswith("cannot be reached (OperationalError): is it running?\n")


@pytest.mark.parametrize("words", [("create", "-e", "ana@example.com"), ("install",), ("demo",)])
def test_a_command_before_the_migrations_says_what_to_run(tmp_path: Path, words: tuple[str, ...]) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    app = create_app(databases.settings_for(databases.Database("sqlite", url, url, url), tmp_path))
    result = app.test_cli_runner().invoke(args=list(words))
    assert result.exit_code == 1
    assert result.output == "Error: The database is not at its newest migration. Run: flask create-db\n"
