"""What happens at a provider: cards are charged, trials end, periods renew, failures are tried again and given up.

Each function is something that a customer, a bank or the time does. Each tells of it by an event.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from enferno.billing.providers.local.delivery import tell
from enferno.billing.providers.local.models import (
    LocalBooks,
    LocalCustomer,
    LocalInvoice,
    LocalSession,
    LocalSubscription,
)
from enferno.billing.states import State
from enferno.database import new_id, now
from enferno.extensions import db
from enferno.locking import hold

__all__ = [
    "books", "cancel_at_end", "change_card", "change_plan", "confirm", "end", "local_now", "move_clock", "pay",
    "resume", "still_open", "was_given_up",
]  # fmt: skip

# Days after a failed charge at which it is tried again; when the last one fails, the subscription ends.
TRIED_AGAIN_AFTER = (1, 3, 5, 7)
LASTS = {"month": timedelta(days=30), "year": timedelta(days=365)}


def books() -> LocalBooks:
    """The provider's one row of its own."""
    found = db.session.get(LocalBooks, 1)
    if found is None:
        found = LocalBooks(id=1, ahead_seconds=0, delivery="at_once")
        db.session.add(found)
        db.session.flush()
    return found


def local_now() -> datetime:
    """What this provider's clock says."""
    return now() + books().ahead


def pay(session: LocalSession, card: str) -> LocalSubscription | None:
    """The customer pays at the checkout; None when it has expired, or the card is refused and it stays open."""
    if not still_open(session):
        return db.session.get(LocalSubscription, session.subscription_id) if session.subscription_id else None
    session.customer.card = card
    if card == "declined" and not session.trial_days:
        bill(session.customer, session.amount * session.quantity, session.currency, paid=False)
        return None
    one = subscribed(session, waiting=card == "needs_confirmation" and not session.trial_days)
    session.subscription_id = one.id
    tell("subscription.created", one, session.named_workspace)
    tell("checkout.completed", one, session.named_workspace)
    return one


def still_open(session: LocalSession) -> bool:
    """Whether it can be paid; if so, nobody closes it or pays it elsewhere until this transaction ends."""
    hold(LocalSession, LocalSession.id == session.id)
    db.session.refresh(session)
    return session.subscription_id is None and session.expired_at is None


def subscribed(session: LocalSession, *, waiting: bool) -> LocalSubscription:
    start = local_now()
    trial_ends = start + timedelta(days=session.trial_days) if session.trial_days else None
    state = State.TRIALING if trial_ends else State.INCOMPLETE if waiting else State.ACTIVE
    one = LocalSubscription(
        id=f"sub_{new_id().hex}",
        customer_id=session.customer_id,
        customer=session.customer,
        state=state,
        plan=session.plan,
        interval=session.interval,
        currency=session.currency,
        amount=session.amount,
        quantity=session.quantity,
        created_at=start,
        period_started_at=start,
        period_ends_at=trial_ends or start + LASTS[session.interval],
        trial_ends_at=trial_ends,
        failures=0,
    )
    db.session.add(one)
    if state is State.ACTIVE:
        bill(one.customer, one.amount * one.quantity, one.currency, paid=True)
    db.session.flush()
    return one


def confirm(one: LocalSubscription) -> None:
    """The bank's own question was answered: the first payment goes through."""
    if one.state == State.INCOMPLETE:
        one.state = State.ACTIVE
        bill(one.customer, one.amount * one.quantity, one.currency, paid=True)
        tell("invoice.paid", one)


def change_card(customer: LocalCustomer, card: str) -> None:
    """Another card; whatever is owed is charged to it at once."""
    customer.card = card
    owed = select(LocalSubscription).where(
        LocalSubscription.customer_id == customer.id, LocalSubscription.state == State.PAST_DUE
    )
    for one in db.session.scalars(owed).all():
        charge(one, renewing=False)


def change_plan(one: LocalSubscription, plan: str, interval: str, amount: int) -> None:
    one.plan, one.interval, one.amount = plan, interval, amount
    tell("subscription.updated", one)


def cancel_at_end(one: LocalSubscription) -> None:
    one.cancel_at = one.period_ends_at
    tell("subscription.updated", one)


def resume(one: LocalSubscription) -> None:
    one.cancel_at = None
    tell("subscription.updated", one)


def end(one: LocalSubscription) -> None:
    if one.state != State.CANCELLED:
        one.state, one.ended_at, one.retry_at = State.CANCELLED, local_now(), None
        tell("subscription.ended", one)


def was_given_up(one: LocalSubscription) -> bool:
    """Whether it ended after the last try to charge the card."""
    return one.state == State.CANCELLED and one.failures == len(TRIED_AGAIN_AFTER)


def move_clock(by: timedelta) -> None:
    """Let time pass: whatever falls due on the way happens in its order, at its own moment."""
    target = local_now() + by
    while (due := next_due(target)) is not None:
        moment, one = due
        books().ahead_seconds = int((moment - now()).total_seconds()) + 1
        fall_due(one)
        db.session.flush()
    books().ahead_seconds = round((target - now()).total_seconds())


def next_due(until: datetime) -> tuple[datetime, LocalSubscription] | None:
    living = select(LocalSubscription).where(
        LocalSubscription.state.in_([State.TRIALING, State.ACTIVE, State.PAST_DUE, State.PAUSED])
    )
    found = [(due_at(one), one) for one in db.session.scalars(living)]
    return min((pair for pair in found if pair[0] <= until), key=lambda pair: (pair[0], pair[1].id), default=None)


def due_at(one: LocalSubscription) -> datetime:
    moments = (one.cancel_at, one.retry_at if one.state == State.PAST_DUE else one.period_ends_at)
    return min(moment for moment in moments if moment is not None)


def fall_due(one: LocalSubscription) -> None:
    if one.cancel_at is not None and one.cancel_at <= local_now():
        end(one)
    elif one.state == State.PAST_DUE:
        charge(one, renewing=False)
    else:
        charge(one, renewing=True)


def charge(one: LocalSubscription, *, renewing: bool) -> None:
    """Charge the card for a new period, or once more for the one that is owed."""
    if renewing:
        one.period_started_at = one.period_ends_at
        one.period_ends_at = one.period_started_at + LASTS[one.interval]
    paid = one.customer.card == "works"
    bill(one.customer, one.amount * one.quantity, one.currency, paid=paid)
    if paid:
        one.state, one.failures, one.retry_at = State.ACTIVE, 0, None
        tell("subscription.updated", one)
        tell("invoice.paid", one)
        return
    if one.failures == len(TRIED_AGAIN_AFTER):
        end(one)
        return
    one.state = State.PAST_DUE
    one.retry_at = one.period_started_at + timedelta(days=TRIED_AGAIN_AFTER[one.failures])
    one.failures += 1
    tell("subscription.updated", one)
    tell("invoice.payment_failed", one)


def bill(customer: LocalCustomer, amount: int, currency: str, *, paid: bool) -> None:
    db.session.add(LocalInvoice(customer_id=customer.id, amount=amount, currency=currency, paid=paid, at=local_now()))
