"""Hang the wall on an application's engines: nothing reaches a cursor unproven.

Only the engines that Flask-SQLAlchemy made for the application are guarded. Alembic makes an engine of its own from
MIGRATION_DATABASE_URL, as another role, and is not: a migration may write any SQL. Inspecting the schema through a
guarded engine works, because what the dialects themselves emit for it names no table of ours.
"""

import re
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import ExecuteStyle
from sqlalchemy.schema import CreateTableAs, CreateView
from sqlalchemy.sql.ddl import DDL

from enferno.settings import current_settings
from enferno.tenancy import rowlevel
from enferno.tenancy.compiler import watching
from enferno.tenancy.errors import CrossWorkspace, NoWorkspace, UnscopedStatement
from enferno.tenancy.postgres import insist
from enferno.tenancy.proof import Tables, Verdict
from enferno.tenancy.scope import Scope, current_scope, end_sessions

__all__ = ["guard", "init_app"]

UNSCOPED = 'If it really is for every workspace, write `with unscoped("why"): ...`.'

# What SQLAlchemy's dialects say on their own account, on connecting and on inspecting, and what a health check says.
OWN_WORDS = re.compile(
    r"""\s*(
      select\ 1 | begin(\ \w+)* | rollback | commit
    | select\ (pg_catalog\.version|current_schema)\(\) | show\ [\w ]+ | select\ pg_is_in_recovery\(\)
    | pragma\ (\w+\.)?(table_x?info|table_list|index_x?info|index_list|foreign_key_list|user_version|read_uncommitted)
      (\((?P<q>["']?)\w+(?P=q)\))?
    | select\ (name|sql)\ from\ (\(\s*select\ \*\ from\ )?(\w+\.)?sqlite_(temp_)?master
      (\s+union\ all\s+select\ \*\ from\ (\w+\.)?sqlite_temp_master\))?
      (\s+where\s+(type|name|tbl_name)\s*(=|not\ like)\s*(\?|'[\w~%]+')(\s+escape\ '~')?
      (\s+and\s+(type|name|tbl_name)\s*(=|not\ like)\s*(\?|'[\w~%]+')(\s+escape\ '~')?)*)?
      (\s+order\ by\ \w+)?
    | select\ nextval\('[\w."]+'\)
    )\s*;?\s*""",
    re.I | re.X,
)


def init_app(app: Flask, db: SQLAlchemy) -> None:
    """Guard every statement of the application's engines. Call it after `db.init_app(app)`.

    Raises:
        OpenDatabase: in production, a database whose own wall is not up.
    """
    with app.app_context():
        for engine in db.engines.values():
            guard(engine, Tables(db.metadatas.values()))
            if current_settings(app).is_production and engine.dialect.name == "postgresql":
                insist(engine)
    app.teardown_appcontext(lambda _error: end_sessions(db))


def guard(engine: Engine, tables: Tables) -> None:
    """Let this engine run only what is proven to stay inside the current workspace."""
    engine.dialect.statement_compiler = watching(engine.dialect.statement_compiler, tables)
    event.listen(engine, "before_cursor_execute", _before_cursor_execute)
    if engine.dialect.name == "postgresql":
        rowlevel.install(engine)


def _before_cursor_execute(
    connection: Connection, cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool
) -> None:
    verdict = _verdict(statement, context)
    if verdict is None:
        return
    scope = current_scope()
    if verdict.never:
        raise CrossWorkspace(verdict.never)
    if scope.unscoped:
        _check_rows_named(verdict, context)
    else:
        _check(verdict, scope, context)
    if connection.dialect.name == "postgresql":
        rowlevel.apply(connection, cursor, scope)


def _verdict(statement: str, context: Any) -> Verdict | None:
    """What is known of the statement; None when it touches no row of a workspace."""
    compiled = getattr(context, "compiled", None)
    if compiled is None or not _is_of(statement, context):
        return None if OWN_WORDS.fullmatch(statement) else _text_verdict(statement)
    if context.isddl:
        return _text_verdict(statement) if isinstance(compiled.statement, (DDL, CreateView, CreateTableAs)) else None
    verdict = getattr(compiled, "verdict", None)
    if verdict is None:
        return _text_verdict(statement)
    if verdict.touches or verdict.never:
        return None if compiled.isplaintext and OWN_WORDS.fullmatch(statement) else verdict
    return None


def _is_of(statement: str, context: Any) -> bool:
    """Whether this is the compiled statement itself, and not a default value's own query run on its behalf."""
    return statement == context.statement or context.execute_style is ExecuteStyle.INSERTMANYVALUES


def _text_verdict(statement: str) -> Verdict:
    shown = " ".join(statement.split())[:80]
    return Verdict(
        touches=True,
        text=True,
        refusal=f"SQL text cannot be kept inside a workspace ({shown!r}). Write it with select() and the models.",
    )


def _check(verdict: Verdict, scope: Scope, context: Any) -> None:
    if scope.workspace_id is None and not verdict.text:
        raise NoWorkspace
    if verdict.refusal:
        raise UnscopedStatement(f"{verdict.refusal} {UNSCOPED}")
    for name in (*verdict.pins, *verdict.rows):
        for row in context.compiled_parameters:
            if row[name] != scope.workspace_id:
                raise CrossWorkspace(
                    f"This statement names workspace {row[name]} while {scope.workspace_id} is current. "
                    "Leave workspace_id out: it is filled in. To work in the other one, write "
                    "`with in_workspace(other): ...`."
                )


def _check_rows_named(verdict: Verdict, context: Any) -> None:
    for name in verdict.rows:
        if name and any(row[name] is None for row in context.compiled_parameters):
            raise CrossWorkspace("Inside unscoped(), a new row must name its workspace: workspace_id=workspace.id.")
