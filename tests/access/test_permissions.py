"""The permission map: one vocabulary for roles and pages, and features add to it."""

from enum import StrEnum

import pytest

from enferno.access.permissions import KIT, OWNERS, STAFF, TEAM, Permission, PermissionMap
from enferno.access.roles import MemberRole


class Bird(StrEnum):
    WATCH = "birds:watch"
    RING = "birds:ring"


@pytest.fixture
def permissions():
    made = PermissionMap()
    made.add(KIT)
    return made


def test_a_feature_adds_permissions_to_the_roles_it_names(permissions):
    permissions.add({Bird.WATCH: TEAM, Bird.RING: STAFF})
    assert "birds:watch" in permissions.of(MemberRole.MEMBER)
    assert "birds:ring" not in permissions.of(MemberRole.MEMBER)
    assert {"birds:watch", "birds:ring"} <= permissions.of(MemberRole.ADMIN)


def test_a_role_that_a_feature_names_for_the_first_time_exists_from_then_on(permissions):
    permissions.add({Bird.RING: [*OWNERS, "ornithologist"]})
    assert permissions.of("ornithologist") == {"birds:ring"}


def test_a_role_that_nobody_knows_any_more_holds_nothing(permissions):
    assert permissions.of("ornithologist") == frozenset()
    assert permissions.of("") == frozenset()


def test_a_permission_without_a_role_is_refused(permissions):
    with pytest.raises(ValueError, match="name at least one"):
        permissions.add({Bird.WATCH: []})


def test_a_permission_cannot_be_given_to_others_by_declaring_it_twice(permissions):
    with pytest.raises(ValueError, match="declared twice"):
        permissions.add({Permission.MEMBERS_MANAGE: TEAM})
    assert Permission.MEMBERS_MANAGE not in permissions.of(MemberRole.MEMBER)


def test_names_are_a_noun_and_a_verb(permissions):
    assert all(name.count(":") == 1 and name == name.lower() for name in permissions.holders)
