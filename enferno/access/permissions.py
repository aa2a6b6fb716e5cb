"""One vocabulary of permissions for roles, API keys and pages.

The kit's own are in `Permission`. A feature writes a `StrEnum` of its own and says in its `Feature` which
roles hold each. A permission that no role holds, or a guard that names an unknown one, refuses the start.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import cast

from flask import Flask, current_app

from enferno.access.roles import MemberRole

__all__ = ["OWNERS", "STAFF", "TEAM", "Permission", "PermissionMap", "permission_map"]

OWNERS = frozenset({MemberRole.OWNER})
STAFF = OWNERS | {MemberRole.ADMIN}
TEAM = STAFF | {MemberRole.MEMBER}


class Permission(StrEnum):
    """What the kit itself asks for; `noun:verb`."""

    WORKSPACE_VIEW = "workspace:view"
    WORKSPACE_MANAGE = "workspace:manage"
    WORKSPACE_DELETE = "workspace:delete"
    MEMBERS_VIEW = "members:view"
    MEMBERS_MANAGE = "members:manage"
    OWNERS_MANAGE = "owners:manage"
    ACTIVITY_VIEW = "activity:view"
    BILLING_VIEW = "billing:view"
    BILLING_MANAGE = "billing:manage"


KIT: dict[StrEnum, frozenset[MemberRole]] = {
    Permission.WORKSPACE_VIEW: TEAM,
    Permission.WORKSPACE_MANAGE: STAFF,
    Permission.WORKSPACE_DELETE: OWNERS,
    Permission.MEMBERS_VIEW: TEAM,
    Permission.MEMBERS_MANAGE: STAFF,
    Permission.OWNERS_MANAGE: OWNERS,
    Permission.ACTIVITY_VIEW: TEAM,
    Permission.BILLING_VIEW: STAFF,
    Permission.BILLING_MANAGE: OWNERS,
}


class PermissionMap:
    """Which role holds which permission."""

    def __init__(self) -> None:
        self.holders: dict[str, frozenset[str]] = {}
        self.roles: dict[str, frozenset[str]] = {role: frozenset() for role in MemberRole}

    def add(self, grants: Mapping[StrEnum, Iterable[str]]) -> None:
        """Add permissions and the roles that hold them; a role not known yet becomes one."""
        for permission, holders in grants.items():
            if not list(holders):
                raise ValueError(f"No role holds {permission!r}: name at least one, such as MemberRole.OWNER")
            if permission in self.holders:
                raise ValueError(f"{permission!r} is declared twice")
            self.holders[str(permission)] = frozenset(str(role) for role in holders)
        every_role = {*self.roles, *(role for holders in self.holders.values() for role in holders)}
        self.roles = {
            role: frozenset(name for name, holders in self.holders.items() if role in holders) for role in every_role
        }

    def of(self, role: str) -> frozenset[str]:
        """The permissions of a role; none for a role that is no longer known."""
        return self.roles.get(role, frozenset())


def init_app(app: Flask) -> None:
    permissions = PermissionMap()
    permissions.add(KIT)
    app.extensions["permissions"] = permissions


def permission_map(app: Flask | None = None) -> PermissionMap:
    return cast(PermissionMap, (app or current_app).extensions["permissions"])
