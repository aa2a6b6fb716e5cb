"""How `flask db` reaches the database: as the role that owns the tables, outside of the application's engines."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, create_engine, pool, text

from enferno.database import UTCDateTime
from enferno.settings import current_settings
from enferno.tenancy import written

metadata = current_app.extensions["migrate"].db.metadata


def render_item(kind: str, item: Any, rendering: Any) -> str | bool:
    if kind != "type" or not isinstance(item, UTCDateTime):
        return False
    rendering.imports.add("from enferno.database import UTCDateTime")
    return "UTCDateTime()"


def finish(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """`flask db migrate` writes no file when nothing has changed, and with the rest what keeps workspaces apart."""
    if not getattr(context.config.cmd_opts, "autogenerate", False):
        return
    if directives[0].upgrade_ops.is_empty():
        directives.clear()
        print("Nothing has changed: no migration was written.")
    else:
        written.complete(directives[0], context.script)


def run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # A migration that cannot get its lock gives up instead of making every reader wait behind it.
        connection.execute(text("SET lock_timeout = '2s'"))
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        render_as_batch=False,
        render_item=render_item,
        process_revision_directives=finish,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    context.configure(url=current_settings().migration_database, target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = create_engine(current_settings().migration_database, poolclass=pool.NullPool)
    with engine.connect() as connection:
        run(connection)
    engine.dispose()
