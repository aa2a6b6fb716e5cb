"""A streamed response is made after the request and sees what the request saw: its workspace, its caller, no more."""

from collections.abc import Iterator

import pytest
from flask import Flask, Response
from flask_security import current_user
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from enferno.access.guards import requires
from enferno.access.permissions import Permission
from enferno.extensions import db
from enferno.tenancy import current_workspace, in_workspace
from features.projects.models import Project
from tests.conftest import DATABASES
from tests.support.stage import Stage, stage_on

ALL = select(Project.name).order_by(Project.name)


def add_views(app: Flask) -> None:
    @app.get("/w/<slug>/stream")
    @requires(Permission.WORKSPACE_VIEW)
    def parts():
        def rows():
            yield f"{current_workspace.name} for {current_user.email}\n"
            for name in db.session.scalars(ALL):
                yield f"{name}\n"

        return Response(rows(), mimetype="text/plain")

    @app.get("/w/<slug>/opened/<int:size>")
    @requires(Permission.WORKSPACE_VIEW)
    def opened(size: int):
        found = db.session.scalars(ALL.execution_options(**({"yield_per": size} if size else {})))
        return Response((f"{name}\n" for name in found), mimetype="text/plain")

    @app.get("/w/<slug>/cursor")
    @requires(Permission.WORKSPACE_VIEW)
    def raw():
        def rows():
            yield from db.session.scalars(ALL)
            cursor = db.session.connection().connection.cursor()
            cursor.execute("SELECT name FROM projects")
            yield from (f"raw {name}" for (name,) in cursor.fetchall())

        return Response(rows(), mimetype="text/plain")

    @app.get("/w/<slug>/writing/<how>")
    @requires(Permission.WORKSPACE_VIEW)
    def writing(how: str):
        def rows():
            yield "first"
            db.session.add(Project(name=how))
            db.session.flush()
            yield "second"
            if how == "raises":
                raise ZeroDivisionError

        return Response(rows(), mimetype="text/plain")


@pytest.fixture(scope="module", params=DATABASES)
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage_on(request.param, tmp_path_factory.mktemp("streams"), prepare=add_views) as found:
        yield found


@pytest.fixture
def streams(standing: Stage) -> Stage:
    """The same projects in both workspaces but for a word."""
    standing.reset()
    for team in (standing.world.acme, standing.world.noise):
        with standing.app.app_context(), in_workspace(team.id):
            db.session.add_all([Project(name=f"{team.slug} {number}") for number in range(3)])
    return standing


def names(stage: Stage) -> set[str]:
    with stage.app.app_context(), in_workspace(stage.world.acme.id):
        return set(db.session.scalars(ALL))


def leaves_nothing(stage: Stage) -> bool:
    """No session is kept, and no connection."""
    with stage.app.app_context():
        checked_out = getattr(db.engine.pool, "checkedout", lambda: 0)()
        return not db.session.registry.registry and checked_out == 0


def test_each_part_sees_the_workspace_the_caller_and_the_rows_of_its_own(streams):
    acme = streams.world.acme
    answer = streams.browser(acme.member.email).get("/w/acme/stream")
    first, *rows = answer.text.splitlines()
    assert first == f"{acme.name} for {acme.member.email}"
    assert rows == ["acme 0", "acme 1", "acme 2"]
    answer.close()
    assert leaves_nothing(streams)


def test_a_result_that_the_view_has_opened_is_read_by_the_parts(streams):
    answer = streams.browser(streams.world.acme.member.email).get("/w/acme/opened/0")
    assert answer.text.splitlines() == ["acme 0", "acme 1", "acme 2"]
    answer.close()
    assert leaves_nothing(streams)


def test_one_that_ended_with_the_views_transaction_says_where_to_open_it(streams):
    """SQLite's cursors outlive the transaction, PostgreSQL's do not."""
    browser = streams.browser(streams.world.acme.member.email)
    if streams.database.kind == "sqlite":
        assert browser.get("/w/acme/opened/1").text.count("acme") == 3
        return
    with pytest.raises(SQLAlchemyError) as refused:
        _ = browser.get("/w/acme/opened/1").text
    assert "run the statement inside the generator" in refused.value.__notes__[0]
    assert leaves_nothing(streams)


def test_the_databases_own_wall_knows_the_workspace_of_the_stream(streams):
    text = streams.browser(streams.world.acme.member.email).get("/w/acme/cursor").text
    assert "raw acme 0" in text
    # SQLite has no such wall, which shows that the statement was one of those that only the second wall sees.
    assert ("raw noise 0" in text) == (streams.database.kind == "sqlite")


def test_two_streams_of_two_workspaces_that_take_turns_do_not_mix(streams):
    world = streams.world
    both = [
        streams.browser(team.owner.email).client.get(f"/w/{team.slug}/stream", buffered=False)
        for team in (world.acme, world.noise)
    ]
    told: list[list[str]] = [[], []]
    for parts in zip(*(answer.iter_encoded() for answer in both), strict=True):
        for mine, part in zip(told, parts, strict=True):
            mine.append(part.decode())
    assert told[0][1:] == ["acme 0\n", "acme 1\n", "acme 2\n"]
    assert told[1][1:] == ["noise 0\n", "noise 1\n", "noise 2\n"]
    for answer in both:
        answer.close()
    assert leaves_nothing(streams)


def test_what_a_stream_writes_is_committed_after_its_last_part(streams):
    assert streams.browser(streams.world.acme.owner.email).get("/w/acme/writing/kept").text == "firstsecond"
    assert "kept" in names(streams)


def test_what_a_stream_wrote_is_undone_when_its_reader_goes_away(streams):
    answer = streams.browser(streams.world.acme.owner.email).client.get("/w/acme/writing/half", buffered=False)
    parts = answer.iter_encoded()
    assert [next(parts), next(parts)] == [b"first", b"second"]
    answer.close()
    assert leaves_nothing(streams)
    assert "half" not in names(streams)


def test_what_a_stream_wrote_is_undone_when_it_raises(streams):
    with pytest.raises(ZeroDivisionError):
        _ = streams.browser(streams.world.acme.owner.email).get("/w/acme/writing/raises").text
    assert leaves_nothing(streams)
    assert "raises" not in names(streams)


def test_a_stream_that_nobody_reads_leaves_nothing_behind(streams):
    streams.browser(streams.world.acme.owner.email).client.head("/w/acme/stream").close()
    assert leaves_nothing(streams)
