"""A trial does not end by surprise: a mail seven days, three days and one day before."""

from datetime import timedelta
from uuid import UUID

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from sqlalchemy import select

from enferno import mail
from enferno.billing.account import billing
from enferno.billing.announce import payers
from enferno.billing.clock import billing_now
from enferno.billing.models import Subscription
from enferno.billing.states import State
from enferno.extensions import db
from enferno.i18n import in_language_of
from enferno.settings import current_settings
from enferno.tasks.task import maintenance
from enferno.tenancy import current_workspace, in_workspace, unscoped

__all__ = ["DAYS_BEFORE", "remind_of_trials"]

DAYS_BEFORE = (7, 3, 1)


@maintenance
def remind_of_trials() -> None:
    """Remind the owners of each trial that is about to end, once for each of the days; missed rounds are caught up
    with the nearest reminder alone."""
    if not billing().sells:
        return
    soon = billing_now() + timedelta(days=max(DAYS_BEFORE))
    ending = select(Subscription.workspace_id).where(
        Subscription.state == State.TRIALING, Subscription.trial_ends_at <= soon
    )
    with unscoped("trials that end soon, to remind their owners"):
        found = db.session.scalars(ending).all()
    db.session.commit()
    for workspace_id in found:
        remind(workspace_id)


def remind(workspace_id: UUID) -> None:
    with in_workspace(workspace_id):
        one = select(Subscription).where(Subscription.workspace_id == workspace_id)
        mine = db.session.scalars(one.with_for_update()).one()
        # Whoever has cancelled it already is not charged, and knows.
        if mine.trial_ends_at is None or mine.state != State.TRIALING or mine.cancel_at is not None:
            return
        left = mine.trial_ends_at - billing_now()
        due = [days for days in DAYS_BEFORE if left <= timedelta(days=days)]
        if not due or left < timedelta(0) or (mine.reminded_days is not None and mine.reminded_days <= min(due)):
            return
        mine.reminded_days = min(due)
        plan = billing().catalogue.get(mine.plan)
        write(plan.name if plan else mine.plan, min(due), mine)


def write(plan: str, days: int, mine: Subscription) -> None:
    for person in payers():
        with in_language_of(person):
            subject, text = words(plan, days, mine)
            mail.send(person.email, subject, text + "\n")


def words(plan: str, days: int, mine: Subscription) -> tuple[str, str]:
    subject = ngettext(
        "Your trial of %(plan)s ends in %(num)s day", "Your trial of %(plan)s ends in %(num)s days", days, plan=plan
    )
    text = _(
        "The trial ends on %(day)s; then the card is charged. To change or cancel it: %(url)s",
        day=format_date(mine.trial_ends_at),
        url=f"{current_settings().base_url}/w/{current_workspace.slug}/billing",
    )
    return subject, text
