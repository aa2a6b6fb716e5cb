"""Who may change who belongs to a workspace (isolation, cases 32 and 33)."""

import pytest

from enferno.access.roles import MemberRole
from enferno.errors import AlreadyMember, LastOwner, NotAllowed, NotFound
from enferno.extensions import db
from enferno.user.models import User


def happened(workspace):
    return [activity.kind for activity in db.session.scalars(workspace.history().order_by("created_at"))]


def test_an_admin_cannot_demote_the_owner(owner, admin):
    with pytest.raises(NotAllowed):
        owner.change_role(MemberRole.MEMBER, by=admin)
    assert owner.role == MemberRole.OWNER


def test_an_admin_cannot_remove_an_owner_even_where_another_is_left(acme, owner, admin, member):
    member.change_role(MemberRole.OWNER, by=owner)
    with pytest.raises(NotAllowed):
        member.remove(by=admin)
    assert acme.owners() == 2


def test_an_admin_cannot_make_himself_or_anyone_else_owner(admin, member):
    for membership in (admin, member):
        with pytest.raises(NotAllowed):
            membership.change_role(MemberRole.OWNER, by=admin)


def test_an_admin_changes_members_and_admins(admin, member):
    member.change_role(MemberRole.ADMIN, by=admin)
    assert member.role == MemberRole.ADMIN
    member.change_role(MemberRole.MEMBER, by=admin)
    assert member.role == MemberRole.MEMBER


def test_the_last_owner_cannot_step_down_leave_or_be_removed(acme, owner):
    for act in (lambda: owner.change_role(MemberRole.ADMIN, by=owner), owner.leave, lambda: owner.remove(by=owner)):
        with pytest.raises(LastOwner):
            act()
    assert acme.owners() == 1


def test_who_made_another_owner_can_go(acme, owner, admin):
    admin.change_role(MemberRole.OWNER, by=owner)
    owner.leave()
    assert acme.owners() == 1
    assert acme.find_membership(owner.user_id) is None


def test_each_change_is_in_the_history(acme, owner, admin, member):
    member.change_role(MemberRole.ADMIN, by=owner)
    member.remove(by=owner)
    admin.leave()
    assert happened(acme)[-3:] == ["member.role_changed", "member.removed", "member.left"]


def test_nothing_is_recorded_of_a_change_that_changes_nothing(acme, owner, member):
    before = happened(acme)
    member.change_role(MemberRole.MEMBER, by=owner)
    assert happened(acme) == before


def test_a_refused_change_leaves_no_trace_in_the_history(acme, owner, admin):
    before = happened(acme)
    with pytest.raises(NotAllowed):
        owner.remove(by=admin)
    assert happened(acme) == before


def test_nobody_belongs_to_a_workspace_twice(stage, acme):
    with pytest.raises(AlreadyMember):
        acme.add(db.session.get_one(User, stage.world.acme.member.id))


def test_the_second_member_makes_it_a_team(stage, acme):
    acme.team_since = None
    acme.add(db.session.get_one(User, stage.world.stranger.id))
    assert acme.is_team


def test_who_belongs_to_another_workspace_is_nobody_here(stage, acme):
    with pytest.raises(NotFound):
        acme.membership_of(stage.world.noise.member.id)
