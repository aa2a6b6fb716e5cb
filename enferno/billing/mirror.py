"""The mirror: lock, re-read from the provider, compare, save, done; all in one transaction.

It never looks at what an event says, only at whom it is about, so the order and the number of deliveries do not matter.
"""

from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from enferno.billing.account import OfNoWorkspace, billing, workspace_of
from enferno.billing.announce import announce
from enferno.billing.models import BillingAccount, BillingEvent, EventState, Subscription
from enferno.billing.providers import Provider
from enferno.billing.states import PAYING, State, Truth, changes_between, choose
from enferno.database import now
from enferno.extensions import db
from enferno.tenancy import current_workspace_id, in_workspace

__all__ = ["handle", "locked_subscription", "refresh"]

log = structlog.get_logger()


def handle(event_id: UUID) -> None:
    """Handle a stored event. Raises what kept it from being done; then nothing of it was saved.

    Raises:
        ProviderUnavailable: the provider did not answer.
        Unmapped: it told of something we have no word for.
        CustomerNotKnownYet: no workspace belongs to the customer, so far.
    """
    event = claim(event_id)
    if event is None:
        return
    provider_key, customer_id = event.provider, event.customer_id
    try:
        workspace_id = workspace_of(event)
    except OfNoWorkspace:
        set_aside(event)
        return
    db.session.rollback()
    with in_workspace(workspace_id):
        again = claim(event_id)
        if again is None:
            return
        mirror(billing().provider(provider_key), customer_id)
        again.state, again.done_at, again.last_error = EventState.DONE, now(), None


def claim(event_id: UUID) -> BillingEvent | None:
    """The event, locked until the transaction ends; None when somebody else has done it.

    An UPDATE is the lock that every database knows: PostgreSQL locks the row by it, SQLite the file.
    """
    mine = update(BillingEvent).where(BillingEvent.id == event_id, BillingEvent.state == EventState.RECEIVED)
    taken = db.session.execute(mine.values(tries=BillingEvent.tries).execution_options(synchronize_session=False))
    return db.session.get(BillingEvent, event_id) if taken.rowcount else None  # type: ignore[attr-defined]


def set_aside(event: BillingEvent) -> None:
    """Nobody's event: kept and logged, and nothing follows from it."""
    log.warning("billing_event_of_no_workspace", event_id=event.event_id, kind=event.kind)
    event.state, event.done_at = EventState.IGNORED, now()
    db.session.commit()


def refresh(provider: Provider, customer_id: str) -> Subscription:
    """Re-read the current workspace's subscription now, in the current transaction. Raises as `handle`."""
    return mirror(provider, customer_id)


def mirror(provider: Provider, customer_id: str) -> Subscription:
    row = locked_subscription()
    truths = provider.subscriptions_of(customer_id)
    truth = choose(truths)
    before = State(row.state)
    copy(truth, row, provider.key)
    row.customer_id, row.synced_at = customer_id, now()
    note_others(row, truths)
    note_trial(provider.key, customer_id, truths)
    db.session.flush()
    change = changes_between(before, State(row.state))
    if change is not None:
        announce(change, row)
    return row


def locked_subscription() -> Subscription:
    """The workspace's row, nobody else's until the transaction ends; made by whoever of several comes first."""
    workspace_id = current_workspace_id()
    mine = update(Subscription).where(Subscription.workspace_id == workspace_id)
    mine = mine.values(synced_at=now()).execution_options(synchronize_session=False)
    if not db.session.execute(mine).rowcount:  # type: ignore[attr-defined]
        try:
            with db.session.begin_nested():
                db.session.add(Subscription())
        except IntegrityError:
            db.session.execute(mine)
    one = select(Subscription).where(Subscription.workspace_id == workspace_id)
    return db.session.scalars(one.execution_options(populate_existing=True)).one()


def copy(truth: Truth | None, row: Subscription, provider: str) -> None:
    """Write what the provider says into our row; nothing at all of it counts as no subscription."""
    row.provider = provider
    if truth is None:
        row.state, row.plan, row.subscription_id, row.cancel_at, row.grace_until = State.NONE, "", "", None, None
        row.ended_at, row.ended_unpaid = None, False
        return
    row.subscription_id, row.state, row.plan = truth.subscription_id, truth.state, truth.plan
    row.interval, row.currency, row.amount, row.quantity = (
        truth.interval, truth.currency, truth.amount, truth.quantity,
    )  # fmt: skip
    row.trial_ends_at, row.period_ends_at, row.cancel_at = truth.trial_ends_at, truth.period_ends_at, truth.cancel_at
    row.grace_until = truth.grace_until(billing().grace)
    row.ended_at, row.ended_unpaid = truth.ended_at, truth.ended_unpaid


def note_others(row: Subscription, truths: list[Truth]) -> None:
    """Two bills for one workspace are never silent: which of them goes is for the operator to decide."""
    paying = sorted(truth.subscription_id for truth in truths if truth.state in PAYING)
    row.others = max(len(paying) - 1, 0)
    if row.others:
        log.error(
            "billing_subscribed_twice",
            workspace=str(row.workspace_id),
            provider=row.provider,
            customer=row.customer_id,
            subscriptions=paying,
        )


def note_trial(provider: str, customer_id: str, truths: list[Truth]) -> None:
    """However a trial came about (at the provider's own pages, too), it was the customer's one trial."""
    if all(truth.trial_ends_at is None for truth in truths):
        return
    mine = update(BillingAccount).where(
        BillingAccount.provider == provider,
        BillingAccount.customer_id == customer_id,
        BillingAccount.trial_claimed_at.is_(None),
    )
    db.session.execute(mine.values(trial_claimed_at=now()).execution_options(synchronize_session=False))
