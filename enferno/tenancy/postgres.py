"""Is PostgreSQL's wall up: the role that the application signs in as, the policies of every scoped table, the views.

In production the application does not start where it is not (docs/postgres.md). A process that serves asks at its
start, a command when it first connects as the application's role; so migrations, which sign in as the owner, can mend
what is wrong.
"""

from typing import TYPE_CHECKING, Any

import click
import structlog
from sqlalchemy import Engine, create_engine, event, pool
from sqlalchemy.exc import OperationalError

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["OpenDatabase", "faults_at", "insist", "role_faults", "wall_faults"]

log = structlog.get_logger(__name__)

ROLE = """
SELECT current_user, r.rolname, r.rolsuper FROM pg_roles r
WHERE (r.rolsuper OR r.rolbypassrls) AND pg_has_role(current_user, r.oid, 'MEMBER')
ORDER BY r.rolname <> current_user LIMIT 1
"""

# Tables, views and functions of the product; what an extension brings is the extension's business.
HERE = """n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = {0}.oid AND e.deptype = 'e')"""
OURS = HERE.format("c")

OWNED = f"""
SELECT current_user, min(c.oid::regclass::text) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND {OURS} AND pg_has_role(current_user, c.relowner, 'USAGE')
HAVING count(*) > 0
"""  # noqa: S608

SCOPED = f"""
SELECT c.oid, c.oid::regclass::text, c.relrowsecurity, c.relforcerowsecurity,
       has_table_privilege(current_user, c.oid, 'TRUNCATE') AND NOT pg_has_role(current_user, c.relowner, 'USAGE'),
       current_user
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind IN ('r', 'p') AND {OURS} AND a.attname = 'workspace_id' AND NOT a.attisdropped
ORDER BY 2
"""  # noqa: S608

POLICIES = """
SELECT polname, polcmd::text, polpermissive, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
FROM pg_policy WHERE polrelid = %s
"""

VIEWS = f"""
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND {OURS}
  AND NOT coalesce(c.reloptions::text ~* 'security_invoker=(true|on|1|yes)', false)
  AND has_table_privilege(current_user, c.oid, 'SELECT')
"""  # noqa: S608

COPIES = f"""
SELECT DISTINCT c.oid::regclass::text, t.oid::regclass::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_rewrite r ON r.ev_class = c.oid JOIN pg_depend d ON d.objid = r.oid JOIN pg_class t ON t.oid = d.refobjid
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'workspace_id'
WHERE c.relkind = 'm' AND t.relkind IN ('r', 'p') AND {OURS} AND has_table_privilege(current_user, c.oid, 'SELECT')
"""  # noqa: S608

FUNCTIONS = f"""
SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef AND {HERE.format("p")} AND has_function_privilege(current_user, p.oid, 'EXECUTE')
"""  # noqa: S608

COMMANDS = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE"}
SETTING = "current_setting('enferno.workspace_id'"


class OpenDatabase(RuntimeError):
    """The database would show a workspace's rows to another; `faults` says why, a sentence each."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        listed = "\n".join(f"  - {fault}" for fault in faults)
        super().__init__(f"PostgreSQL does not keep workspaces apart (docs/postgres.md):\n{listed}")


def insist(engine: Engine) -> None:
    """Refuse to serve from a database whose wall is not up.

    Raises:
        OpenDatabase: with every fault found.
    """
    passed: list[bool] = []

    @event.listens_for(engine, "connect")
    def check_first(connection: "Connection[Any]", _record: Any) -> None:
        if not passed:
            if faults := faults_seen(connection):
                raise OpenDatabase(faults)
            passed.append(True)

    if click.get_current_context(silent=True) is not None:
        return
    try:
        faults = faults_at(engine)
    except OperationalError as fault:
        log.warning("tenancy.database_not_checked", error=type(fault.orig).__name__)
        return
    if faults:
        raise OpenDatabase(faults)
    passed.append(True)


def faults_at(engine: Engine) -> list[str]:
    """What is open for the role of this engine, asked over a connection of its own.

    One that the pool kept would be shared by the processes that a server forks.
    """
    own = create_engine(engine.url, poolclass=pool.NullPool, connect_args={"connect_timeout": 4})
    with own.connect() as connection:
        return faults_seen(connection.connection.driver_connection)


def faults_seen(connection: Any) -> list[str]:
    faults = [*role_faults(connection), *wall_faults(connection)]
    connection.rollback()
    return faults


def role_faults(connection: Any) -> list[str]:
    """Why policies would not bind the role that this connection signed in as."""
    faults = []
    for me, role, is_superuser in connection.execute(ROLE).fetchall():
        kind = "a superuser" if is_superuser else "a role with BYPASSRLS"
        who = f"{me} is {kind}" if me == role else f"{me} is a member of {role}, {kind}"
        mend = f"ALTER ROLE {me} NOSUPERUSER NOBYPASSRLS" if me == role else f"REVOKE {role} FROM {me}"
        faults.append(f"{who}, whom policies do not bind. Sign in as another role in DATABASE_URL, or: {mend}")
    for me, table in connection.execute(OWNED).fetchall():
        faults.append(
            f"{me} owns tables ({table}, for one) and could take their policies away. DATABASE_URL names the "
            "application's role, MIGRATION_DATABASE_URL the owner."
        )
    return faults


def wall_faults(connection: Any) -> list[str]:
    """What is open in the database itself: tables without policies, views and functions that go around them."""
    faults = []
    for oid, table, enabled, forced, may_truncate, me in connection.execute(SCOPED).fetchall():
        if not (enabled and forced):
            missing = " and ".join(word for word, there in (("ENABLE", enabled), ("FORCE", forced)) if not there)
            faults.append(f'{table} lacks {missing} ROW LEVEL SECURITY. In a migration: protect("{table}")')
        faults += _policy_faults(table, connection.execute(POLICIES, (oid,)).fetchall())
        if may_truncate:
            faults.append(f"TRUNCATE is bound by no policy. REVOKE TRUNCATE ON {table} FROM {me}")
    for (view,) in connection.execute(VIEWS).fetchall():
        faults.append(f"{view} reads as whoever made it. ALTER VIEW {view} SET (security_invoker = true)")
    for copy, table in connection.execute(COPIES).fetchall():
        faults.append(
            f"{copy} is a copy of {table} without its policies. REVOKE ALL ON {copy} FROM the application's role"
        )
    for (function,) in connection.execute(FUNCTIONS).fetchall():
        faults.append(f"{function} runs as whoever made it. ALTER FUNCTION {function} SECURITY INVOKER")
    return faults


def _policy_faults(table: str, policies: list[Any]) -> list[str]:
    faults, covered = [], set()
    for name, command, permissive, using, check_ in policies:
        expressions = [one for one in (using, check_) if one is not None]
        if all(SETTING in one and "workspace_id =" in one for one in expressions) and expressions:
            covered.add(command)
        elif permissive:
            faults.append(f"The policy {name} lets rows of {table} through. DROP POLICY {name} ON {table}")
    for command, word in COMMANDS.items():
        if command not in covered and "*" not in covered:
            faults.append(f'{table} has no policy for {word}. In a migration: protect("{table}")')
    return faults
