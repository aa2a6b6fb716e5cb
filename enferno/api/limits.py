"""/api/v1/workspaces/<slug>/limits: how much of what the plan limits is left."""

from enferno.access.guards import requires
from enferno.access.permissions import Permission
from enferno.api.contract import ApiBlueprint, Out
from enferno.billing.limits import standing

limits_api = ApiBlueprint("limits", __name__, url_prefix="/workspaces/<slug>/limits")


class StandingOut(Out):
    """`amount` and `left` are null without a bound; `reason` says why no more fit, `unlocked_by` where they would."""

    name: str
    title: str
    used: int | None
    amount: int | None
    left: int | None
    reason: str
    unlocked_by: list[str]
    unlocked_in: list[str]


@limits_api.get("/<name>")
@requires(Permission.WORKSPACE_VIEW)
def show(name: str) -> StandingOut:
    """How much of one limit of the plan is used and left."""
    return StandingOut.model_validate(standing(name))
