"""The line above every page that those who look after the bill cannot miss."""

from datetime import timedelta
from typing import Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from enferno.billing.account import billing
from enferno.billing.checkout import subscription
from enferno.billing.clock import billing_now
from enferno.billing.models import Subscription
from enferno.billing.states import State

__all__ = ["banner"]

# A trial that ends within a week is said on every page; before that the billing page is enough.
SOON = timedelta(days=7)


def banner(slug: str) -> dict[str, Any] | None:
    """What to show, with the page that helps; None when all is well. One statement where something is sold."""
    mine = subscription() if billing().sells else None
    found = said(mine) if mine is not None else None
    return None if found is None else found | {"url": f"/w/{slug}/billing"}


def said(mine: Subscription) -> dict[str, Any] | None:
    moment = billing_now()
    if mine.state == State.PAST_DUE:
        if mine.grace_until is not None and moment < mine.grace_until:
            text = _("The last payment failed. Everything goes on until %(day)s.", day=format_date(mine.grace_until))
        else:
            text = _("The last payment failed, and you have the free plan now. What you made is kept.")
        return {"kind": "error", "text": text, "action": _("Change the card")}
    if mine.state == State.TRIALING and mine.trial_ends_at is not None and mine.trial_ends_at - moment <= SOON:
        days = max((mine.trial_ends_at - moment).days, 0)
        text = ngettext("The trial ends in %(num)s day.", "The trial ends in %(num)s days.", days)
        return {"kind": "info", "text": text if days else _("The trial ends today."), "action": _("See the plan")}
    if mine.state == State.ACTIVE and mine.cancel_at is not None:
        text = _("The subscription ends on %(day)s.", day=format_date(mine.cancel_at))
        return {"kind": "info", "text": text, "action": _("Keep it")}
    return None
