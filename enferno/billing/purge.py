"""What billing piles up and nobody will ask for again: handled events, visits to a checkout, the box's deliveries."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from enferno.billing.models import BillingEvent, Checkout, EventState
from enferno.billing.providers.local.models import LocalDelivery
from enferno.database import now
from enferno.extensions import db
from enferno.tasks.task import maintenance
from enferno.tenancy import unscoped

__all__ = ["purge_billing"]

# Providers repeat an event for some days, and by hand for some weeks. A repetition later than this would be taken for
# news and change nothing, since the truth is read anew; until then the list shows what happened to a bill.
KEPT_EVENTS = timedelta(days=90)
# A checkout can be paid for a day at most; whoever comes back from it does so at once.
KEPT_CHECKOUTS = timedelta(days=30)
KEPT_DELIVERIES = timedelta(days=30)


@maintenance
def purge_billing() -> None:
    """Sweep out what has been dealt with. Events that wait for the operator stay, however old they are."""
    handled = BillingEvent.state.in_([EventState.DONE, EventState.IGNORED])
    sweep(delete(BillingEvent).where(handled, BillingEvent.received_at < now() - KEPT_EVENTS))
    sweep(delete(LocalDelivery).where(LocalDelivery.delivered > 0, LocalDelivery.created_at < now() - KEPT_DELIVERIES))
    with unscoped("visits to a checkout that are long over, in every workspace"):
        sweep(delete(Checkout).where(Checkout.created_at < now() - KEPT_CHECKOUTS))


def sweep(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))
