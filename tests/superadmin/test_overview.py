"""The numbers of the installation equal a count by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from enferno.database import now
from enferno.extensions import db
from enferno.superadmin import numbers
from enferno.tenancy import unscoped
from enferno.user.models import User
from enferno.workspace.models import Activity, Workspace
from tests.superadmin.conftest import API


@pytest.fixture
def overview(root):
    return lambda: root.get(f"{API}/overview").json


def happened(stage, workspace_id, at):
    with stage.app.app_context(), unscoped("a day for a test"):
        event = {"workspace_id": workspace_id, "kind": "workspace.renamed", "created_at": at}
        db.session.execute(insert(Activity).values(**event))
        db.session.commit()


def day(ago):
    """Noon of a day, which is the same day in every corner of a test."""
    return datetime.combine(now().date() - timedelta(days=ago), datetime.min.time(), UTC) + timedelta(hours=12)


def on(series, ago):
    return {each["day"]: each["count"] for each in series}[day(ago).date().isoformat()]


def test_people_and_workspaces_are_counted(overview):
    found = overview()
    assert found["users"] == {"total": 12, "active": 11, "new": 12}
    assert found["workspaces"] == {"total": 3, "teams": 3, "suspended": 1, "new": 3}


def test_there_is_one_number_for_each_of_thirty_days_up_to_today(overview):
    for series in (overview()["sign_ups"], overview()["active_workspaces"]):
        days = [each["day"] for each in series]
        assert days == [day(ago).date().isoformat() for ago in reversed(range(numbers.DAYS))]


def test_sign_ups_are_counted_on_their_day(stage, overview, world):
    with stage.app.app_context():
        for person, ago in (
            (world.acme.owner, 3),
            (world.acme.admin, 3),
            (world.acme.member, 29),
            (world.stranger, 30),
        ):
            db.session.execute(update(User).where(User.id == person.id).values(created_at=day(ago)))
        db.session.commit()
    found = overview()
    assert [on(found["sign_ups"], ago) for ago in (3, 29, 0, 1)] == [2, 1, 8, 0]
    assert sum(each["count"] for each in found["sign_ups"]) == 11, "the thirty-first day back is left out"
    assert found["users"]["new"] == 11


def test_a_day_begins_at_midnight_utc(stage, overview, world):
    midnight = day(5) - timedelta(hours=12)
    with stage.app.app_context():
        for person, at in ((world.acme.owner, midnight), (world.acme.admin, midnight - timedelta(microseconds=1))):
            db.session.execute(update(User).where(User.id == person.id).values(created_at=at))
        db.session.commit()
    assert [on(overview()["sign_ups"], ago) for ago in (5, 6)] == [1, 1]


def test_a_workspace_is_active_once_a_day_however_much_happens_in_it(stage, overview, world):
    for team, ago in ((world.acme, 2), (world.acme, 2), (world.noise, 2), (world.noise, 4), (world.noise, 31)):
        happened(stage, team.id, day(ago))
    found = overview()["active_workspaces"]
    assert [on(found, ago) for ago in (2, 4, 3)] == [2, 1, 0]


def test_the_latest_come_first(overview, stage):
    latest = overview()["latest"]
    assert len(latest) == numbers.LATEST
    assert latest[0]["email"] == stage.former.email, "who was made last"
    assert latest == sorted(latest, key=lambda one: one["created_at"], reverse=True)


def test_a_workspace_older_than_thirty_days_is_not_new(stage, overview, world):
    with stage.app.app_context():
        db.session.execute(update(Workspace).where(Workspace.id == world.acme.id).values(created_at=day(40)))
        db.session.commit()
    assert overview()["workspaces"] == {"total": 3, "teams": 3, "suspended": 1, "new": 2}
