"""The numbers of the installation."""

from enferno.access.guards import superadmin_only
from enferno.api.contract import ApiBlueprint
from enferno.api.superadmin.schemas import OverviewOut
from enferno.superadmin import numbers

overview = ApiBlueprint("overview", __name__, url_prefix="/overview")


@overview.get("")
@superadmin_only
def show() -> OverviewOut:
    """How many people and workspaces there are, and what happened in the last 30 days."""
    return {
        "users": numbers.user_numbers(),
        "workspaces": numbers.workspace_numbers(),
        "sign_ups": numbers.sign_ups(),
        "active_workspaces": numbers.active_workspaces(),
        "latest": numbers.latest_users(),
    }
