"""What a task may see, when it is done, and what is left of it."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import structlog
from flask import Flask
from sqlalchemy import delete, select, update

from enferno.database import now
from enferno.extensions import db
from enferno.tasks import maintenance, task
from enferno.tasks.housekeeping import purge_ended_sessions
from enferno.tasks.task import TASKS
from enferno.tenancy import NoWorkspace, current_workspace, in_workspace, unscoped
from enferno.tenancy.scope import current_scope
from enferno.user.models import Session
from enferno.workspace.models import Membership, Workspace, WorkspaceSlug
from tests.support.world import World


def names() -> set[str]:
    return {membership.user.name for membership in db.session.scalars(select(Membership))}


def test_a_task_is_done_after_the_commit_in_its_workspace(app: Flask, world: World) -> None:
    seen: list[Any] = []

    @task
    def look(greeting: str) -> None:
        seen.append((greeting, current_workspace.slug, names()))

    with app.app_context():
        look.queue(world.acme.id, "hello")
        assert seen == []
        db.session.commit()
    assert seen == [("hello", "acme", {person.name for person in world.acme.people})]


def test_a_task_of_a_rolled_back_request_is_never_done(app: Flask, world: World) -> None:
    seen: list[str] = []

    @task
    def look() -> None:
        seen.append("done")

    with app.app_context():
        look.queue(world.acme.id)
        db.session.rollback()
        db.session.commit()
    assert seen == []


def test_what_a_task_writes_is_committed(app: Flask, world: World) -> None:
    @task
    def rename(name: str) -> None:
        current_workspace.rename(name)

    with app.app_context():
        rename.queue(world.acme.id, "Renamed")
        db.session.commit()
    with app.app_context():
        assert db.session.get_one(Workspace, world.acme.id).name == "Renamed"


def test_what_a_failed_task_wrote_is_undone(app: Flask, world: World) -> None:
    @task
    def rename(name: str) -> None:
        current_workspace.rename(name)
        db.session.flush()
        raise RuntimeError("half way")

    with app.app_context():
        rename.queue(world.acme.id, "Half")
        db.session.commit()
    with app.app_context():
        assert db.session.get_one(Workspace, world.acme.id).name == "Acme"


def test_a_task_without_a_workspace_is_refused_where_it_is_queued(app: Flask) -> None:
    @task
    def look() -> None:
        raise AssertionError("never")

    with app.app_context():
        for forgotten in (None, "acme", ""):
            with pytest.raises(NoWorkspace, match=r"look\.queue\(current_workspace\.id"):
                look.queue(forgotten)  # type: ignore[arg-type]


def test_a_maintenance_task_reaches_no_row_of_a_workspace(app: Flask, world: World) -> None:
    refused: list[str] = []

    @maintenance
    def look() -> None:
        try:
            names()
        except NoWorkspace:
            refused.append("refused")
        with unscoped("counting for a test"):
            refused.append(str(len(names())))

    with app.app_context():
        look.queue()
        db.session.commit()
    assert refused == ["refused", "6"]


def test_a_task_of_one_workspace_leaves_nothing_for_the_next(app: Flask, world: World) -> None:
    seen: list[set[str]] = []
    logged: list[dict[str, Any]] = []
    structlog.contextvars.clear_contextvars()  # The last request of another test may have named its workspace.

    @task
    def look() -> None:
        seen.append(names())
        logged.append(dict(structlog.contextvars.get_contextvars()))

    with app.app_context():
        for team in (world.acme, world.noise, world.acme):
            look.queue(team.id)
        db.session.commit()
        assert current_scope().workspace_id is None
    acme, noise = ({person.name for person in team.people} for team in (world.acme, world.noise))
    assert seen == [acme, noise, acme]
    assert [entry["workspace"] for entry in logged] == [str(t.id) for t in (world.acme, world.noise, world.acme)]
    assert "workspace" not in structlog.contextvars.get_contextvars()


def test_a_task_queued_by_a_task_runs_after_it_in_its_own_workspace(app: Flask, world: World) -> None:
    order: list[str] = []

    @task
    def second() -> None:
        order.append(f"second in {current_workspace.slug}")

    @task
    def first() -> None:
        second.queue(world.noise.id)
        order.append(f"first in {current_workspace.slug}")

    with app.app_context():
        first.queue(world.acme.id)
        db.session.commit()
    assert order == ["first in acme", "second in noise"]


def test_a_task_of_a_deleted_workspace_stops(app: Flask, world: World) -> None:
    done: list[str] = []

    @task
    def look() -> None:
        done.append("done")

    with app.app_context():
        with in_workspace(world.acme.id):
            db.session.execute(delete(Membership))
        with unscoped("deleting a workspace for a test"):
            db.session.execute(delete(WorkspaceSlug).where(WorkspaceSlug.former_of_id == world.acme.id))
            workspace = db.session.get_one(Workspace, world.acme.id)
            db.session.delete(workspace)
            look.queue(world.acme.id)
            db.session.commit()
        look.queue(uuid4())
        db.session.commit()
    assert done == []


def test_arguments_arrive_as_they_were_given(app: Flask, world: World) -> None:
    given: list[Any] = []

    @task
    def take(*args: Any, **kwargs: Any) -> None:
        given.append((args, kwargs))

    moment, some_id = now(), uuid4()
    with app.app_context():
        take.queue(world.acme.id, some_id, [1, None], at=moment, text="Grüße")
        db.session.commit()
    assert given == [((some_id, [1, None]), {"at": moment, "text": "Grüße"})]
    assert isinstance(given[0][0][0], UUID)


def test_a_row_cannot_be_handed_over(app: Flask, world: World) -> None:
    @task
    def take(workspace: Workspace) -> None:
        raise AssertionError("never")

    with app.app_context(), pytest.raises(TypeError, match="Workspace"):
        take.queue(world.acme.id, db.session.get_one(Workspace, world.acme.id))


def test_called_directly_a_task_is_the_plain_function(app: Flask) -> None:
    @task
    def double(number: int) -> int:
        return 2 * number

    assert double(21) == 42
    assert TASKS[double.name] is double


def test_old_sessions_are_purged_and_open_ones_stay(app: Flask, world: World, browser: Any) -> None:
    signed_in = browser("owner@acme.example.com")
    browser("admin@acme.example.com")
    with app.app_context():
        long_ago = now() - timedelta(days=31)
        gone = update(Session).where(Session.user_id == world.acme.admin.id).values(ended_at=long_ago)
        db.session.execute(gone)
        purge_ended_sessions.queue()
        db.session.commit()
        left = db.session.scalars(select(Session.user_id)).all()
    assert left == [world.acme.owner.id]
    assert signed_in.get("/api/v1/me").status_code == 200
