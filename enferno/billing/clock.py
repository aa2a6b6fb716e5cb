"""The moment that counts for bills: the real one, except on a demo whose provider's clock was moved on."""

from datetime import datetime

from flask import g

from enferno.billing.account import billing
from enferno.database import now

__all__ = ["billing_now"]


def billing_now() -> datetime:
    """Now, in UTC; with the provider in a box, what its clock says."""
    if billing().chosen != "local":
        return now()
    if "billing_ahead" not in g:
        from enferno.billing.providers.local.bank import books

        g.billing_ahead = books().ahead
    moment: datetime = now() + g.billing_ahead
    return moment
