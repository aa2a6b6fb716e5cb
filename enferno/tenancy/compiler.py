"""A SQL compiler that watches itself: what it renders into FROM, WHERE, VALUES and SET becomes the statement's proof.

It looks at the compiler and not at the statement because the ORM rewrites a statement, subquery by subquery, while it
is compiled. Whatever is rendered without having been seen here makes the statement unprovable, and so refused.
"""

import re
from typing import Any

from sqlalchemy import BindParameter, Label
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnClause

from enferno.tenancy.proof import KEY, Frame, Tables, Verdict, judge

__all__ = ["watching"]

# Textual SQL that cannot name a table: *, 1, a column's name, 'a literal', and the direction of an ORDER BY.
HARMLESS = re.compile(r"\s*(\*|-?\d+|null|true|false|'[^']*'|[a-z_]\w*(\.[a-z_]\w*)*)?(\s+(asc|desc))?\s*", re.I)

# An operator given as text (`column.op("@>")`): signs or words, but no word that ends a condition or begins a query.
OPERATOR = re.compile(
    r"[-+*/<>=~!@#%^&|?]{1,8}|(?!.*\b(or|and|xor|union|intersect|except|select|from|where|case|end)\b)[a-z]+( [a-z]+)*",
    re.I,
)
FIELD = re.compile(r"[a-z_]+", re.I)

MOVED = (
    "This statement would set workspace_id. A row never changes its workspace: copy its values into a new row inside "
    "`with in_workspace(other): ...`."
)


def _text_fault(text: str) -> str:
    shown = " ".join(text.split())[:80]
    return (
        f"This statement contains SQL text ({shown!r}), and text cannot be kept inside a workspace. "
        "Write it with select(), func and the models' columns."
    )


def watching(base: type[SQLCompiler], tables: Tables) -> type[SQLCompiler]:
    """The dialect's compiler, with the watch."""
    return type(f"Watching{base.__name__}", (_Watch, base), {"tables": tables})


class _Watch(SQLCompiler):
    tables: Tables
    _verdict: Verdict | None = None

    @property
    def verdict(self) -> Verdict:
        if self._verdict is None:
            self._verdict = judge(self.frames, self.tables, self.bind_names)
        return self._verdict

    @property
    def frames(self) -> list[Frame]:
        return self.__dict__.setdefault("_frames", [])

    def _enter(self, kind: str) -> Frame:
        frame = Frame(kind, self.__dict__.get("_frame"))
        self.frames.append(frame)
        self.__dict__["_frame"] = frame
        return frame

    def _leave(self, frame: Frame) -> None:
        self.__dict__["_frame"] = frame.parent

    def _here(self) -> Frame:
        frame = self.__dict__.get("_frame")
        if frame is None:
            frame = Frame("text")
            self.frames.append(frame)
        return frame

    def visit_select(self, select_stmt: Any, *args: Any, **kw: Any) -> str:
        frame = self._enter("select")
        try:
            return super().visit_select(select_stmt, *args, **kw)  # type: ignore[no-any-return]
        finally:
            self._leave(frame)

    def _compose_select_body(self, text: Any, select: Any, state: Any, columns: Any, froms: Any, *rest: Any) -> str:
        frame = self._here()
        frame.froms.extend(froms)
        frame.where.extend(select._where_criteria)
        if select._hints or select._statement_hints:
            frame.faults.append(_text_fault("with_hint(...)"))
        return super()._compose_select_body(text, select, state, columns, froms, *rest)  # type: ignore[no-any-return]

    def visit_table(self, table: Any, *args: Any, **kw: Any) -> str:
        if args or kw.get("asfrom") or kw.get("within_tstring"):
            self._here().rendered.append(table)
        return super().visit_table(table, *args, **kw)  # type: ignore[no-any-return]

    def visit_textclause(self, textclause: Any, *args: Any, **kw: Any) -> str:
        if kw.get("asfrom") or not HARMLESS.fullmatch(textclause.text):
            self._here().faults.append(_text_fault(textclause.text))
        return super().visit_textclause(textclause, *args, **kw)  # type: ignore[no-any-return]

    def visit_tstring(self, tstring: Any, *args: Any, **kw: Any) -> str:
        self._here().faults.append(_text_fault(str(tstring)))
        return super().visit_tstring(tstring, *args, **kw)  # type: ignore[no-any-return]

    def visit_column(self, column: Any, *args: Any, **kw: Any) -> str:
        if column.is_literal and not HARMLESS.fullmatch(str(column.name)):
            self._here().faults.append(_text_fault(str(column.name)))
        return super().visit_column(column, *args, **kw)

    def visit_custom_op_binary(self, element: Any, operator: Any, **kw: Any) -> str:
        self._look_at_operator(operator)
        return super().visit_custom_op_binary(element, operator, **kw)

    def visit_custom_op_unary_operator(self, element: Any, operator: Any, **kw: Any) -> str:
        self._look_at_operator(operator)
        return super().visit_custom_op_unary_operator(element, operator, **kw)  # type: ignore[no-any-return]

    def visit_custom_op_unary_modifier(self, element: Any, operator: Any, **kw: Any) -> str:
        self._look_at_operator(operator)
        return super().visit_custom_op_unary_modifier(element, operator, **kw)  # type: ignore[no-any-return]

    def _look_at_operator(self, operator: Any) -> None:
        if not OPERATOR.fullmatch(operator.opstring.strip()):
            self._here().faults.append(_text_fault(operator.opstring))

    def visit_extract(self, extract: Any, **kw: Any) -> str:
        if not FIELD.fullmatch(extract.field):
            self._here().faults.append(_text_fault(extract.field))
            return ""
        return super().visit_extract(extract, **kw)

    # UPDATE and DELETE

    def visit_update(self, update_stmt: Any, *args: Any, **kw: Any) -> str:
        frame = self._enter("update")
        try:
            return super().visit_update(update_stmt, *args, **kw)
        finally:
            self._leave(frame)

    def visit_delete(self, delete_stmt: Any, *args: Any, **kw: Any) -> str:
        frame = self._enter("delete")
        try:
            return super().visit_delete(delete_stmt, *args, **kw)  # type: ignore[no-any-return]
        finally:
            self._leave(frame)

    def update_tables_clause(self, update_stmt: Any, from_table: Any, extra_froms: Any, **kw: Any) -> str:
        frame = self._here()
        frame.froms.append(from_table)
        if self.tables.are_scoped(from_table) and KEY in _changed_columns(self, frame, update_stmt):
            frame.never.append(MOVED)
        return super().update_tables_clause(update_stmt, from_table, extra_froms, **kw)  # type: ignore[no-any-return]

    def delete_table_clause(self, delete_stmt: Any, from_table: Any, extra_froms: Any, **kw: Any) -> str:
        self._here().froms.append(from_table)
        return super().delete_table_clause(delete_stmt, from_table, extra_froms, **kw)  # type: ignore[no-any-return]

    def update_from_clause(self, update_stmt: Any, from_table: Any, extra_froms: Any, *rest: Any, **kw: Any) -> Any:
        self._here().froms.extend(extra_froms)
        return super().update_from_clause(update_stmt, from_table, extra_froms, *rest, **kw)

    def delete_extra_from_clause(
        self, delete_stmt: Any, from_table: Any, extra_froms: Any, from_hints: Any, **kw: Any
    ) -> Any:
        self._here().froms.extend(extra_froms)
        return super().delete_extra_from_clause(delete_stmt, from_table, extra_froms, from_hints, **kw)

    def _generate_delimited_and_list(self, clauses: Any, **kw: Any) -> str:
        frame = self._here()
        if frame.kind in ("update", "delete"):
            frame.where.extend(clauses)
        return super()._generate_delimited_and_list(clauses, **kw)  # type: ignore[no-any-return]

    # INSERT

    def visit_insert(self, insert_stmt: Any, *args: Any, **kw: Any) -> str:
        frame = self._enter("insert")
        try:
            text = super().visit_insert(insert_stmt, *args, **kw)
            if self.tables.are_scoped(insert_stmt.table):
                self._read_rows(frame, insert_stmt, nested=frame.parent is not None)
            return text  # type: ignore[no-any-return]
        finally:
            self._leave(frame)

    def visit_on_conflict_do_update(self, on_conflict: Any, **kw: Any) -> str:
        if any(_name(column) == KEY for column, _ in _pairs(on_conflict.update_values_to_set)):
            self._here().never.append(MOVED)
        return super().visit_on_conflict_do_update(on_conflict, **kw)  # type: ignore[misc, no-any-return]

    def _read_rows(self, frame: Frame, insert_stmt: Any, nested: bool) -> None:
        """Find the parameters which carry the workspace of every row to insert."""
        many = insert_stmt._multi_values
        count = len(many[0]) if many else 1
        names: list[str] | None = [f"{KEY}_m{i}" for i in range(count)] if many else [KEY]
        if insert_stmt.select is not None and KEY in insert_stmt._select_names:
            names = _selected(insert_stmt, self.bind_names, self.tables)
        if nested or names is None or not all(name in self.binds for name in names):
            frame.faults.append(
                f"This statement inserts into {insert_stmt.table.name} and does not say plainly for which workspace. "
                "Leave workspace_id out, or give it as a value: workspace_id=current_workspace.id."
            )
            frame.rows = [""]
            return
        frame.rows.extend(names)


def _changed_columns(compiler: Any, frame: Frame, statement: Any) -> set[str]:
    """The columns that an UPDATE sets, by values() or by the keys given at execution."""
    given = [column for column, _ in _pairs(statement._values)]
    given += [column for column, _ in _pairs(getattr(statement, "_ordered_values", None))]
    names = {_name(column) for column in given}
    if frame.parent is None:
        names.update(compiler.column_keys or ())
        names.update(_name(column) for column in compiler.dml_compile_state._dict_parameters or ())
    return names


def _pairs(values: Any) -> list[tuple[Any, Any]]:
    return list(values.items()) if hasattr(values, "items") else list(values or ())


def _name(column: Any) -> str:
    return str(getattr(column, "name", None) or getattr(column, "key", None) or column)


def _selected(insert_stmt: Any, bind_names: dict[Any, str], tables: Tables) -> list[str] | None:
    """For INSERT ... SELECT: nothing to check when it is a proven table's own workspace_id, else the parameter."""
    columns = list(getattr(insert_stmt.select, "selected_columns", ()))
    position = list(insert_stmt._select_names).index(KEY)
    column = columns[position] if position < len(columns) else None
    while isinstance(column, Label):
        column = column.element
    if isinstance(column, BindParameter):
        return [bind_names[column]] if column in bind_names else None
    if isinstance(column, ColumnClause) and column.name == KEY and column.table is not None:
        source: Any = getattr(column.table, "element", column.table)
        return [] if hasattr(source, "c") and hasattr(source, "name") and tables.are_scoped(source) else None
    return None
