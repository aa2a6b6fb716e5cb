"""The line above every page: what those who look after the bill cannot miss, and what everybody should know."""

from datetime import timedelta
from typing import Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from sqlalchemy import event

from enferno.billing.account import billing
from enferno.billing.checkout import subscription
from enferno.billing.clock import billing_now
from enferno.billing.models import Subscription
from enferno.billing.states import State
from enferno.extensions import cache
from enferno.i18n import language
from enferno.tasks.commit import after_commit
from enferno.tenancy import current_workspace_id

__all__ = ["banner", "line_above"]

# A trial that ends within a week is said on every page; before that the billing page is enough.
SOON = timedelta(days=7)
# For so long after a subscription ended unpaid people are told why there is less than there was.
REMEMBERED = timedelta(days=30)

KEPT_SECONDS = 60


def line_above(slug: str, *, sees_bills: bool) -> dict[str, Any] | None:
    """`banner`, kept for a minute: people open pages all day, and a subscription changes a few times in its life.

    A change is seen at once; what time alone brings, such as the end of a grace, within the minute.
    """
    key = key_of(current_workspace_id())
    kept: dict[str, Any] = cache.get(key) or {}
    whose = f"{language()} {sees_bills}"
    if whose not in kept:
        kept = kept | {whose: banner(slug, sees_bills=sees_bills)}
        cache.set(key, kept, timeout=KEPT_SECONDS)
    found: dict[str, Any] | None = kept[whose]
    return found


@event.listens_for(Subscription, "after_insert")
@event.listens_for(Subscription, "after_update")
def forget(_mapper: Any, _connection: Any, changed: Subscription) -> None:
    key = key_of(changed.workspace_id)
    after_commit(lambda: cache.delete(key))


def key_of(workspace_id: Any) -> str:
    return f"banner:{workspace_id}"


def banner(slug: str, *, sees_bills: bool = True) -> dict[str, Any] | None:
    """What to show, with the page that helps; None when all is well. One statement where something is sold.

    Who does not see bills is told nothing of them, only that the workspace has another plan now; there is no page then.
    """
    mine = subscription() if billing().sells else None
    if mine is None:
        return None
    if not sees_bills:
        return told_to_all() if ended_unpaid(mine) else None
    found = said(mine)
    return None if found is None else found | {"url": f"/w/{slug}/billing"}


def ended_unpaid(mine: Subscription) -> bool:
    """Whether it ended a short while ago because nobody paid, and nothing has followed since."""
    if mine.state != State.CANCELLED or not mine.ended_unpaid or mine.ended_at is None:
        return False
    return billing_now() - mine.ended_at <= REMEMBERED


def told_to_all() -> dict[str, Any]:
    text = _(
        "This workspace has the %(plan)s plan now. Nothing was deleted; an owner can choose another plan.",
        plan=billing().catalogue.free.name,
    )
    return {"kind": "info", "text": text}


def said(mine: Subscription) -> dict[str, Any] | None:
    if ended_unpaid(mine):
        text = _(
            "The subscription ended because it was not paid. You have the %(plan)s plan now; nothing was deleted.",
            plan=billing().catalogue.free.name,
        )
        return {"kind": "error", "text": text, "action": _("Choose a plan")}
    moment = billing_now()
    if mine.state == State.PAST_DUE:
        if mine.grace_until is not None and moment < mine.grace_until:
            text = _("The last payment failed. Everything goes on until %(day)s.", day=format_date(mine.grace_until))
        else:
            text = _("The last payment failed, and you have the free plan now. What you made is kept.")
        return {"kind": "error", "text": text, "action": _("Change the card")}
    if mine.state in (State.ACTIVE, State.TRIALING) and mine.cancel_at is not None:
        text = _("The subscription ends on %(day)s.", day=format_date(mine.cancel_at))
        return {"kind": "info", "text": text, "action": _("Keep it")}
    if mine.state == State.TRIALING and mine.trial_ends_at is not None and mine.trial_ends_at - moment <= SOON:
        days = max((mine.trial_ends_at - moment).days, 0)
        text = ngettext("The trial ends in %(num)s day.", "The trial ends in %(num)s days.", days)
        return {"kind": "info", "text": text if days else _("The trial ends today."), "action": _("See the plan")}
    return None
