"""Tell PostgreSQL's policies which workspace is current, at most once per transaction and only when it matters.

`set_config(..., true)` lasts until the end of the transaction, so a connection that goes back to the pool carries
nothing over. What was said is remembered beside the connection, and forgotten whenever PostgreSQL forgets it.
"""

from typing import Any

from blinker import Signal
from sqlalchemy import Connection, Engine, event

from enferno.tenancy.errors import UnscopedStatement
from enferno.tenancy.scope import Scope

__all__ = ["apply", "install", "scope_applied"]

SAID = "enferno_scope"
SAY = "SELECT set_config('enferno.workspace_id', %s, true), set_config('enferno.unscoped', %s, true)"

# Sent for every round trip made here, which SQLAlchemy's own events do not see. Tests count statements with it.
scope_applied = Signal()


def install(engine: Engine) -> None:
    """Forget what was said wherever the transaction, or a part of it, ends."""
    for name in ("begin", "commit", "rollback", "begin_twophase", "commit_twophase", "rollback_twophase"):
        event.listen(engine, name, _forget)
    event.listen(engine, "rollback_savepoint", _forget)
    event.listen(engine.pool, "reset", lambda _dbapi, record, _state: record.info.pop(SAID, None))


def apply(connection: Connection, cursor: Any, scope: Scope) -> None:
    """Make the policies of this connection's transaction agree with the current scope."""
    wanted = (scope.workspace_id, scope.unscoped)
    info = connection.info
    if info.get(SAID) == wanted:
        return
    if cursor.connection.autocommit:
        raise UnscopedStatement(
            "In AUTOCOMMIT nothing tells PostgreSQL which workspace is current. Read and write rows of a workspace in "
            "an ordinary transaction (db.session)."
        )
    with cursor.connection.cursor() as own:
        own.execute(SAY, (str(scope.workspace_id or ""), "on" if scope.unscoped else ""))
    info[SAID] = wanted
    if scope_applied.receivers:
        scope_applied.send(connection, statement=SAY)


def _forget(connection: Connection, *_names: Any) -> None:
    # A connection that was lost has nothing to forget, and asking for its `info` would fail in place of the rollback.
    if not connection.invalidated:
        connection.info.pop(SAID, None)
