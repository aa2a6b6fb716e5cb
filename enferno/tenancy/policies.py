"""PostgreSQL's wall: row-level security, one line per table in a migration.

from enferno.tenancy.policies import protect, unprotect

def upgrade():
    op.create_table("projects", ...)
    protect("projects")
"""

from alembic import context, op
from flask import has_app_context
from sqlalchemy import text

from enferno.settings import current_settings

__all__ = ["APPLICATION_ROLE", "PREDICATE", "grant", "protect", "statements", "unprotect"]

APPLICATION_ROLE = "readykit_app"

# `nullif`: after a transaction that set it, the setting is '' and no longer NULL. The sub-selects make PostgreSQL
# evaluate the settings once per statement and not once per row. CASE, and not OR: the planner cannot see that the
# condition repeats the statement's own one on workspace_id, would multiply the two, expect a handful of rows where
# there are thousands, and sort them instead of walking the index in order (a page of 25 took six times as long).
PREDICATE = (
    "(CASE WHEN (SELECT current_setting('enferno.unscoped', true)) = 'on' THEN true"
    " ELSE workspace_id = (SELECT nullif(current_setting('enferno.workspace_id', true), '')::uuid) END)"
)


def statements(table: str) -> list[str]:
    """The SQL that puts the wall around a table."""
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {table}_read ON {table} FOR SELECT USING {PREDICATE}",
        f"CREATE POLICY {table}_add ON {table} FOR INSERT WITH CHECK {PREDICATE}",
        f"CREATE POLICY {table}_change ON {table} FOR UPDATE USING {PREDICATE} WITH CHECK {PREDICATE}",
        f"CREATE POLICY {table}_remove ON {table} FOR DELETE USING {PREDICATE}",
    ]


def protect(*tables: str, role: str | None = None) -> None:
    """Let the application's role see of these tables what belongs to the current workspace. Nothing on SQLite."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    role = role or _role()
    for table in tables:
        for statement in statements(table):
            op.execute(statement)
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}):
        for table in tables:
            op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO "{role}"')


def grant(*tables: str, role: str | None = None, rights: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Let the application's role use tables that belong to no workspace. Nothing on SQLite."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    role = role or _role()
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}):
        for table in tables:
            op.execute(f'GRANT {rights} ON {table} TO "{role}"')


def unprotect(*tables: str) -> None:
    """Undo `protect`. Nothing on SQLite."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        for policy in ("read", "add", "change", "remove"):
            op.execute(f"DROP POLICY IF EXISTS {table}_{policy} ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def _role() -> str:
    """The role of DATABASE_APP_ROLE; `flask db upgrade -x role=…` names another for once."""
    own = current_settings().database_app_role if has_app_context() else APPLICATION_ROLE
    return context.get_x_argument(as_dictionary=True).get("role", own)
