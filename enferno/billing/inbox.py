"""Where webhooks land: stored once, answered at once, handled afterwards as often as it takes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from enferno.billing.models import BillingEvent, EventState
from enferno.billing.providers import Notice, ProviderUnavailable, Unmapped
from enferno.database import new_id, now
from enferno.extensions import db
from enferno.tasks.task import maintenance

__all__ = ["drain_billing", "handle_event", "handle_events", "receive", "receive_alone"]

log = structlog.get_logger()

# Doubling from 30 seconds to six hours, twelve tries reach over a day; then the event waits for the operator.
FIRST_PAUSE, LONGEST_PAUSE, MOST_TRIES = timedelta(seconds=30), timedelta(hours=6), 12
AT_ONCE = 50


def receive(provider: str, notice: Notice) -> bool:
    """Store what a provider told us, unless it told us before; handled after the commit. Whether it was news."""
    row = row_of(provider, notice)
    is_news = store(db.session, db.engine.dialect.name, row)
    if is_news and notice.concerns_us:
        handle_event.queue(row["id"])
    return is_news


def receive_alone(provider: str, notice: Notice) -> bool:
    """The same where nothing else is to be saved with it: one statement, which is its own transaction.

    So an answer waits for one word to the database and one back, and crowds of events are handed on together.
    """
    row = row_of(provider, notice)
    with db.engine.connect() as connection:
        is_news = store(connection.execution_options(isolation_level="AUTOCOMMIT"), connection.dialect.name, row)
    if is_news and notice.concerns_us:
        handle_events.gather(row["id"])
    return is_news


def row_of(provider: str, notice: Notice) -> dict[str, Any]:
    moment = now()
    return {
        "id": new_id(),
        "provider": provider,
        "event_id": notice.event_id,
        "kind": notice.kind,
        "customer_id": notice.customer_id,
        "named_workspace": notice.named_workspace,
        "payload": notice.payload,
        "tries": 0,
        "next_try_at": moment,
        "received_at": moment,
        "state": state_of(notice),
    }


def state_of(notice: Notice) -> str:
    if not notice.is_readable:
        return EventState.UNREADABLE
    return EventState.RECEIVED if notice.concerns_us else EventState.IGNORED


# The table and not the class: a plain INSERT, whose text is made once, costs half of one by the unit of work.
STORE = {
    "postgresql": postgresql.insert(BillingEvent.__table__).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(BillingEvent.__table__).on_conflict_do_nothing(),
}


def store(where: Any, dialect: str, row: dict[str, Any]) -> bool:
    """Through a session or a connection. False if the event is there already."""
    return bool(where.execute(STORE[dialect], row).rowcount)


@maintenance
def handle_events(event_ids: list[UUID]) -> None:
    """Handle what came in at about the same time, one after the other; of those done already nothing is left to do."""
    for event_id in event_ids:
        handle_event(event_id)


@maintenance
def handle_event(event_id: UUID) -> None:
    """Bring the mirror up to date with what this event is about, and mark it done in the same transaction."""
    from enferno.billing import mirror

    try:
        mirror.handle(event_id)
    except Exception as fault:
        db.session.rollback()
        put_off(event_id, fault)


@maintenance
def drain_billing() -> None:
    """Handle what is due: events whose handling failed, or whose process ended before it came to them."""
    due = select(BillingEvent.id).where(BillingEvent.state == EventState.RECEIVED, BillingEvent.next_try_at <= now())
    for event_id in db.session.scalars(due.order_by(BillingEvent.next_try_at).limit(AT_ONCE)).all():
        db.session.commit()
        handle_event(event_id)


def put_off(event_id: UUID, fault: Exception) -> None:
    """Try again later, each time twice as late; what no repetition can mend is parked for the operator."""
    event = db.session.get(BillingEvent, event_id)
    if event is None:
        return
    event.tries += 1
    event.last_error = type(fault).__name__
    event.next_try_at = now() + min(FIRST_PAUSE * 2 ** (event.tries - 1), LONGEST_PAUSE)
    if isinstance(fault, Unmapped) or event.tries >= MOST_TRIES:
        event.state = EventState.PARKED
    known = isinstance(fault, ProviderUnavailable | Unmapped)
    log.warning(
        "billing_event_not_handled",
        event_id=event.event_id,
        kind=event.kind,
        tries=event.tries,
        error=event.last_error,
        state=event.state,
        exc_info=None if known else fault,
    )
    db.session.commit()
