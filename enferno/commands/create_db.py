"""`flask create-db`: every migration, the kit's and the features'."""

import logging
from collections.abc import Set

import click
from alembic.command import upgrade
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from flask.cli import with_appcontext
from sqlalchemy import Engine, create_engine, make_url, pool
from sqlalchemy.exc import OperationalError

from enferno.author import blaming
from enferno.commands.frame import Refused
from enferno.extensions import migrate
from enferno.settings import current_settings
from enferno.unmigrated import refuse_unmigrated

__all__ = ["create_db", "heads_in_the_database"]


@click.command("create-db")
@with_appcontext
def create_db() -> None:
    """Bring the database to the newest migrations; makes it where there is none.

    On PostgreSQL this runs as the role of MIGRATION_DATABASE_URL, which owns the tables.
    """
    try:
        before = heads_in_the_database()
        with blaming(current_settings().features_path):
            upgrade(migrate.get_config(), "heads")
        after = heads_in_the_database()
    except CommandError as fault:
        raise Refused(
            f"{where()} cannot be migrated: {fault}. Is a file of a migration missing here? flask db heads"
        ) from None
    except OperationalError as fault:
        raise Refused(f"{where()} cannot be reached ({type(fault.orig).__name__}): is it running?") from None
    refuse_unmigrated(own_engine(), current_settings())
    if before == after:
        click.echo(f"{where()} is up to date ({names(after)}).")
    else:
        click.echo(f"{where()} was migrated from {names(before)} to {names(after)}.")


def heads_in_the_database() -> frozenset[str]:
    """The newest revision of each branch that was applied."""
    # What Alembic says at level INFO, the commands say in a sentence.
    logging.getLogger("alembic.runtime").setLevel(logging.WARNING)
    with own_engine().connect() as connection:
        return frozenset(MigrationContext.configure(connection).get_current_heads())


def own_engine() -> Engine:
    """As the role that owns the tables, which no wall guards."""
    return create_engine(current_settings().migration_database, poolclass=pool.NullPool)


def where() -> str:
    """The database in words, without anything secret."""
    url = make_url(current_settings().migration_database)
    if url.get_backend_name() == "sqlite":
        return f"SQLite in {url.database}"
    host = url.host or url.query.get("host", "a local socket")
    return f"PostgreSQL database {url.database} at {host} (as {url.username})"


def names(heads: Set[str]) -> str:
    return ", ".join(sorted(heads)) or "nothing"
