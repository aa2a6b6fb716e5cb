"""What the live database says of itself: no key crosses, no index reveals, no table is without its policies.

It reads tables and not models, so the table of a feature written tomorrow is covered the day its migration exists. A
failure prints the line to write.
"""

import pytest
from sqlalchemy import create_engine

from enferno.app import create_app
from enferno.extensions import db
from enferno.tenancy import WorkspaceScoped
from enferno.tenancy.catalogue import key_faults, scoped_tables
from enferno.tenancy.postgres import role_faults, wall_faults
from tests.conftest import DATABASES
from tests.support import databases

SCOPED_COLUMNS = (
    "workspace_id UUID NOT NULL REFERENCES workspaces (id), id UUID NOT NULL, PRIMARY KEY (workspace_id, id)"
)

# A table somebody might make, and what must be said of it.
BAD_KEYS = {
    "a reference by half a key": (
        [
            "CREATE TABLE bad (member_id UUID, {scoped},"
            " UNIQUE (workspace_id, id), FOREIGN KEY (member_id) REFERENCES lone (id))"
        ],
        'sa.ForeignKeyConstraint(["workspace_id", "member_id"], ["lone.workspace_id", "lone.id"])',
    ),
    "a workspace that may be missing": (
        ["CREATE TABLE bad (workspace_id UUID REFERENCES workspaces (id), id UUID PRIMARY KEY)"],
        "sa.Column('workspace_id', sa.Uuid(), nullable=False)",
    ),
    "a workspace that does not exist": (
        ["CREATE TABLE bad (workspace_id UUID NOT NULL, id UUID NOT NULL, PRIMARY KEY (workspace_id, id))"],
        'sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE")',
    ),
    "a primary key without the workspace": (
        ["CREATE TABLE bad (workspace_id UUID NOT NULL REFERENCES workspaces (id), id UUID PRIMARY KEY)"],
        'UniqueConstraint("workspace_id", "id")',
    ),
    "a name that is unique for everybody": (
        ["CREATE TABLE bad (name TEXT UNIQUE, {scoped})"],
        'UniqueConstraint("workspace_id", "name")',
    ),
    "a unique index for everybody": (
        ["CREATE TABLE bad (name TEXT, {scoped})", "CREATE UNIQUE INDEX ix ON bad (name, workspace_id)"],
        'UniqueConstraint("workspace_id", "name", "workspace_id")',
    ),
    "an expression that is unique for everybody": (
        ["CREATE TABLE bad (name TEXT, {scoped})", "CREATE UNIQUE INDEX ix ON bad (lower(name))"],
        "tells one workspace what another has",
    ),
    "a reference that empties the workspace": (
        [
            "CREATE TABLE bad (member_id UUID, {scoped},"
            " FOREIGN KEY (workspace_id, member_id) REFERENCES memberships (workspace_id, id) ON DELETE SET NULL)"
        ],
        'belongs_to(..., ondelete="SET NULL")',
    ),
    "a table without a workspace that refers to one with": (
        [
            "CREATE TABLE bad (id UUID PRIMARY KEY, w UUID, m UUID,"
            " FOREIGN KEY (w, m) REFERENCES memberships (workspace_id, id))"
        ],
        "let its model inherit WorkspaceScoped",
    ),
}
LONE = f"CREATE TABLE lone ({SCOPED_COLUMNS}, UNIQUE (id))"


@pytest.fixture(scope="module", params=DATABASES)
def house(request, tmp_path_factory):
    """A migrated database with the features' tables, as its owner, as the application, and from outside."""
    folder = tmp_path_factory.mktemp("catalogue")
    with databases.fresh(request.param, folder) as found:
        app = create_app(databases.settings_for(found, folder))
        engines = {who: create_engine(url) for who, url in as_roles(found).items()}
        yield app, engines
        for engine in engines.values():
            engine.dispose()
        databases.dispose(app)


def as_roles(found):
    return {"application": found.app_url, "owner": found.migration_url, "outside": found.owner_url}


@pytest.fixture
def database(house):
    return house[1]


def test_every_key_stays_inside_its_workspace(database):
    with database["outside"].connect() as connection:
        assert key_faults(connection) == []


def test_every_scoped_model_and_link_table_is_in_the_database_and_known_as_scoped(house):
    app, engines = house
    with app.app_context(), engines["outside"].connect() as connection:
        declared = {table.name for table in db.metadata.tables.values() if "workspace_id" in table.c}
        declared |= {kind.__table__.name for kind in db.Model.__subclasses__() if issubclass(kind, WorkspaceScoped)}
        assert declared
        assert set(scoped_tables(connection)) == declared


def test_policies_guard_every_scoped_table_and_nothing_goes_around_them(database):
    if database["outside"].dialect.name == "sqlite":
        pragmas(database["application"])
        return
    with database["application"].connect() as connection:
        assert wall_faults(connection.connection.driver_connection) == []
        assert role_faults(connection.connection.driver_connection) == []


def pragmas(engine):
    """SQLite has no policies; what it can do for keys is off unless asked for, on every connection."""
    with engine.connect() as connection:
        asked = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}
        waits_ms = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
    assert asked == PRAGMAS
    assert waits_ms >= 1000


PRAGMAS = {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 1}


def test_the_application_may_use_every_table_and_no_more(database):
    if database["outside"].dialect.name == "sqlite":
        pragmas(database["owner"])
        return
    with database["application"].connect() as connection:
        rights = connection.exec_driver_sql(
            "SELECT c.relname, string_agg(p, ',' ORDER BY p) FROM pg_class c"
            " CROSS JOIN unnest(ARRAY['DELETE','INSERT','REFERENCES','SELECT','TRIGGER','TRUNCATE','UPDATE']) p"
            " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
            " AND c.relname <> 'alembic_version' AND has_table_privilege(current_user, c.oid, p) GROUP BY 1"
        ).all()
        assert (
            connection.exec_driver_sql("SELECT has_schema_privilege(current_user, 'public', 'CREATE')").scalar()
            is False
        )
    assert {held for _, held in rights} == {"DELETE,INSERT,SELECT,UPDATE"}
    with database["outside"].connect() as connection:
        count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        assert len(rights) == connection.exec_driver_sql(count).scalar()


@pytest.mark.parametrize("wrong", BAD_KEYS)
def test_a_bad_table_is_found_and_the_line_to_write_is_printed(database, wrong):
    made, said = BAD_KEYS[wrong]
    with database["owner"].connect() as connection:
        connection.exec_driver_sql(LONE)
        for statement in made:
            connection.exec_driver_sql(statement.format(scoped=SCOPED_COLUMNS))
        faults = [fault for fault in key_faults(connection) if "bad" in fault]
        connection.rollback()
        for table in ("bad", "lone"):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
        connection.commit()
    assert any(said in fault for fault in faults), faults
