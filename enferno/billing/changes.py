"""Changing what is paid for: another plan, an end, a change of mind. The provider does it; the mirror then shows it."""

from flask_babel import lazy_gettext as _l

from enferno.billing.account import account_of, billing
from enferno.billing.checkout import sold, subscription
from enferno.billing.mirror import refresh
from enferno.billing.models import Subscription
from enferno.billing.plans import Plan
from enferno.billing.states import PAYING
from enferno.errors import Conflict
from enferno.tenancy import current_workspace

__all__ = ["NothingToChange", "cancel_at_end", "change_plan", "resume", "what_is_lost", "what_is_over"]


class NothingToChange(Conflict):
    code = "no_subscription"
    title = _l("There is no subscription to change")


def cancel_at_end() -> Subscription:
    """Let the subscription end with what is paid for. Raises `NothingToChange`, `ProviderUnavailable`."""
    mine = paying()
    billing().provider(mine.provider).cancel_at_end(mine.subscription_id)
    return mirrored(mine)


def resume() -> Subscription:
    """Take the cancellation back. Raises `NothingToChange`, `ProviderUnavailable`."""
    mine = paying()
    billing().provider(mine.provider).resume(mine.subscription_id)
    return mirrored(mine)


def change_plan(plan_key: str, interval: str) -> Subscription:
    """Another plan or interval, in the currency that is paid already.

    Raises:
        Invalid: there is no such plan, or it is not sold this way.
        NothingToChange: the workspace pays nothing; a checkout is the way then.
        ProviderUnavailable: the provider did not answer.
    """
    mine = paying()
    plan, price = sold(plan_key, interval, mine.currency)
    billing().provider(mine.provider).change_plan(mine.subscription_id, plan, price)
    return mirrored(mine)


def what_is_lost(before: Plan, after: Plan) -> dict[str, list[str]]:
    """What a workspace gives up by going from one plan to another: features, and limits that become tighter."""
    tighter = [
        name
        for name, limit in after.limits.items()
        if name not in before.limits or limit.amount < before.limits[name].amount
    ]
    return {"features": sorted(before.features - after.features), "limits": tighter}


def what_is_over(after: Plan) -> dict[str, int]:
    """How much the workspace uses of each limit of which that plan allows less. It stays; no more can be added then."""
    used = {name: count() for name, count in billing().counts.items() if name in after.limits}
    return {name: number for name, number in used.items() if number > after.limits[name].amount}


def paying() -> Subscription:
    mine = subscription()
    if mine is None or mine.state not in PAYING:
        raise NothingToChange
    return mine


def mirrored(mine: Subscription) -> Subscription:
    account = account_of(mine.provider, current_workspace.id)
    if account is None:
        raise NothingToChange
    return refresh(billing().provider(mine.provider), account.customer_id)
