"""A workspace that is gone pays no more, by whichever way it went.

The database itself empties `account_of_id` when a workspace is deleted (ON DELETE SET NULL), so no way of deleting
one, not even SQL by hand, escapes: what is left is an account of nobody, and that is what is looked for.
"""

from uuid import UUID

import structlog
from sqlalchemy import select

from enferno.billing.account import billing
from enferno.billing.models import BillingAccount
from enferno.billing.providers import ProviderUnavailable, Unmapped
from enferno.billing.states import State
from enferno.database import now
from enferno.extensions import db
from enferno.tasks.task import maintenance

__all__ = ["close_orphaned_accounts"]

log = structlog.get_logger()


@maintenance
def close_orphaned_accounts() -> None:
    """End at the provider whatever subscription an account of no workspace still has; tried again until it worked."""
    orphaned = select(BillingAccount.id).where(
        BillingAccount.account_of_id.is_(None), BillingAccount.closed_at.is_(None)
    )
    for account_id in db.session.scalars(orphaned).all():
        try:
            close(account_id)
            db.session.commit()
        except (ProviderUnavailable, Unmapped) as fault:
            db.session.rollback()
            log.warning("billing_account_not_closed", account=str(account_id), error=type(fault).__name__)


def close(account_id: UUID) -> None:
    account = db.session.get_one(BillingAccount, account_id)
    provider = billing().providers.get(account.provider)
    if provider is None:
        return
    for truth in provider.subscriptions_of(account.customer_id):
        if truth.state not in (State.CANCELLED, State.NONE):
            provider.cancel_now(truth.subscription_id)
            log.info("billing_subscription_ended", account=str(account_id), subscription=truth.subscription_id)
    account.closed_at = now()
