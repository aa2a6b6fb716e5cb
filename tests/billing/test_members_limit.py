"""A plan has room for so many members, whichever way they come; plans that are sold per seat bill them instead."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from enferno.billing.gates import LimitReached
from enferno.billing.providers.local import bank
from enferno.billing.providers.local.models import LocalSubscription
from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import User
from tests.billing.box import Box
from tests.conventions.source import ROOT, modules
from tests.support.world import make_person

# What plans.toml allows on the free plan; the team of these tests has three members.
ROOM, MEMBERS = 5, 3
CALL = re.compile(r"(?<!class )\bMembership\(")


@pytest.fixture
def box(stage):
    return Box(stage)


@pytest.fixture
def acme(stage):
    return stage.world.acme


@pytest.fixture
def people(stage):
    """Twenty people with an account who belong nowhere."""
    return [make_person(stage.app, f"new{number}@example.com") for number in range(20)]


def join(stage, team, person):
    with stage.app.app_context(), in_workspace(team.id) as workspace:
        workspace.add(db.session.get_one(User, person.id))


def count(stage, team):
    with stage.app.app_context(), in_workspace(team.id) as workspace:
        return workspace.count_members()


def fill(stage, team, people):
    for person in people[: ROOM - MEMBERS]:
        join(stage, team, person)


def test_the_member_after_the_last_is_refused_and_the_plans_with_room_are_named(stage, acme, people):
    fill(stage, acme, people)
    with pytest.raises(LimitReached) as refused:
        join(stage, acme, people[-1])
    assert [plan.key for plan in refused.value.unlocked_by] == ["starter", "pro", "enterprise"]
    assert count(stage, acme) == ROOM


def test_twenty_who_come_at_once_find_the_room_that_there_is(stage, acme, people):
    def come(person):
        try:
            join(stage, acme, person)
        except LimitReached:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        came = list(threads.map(come, people))
    assert came.count(True) == ROOM - MEMBERS
    assert count(stage, acme) == ROOM


def test_the_operator_is_held_to_the_plan_as_well(stage, acme, people):
    fill(stage, acme, people)
    root = stage.browser(stage.world.root.email)
    path = f"/api/v1/superadmin/workspaces/{acme.id}/members"
    answer = root.post(path, json={"email": people[-1].email, "role": "member"})
    assert (answer.status_code, answer.json["code"]) == (402, "limit_reached")
    assert count(stage, acme) == ROOM


def test_who_goes_makes_room(stage, acme, people):
    fill(stage, acme, people)
    with stage.app.app_context(), in_workspace(acme.id) as workspace:
        workspace.membership_of(people[0].id).leave()
    join(stage, acme, people[-1])
    assert count(stage, acme) == ROOM


def test_a_larger_plan_has_more_room_and_one_that_is_sold_per_seat_has_no_end(stage, box, acme, people):
    fill(stage, acme, people)
    box.buy(acme, "starter")
    join(stage, acme, people[-1])
    box.buy(stage.world.noise, "pro")
    for person in people:
        join(stage, stage.world.noise, person)
    assert count(stage, stage.world.noise) == MEMBERS + len(people)


def test_who_is_there_stays_when_the_plan_becomes_smaller(stage, box, acme, people):
    one = box.buy(acme, "pro")
    for person in people:
        join(stage, acme, person)
    box.at_the_bank(lambda: bank.end(db.session.get_one(LocalSubscription, one)))
    assert count(stage, acme) == MEMBERS + len(people)
    with pytest.raises(LimitReached):
        join(stage, acme, make_person(stage.app, "late@example.com"))


def test_nobody_becomes_a_member_past_the_limit_by_another_door():
    """`Workspace.add` asks the plan; a new workspace has room for the one who founds it."""
    makers = {path.relative_to(ROOT).as_posix() for path in modules("enferno") if CALL.search(path.read_text("utf-8"))}
    assert makers == {"enferno/workspace/models.py", "enferno/workspace/founding.py"}
