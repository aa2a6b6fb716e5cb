"""Twenty thousand units of work, A and B in turn, on one connection and one worker: nothing is left over.

Most are blocks of `in_workspace`, some whole requests and tasks. SQLite takes the larger share; SOAK_UNITS asks for as
many on each database (the nightly run takes 100,000 on both).
"""

import gc
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm.state import InstanceState

from enferno.app import create_app
from enferno.extensions import db, limiter
from enferno.tasks.task import Message, perform, task
from enferno.tenancy import NoWorkspace, in_workspace, unscoped
from enferno.tenancy.scope import _entered, current_scope
from enferno.tenancy.session import WorkspaceSession
from enferno.workspace.models import Membership
from tests.conftest import DATABASES
from tests.support import databases
from tests.support.client import Browser
from tests.support.world import World, build_world

# Five times as many each night, on both.
SHARE = {"sqlite": 15_000, "postgresql": 5_000}
UNITS = {kind: int(os.environ.get("SOAK_UNITS", share)) for kind, share in SHARE.items()}
EVERY_TASK, EVERY_FAILURE, EVERY_UNSCOPED = 51, 17, 23
# Two requests and many blocks make a stretch, which shares one context of the application; what is left is looked at
# so many times.
STRETCH, LOOKS = 250, 8
# Bytes that the process may grow by after the first look, whatever the number of units.
MAY_GROW = 24 * 2**20

seen: list[set[UUID]] = []


@task
def look_around() -> None:
    seen.append(set(db.session.scalars(select(Membership.user_id))))


@dataclass
class Worker:
    app: Flask
    kind: str
    world: World
    browsers: dict[str, Browser]


@pytest.fixture(scope="module", params=DATABASES)
def worker(request, tmp_path_factory):
    """An application with a pool of one connection, and nobody who counts how often it is asked."""
    folder = tmp_path_factory.mktemp("soak")
    with databases.fresh(request.param, folder) as found, pytest.MonkeyPatch.context() as patch:
        app = create_app(databases.settings_for(found, folder, database_pool_size=1))
        patch.setattr(limiter, "enabled", False)
        world = build_world(app)
        browsers = {team.slug: Browser(app).sign_in(team.owner.email) for team in (world.acme, world.noise)}
        yield Worker(app, request.param, world, browsers)
        databases.dispose(app)


def block(team):
    with in_workspace(team.id):
        assert set(db.session.scalars(select(Membership.user_id))) == {person.id for person in team.people}


def failing_block(team):
    with in_workspace(team.id):
        membership = db.session.scalars(select(Membership)).first()
        membership.role = "changed and undone"
        db.session.flush()
        raise LookupError


def unscoped_block(team):
    with in_workspace(team.id):
        with unscoped("a test that goes on for long", routine=True):
            assert len(db.session.scalars(select(Membership.user_id)).all()) > 3
        assert len(db.session.scalars(select(Membership.user_id)).all()) == 3


def run_task(app, team):
    seen.clear()
    perform(app, Message(look_around.name, team.id, "[[], {}]"))
    assert seen == [{person.id for person in team.people}]


def request(browser, team):
    answer = browser.get(f"{team.api}/members")
    assert {item["email"] for item in answer.json["items"]} == {person.email for person in team.people}


def nothing_is_left(worker):
    """No scope, no session, no setting on the connection, and not one row to see."""
    assert _entered.get() is None
    assert current_scope().workspace_id is None
    with pytest.raises(NoWorkspace):
        db.session.scalars(select(Membership)).all()
    db.session.remove()
    assert len(db.session.registry.registry) == 0
    assert db.engine.pool.checkedout() == 0
    if worker.kind == "postgresql":
        with db.engine.raw_connection() as raw, raw.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('enferno.workspace_id', true), current_setting('enferno.unscoped', true),"
                " pg_backend_pid(), (SELECT count(*) FROM memberships)"
            )
            workspace, is_unscoped, process, rows = cursor.fetchone()
        assert (workspace or "", is_unscoped or "", rows) == ("", "", 0)
        return process
    return db.engine.pool.checkedin() + max(db.engine.pool.overflow(), 0)


def living():
    gc.collect()
    kinds = Counter(type(thing).__name__ for thing in gc.get_objects())
    return {name: kinds[name] for name in (WorkspaceSession.__name__, InstanceState.__name__, Membership.__name__)}


def memory_in_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def work(worker, number, team):
    """The unit of work with this number, inside the context of an application."""
    if number % EVERY_TASK < 2:
        run_task(worker.app, team)
    elif number % EVERY_FAILURE < 2:
        with pytest.raises(LookupError):
            failing_block(team)
    elif number % EVERY_UNSCOPED < 2:
        unscoped_block(team)
    else:
        block(team)


def test_nothing_is_left_over(worker):
    teams = (worker.world.acme, worker.world.noise)
    looks = []
    starts = range(0, UNITS[worker.kind], STRETCH)
    for turn, start in enumerate(starts):
        for team in teams:
            request(worker.browsers[team.slug], team)
        with worker.app.app_context():
            for number in range(start + 2, start + STRETCH):
                work(worker, number, teams[number % 2])
            if turn % max(1, len(starts) // LOOKS) == 0:
                looks.append((nothing_is_left(worker), living(), memory_in_bytes()))
    connections, alive, memory = zip(*looks[1:], strict=True)
    assert len(connections) > 1
    assert len(set(connections)) == 1
    assert all(one == alive[0] for one in alive), alive
    assert memory[-1] - memory[0] < MAY_GROW, memory
