"""What a plan allows: features, limits, and the refusal that says what would unlock it.

@requires_feature("exports")
def export() -> Response: ...

limit("projects").check(used=current_workspace.count_projects())
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from enferno.billing.account import billing
from enferno.billing.checkout import subscription
from enferno.billing.clock import billing_now
from enferno.billing.plans import Plan
from enferno.billing.price_list import word
from enferno.errors import Error
from enferno.tenancy import current_workspace, current_workspace_id

__all__ = [
    "Allowance",
    "LimitReached",
    "PlanRequired",
    "current_plan",
    "limit",
    "requires_feature",
    "requires_plan",
    "take",
]

View = TypeVar("View", bound=Callable[..., Any])


class PlanRequired(Error):
    """402: the plan does not have it; `unlocked_by` are the plans that do, `reason` says it in words."""

    status, code = 402, "plan_required"
    title = _l("Your plan does not include this")

    def __init__(self, unlocked_by: list[Plan], reason: str = "") -> None:
        names = ", ".join(plan.name for plan in unlocked_by)
        included = _("Included in %(plans)s.", plans=names) if names else ""
        super().__init__(f"{reason} {included}".strip())
        self.unlocked_by, self.reason = unlocked_by, reason

    @property
    def more(self) -> dict[str, Any]:
        return {"unlocked_by": [plan.key for plan in self.unlocked_by]}


class LimitReached(PlanRequired):
    code = "limit_reached"
    title = _l("Your plan's limit is reached")


# What a workspace may use where nothing is sold: no limit, and every feature.
EVERYTHING = Plan(key="everything", name="Everything")


def current_plan() -> Plan:
    """The plan that the current workspace may use now: what is paid, on trial or in grace, else the free one.

    Where nothing is sold, everything is allowed.
    """
    if not billing().sells:
        return EVERYTHING
    key = (current_workspace_id(), "plan")
    kept = g.setdefault("billing_plans", {})
    if key not in kept:
        mine = subscription()
        name = mine.plan_in_force(billing_now(), billing().grace) if mine is not None else None
        kept[key] = billing().catalogue.get(name) or billing().catalogue.free
    plan: Plan = kept[key]
    return plan


def requires_plan(key: str) -> Callable[[View], View]:
    """Only for workspaces whose plan is this one or stands below it in plans.toml."""

    def is_enough(plan: Plan) -> bool:
        if plan is EVERYTHING:
            return True
        order = [one.key for one in billing().catalogue]
        return order.index(plan.key) >= order.index(key)

    def reason(plan: Plan) -> str:
        wanted = billing().catalogue.get(key)
        name = wanted.name if wanted else key
        return _("This comes with %(wanted)s; you have %(plan)s.", wanted=name, plan=plan.name)

    return _gate(is_enough, reason, "plan", key)


def requires_feature(name: str) -> Callable[[View], View]:
    """Only for workspaces whose plan has the feature."""

    def reason(plan: Plan) -> str:
        return _("%(plan)s does not include “%(what)s”.", plan=plan.name, what=word(name))

    return _gate(lambda plan: plan is EVERYTHING or name in plan.features, reason, "feature", name)


def _gate(
    is_enough: Callable[[Plan], bool], reason: Callable[[Plan], str], kind: str, name: str
) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @functools.wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            plan = current_plan()
            if not is_enough(plan):
                enough = [one for one in billing().catalogue if is_enough(one) and not one.hidden]
                raise PlanRequired(enough, reason(plan))
            return view(*args, **kwargs)

        checked.__gates__ = {*getattr(view, "__gates__", ()), (kind, name)}  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return decorate


@dataclass(frozen=True)
class Allowance:
    """How much of something the current plan allows; None is without bound."""

    name: str
    amount: int | None
    hard: bool

    def left(self, used: int) -> int | None:
        return None if self.amount is None else max(self.amount - used, 0)

    def check(self, used: int, wanted: int = 1) -> None:
        """Raise `LimitReached` when `wanted` more would exceed a hard limit; a soft one never refuses."""
        if self.hard and self.amount is not None and used + wanted > self.amount:
            raise LimitReached(with_room(self.name, used + wanted), in_words(self.name, used, self.amount))


def limit(name: str) -> Allowance:
    """The current plan's limit of that name; a plan that does not mention it sets none."""
    found = current_plan().limits.get(name)
    return Allowance(name, None, False) if found is None else Allowance(name, found.amount, found.hard)


def take(name: str, wanted: int = 1) -> None:
    """Make sure that `wanted` more fit into a hard limit, and that nobody else takes the room until the commit.

    Raises:
        LimitReached: they do not; it names the plans in which they would.
    """
    allowed = limit(name)
    if allowed.hard and allowed.amount is not None:
        current_workspace.lock()
        allowed.check(billing().counts[name](), wanted)


def with_room(name: str, amount: int) -> list[Plan]:
    """The plans on the price list in which so many would fit."""
    return [plan for plan in billing().catalogue if not plan.hidden and fits(plan, name, amount)]


def in_words(name: str, used: int, amount: int) -> str:
    words = _("%(what)s: %(used)s of %(amount)s used on %(plan)s.")
    return words % {"what": word(name), "used": used, "amount": amount, "plan": current_plan().name}


def fits(plan: Plan, name: str, amount: int) -> bool:
    found = plan.limits.get(name)
    return found is None or not found.hard or amount <= found.amount
