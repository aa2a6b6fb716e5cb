"""Read a live database and say which of its tables could let a key cross from one workspace into another.

    for fault in key_faults(connection): print(fault)

Every fault ends with the line to write. What it reads is the database and not the models, so a feature's new table is
covered the day it exists, whoever made it and however.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, inspect

__all__ = ["key_faults", "scoped_tables"]

KEY = "workspace_id"
WORKSPACES = "workspaces"
OWN = {"alembic_version"}


def scoped_tables(connection: Connection) -> list[str]:
    """The tables whose rows belong to workspaces."""
    database = inspect(connection)
    return sorted(name for name in database.get_table_names() if KEY in _columns(database, name))


def key_faults(connection: Connection) -> list[str]:
    """One sentence for each thing that is wrong with the keys of the tables; none is what it should be."""
    database = inspect(connection)
    scoped = set(scoped_tables(connection))
    faults: list[str] = []
    for name in sorted(set(database.get_table_names()) - OWN):
        columns, references = _columns(database, name), database.get_foreign_keys(name)
        if name not in scoped:
            faults += _unscoped_references(name, references, scoped)
            continue
        if columns[KEY]["nullable"]:
            faults.append(f"{name}.{KEY} may be NULL: sa.Column({KEY!r}, sa.Uuid(), nullable=False)")
        faults += _crossing_references(name, references, scoped)
        faults += _revealing_indexes(connection, database, name)
        if not any(_leads_to_workspaces(one, scoped) for one in references):
            faults.append(
                f"{name}.{KEY} refers to nothing: "
                f'sa.ForeignKeyConstraint(["{KEY}"], ["{WORKSPACES}.id"], ondelete="CASCADE")'
            )
    return faults


def _columns(database: Any, table: str) -> dict[str, Any]:
    return {column["name"]: column for column in database.get_columns(table)}


def _unscoped_references(name: str, references: list[Any], scoped: set[str]) -> Iterator[str]:
    for one in references:
        if one["referred_table"] in scoped:
            yield (
                f"{name} refers to {one['referred_table']}, whose rows belong to workspaces, and has no {KEY}: "
                "let its model inherit WorkspaceScoped, or make it with link_table()"
            )


def _crossing_references(name: str, references: list[Any], scoped: set[str]) -> Iterator[str]:
    for one in references:
        target = one["referred_table"]
        if target not in scoped:
            continue
        pairs = list(zip(one["constrained_columns"], one["referred_columns"], strict=True))
        column = next((mine for mine, _ in pairs if mine != KEY), "x_id")
        right = f'sa.ForeignKeyConstraint(["{KEY}", "{column}"], ["{target}.{KEY}", "{target}.id"])'
        if (KEY, KEY) not in pairs:
            yield (
                f"{name}.{column} could name a row of {target} in another workspace: {right}; in the model, "
                f"{column.removesuffix('_id')} = belongs_to(...)"
            )
        elif (one.get("options") or {}).get("ondelete", "").upper() in ("SET NULL", "SET DEFAULT"):
            yield (
                f"{name}.{column}: deleting a row of {target} would empty {KEY} as well: {right} without ondelete; "
                'in the model, belongs_to(..., ondelete="SET NULL") does it through the session'
            )


def _revealing_indexes(connection: Connection, database: Any, name: str) -> Iterator[str]:
    unique = [database.get_pk_constraint(name)["constrained_columns"]]
    if connection.dialect.name == "sqlite":
        unique += _sqlite_indexes(connection, name)
    else:
        unique += [one["column_names"] for one in database.get_unique_constraints(name)]
        unique += [one["column_names"] for one in database.get_indexes(name) if one["unique"]]
    for columns in sorted({tuple(columns) for columns in unique if columns and columns[0] != KEY}, key=repr):
        said = ", ".join(column or "an expression" for column in columns)
        listed = ", ".join(f'"{column}"' for column in (KEY, *columns) if column)
        yield f"A unique index of {name} on ({said}) tells one workspace what another has: UniqueConstraint({listed})"


def _sqlite_indexes(connection: Connection, name: str) -> list[list[str | None]]:
    """The columns of every unique index; an expression is None. The inspector leaves indexes of expressions out."""
    indexes = connection.exec_driver_sql(f'PRAGMA index_list("{name}")').all()
    found = [connection.exec_driver_sql(f'PRAGMA index_info("{one.name}")').all() for one in indexes if one.unique]
    return [[column.name for column in columns] for columns in found]


def _leads_to_workspaces(reference: Any, scoped: set[str]) -> bool:
    target = reference["referred_table"]
    return KEY in reference["constrained_columns"] and (target == WORKSPACES or target in scoped)
