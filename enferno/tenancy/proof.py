"""What a compiled statement was proven to do, worked out once and kept beside it in SQLAlchemy's compiled cache.

A frame is one SELECT, UPDATE, DELETE or INSERT, at whatever depth. Every table with a workspace in a frame's FROM must
be pinned: a top-level AND condition that filters this very table sets `workspace_id` equal to a parameter, or to the
`workspace_id` of a table (here or in an enclosing frame) which is itself pinned. What is proven is the rule; that the
parameters hold the current workspace's id is checked at every execution.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, Join, Table, TableClause
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, ColumnClause, Grouping
from sqlalchemy.sql.selectable import AliasedReturnsRows, FromGrouping

__all__ = ["Frame", "Tables", "Verdict", "judge"]

KEY = "workspace_id"
SYSTEM_SCHEMAS = {"pg_catalog", "information_schema"}


class Tables:
    """Tells which tables hold rows of workspaces. A table that no model declares (a view, say) counts as one."""

    def __init__(self, metadatas: Iterable[Any]) -> None:
        self._metadatas = list(metadatas)

    def are_scoped(self, table: TableClause) -> bool:
        if KEY in table.c:
            return True
        schema = getattr(table, "schema", None)
        if schema in SYSTEM_SCHEMAS or table.name.startswith("sqlite_"):
            return False
        declared = [m.tables[table.name] for m in self._metadatas if table.name in m.tables]
        if not declared:
            return table.name != "alembic_version"
        return any(KEY in one.c for one in declared)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`refusal`: why it cannot run under a workspace. `never`: why it cannot run at all. `pins` and `rows`: the
    parameters that must hold the current workspace's id, as a condition or as the value of a new row."""

    touches: bool = False
    text: bool = False
    refusal: str | None = None
    never: str | None = None
    pins: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


@dataclass(slots=True)
class Frame:
    kind: str
    parent: "Frame | None" = None
    froms: list[Any] = field(default_factory=list)
    where: list[Any] = field(default_factory=list)
    rendered: list[TableClause] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    leaves: dict[Any, TableClause] = field(default_factory=dict)
    binds: dict[Any, set[BindParameter[Any]]] = field(default_factory=dict)
    equal: list[tuple[Any, Any]] = field(default_factory=list)
    proven: set[Any] = field(default_factory=set)


def judge(frames: list[Frame], tables: Tables, bind_names: dict[Any, str]) -> Verdict:
    """The verdict on a statement, from what the compiler saw of it."""
    for frame in frames:
        _read(frame, tables)
    _propagate(frames)
    faults = [fault for frame in frames for fault in (*frame.faults, *_open_tables(frame, tables))]
    never = [fault for frame in frames for fault in frame.never]
    pins = {bind_names.get(bind) for frame in frames for binds in frame.binds.values() for bind in binds}
    if None in pins:
        faults.append("A condition on workspace_id uses a parameter that the statement does not carry.")
    return Verdict(
        touches=any(frame.leaves or frame.rows or frame.faults for frame in frames),
        text=not any(frame.leaves or frame.rows for frame in frames),
        refusal=faults[0] if faults else None,
        never=never[0] if never else None,
        pins=tuple(sorted(pin for pin in pins if pin)),
        rows=tuple(row for frame in frames for row in frame.rows),
    )


def _read(frame: Frame, tables: Tables) -> None:
    for leaf, table in _leaves(frame.froms):
        if tables.are_scoped(table):
            frame.leaves[leaf] = table
    every = set(frame.leaves)
    _note(frame, frame.where, every)
    for source in frame.froms:
        _read_joins(frame, source, every)


def _leaves(froms: Iterable[Any]) -> Iterator[tuple[Any, TableClause]]:
    for source in froms:
        if isinstance(source, FromGrouping):
            yield from _leaves([source.element])
        elif isinstance(source, Join):
            yield from _leaves([source.left, source.right])
        elif isinstance(source, TableClause):
            yield source, source
        elif isinstance(source, AliasedReturnsRows):
            table = source.element
            while isinstance(table, (AliasedReturnsRows, FromGrouping)):
                table = table.element
            if isinstance(table, TableClause):
                yield source, table


def _read_joins(frame: Frame, source: Any, every: set[Any]) -> set[Any]:
    """Note what ON clauses filter: both sides of an inner join, the right one of an outer, neither of a full one."""
    if isinstance(source, FromGrouping):
        return _read_joins(frame, source.element, every)
    if not isinstance(source, Join):
        return {source} & every
    left, right = _read_joins(frame, source.left, every), _read_joins(frame, source.right, every)
    if not source.full:
        _note(frame, [source.onclause], right if source.isouter else left | right)
    return left | right


def _note(frame: Frame, conditions: Iterable[Any], filtered: set[Any]) -> None:
    for condition in _conjuncts(conditions):
        if not isinstance(condition, BinaryExpression) or condition.operator is not operators.eq:
            continue
        left, right = _bare(condition.left), _bare(condition.right)
        for one, other in ((left, right), (right, left)):
            if _is_key(one) and one.table in filtered:
                if isinstance(other, BindParameter) and not other.expanding:
                    frame.binds.setdefault(one.table, set()).add(other)
                elif _is_key(other):
                    frame.equal.append((one.table, other.table))


def _conjuncts(conditions: Iterable[Any]) -> Iterator[Any]:
    for condition in conditions:
        bare = _bare(condition)
        if isinstance(bare, BooleanClauseList) and bare.operator is operators.and_:
            yield from _conjuncts(bare.clauses)
        else:
            yield bare


def _bare(element: Any) -> Any:
    while isinstance(element, Grouping):
        element = element.element
    return element


def _is_key(element: Any) -> bool:
    return isinstance(element, ColumnClause) and element.name == KEY and element.table is not None


def _propagate(frames: list[Frame]) -> None:
    for frame in frames:
        frame.proven = set(frame.binds)
    changed = True
    while changed:
        changed = False
        for frame in frames:
            for one, other in frame.equal:
                if one not in frame.proven and _is_proven(frame, other):
                    frame.proven.add(one)
                    changed = True


def _is_proven(frame: Frame | None, table: Any) -> bool:
    while frame is not None:
        if table in frame.leaves:
            return table in frame.proven
        frame = frame.parent
    return False


def _open_tables(frame: Frame, tables: Tables) -> Iterator[str]:
    for leaf, table in frame.leaves.items():
        if leaf not in frame.proven:
            yield _how_to_pin(table, frame)
    covered = {table.name for table in frame.leaves.values()}
    for table in frame.rendered:
        if tables.are_scoped(table) and table.name not in covered:
            yield _how_to_pin(table, frame)


def _how_to_pin(table: TableClause, frame: Frame) -> str:
    model = _model_of(table)
    verb = {"select": "reads", "update": "changes", "delete": "deletes from"}.get(frame.kind, "touches")
    if model is None and KEY not in table.c and not isinstance(table, Table):
        return (
            f"This statement {verb} {table.name}, which no model declares, so nobody knows whose rows these are. "
            "Declare it as a model with a workspace_id."
        )
    instead = "Add"
    if any(isinstance(source, Join) and source.full for source in frame.froms):
        instead = "A full outer join cannot be filtered: join two `select(...).subquery()`, or add"
    elif model and frame.kind == "select":
        instead = f"Use the model {model}, which is filtered by itself, or add"
    return (
        f"This statement {verb} {table.name} and nothing keeps it inside the current workspace. "
        f"{instead} `{model or table.name + '.c'}.workspace_id == current_workspace.id` to its WHERE."
    )


def _model_of(table: TableClause) -> str | None:
    from enferno.tenancy.models import WorkspaceScoped

    kinds = list(WorkspaceScoped.__subclasses__())
    for kind in kinds:
        if getattr(getattr(kind, "__table__", None), "name", None) == table.name:
            return kind.__name__
        kinds.extend(kind.__subclasses__())
    return None
