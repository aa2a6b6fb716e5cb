"""What the two walls cost, on a real PostgreSQL: python bench/tenancy.py [--workspaces 10000] [--rows 1000]

1. The first wall: client CPU of a statement through the guarded session, against the same statement with its `where`
   written by hand through a plain session and an unguarded engine. Both with warm caches, in turns.
2. The second wall: round trips that it adds to a transaction.
3. A page of one workspace among N workspaces, against the same page from a table that holds this workspace alone; both
   tables are vacuumed and analysed, and asked in turns. EXPLAIN shows the index.

Figures are ratios of two measurements of this run, each the quickest of many, so that they mean the same on another
machine. The rows of a workspace lie together in the table; the more they are mixed, the more pages a long list reads,
with or without walls.
"""

import argparse
import cProfile
import gc
import pstats
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as Plain
from sqlalchemy import Connection, Engine, Index, MetaData, String, create_engine, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry

from enferno.app import create_app
from enferno.database import NAMING_CONVENTION, UTCDateTime
from enferno.extensions import db
from enferno.tenancy import WorkspaceScoped, in_workspace
from enferno.tenancy.policies import statements
from enferno.workspace.models import Workspace
from tests.support import databases
from tests.support.statements import count_statements

# Short batches and many: among them are some that nobody disturbed.
BATCHES, STATEMENTS, PLANS = 80, 15, 201


class Bench(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    registry = registry(metadata=metadata, type_annotation_map={datetime: UTCDateTime()})


Workspace.__table__.to_metadata(Bench.metadata)


class Entry(WorkspaceScoped, Bench):
    """A table as a feature has it: the composite key, and an index that begins with the workspace."""

    __tablename__ = "entries"
    __table_args__ = (Index(None, "workspace_id", "created_at"),)

    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column()


ROWS = """
INSERT INTO entries (workspace_id, id, kind, title, created_at)
SELECT w.id, gen_random_uuid(), 'k' || r % 7, 'entry ' || r, now() - r * interval '1 minute'
FROM workspaces w CROSS JOIN generate_series(1, CAST(:rows AS int)) r
WHERE NOT EXISTS (SELECT FROM entries e WHERE e.workspace_id = w.id)
ORDER BY w.id, r
"""
EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, FORMAT TEXT) "
# As the first wall writes them: the condition is in the statement, and the policy agrees with it.
PAGE = "SELECT id, kind, title FROM {table} WHERE workspace_id = :here ORDER BY created_at DESC LIMIT 25"
COUNT = "SELECT count(*) FROM {table} WHERE workspace_id = :here AND kind = 'k3'"
# The rows of one workspace in a table of their own, beside the table of all: the same shape, measured in turns.
ALONE = (
    "CREATE TABLE alone (LIKE entries INCLUDING ALL)",
    "GRANT SELECT ON alone TO readykit_app",
    *statements("alone"),
)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--workspaces", type=int, default=1000)
    asked.add_argument("--rows", type=int, default=1000)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder, databases.fresh("postgresql", Path(folder)) as found:
        app = create_app(databases.settings_for(found, Path(folder), database_statement_timeout=600_000))
        outside = create_engine(found.owner_url)
        with app.app_context():
            build(found.migration_url)
            first = fill(outside, 1, 1, options.rows)
            verdicts = [*client_cost(found.app_url, first), *round_trips(first)]
            set_apart(found.migration_url, outside)
            fill(outside, 2, options.workspaces, options.rows)
            verdicts += scale(found.app_url, first, options.workspaces, options.rows)
        databases.dispose(app)
        outside.dispose()
    for name, value, limit in verdicts:
        print(f"{name:78} {value:7.2f}   at most {limit}   {'ok' if value <= limit else 'TOO MUCH'}")
    return 0 if all(value <= limit for _, value, limit in verdicts) else 1


def build(owner_url: str) -> None:
    """The table with its policies, as its owner makes it in a migration."""
    owner = create_engine(owner_url)
    with owner.begin() as connection:
        Entry.__table__.create(connection)  # type: ignore[attr-defined]
        for statement in statements("entries"):
            connection.exec_driver_sql(statement)
    owner.dispose()


def fill(outside: Engine, first: int, last: int, rows: int) -> UUID:
    """Make the workspaces `first` to `last` with that many rows each; gives the first one's id."""
    began = time.monotonic()
    table = Workspace.__table__
    with outside.begin() as connection:
        many = [{"slug": f"bench-{number}", "name": f"Bench {number}"} for number in range(first, last + 1)]
        if many:
            connection.execute(table.insert(), many)
        connection.execute(text(ROWS), {"rows": rows})
        found = connection.scalar(select(table.c.id).where(table.c.slug == "bench-1"))
    with outside.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE) entries"))
    print(f"{(last - first + 1) * rows:,} rows in {time.monotonic() - began:.0f} s", flush=True)
    return found


def client_cost(app_url: str, workspace_id: UUID) -> list[tuple[str, float, float]]:
    """Client CPU of the guarded statement over that of the one written by hand, for three kinds of statement."""
    # The same stack without the wall: Flask-SQLAlchemy's own session on an engine that nobody guards.
    plain_app, plain = Flask("plain"), SQLAlchemy(model_class=DeclarativeBase)
    plain_app.config["SQLALCHEMY_DATABASE_URI"] = app_url
    plain.init_app(plain_app)
    here, some_id = workspace_id, None
    kinds: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
        "a page of rows": (
            lambda s: s.scalars(
                select(Entry).where(Entry.workspace_id == here).order_by(Entry.created_at.desc()).limit(25)
            ).all(),
            lambda s: s.scalars(select(Entry).order_by(Entry.created_at.desc()).limit(25)).all(),
        ),
        "one row by its id": (
            lambda s: s.scalars(select(Entry).where(Entry.workspace_id == here, Entry.id == some_id)).one(),
            lambda s: s.scalars(select(Entry).where(Entry.id == some_id)).one(),
        ),
        "a count": (
            lambda s: s.scalar(select(func.count()).select_from(Entry).where(Entry.workspace_id == here)),
            lambda s: s.scalar(select(func.count()).select_from(Entry)),
        ),
    }
    ratios, calls = [], []
    with in_workspace(workspace_id):
        guarded = db.session()
        some_id = guarded.scalars(select(Entry.id).limit(1)).one()
        with plain_app.app_context():
            by_hand = Plain(db=plain)
            by_hand.execute(text("SELECT set_config('enferno.workspace_id', :here, true)"), {"here": str(workspace_id)})
        for name, (hand, wall) in kinds.items():
            by_hand_batch = partial(in_batch, hand, by_hand, plain_app)
            walled_batch = partial(in_batch, wall, guarded, None)
            ratios.append(in_turns(by_hand_batch, walled_batch))
            calls.append(calls_of(walled_batch) / calls_of(by_hand_batch))
            print(f"  {name}: client CPU {ratios[-1]:.3f}, function calls {calls[-1]:.3f}", flush=True)
        by_hand.close()
    with plain_app.app_context():
        plain.engine.dispose()
    return [
        ("First wall: client CPU per statement, over a hand-written where", statistics.mean(ratios), 1.10),
        ("First wall: Python function calls per statement, over the same", statistics.mean(calls), 1.10),
    ]


def calls_of(batch: Callable[[], float]) -> int:
    """How many functions are called: coarser than time, and the same on a busy machine."""
    profile = cProfile.Profile()
    profile.enable()
    batch()
    profile.disable()
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


def in_turns(hand: Callable[[], float], wall: Callable[[], float]) -> float:
    """The quickest batch of one over that of the other; they take turns, so that both meet the same weather."""
    spent: dict[Any, list[float]] = {hand: [], wall: []}
    for batch in range(BATCHES):
        for run in (hand, wall) if batch % 2 else (wall, hand):
            spent[run].append(run())
    return min(spent[wall]) / min(spent[hand])


def in_batch(run: Callable[[Any], Any], session: Session, app: Flask | None) -> float:
    """Seconds of this thread's CPU."""
    with app.app_context() if app else nullcontext():
        gc.collect()
        gc.disable()
        began = time.thread_time()
        for _ in range(STATEMENTS):
            run(session)
        spent = time.thread_time() - began
        gc.enable()
        session.expunge_all()
    return spent


def round_trips(workspace_id: UUID) -> list[tuple[str, float, float]]:
    """Statements of one transaction, beyond the ten that it asked for."""
    with in_workspace(workspace_id), count_statements(db.engine) as sent:
        for _ in range(10):
            db.session.scalar(select(func.count()).select_from(Entry))
    return [("Second wall: round trips added to a transaction of ten statements", len(sent) - 10.0, 1)]


def set_apart(owner_url: str, outside: Engine) -> None:
    """Copy the only workspace that there is so far into the table that stays its own."""
    owner = create_engine(owner_url)
    with owner.begin() as connection:
        for statement in ALONE:
            connection.exec_driver_sql(statement)
    owner.dispose()
    with outside.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("INSERT INTO alone SELECT * FROM entries ORDER BY workspace_id, created_at DESC"))
        connection.execute(text("VACUUM (ANALYZE) alone"))


def scale(app_url: str, workspace_id: UUID, workspaces: int, rows: int) -> list[tuple[str, float, float]]:
    where = f"with {workspaces:,} workspaces of {rows:,} rows, over one alone"
    engine = create_engine(app_url)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT set_config('enferno.workspace_id', %s, true)", (str(workspace_id),))
        # A table of one workspace is read as a whole; compared is the plan that a table of many needs.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        ratios = {query: ratio(connection, workspace_id, query) for query in (PAGE, COUNT)}
    engine.dispose()
    return [(f"A page of 25 {where}", ratios[PAGE], 1.2), (f"A filtered count {where}", ratios[COUNT], 1.2)]


def ratio(connection: Connection, workspace_id: UUID, query: str) -> float:
    """Of the server's execution times among all over alone, the quickest of many, as the application's role."""
    took: dict[str, list[float]] = {"alone": [], "entries": []}
    plans = {}
    for turn in range(PLANS):
        for table in reversed(took) if turn % 2 else took:
            asked = text(EXPLAIN + query.format(table=table))
            plans[table] = "\n".join(connection.scalars(asked, {"here": workspace_id}))
            took[table].append(float(re.search(r"Execution Time: ([\d.]+)", plans[table])[1]))  # type: ignore[index]
    for table, plan in plans.items():
        index = re.search(r"Index Scan(?: Backward)? (?:using|on) (\w+)", plan)
        if not index or "Seq Scan on" in plan:
            raise SystemExit(f"No index is used:\n{plan}")
        read = re.findall(r"Buffers: shared (.*)", plan)[0]
        print(f"  {min(took[table]):.3f} ms, {index[1]}, pages {read}: {query.format(table=table)}", flush=True)
    return min(took["entries"]) / min(took["alone"])


if __name__ == "__main__":
    sys.exit(main())
