"""Look at the models as they are declared: a slip is told at the start, with the line to write."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Table, UniqueConstraint
from sqlalchemy.exc import ArgumentError, InvalidRequestError

from enferno.author import AuthorFault, Place, place_of, place_of_text
from enferno.database import Base
from enferno.tenancy.models import WorkspaceScoped

__all__ = ["insist_on_models", "model_faults"]

KEY = "workspace_id"


def insist_on_models(product: Path) -> None:
    """Finish the declaration of all models, and refuse those that could let a key cross.

    `product`: the folder of the features, where a table without a class is looked for.

    Raises:
        AuthorFault: with one line per fault that says where it is and what to write.
    """
    try:
        Base.registry.configure()
    except (ArgumentError, InvalidRequestError) as fault:
        raise AuthorFault(f"{_place_of_mapper(str(fault), product)}: {' '.join(str(fault).split())}") from fault
    classes = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    faults = []
    for table in Base.metadata.sorted_tables:
        model = classes.get(table)
        for part, told in model_faults(table, model):
            place = place_of(model, part) if model else place_of_text(product, table.name)
            faults.append(f"{place}: {told}")
    if faults:
        raise AuthorFault(*faults)


def model_faults(table: Table, model: type | None) -> Iterator[tuple[str, str]]:
    """What is wrong with a table of the metadata, `model` being what is mapped to it, after the word to look for."""
    name = model.__name__ if model else table.name
    if KEY not in table.c:
        for key in table.foreign_key_constraints:
            if KEY in key.referred_table.c:
                yield (
                    key.column_keys[0],
                    f"{name} refers to {key.referred_table.name}, whose rows belong to workspaces, and belongs to none:"
                    f" class {name}(WorkspaceScoped, db.Model), and belongs_to(...) instead of the column",
                )
        return
    if model is not None and not issubclass(model, WorkspaceScoped):
        yield (
            KEY,
            f"{name} has a {KEY} and is not filtered by it: class {name}(WorkspaceScoped, db.Model), without {KEY}",
        )
    for key in table.foreign_key_constraints:
        if KEY in key.referred_table.c and (KEY, KEY) not in zip(key.column_keys, _referred(key), strict=True):
            column = key.column_keys[0]
            yield (
                column,
                f"{name}.{column} could name a {key.referred_table.name} of another workspace: "
                f"{column.removesuffix('_id')} = belongs_to({_target(key)}) instead of the column",
            )
    for columns in _unique(table):
        if columns and columns[0] != KEY:
            listed = ", ".join(f'"{column}"' for column in (KEY, *columns))
            yield (
                columns[0],
                f"{name}: ({', '.join(columns)}) is unique for everybody and tells one workspace what another has: "
                f"__table_args__ = (UniqueConstraint({listed}),)",
            )


def _place_of_mapper(said: str, product: Path) -> Place:
    """The class that SQLAlchemy speaks of, as far as its words name one."""
    named = {mapper.class_.__name__: mapper.class_ for mapper in Base.registry.mappers}
    name = next((name for name in re.findall(r"\w+", said) if name in named), None)
    return place_of(named[name]) if name else Place(product)


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
