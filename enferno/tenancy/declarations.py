"""Look at the models as they are declared: a slip is told at the start, with the line to write."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, UniqueConstraint

from enferno.database import Base
from enferno.tenancy.models import WorkspaceScoped

__all__ = ["insist_on_models", "model_faults"]

KEY = "workspace_id"


def insist_on_models() -> None:
    """Finish the declaration of all models, and refuse those that could let a key cross.

    Raises:
        TypeError: with one line per fault that says what to write.
    """
    Base.registry.configure()
    classes = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    faults = [fault for table in Base.metadata.sorted_tables for fault in model_faults(table, classes.get(table))]
    if faults:
        raise TypeError("Models that could let one workspace reach another:\n  " + "\n  ".join(faults))


def model_faults(table: Table, model: type | None) -> Iterator[str]:
    """What is wrong with a table of the metadata, `model` being what is mapped to it."""
    name = model.__name__ if model else table.name
    if KEY not in table.c:
        return
    if model is not None and not issubclass(model, WorkspaceScoped):
        yield f"{name} has a {KEY} and is not filtered by it: class {name}(WorkspaceScoped, db.Model), without {KEY}"
    for key in table.foreign_key_constraints:
        if KEY in key.referred_table.c and (KEY, KEY) not in zip(key.column_keys, _referred(key), strict=True):
            column = key.column_keys[0]
            yield (
                f"{name}.{column} could name a {key.referred_table.name} of another workspace: "
                f"{column.removesuffix('_id')} = belongs_to({_target(key)}) instead of the column"
            )
    for columns in _unique(table):
        if columns and columns[0] != KEY:
            listed = ", ".join(f'"{column}"' for column in (KEY, *columns))
            yield (
                f"{name}: ({', '.join(columns)}) is unique for everybody and tells one workspace what another has: "
                f"__table_args__ = (UniqueConstraint({listed}),)"
            )


def _referred(key: Any) -> list[str]:
    return [element.column.name for element in key.elements]


def _target(key: Any) -> str:
    for kind in _below(WorkspaceScoped):
        if getattr(kind, "__table__", None) is key.referred_table:
            return kind.__name__
    return f'"...", table="{key.referred_table.name}"'


def _below(kind: type) -> Iterator[type]:
    one: type
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def _unique(table: Table) -> Iterator[list[str]]:
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield [column.name for column in constraint.columns]
    for index in table.indexes:
        if index.unique:
            yield [getattr(expression, "name", None) or str(expression) for expression in index.expressions]
