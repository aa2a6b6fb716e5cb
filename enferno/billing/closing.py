"""A workspace that is gone pays no more, by whichever way it went; nor does one that nobody is left in.

The database itself empties `account_of_id` when a workspace is deleted (ON DELETE SET NULL), so no way of deleting
one, not even SQL by hand, escapes: what is left is an account of nobody, and that is what is looked for. In the same
way memberships go with the people, and what is looked for is a workspace that pays and has no member.
"""

from collections.abc import Sequence
from uuid import UUID

import structlog
from sqlalchemy import exists, select

from enferno.billing.account import account_of, billing
from enferno.billing.mirror import refresh
from enferno.billing.models import BillingAccount, Subscription
from enferno.billing.providers import Provider, ProviderUnavailable, Unmapped
from enferno.billing.states import STANDING, State
from enferno.database import now
from enferno.extensions import db
from enferno.tasks.task import maintenance
from enferno.tenancy import in_workspace, unscoped
from enferno.workspace.models import Membership

__all__ = ["close_orphaned_accounts"]

log = structlog.get_logger()


@maintenance
def close_orphaned_accounts() -> None:
    """End at the provider whatever nobody is there to use or to cancel; tried again until it worked."""
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
    for workspace_id in deserted():
        try:
            with in_workspace(workspace_id):
                end_deserted(workspace_id)
        except (ProviderUnavailable, Unmapped) as fault:
            log.warning("billing_deserted_not_ended", workspace=str(workspace_id), error=type(fault).__name__)


def close(account_id: UUID) -> None:
    account = db.session.get_one(BillingAccount, account_id)
    provider = billing().providers.get(account.provider)
    if provider is None:
        return
    end_all(provider, account)
    account.closed_at = now()


def end_all(provider: Provider, account: BillingAccount) -> None:
    """End what the customer pays for, and let nothing new begin at a checkout that was left open."""
    provider.close_checkouts(account.customer_id)
    for truth in provider.subscriptions_of(account.customer_id):
        if truth.state not in (State.CANCELLED, State.NONE):
            provider.cancel_now(truth.subscription_id)
            log.info("billing_subscription_ended", account=str(account.id), subscription=truth.subscription_id)


def deserted() -> Sequence[UUID]:
    """The workspaces that pay and have no member any more."""
    anybody = exists().where(Membership.workspace_id == Subscription.workspace_id)
    query = select(Subscription.workspace_id).where(Subscription.state.in_(STANDING), ~anybody)
    with unscoped("workspaces that pay and have nobody left"):
        found = db.session.scalars(query).all()
    db.session.commit()
    return found


def end_deserted(workspace_id: UUID) -> None:
    for provider in billing().providers.values():
        account = account_of(provider.key, workspace_id)
        if account is not None:
            end_all(provider, account)
            refresh(provider, account.customer_id)
