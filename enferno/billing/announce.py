"""The one place that tells of a change: a line of history and a mail to those who pay, in the change's transaction."""

from typing import ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from enferno import mail
from enferno.access.roles import MemberRole
from enferno.billing.account import billing
from enferno.billing.models import Subscription
from enferno.extensions import db
from enferno.i18n import in_language_of
from enferno.settings import current_settings
from enferno.tenancy import current_workspace
from enferno.user.models import User
from enferno.workspace import events
from enferno.workspace.models import Membership

__all__ = ["announce"]


class BillingChanged(events.Event, kind="billing.changed"):
    words: ClassVar = _l("%(change)s")
    change: str
    plan: str

    def sentence(self) -> str:
        return _("noted: %(what)s", what=self.news())

    def news(self) -> str:
        """What changed, as a sentence of its own."""
        plan = billing().catalogue.get(self.plan)
        return str(SENTENCES.get(self.change, "%(plan)s")) % {"plan": plan.name if plan else self.plan}


SENTENCES = {
    "trial_started": _l("The trial of %(plan)s began"),
    "started": _l("%(plan)s was booked"),
    "trial_paid": _l("The trial of %(plan)s became a paid subscription"),
    "payment_failed": _l("The payment for %(plan)s failed"),
    "payment_recovered": _l("The payment for %(plan)s came through"),
    "paused": _l("%(plan)s was paused"),
    "resumed": _l("%(plan)s was resumed"),
    "ended": _l("%(plan)s ended"),
}
MAILED = frozenset({"trial_started", "started", "payment_failed", "payment_recovered", "ended"})


def announce(change: str, subscription: Subscription) -> None:
    """Write the history and queue the mails; both go or stay with the change itself."""
    event = BillingChanged(change=change, plan=subscription.plan)
    event.record()
    if change not in MAILED:
        return
    for person in payers():
        with in_language_of(person):
            subject = _("%(app)s: %(what)s", app=current_settings().app_name, what=event.news())
            mail.send(person.email, subject, event.news() + ".\n\n" + current_settings().base_url + "/app\n")


def payers() -> list[User]:
    """Who is told of bills."""
    query = current_workspace.memberships().where(Membership.role == MemberRole.OWNER)
    return [membership.user for membership in db.session.scalars(query)]
