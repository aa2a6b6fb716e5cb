"""Production starts on a PostgreSQL whose wall is up, and on no other."""

import click
import psycopg
import pytest
from sqlalchemy import create_engine, event, text

from enferno.app import create_app
from enferno.extensions import db
from enferno.tenancy.postgres import OpenDatabase, role_faults, wall_faults
from tests.support import databases, postgres

WRONG = {
    "a table without policies": (
        ["CREATE TABLE bad (workspace_id uuid NOT NULL, id uuid)"],
        [
            'bad lacks ENABLE and FORCE ROW LEVEL SECURITY. In a migration: protect("bad")',
            "bad has no policy for SELECT",
        ],
    ),
    "a table that lost FORCE": (
        ["ALTER TABLE memberships NO FORCE ROW LEVEL SECURITY"],
        ['memberships lacks FORCE ROW LEVEL SECURITY. In a migration: protect("memberships")'],
    ),
    "a table that lost a policy": (
        ["DROP POLICY memberships_change ON memberships"],
        ["memberships has no policy for UPDATE"],
    ),
    "a policy that lets everything through": (
        ["CREATE POLICY convenient ON memberships USING (true)"],
        ["DROP POLICY convenient ON memberships"],
    ),
    "a policy with another condition": (
        ["DROP POLICY memberships_read ON memberships", "CREATE POLICY m ON memberships FOR SELECT USING (role = 'x')"],
        ["DROP POLICY m ON memberships", "memberships has no policy for SELECT"],
    ),
    "a view that reads as its owner": (
        ["CREATE VIEW everyone AS SELECT * FROM memberships", "GRANT SELECT ON everyone TO readykit_app"],
        ["ALTER VIEW everyone SET (security_invoker = true)"],
    ),
    "a copy of a table": (
        ["CREATE MATERIALIZED VIEW copied AS SELECT * FROM memberships", "GRANT SELECT ON copied TO readykit_app"],
        ["REVOKE ALL ON copied"],
    ),
    "a function that runs as its owner": (
        ["CREATE FUNCTION total() RETURNS bigint SECURITY DEFINER LANGUAGE sql AS 'SELECT count(*) FROM memberships'"],
        ["ALTER FUNCTION total() SECURITY INVOKER"],
    ),
    "a role that may truncate": (
        ["GRANT TRUNCATE ON memberships TO readykit_app"],
        ["REVOKE TRUNCATE ON memberships FROM readykit_app"],
    ),
}
RIGHT = [
    "CREATE VIEW own WITH (security_invoker = on) AS SELECT * FROM memberships",
    "GRANT SELECT ON own TO readykit_app",
    "CREATE MATERIALIZED VIEW names AS SELECT slug FROM workspaces",
    "CREATE POLICY stricter ON memberships AS RESTRICTIVE USING (role <> 'x')",
    "CREATE EXTENSION pg_stat_statements",
]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    with databases.fresh("postgresql", tmp_path_factory.mktemp("production")) as made:
        yield made


@pytest.fixture
def changed(found):
    """Change the database as its superuser, in a transaction that is undone."""
    engine = create_engine(found.owner_url)
    with engine.connect() as connection:

        def change(*statements):
            for statement in statements:
                connection.execute(text(statement))
            connection.execute(text("SET LOCAL ROLE readykit_app"))
            return connection.connection.driver_connection

        yield change
        connection.rollback()
    engine.dispose()


def production(found, folder, **changes):
    return databases.settings_for(
        found,
        folder,
        env="production",
        base_url="https://app.example.com",
        redis_url="redis://localhost:1/0",
        smtp_url="smtp://localhost:1",
        mail_from="hello@example.com",
        **changes,
    )


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_open_is_found_and_how_to_close_it_is_said(changed, wrong):
    made, said = WRONG[wrong]
    faults = wall_faults(changed(*made))
    for words in said:
        assert any(words in fault for fault in faults), faults


def test_what_is_closed_is_left_alone(changed):
    assert wall_faults(changed(*RIGHT)) == []


def test_the_application_starts_as_the_unprivileged_role(found, tmp_path):
    app = create_app(production(found, tmp_path))
    with app.app_context():
        assert db.engine.pool.checkedin() == 0  # no connection is made that a fork would share
    databases.dispose(app)


@pytest.mark.parametrize(
    ("role", "said"),
    [("migration_url", "readykit_owner owns tables"), ("owner_url", "postgres is a superuser")],
)
def test_the_application_does_not_start_as_a_role_that_policies_do_not_bind(found, tmp_path, role, said):
    with pytest.raises(OpenDatabase, match=said):
        create_app(production(found, tmp_path, database_url=getattr(found, role)))


def test_a_role_that_may_become_one_that_bypasses_is_refused_too(changed):
    connection = changed()
    connection.execute("RESET ROLE")
    connection.execute("CREATE ROLE backup_test BYPASSRLS")
    connection.execute("GRANT backup_test TO readykit_app")
    connection.execute("SET LOCAL ROLE readykit_app")
    (fault,) = role_faults(connection)
    assert "readykit_app is a member of backup_test, a role with BYPASSRLS" in fault


def test_all_faults_are_reported_at_once(changed):
    faults = wall_faults(changed(*WRONG["a table without policies"][0], *WRONG["a role that may truncate"][0]))
    assert len(faults) >= 3


def test_a_command_may_run_but_not_connect_as_a_role_that_is_not_bound(found, tmp_path):
    """`flask db upgrade` signs in as the owner and mends; nothing else gets to a row."""
    with click.Context(click.Command("upgrade")):
        app = create_app(production(found, tmp_path, database_url=found.migration_url))
    with app.app_context(), pytest.raises(OpenDatabase, match="MIGRATION_DATABASE_URL"):
        db.session.execute(db.select(1))
    databases.dispose(app)


def test_a_database_that_is_down_at_the_start_is_checked_at_the_first_connection(found, tmp_path):
    down = found.migration_url.replace(found.migration_url.rsplit("=", 1)[1], str(tmp_path))
    app = create_app(production(found, tmp_path, database_url=down))
    with app.app_context():
        address = found.migration_url.replace("+psycopg", "")
        event.listen(db.engine, "do_connect", lambda *_asked: psycopg.connect(address))
        with pytest.raises(OpenDatabase, match="owns tables"):
            db.session.execute(db.select(1))
    databases.dispose(app)


def test_an_empty_database_does_not_stop_the_first_migration(tmp_path):
    empty = postgres.cluster().new_database()
    found = databases.Database("postgresql", empty.app, empty.owner, empty.superuser)
    app = create_app(production(found, tmp_path))
    databases.dispose(app)
    empty.drop()


def test_other_environments_start_on_whatever_there_is(found, tmp_path):
    app = create_app(databases.settings_for(found, tmp_path, env="development", database_url=found.owner_url))
    databases.dispose(app)
