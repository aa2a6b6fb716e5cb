"""Count what reaches the database.

    with count_statements(db.engine) as statements:
        client.get("/api/v1/...")
    assert len(statements) <= 4

Includes what tells PostgreSQL's policies the current workspace, which SQLAlchemy's own events do not see.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from enferno.tenancy.rowlevel import scope_applied


@contextmanager
def count_statements(engine: Engine) -> Iterator[list[str]]:
    """The statements sent through this engine during the block, in order."""
    sent: list[str] = []

    def on_execute(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    def on_scope(connection: Any, statement: str) -> None:
        if connection.engine is engine:
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", on_execute)
    scope_applied.connect(on_scope, weak=False)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", on_execute)
        scope_applied.disconnect(on_scope)
