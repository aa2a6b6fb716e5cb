"""Plans that are sold per seat: the quantity at the provider follows the members."""

from typing import Any

import structlog
from flask import current_app
from sqlalchemy import event, func, select

from enferno.billing.account import account_of, billing
from enferno.billing.mirror import locked_subscription, refresh
from enferno.billing.models import Subscription
from enferno.billing.providers import ProviderUnavailable
from enferno.billing.states import State
from enferno.extensions import db
from enferno.tasks.task import maintenance, task
from enferno.tenancy import current_workspace_id, unscoped
from enferno.workspace.models import Membership

__all__ = ["billable_members", "follow_members", "follow_members_everywhere", "price_of_one_more"]

log = structlog.get_logger()

COUNTED = frozenset({State.TRIALING, State.ACTIVE, State.PAST_DUE})


def billable_members() -> int:
    """How many people of the current workspace count as seats: all of its members."""
    query = select(func.count()).select_from(Membership).where(Membership.workspace_id == current_workspace_id())
    return db.session.scalar(query) or 0


def price_of_one_more() -> tuple[int, str] | None:
    """What one more member costs an interval, in minor units, and the currency; None where seats are not counted."""
    mine = db.session.scalars(
        select(Subscription).where(Subscription.workspace_id == current_workspace_id())
    ).one_or_none()
    plan = billing().catalogue.get(mine.plan) if mine is not None and mine.state in COUNTED else None
    return (mine.amount, mine.currency) if mine is not None and plan is not None and plan.per_seat else None


@task(retries=8)
def follow_members() -> None:
    """Set the quantity at the provider to the number of members, if it differs; then mirror what came of it.

    Raises:
        ProviderUnavailable: tried again with backoff, and by the daily round.
    """
    if price_of_one_more() is None:
        return
    row = locked_subscription()
    provider = billing().providers.get(row.provider)
    if provider is None:
        return
    account = account_of(row.provider, current_workspace_id())
    members = billable_members()
    if account is None or row.quantity == members:
        return
    provider.set_quantity(row.subscription_id, members)
    refresh(provider, account.customer_id)


@event.listens_for(Membership, "after_insert")
@event.listens_for(Membership, "after_delete")
def note_change(_mapper: Any, _connection: Any, membership: Membership) -> None:
    """Somebody came or went: the seats follow after the commit."""
    if current_app and billing().sells:
        follow_members.queue(membership.workspace_id)


@maintenance
def follow_members_everywhere() -> None:
    """The daily round: whatever a lost task left behind is mended."""
    with unscoped("seats of every workspace that pays"):
        found = db.session.scalars(select(Subscription.workspace_id).where(Subscription.state.in_(COUNTED))).all()
    db.session.commit()
    for workspace_id in found:
        try:
            follow_members.perform(workspace_id, [], {})
        except ProviderUnavailable as fault:
            log.warning("billing_seats_not_set", workspace=str(workspace_id), error=type(fault).__name__)
