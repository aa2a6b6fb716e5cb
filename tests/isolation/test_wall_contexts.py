"""Threads, tasks, generators, nested blocks and exceptions: the scope is always that of the code that runs."""

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from uuid import uuid4

import pytest
from sqlalchemy import func, lambda_stmt, select, union
from structlog.testing import CapturingLogger

from enferno.extensions import db
from enferno.tenancy import (
    CrossWorkspace,
    NoWorkspace,
    bind_workspace,
    current_workspace,
    current_workspace_id,
    in_workspace,
    serve,
    unscoped,
)
from tests.isolation.orchard import Orchard, Tree

ALL = select(Tree.name).order_by(Tree.name)


def names():
    return list(db.session.scalars(ALL))


def test_a_statement_built_in_one_workspace_obeys_the_one_that_runs_it(orchards):
    with in_workspace(orchards.a.workspace):
        built = [
            select(Tree.name),
            union(select(Tree.name), select(Orchard.name)),
            lambda_stmt(lambda: select(Tree.name)),
        ]
        for statement in built:
            assert all(name.endswith("A") for name in db.session.scalars(statement))
    with in_workspace(orchards.b.workspace):
        for statement in built:
            found = list(db.session.scalars(statement))
            assert found
            assert all(name.endswith("B") for name in found)


def test_the_same_statement_alternates_a_thousand_times_on_one_connection(orchards):
    for _ in range(500):
        for side in (orchards.a, orchards.b):
            with in_workspace(side.workspace):
                assert names() == [f"oak {side.letter}", f"yew {side.letter}"]


def test_a_nested_block_has_its_own_session_and_gives_back_the_outer_one(orchards):
    with in_workspace(orchards.a.workspace):
        outer, tree = db.session(), db.session.get(Tree, orchards.a.oak)
        tree.name = "changed"
        with in_workspace(orchards.b.workspace):
            assert db.session() is not outer
            if orchards.kind == "postgresql":
                assert names() == ["oak B", "yew B"]
        assert db.session() is outer
        assert db.session.get(Tree, orchards.a.oak) is tree
        assert names() == ["changed", "yew A"]


def fail_in(side):
    with in_workspace(side.workspace):
        db.session.add(Orchard(name="new"))
        db.session.flush()
        raise LookupError


def test_an_exception_inside_a_block_undoes_it_and_gives_back_the_outer_scope(orchards):
    with in_workspace(orchards.a.workspace):
        with pytest.raises(LookupError):
            fail_in(orchards.b)
        assert current_workspace_id() == orchards.a.workspace
        assert names() == ["oak A", "yew A"]
    assert [row[2] for row in orchards.of_b()["orchards"]] == ["orchard B"]
    with pytest.raises(NoWorkspace):
        names()


def test_an_exception_inside_unscoped_ends_it(orchards):
    with in_workspace(orchards.a.workspace):
        with pytest.raises(LookupError), unscoped("a test of exceptions"):
            raise LookupError
        assert names() == ["oak A", "yew A"]


def test_unscoped_ends_with_its_block_within_one_transaction(orchards):
    with in_workspace(orchards.a.workspace):
        with unscoped("a test of the way out"):
            assert len(names()) == 4
        assert names() == ["oak A", "yew A"]


def test_a_thread_without_a_context_has_no_workspace(orchards):
    with in_workspace(orchards.a.workspace), ThreadPoolExecutor(1) as threads:
        with pytest.raises(RuntimeError):
            threads.submit(names).result()
        with pytest.raises(NoWorkspace):
            threads.submit(current_workspace_id).result()


def test_a_thread_with_a_context_of_its_own_has_no_workspace(orchards):
    def work():
        with orchards.app.app_context():
            return names()

    with in_workspace(orchards.a.workspace), ThreadPoolExecutor(1) as threads, pytest.raises(NoWorkspace):
        threads.submit(work).result()


def test_a_new_context_of_the_application_starts_without_a_workspace(orchards):
    with in_workspace(orchards.a.workspace):
        with orchards.app.app_context(), pytest.raises(NoWorkspace):
            names()
        assert names() == ["oak A", "yew A"]


def test_threads_in_two_workspaces_at_once_see_each_their_own(orchards):
    def work(side):
        with orchards.app.app_context(), in_workspace(side.workspace):
            return {(side.letter, name[-1]) for _ in range(50) for name in names()}

    with ThreadPoolExecutor(4) as threads:
        found = set().union(*threads.map(work, [orchards.a, orchards.b] * 4))
    assert found == {("A", "A"), ("B", "B")}


def test_a_thread_that_was_handed_the_context_keeps_the_scope_it_was_handed(orchards):
    with in_workspace(orchards.a.workspace):
        handed = copy_context()
    with in_workspace(orchards.b.workspace), ThreadPoolExecutor(1) as threads:
        found = threads.submit(handed.run, names).result()
        threads.submit(handed.run, db.session.remove).result()
    assert found == ["oak A", "yew A"]


def test_tasks_of_an_event_loop_see_each_their_own(orchards):
    async def work(side):
        with in_workspace(side.workspace):
            first = names()
            await asyncio.sleep(0)
            return side.letter, first, names()

    async def both():
        return await asyncio.gather(*(work(side) for side in (orchards.a, orchards.b) * 3))

    # In a thread of its own: a browser that an earlier test has opened keeps this one's event loop.
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(copy_context().run, asyncio.run, both()).result()
    for letter, first, second in done:
        assert first == second == [f"oak {letter}", f"yew {letter}"]


def generator(side):
    with in_workspace(side.workspace):
        for _ in range(3):
            yield names()


def test_a_generator_that_yields_inside_a_block_gives_its_workspace_to_nobody(orchards):
    with in_workspace(orchards.b.workspace):
        held = generator(orchards.a)
        assert next(held) == ["oak A", "yew A"]
        with pytest.raises(CrossWorkspace, match="yield after it"):
            names()
        with pytest.raises(CrossWorkspace, match="yield after it"):
            db.session.get(Tree, orchards.a.oak)
        with pytest.raises(CrossWorkspace, match="yield after it"):
            current_workspace_id()
        held.close()
        assert names() == ["oak B", "yew B"]


def test_two_generators_in_two_workspaces_cannot_take_turns(orchards):
    with pytest.raises(CrossWorkspace, match="yield after it"):
        list(zip(generator(orchards.a), generator(orchards.b), strict=True))
    gc.collect()
    with in_workspace(orchards.a.workspace):
        assert names() == ["oak A", "yew A"]


def test_a_generator_alone_may_work_in_its_block(orchards):
    assert list(generator(orchards.a)) == [["oak A", "yew A"]] * 3


def test_a_generator_left_open_leaves_no_session_behind(orchards):
    before = len(db.session.registry.registry)
    with orchards.app.app_context():
        held = generator(orchards.a)
        next(held)
        assert len(db.session.registry.registry) == before + 1
    assert len(db.session.registry.registry) == before
    held.close()
    assert len(db.session.registry.registry) == before


def test_a_context_manager_may_hold_a_block_open(orchards):
    @contextmanager
    def among_the_trees_of_a():
        with in_workspace(orchards.a.workspace):
            yield

    with among_the_trees_of_a():
        assert names() == ["oak A", "yew A"]


def test_blocks_left_out_of_order_are_reported_and_leave_nothing_current(orchards):
    first, second = ExitStack(), ExitStack()
    first.enter_context(in_workspace(orchards.a.workspace))
    second.enter_context(in_workspace(orchards.b.workspace))
    with pytest.raises(CrossWorkspace, match="another order"):
        first.close()
    assert current_workspace_id() == orchards.b.workspace
    second.close()
    with pytest.raises(NoWorkspace):
        names()


def test_a_request_serves_one_workspace(orchards):
    with orchards.app.app_context():
        bind_workspace(orchards.a.workspace)
        assert names() == ["oak A", "yew A"]
        with pytest.raises(CrossWorkspace, match="in_workspace"):
            bind_workspace(orchards.b.workspace)
        with pytest.raises(CrossWorkspace, match="in_workspace"), serve(orchards.b.workspace):
            pass
        assert names() == ["oak A", "yew A"]
    with pytest.raises(NoWorkspace):
        names()


def test_a_workspace_that_is_gone_has_no_rows_and_says_so(orchards):
    with in_workspace(uuid4()):
        assert names() == []
        with pytest.raises(NoWorkspace, match="does not exist"):
            assert current_workspace.name


def test_nothing_can_be_current_without_an_application(orchards):
    with ThreadPoolExecutor(1) as threads, pytest.raises(NoWorkspace, match="app_context"):
        threads.submit(in_workspace(orchards.a.workspace).__enter__).result()


@pytest.mark.parametrize("reason", ["", "  ", None, 7])
def test_unscoped_asks_for_a_reason(orchards, reason):
    with pytest.raises(ValueError, match="reason"), unscoped(reason):
        pass


def test_every_use_of_unscoped_is_logged_with_its_reason(orchards, monkeypatch):
    logged = CapturingLogger()
    monkeypatch.setattr("enferno.tenancy.scope.log", logged)
    with unscoped("numbers of the month"):
        pass
    with unscoped("the person's own workspaces", routine=True):
        pass
    assert [(call.method_name, call.args, call.kwargs) for call in logged.calls] == [
        ("info", ("tenancy.unscoped",), {"reason": "numbers of the month"}),
        ("debug", ("tenancy.unscoped",), {"reason": "the person's own workspaces"}),
    ]


def fail_in_a_savepoint():
    with db.session.begin_nested():
        names()
        with unscoped("a test inside a savepoint"):
            assert len(names()) == 4
        raise LookupError


def test_rolling_back_a_savepoint_keeps_the_scope(orchards):
    with in_workspace(orchards.a.workspace):
        with pytest.raises(LookupError):
            fail_in_a_savepoint()
        assert names() == ["oak A", "yew A"]
        db.session.rollback()
        assert names() == ["oak A", "yew A"]
        db.session.commit()
        assert names() == ["oak A", "yew A"]


def test_the_count_of_rows_never_tells_of_others(orchards):
    with in_workspace(orchards.a.workspace):
        assert db.session.scalar(select(func.count()).select_from(Tree)) == 2
