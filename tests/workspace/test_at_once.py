"""Two owners who act at the same moment: whatever the order, an owner is left (isolation, case 33)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from enferno.access.roles import MemberRole
from enferno.errors import LastOwner, NotAllowed, NotFound
from enferno.tenancy import in_workspace


@pytest.fixture
def two_owners(stage):
    acme = stage.world.acme
    with stage.app.app_context(), in_workspace(acme.id) as workspace:
        owner = workspace.membership_of(acme.owner.id)
        workspace.membership_of(acme.admin.id).change_role(MemberRole.OWNER, by=owner)
    return acme.owner.id, acme.admin.id


def at_once(stage, *acts):
    """Run each act in a thread and workspace session of its own, all memberships loaded before any is changed."""
    ready = Barrier(len(acts), timeout=20)

    def run(act):
        with stage.app.app_context():
            try:
                with in_workspace(stage.world.acme.id) as workspace:
                    people = stage.world.acme.people
                    known = {person.id: workspace.membership_of(person.id) for person in people}
                    ready.wait()
                    act(known)
            except (LastOwner, NotFound, NotAllowed) as refusal:
                return type(refusal)
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def owners(stage):
    with stage.app.app_context(), in_workspace(stage.world.acme.id) as workspace:
        return workspace.owners()


def test_two_owners_who_remove_each_other_do_not_both_succeed(stage, two_owners):
    one, other = two_owners
    answers = at_once(
        stage,
        lambda known: known[other].remove(by=known[one]),
        lambda known: known[one].remove(by=known[other]),
    )
    assert owners(stage) == 1
    assert sorted(map(str, answers)).count("None") == 1


def test_two_owners_who_leave_do_not_both_succeed(stage, two_owners):
    one, other = two_owners
    answers = at_once(stage, lambda known: known[one].leave(), lambda known: known[other].leave())
    assert owners(stage) == 1
    assert set(answers) == {None, LastOwner}


def test_two_owners_who_step_down_do_not_both_succeed(stage, two_owners):
    one, other = two_owners
    down = MemberRole.MEMBER
    answers = at_once(
        stage,
        lambda known: known[one].change_role(down, by=known[one]),
        lambda known: known[other].change_role(down, by=known[other]),
    )
    assert owners(stage) == 1
    assert set(answers) == {None, LastOwner}


def test_an_owner_made_a_moment_ago_is_not_removed_by_an_admin_who_saw_a_member(stage, two_owners):
    """The one owner makes the member owner and steps down, while an admin's removal of that member is on its way."""
    one, other = two_owners
    member = stage.world.acme.member.id
    with stage.app.app_context(), in_workspace(stage.world.acme.id) as workspace:
        admin, target = workspace.membership_of(other), workspace.membership_of(member)
        assert target.role == MemberRole.MEMBER
        with stage.app.app_context(), in_workspace(stage.world.acme.id) as meanwhile:
            owner = meanwhile.membership_of(one)
            meanwhile.membership_of(member).change_role(MemberRole.OWNER, by=owner)
            meanwhile.membership_of(other).change_role(MemberRole.ADMIN, by=owner)
            owner.leave()
        with pytest.raises(NotAllowed):
            target.remove(by=admin)
    assert owners(stage) == 1


def test_who_was_removed_meanwhile_changes_nobody(stage, two_owners):
    one, other = two_owners
    with stage.app.app_context(), in_workspace(stage.world.acme.id) as workspace:
        by, target = workspace.membership_of(other), workspace.membership_of(stage.world.acme.member.id)
        with stage.app.app_context(), in_workspace(stage.world.acme.id) as meanwhile:
            meanwhile.membership_of(other).remove(by=meanwhile.membership_of(one))
        with pytest.raises(NotFound):
            target.change_role(MemberRole.ADMIN, by=by)


@pytest.mark.parametrize("standing_stage", ["postgresql"], indirect=True)
def test_changes_of_the_workspace_and_of_its_members_wait_for_each_other_and_none_is_turned_away(stage):
    """SQLite has one writer at a time, so there is nothing to lock in a wrong order."""
    acme = stage.world.acme
    member = f"{acme.api}/members/{acme.member.id}"
    ways = [
        (acme.owner, acme.api, lambda turn: {"name": f"Owner's {turn}", "is_team": False}, {409}),
        (acme.owner, member, lambda turn: {"role": ("admin", "member")[turn % 2]}, {200}),
        (acme.admin, acme.api, lambda turn: {"name": f"Admin's {turn}", "is_team": True}, {200}),
        (acme.admin, acme.api, lambda turn: {"name": f"Another's {turn}"}, {200}),
    ]
    ready = Barrier(len(ways), timeout=20)

    def run(way):
        person, path, body, _expected = way
        browser = stage.browser(person.email)
        ready.wait()
        return {browser.patch(path, json=body(turn)).status_code for turn in range(20)}

    with ThreadPoolExecutor(len(ways)) as pool:
        answers = list(pool.map(run, ways))
    assert answers == [expected for *_way, expected in ways]
