"""Who can still have a trial, where no workspace is open: the price list, read by somebody who is signed in."""

from sqlalchemy import or_, select

from enferno.billing.models import BillingAccount, Subscription
from enferno.billing.states import State
from enferno.extensions import db
from enferno.tenancy import unscoped
from enferno.user.models import User
from enferno.workspace.models import Membership

__all__ = ["has_had_trial"]


def has_had_trial(person: User) -> bool:
    """Whether any workspace of the person has had a trial, or pays or paid. One statement.

    A workspace without either could still begin one, and its own page offers it; the price list, which does not know
    for which workspace somebody is reading, promises none that may be refused.
    """
    query = (
        select(Membership.id)
        .outerjoin(Subscription, Subscription.workspace_id == Membership.workspace_id)
        .outerjoin(BillingAccount, BillingAccount.account_of_id == Membership.workspace_id)
        .where(
            Membership.user_id == person.id,
            or_(Subscription.state != State.NONE, BillingAccount.trial_claimed_at.is_not(None)),
        )
        .limit(1)
    )
    with unscoped("whether one of the person's own workspaces has had a trial", routine=True):
        return db.session.execute(query).first() is not None
