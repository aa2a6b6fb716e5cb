"""What `flask db migrate` writes by itself: the walls of new tables, and that the kit's tables come first.

    process_revision_directives=written.complete        in migrations/env.py

A table with a column `workspace_id` gets `protect(...)`, any other `grant(...)`, and the first migration of a feature
depends on the kit's newest: what a tired colleague would forget is not his to remember.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic.autogenerate import renderers
from alembic.operations.ops import (
    CreateTableOp,
    DropTableOp,
    MigrateOperation,
    MigrationScript,
    OpContainer,
)
from alembic.script import ScriptDirectory

__all__ = ["complete"]


class Call(MigrateOperation):
    """A line that calls a function of enferno.tenancy.policies with the names of tables."""

    def __init__(self, function: str, tables: Sequence[str]) -> None:
        self.function, self.tables = function, tables


@renderers.dispatch_for(Call)
def render(context: Any, call: Call) -> str:
    context.imports.add(f"from enferno.tenancy.policies import {call.function}")
    names = ", ".join(f'"{table}"' for table in call.tables)
    return f"{call.function}({names})"


def complete(script: MigrationScript, scripts: ScriptDirectory) -> None:
    """Add to a new migration what it takes to keep its tables' rows inside their workspaces, and back."""
    for there, back in zip(script.upgrade_ops_list, script.downgrade_ops_list, strict=True):
        wall(there, back)
        wall(back, there)
    if script.head == "base" and not script.depends_on and not is_of_the_kit(script, scripts):
        script.depends_on = kits_newest(scripts)


def wall(there: OpContainer, back: OpContainer) -> None:
    """Put the wall around the tables that `there` makes, and take it down again where `back` drops them."""
    made = [operation.to_table() for operation in there.ops if isinstance(operation, CreateTableOp)]
    dropped = {operation.table_name for operation in back.ops if isinstance(operation, DropTableOp)}
    scoped = [table.name for table in made if "workspace_id" in table.columns]
    others = [table.name for table in made if "workspace_id" not in table.columns]
    if scoped:
        there.ops.append(Call("protect", scoped))
    if others:
        there.ops.append(Call("grant", others))
    if unprotected := [name for name in reversed(scoped) if name in dropped]:
        back.ops.insert(0, Call("unprotect", unprotected))


def is_of_the_kit(script: MigrationScript, scripts: ScriptDirectory) -> bool:
    """Whether it is written among the kit's own."""
    return script.version_path is not None and Path(script.version_path).resolve() == kits_folder(scripts)


def kits_newest(scripts: ScriptDirectory) -> str | None:
    """The newest revision among the kit's own, which every feature may build upon."""
    heads = [one.revision for one in scripts.get_revisions("heads") if Path(one.path).parent == kits_folder(scripts)]
    return heads[0] if heads else None


def kits_folder(scripts: ScriptDirectory) -> Path:
    return Path(scripts.dir).resolve() / "versions"
