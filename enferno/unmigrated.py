"""Models without a migration: what they declare is compared with the database, and the line to type is told."""

import re
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, Table, create_engine, inspect, make_url, pool
from sqlalchemy.exc import SQLAlchemyError

from enferno.author import AuthorFault, place_of, place_of_text
from enferno.database import Base
from enferno.extensions import MIGRATIONS
from enferno.features import migration_folders
from enferno.settings import Settings, current_settings

__all__ = ["insist_on_migrations", "refuse_unmigrated"]

Missing = tuple[Table, str]


def insist_on_migrations(app: Flask) -> None:
    """In development, refuse to go on with a table or a column that no migration makes.

    One which a migration makes and this database has not is no fault: `flask create-db` brings it. A database that is
    not there or cannot be reached is asked by whoever needs it.

    Raises:
        AuthorFault: with one line per table or column that says what to type.
    """
    settings = current_settings(app)
    if settings.env != "development" or not is_there(settings.database):
        return
    engine = create_engine(settings.database, poolclass=pool.NullPool)
    try:
        found = list(missing(engine))
    except SQLAlchemyError:
        return
    written = migrations(settings) if found else []
    refuse([one for one in found if not any(mentions(text, *one) for text in written)], settings)


def refuse_unmigrated(engine: Engine, settings: Settings) -> None:
    """After all migrations have been applied: refuse what none of them has made.

    Raises:
        AuthorFault: as above.
    """
    refuse(list(missing(engine)), settings)


def is_there(database: str) -> bool:
    """Whether to ask at all: to look into a file of SQLite that is not there would make it."""
    url = make_url(database)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


def missing(engine: Engine) -> Iterator[Missing]:
    """The tables that the database has not ("" for the column), and the columns of those that it has."""
    with engine.connect() as connection:
        database = inspect(connection)
        tables = set(database.get_table_names())
        for table in Base.metadata.sorted_tables:
            if table.name not in tables:
                yield table, ""
                continue
            there = {column["name"] for column in database.get_columns(table.name)}
            yield from ((table, column.name) for column in table.columns if column.name not in there)


def migrations(settings: Settings) -> list[str]:
    folders = [MIGRATIONS / "versions", *migration_folders(settings.features_path)]
    return [file.read_text(encoding="utf-8") for folder in folders for file in sorted(folder.glob("*.py"))]


def mentions(migration: str, table: Table, column: str) -> bool:
    return all(re.search(rf"\b{re.escape(name)}\b", migration) for name in (table.name, column) if name)


def refuse(found: list[Missing], settings: Settings) -> None:
    if found:
        raise AuthorFault(*(in_words(table, column, settings) for table, column in found))


def in_words(table: Table, column: str, settings: Settings) -> str:
    model = next((mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is table), None)
    place = place_of(model, column) if model else place_of_text(settings.features_path, table.name)
    what = f"the column {table.name}.{column}" if column else f"the table {table.name}"
    return f"{place}: {what} has no migration. Write one: {command_for(model, table, settings)}, then flask create-db"


def command_for(model: type | None, table: Table, settings: Settings) -> str:
    """The line that writes the migration: a feature's first one begins a branch of its own."""
    module = getattr(model, "__module__", "").split(".")
    feature = module[1] if module[0] == settings.features_path.name and len(module) > 1 else ""
    if not feature:
        return f"flask db migrate -m {table.name}"
    folder = settings.features_path / feature / "migrations"
    if any(folder.glob("*.py")):
        return f"flask db migrate -m {table.name} --head {feature}@head"
    return (
        f"mkdir -p {settings.features_path.name}/{feature}/migrations; flask db migrate -m {table.name} --head base "
        f"--branch-label {feature} --version-path {settings.features_path.name}/{feature}/migrations"
    )
