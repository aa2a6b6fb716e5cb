"""Compare the mirror with the provider, all of it, and mend what differs: for the days when events did not arrive."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import select

from enferno.billing.account import billing
from enferno.billing.mirror import refresh
from enferno.billing.models import BillingAccount, Subscription
from enferno.billing.providers import ProviderUnavailable, Unmapped
from enferno.extensions import db
from enferno.tasks.task import maintenance
from enferno.tenancy import in_workspace

__all__ = ["Difference", "reconcile", "reconcile_daily"]

log = structlog.get_logger()

COMPARED = ("state", "plan", "subscription_id", "quantity", "amount", "cancel_at", "period_ends_at", "others")


@dataclass(frozen=True)
class Difference:
    """What the mirror said and what the provider says, or why it could not be asked.

    Attributes:
        others: How many more subscriptions the customer pays for beside the one that is mirrored; said in every round,
            until somebody has ended them.
    """

    workspace_id: UUID
    customer_id: str
    changed: dict[str, tuple[object, object]]
    fault: str = ""
    others: int = 0

    @property
    def is_worth_saying(self) -> bool:
        return bool(self.changed or self.fault or self.others)


def reconcile() -> Iterator[Difference]:
    """Re-read every customer's subscription, each in a transaction of its own; yields what was not as it should be."""
    query = select(BillingAccount.provider, BillingAccount.customer_id, BillingAccount.account_of_id)
    accounts = db.session.execute(query.where(BillingAccount.account_of_id.is_not(None))).all()
    db.session.commit()
    for provider, customer_id, workspace_id in accounts:
        if provider in billing().providers and workspace_id is not None:
            found = reread(provider, customer_id, workspace_id)
            if found.is_worth_saying:
                yield found


def reread(provider: str, customer_id: str, workspace_id: UUID) -> Difference:
    try:
        with in_workspace(workspace_id):
            before = values(workspace_id)
            others = refresh(billing().provider(provider), customer_id).others
            after = values(workspace_id)
    except (ProviderUnavailable, Unmapped) as fault:
        return Difference(workspace_id, customer_id, {}, type(fault).__name__)
    changed = {name: (before[name], after[name]) for name in COMPARED if before[name] != after[name]}
    return Difference(workspace_id, customer_id, changed, others=others)


def values(workspace_id: UUID) -> dict[str, object]:
    row = db.session.scalars(select(Subscription).where(Subscription.workspace_id == workspace_id)).one_or_none()
    return {name: getattr(row, name, None) for name in COMPARED}


@maintenance
def reconcile_daily() -> None:
    """The clock's round. Each difference is logged: it means that an event was lost or refused."""
    for found in reconcile():
        log.warning(
            "billing_differed",
            workspace=str(found.workspace_id),
            changed={name: [str(a), str(b)] for name, (a, b) in found.changed.items()},
            fault=found.fault,
            others=found.others,
        )
