"""A demo workspace has a plan to look at: a trial at the provider in a box."""

from enferno.billing.account import billing
from enferno.billing.checkout import begin_checkout
from enferno.billing.mirror import refresh
from enferno.billing.providers.local import bank
from enferno.billing.providers.local.models import LocalSession
from enferno.billing.seats import billable_members
from enferno.extensions import db
from enferno.user.models import User

__all__ = ["begin_trial"]


def begin_trial(owner: User) -> None:
    """Begin the trial of the first plan that has one, in the current workspace; commits. Nothing elsewhere."""
    if billing().chosen != "local":
        return
    plan = next((plan for plan in billing().catalogue if plan.trial_days and plan.price), None)
    if plan is None:
        return
    price = plan.price[0]
    begun = begin_checkout(plan.key, price.interval, price.currency, by=owner, quantity=billable_members())
    session = db.session.get_one(LocalSession, str(begun.checkout.session_id))
    bank.pay(session, "works")
    refresh(billing().provider(), session.customer_id)
