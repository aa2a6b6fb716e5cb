"""What every table shares: the declarative base, names of constraints, time, and SQLite's pragmas."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Dialect, Engine, MetaData, event
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator
from uuid_utils.compat import uuid7

__all__ = ["Base", "UTCDateTime", "new_id", "now", "passes"]

# Alembic can only drop or change a constraint it can name, so every kind has a rule.
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """A UUIDv7: ordered by time, so that primary keys append to their index (RFC 9562, 5.7)."""
    return uuid7()


class UTCDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC on every database; SQLite would otherwise hand back a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("A naive datetime has no meaning here: use enferno.database.now()")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The declarative base of the kit's and the product's models."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    # Flask-SQLAlchemy makes its own class of this body, which SQLAlchemy 2.1 accepts only with a ready registry.
    registry = registry(metadata=metadata, type_annotation_map={datetime: UTCDateTime()})


@event.listens_for(Engine, "connect")
def set_sqlite_pragmas(connection: Any, _record: Any) -> None:
    """Make SQLite check foreign keys, let readers run beside a writer, and wait for a lock instead of failing."""
    if type(connection).__module__ != "sqlite3":
        return
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA busy_timeout = 4000")
    cursor.close()


# PostgreSQL's errors (its appendix A) that are no fault of the statement and pass: the connection lost, the transaction
# undone for another's sake, no resources, no lock, stopped by an operator or by a timeout, a disk, a read-only server.
PASSING = ("08", "40", "53", "55", "57", "58", "25006", "25P03", "25P04")
# SQLite's all pass but this one: a statement that it cannot understand, because a table or a column is not there.
NOT_UNDERSTOOD = "SQLITE_ERROR"


def passes(error: DBAPIError) -> bool:
    """Whether the same statement may well succeed in a moment, so that the answer is 503 and not 500."""
    if error.connection_invalidated:
        return True
    if not isinstance(error, (OperationalError, InternalError)):
        return False
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return code is None or (code.startswith((*PASSING, "SQLITE_")) and code != NOT_UNDERSTOOD)
