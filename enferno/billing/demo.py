"""The demo's plans, at the provider in a box: trials and subscriptions to look at. Nothing where another one sells."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import g

from enferno.billing.account import account_of, billing
from enferno.billing.checkout import begin_checkout
from enferno.billing.mirror import refresh
from enferno.billing.plans import Plan
from enferno.billing.providers.local import bank
from enferno.billing.providers.local.models import LocalSession, LocalSubscription
from enferno.billing.seats import billable_members
from enferno.extensions import db
from enferno.tenancy import current_workspace_id
from enferno.user.models import User

__all__ = ["begin_trial", "can_tell", "give_notice", "look_again", "on_the_day", "subscribe"]


def can_tell() -> bool:
    """Whether the provider in a box sells here."""
    return billing().chosen == "local"


def begin_trial(owner: User) -> None:
    """Begin the trial of the first plan that has one, in the current workspace; commits. Nothing elsewhere."""
    if can_tell():
        subscribe(owner, trial=True)


def subscribe(owner: User, *, trial: bool, interval: str = "month", card: str = "works") -> None:
    """Buy the first plan that has a trial, or that has none, for the current workspace; commits."""
    plan = plan_on_sale(trial=trial)
    if plan is None:
        return
    price = next((price for price in plan.price if price.interval == interval), plan.price[0])
    begun = begin_checkout(plan.key, price.interval, price.currency, by=owner, quantity=billable_members())
    session = db.session.get_one(LocalSession, str(begun.checkout.session_id))
    bank.pay(session, card)
    refresh(billing().provider(), session.customer_id)


def plan_on_sale(*, trial: bool) -> Plan | None:
    on_sale = (plan for plan in billing().catalogue if plan.price and not plan.hidden)
    return next((plan for plan in on_sale if bool(plan.trial_days) == trial), None)


def give_notice() -> None:
    """Let what the current workspace pays for end with its period."""
    account = account_of("local", current_workspace_id())
    if account is None:
        return
    for one in db.session.query(LocalSubscription).filter_by(customer_id=account.customer_id):
        bank.cancel_at_end(one)


def look_again() -> None:
    """Re-read what the provider says of the current workspace."""
    account = account_of("local", current_workspace_id())
    if account is not None:
        refresh(billing().provider(), account.customer_id)


@contextmanager
def on_the_day(days_ago: int) -> Iterator[None]:
    """Let the provider's clock reach that day for the length of a block; whatever fell due until then has happened.

    Days are to be taken in their order, the longest ago first. On the last, the clock says the time again.
    """
    books = bank.books()
    if not books.ahead_seconds:
        books.ahead_seconds = -round(timedelta(days=days_ago).total_seconds())
    bank.move_clock(-timedelta(days=days_ago) - books.ahead)
    db.session.commit()
    g.pop("billing_ahead", None)
    yield
