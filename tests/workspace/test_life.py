"""A workspace from its founding to its end."""

import pytest
from sqlalchemy import inspect, select

from enferno.access.roles import MemberRole
from enferno.errors import NotAlone
from enferno.extensions import db
from enferno.tenancy import in_workspace, serve, unscoped
from enferno.user.models import User
from enferno.workspace.founding import found_workspace
from enferno.workspace.models import Workspace


def test_who_founds_a_workspace_owns_it_and_works_alone(stage):
    with stage.app.app_context():
        founder = db.session.get_one(User, stage.world.stranger.id)
        workspace = found_workspace(founder, "Rockets")
        with serve(workspace):
            assert workspace.membership_of(founder.id).role == MemberRole.OWNER
            assert not workspace.is_team
            assert [each.sentence for each in db.session.scalars(workspace.history())] == ["set this up"]


def test_a_team_of_one_can_go_back_to_working_alone(stage):
    with stage.app.app_context():
        workspace = found_workspace(db.session.get_one(User, stage.world.stranger.id), "Rockets")
        with serve(workspace):
            workspace.become_team()
            assert workspace.is_team
            workspace.become_solo()
            assert not workspace.is_team


def test_a_team_of_several_cannot_go_back_to_working_alone(acme):
    with pytest.raises(NotAlone):
        acme.become_solo()
    assert acme.is_team


def test_suspending_twice_is_one_event(acme):
    acme.suspend()
    acme.suspend()
    assert len(db.session.scalars(acme.history("workspace.suspended")).all()) == 1
    acme.restore()
    assert not acme.is_suspended


def rows(connection, workspace_id):
    """Every row of the workspace, by table, for each scoped table that this database has."""
    there = set(inspect(connection).get_table_names())
    scoped = [table for table in db.metadata.sorted_tables if "workspace_id" in table.c and table.name in there]
    found = {
        table.name: set(map(str, connection.execute(select(table).where(table.c.workspace_id == workspace_id))))
        for table in scoped
    }
    connection.rollback()
    return found


def test_deleting_a_workspace_takes_all_that_is_its_own_and_nothing_else(world, app, outside):
    before = rows(outside, world.noise.id)
    assert len(before["memberships"]) == 3
    assert before["activities"]
    with app.app_context(), in_workspace(world.acme.id) as workspace:
        workspace.delete()
    assert not any(rows(outside, world.acme.id).values())
    assert rows(outside, world.noise.id) == before


def test_the_people_of_a_deleted_workspace_stay(stage):
    with stage.app.app_context(), in_workspace(stage.world.acme.id) as workspace:
        workspace.delete()
    with stage.app.app_context(), unscoped("a look at the people"):
        assert db.session.get(Workspace, stage.world.acme.id) is None
        assert db.session.get(User, stage.world.acme.member.id) is not None
