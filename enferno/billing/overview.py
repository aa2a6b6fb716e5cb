"""A workspace's bill at a glance: the plan in force, the subscription, and how much of each limit is used."""

from collections.abc import Iterator
from dataclasses import dataclass

from enferno.billing.account import account_of, billing
from enferno.billing.checkout import offers_trial, subscription
from enferno.billing.gates import current_plan, limit
from enferno.billing.models import Subscription
from enferno.billing.price_list import word
from enferno.billing.states import State
from enferno.tenancy import current_workspace

__all__ = ["Overview", "Usage", "may_try", "overview"]


@dataclass(frozen=True)
class Usage:
    """How much of a limited thing is used; `amount` None is without bound."""

    name: str
    title: str
    used: int
    amount: int | None
    hard: bool


@dataclass(frozen=True)
class Overview:
    plan: str
    plan_name: str
    subscription: Subscription | None
    usage: list[Usage]
    can_try: bool


def overview() -> Overview:
    plan = current_plan()
    mine = subscription()
    known = mine if mine is not None and mine.state != State.NONE else None
    return Overview(plan.key, plan.name, known, list(usages()), may_try(mine))


def usages() -> Iterator[Usage]:
    for name, count in billing().counts.items():
        allowed = limit(name)
        yield Usage(name, word(name), count(), allowed.amount, allowed.hard)


def may_try(mine: Subscription | None) -> bool:
    """Whether a checkout would begin with a trial now."""
    return billing().sells and offers_trial(account_of(billing().chosen, current_workspace.id), mine)
