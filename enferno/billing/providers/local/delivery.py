"""How this provider's events reach us: the same inbox as everybody's, at once, twice, the last first, or not yet."""

from sqlalchemy import select

from enferno.billing.inbox import receive
from enferno.billing.providers import Notice
from enferno.billing.providers.local.models import LocalBooks, LocalDelivery, LocalSubscription
from enferno.database import new_id
from enferno.extensions import db

__all__ = ["WAYS", "deliver", "deliver_held", "tell"]

WAYS = ("at_once", "twice", "held")


def tell(kind: str, one: LocalSubscription, named_workspace: str = "") -> None:
    """Note an event, and deliver it in the way that is chosen for now."""
    event = LocalDelivery(
        id=f"evt_{new_id().hex}",
        kind=kind,
        customer_id=one.customer_id,
        payload={"subscription": one.id, "state": one.state, "named_workspace": named_workspace},
        delivered=0,
    )
    db.session.add(event)
    db.session.flush()
    books = db.session.get(LocalBooks, 1)
    way = books.delivery if books is not None else "at_once"
    for _time in range({"held": 0, "twice": 2}.get(way, 1)):
        deliver(event)


def deliver(event: LocalDelivery) -> None:
    """Deliver an event, for the first time or once more."""
    event.delivered += 1
    receive(
        "local",
        Notice(
            event_id=event.id,
            kind=event.kind,
            customer_id=event.customer_id,
            named_workspace=event.payload["named_workspace"],
            payload={"type": event.kind, "subscription": event.payload["subscription"]},
        ),
    )


def deliver_held(*, last_first: bool = False) -> int:
    """Deliver what was held back, in order or the other way round; how many there were."""
    held = select(LocalDelivery).where(LocalDelivery.delivered == 0).order_by(LocalDelivery.created_at)
    found = db.session.scalars(held).all()
    for event in reversed(found) if last_first else found:
        deliver(event)
    return len(found)
