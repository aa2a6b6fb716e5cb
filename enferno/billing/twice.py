"""Customers with more than one subscription: two bills for one workspace, which only the operator can put right.

Our own checkouts cannot make two, see `checkout.begin_checkout`. A merchant can, at the provider's own pages.
"""

from collections.abc import Sequence

from sqlalchemy import select

from enferno.billing.models import Subscription
from enferno.extensions import db
from enferno.tenancy import unscoped

__all__ = ["billed_twice"]


def billed_twice() -> Sequence[Subscription]:
    """The subscriptions beside which the same customer pays for others, as the mirror last saw it."""
    query = select(Subscription).where(Subscription.others > 0).order_by(Subscription.customer_id)
    with unscoped("customers who are billed twice, for the operator"):
        return db.session.scalars(query).all()
