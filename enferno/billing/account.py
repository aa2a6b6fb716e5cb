"""Who pays: the configured provider, and which workspace a provider's customer is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy import select

from enferno.billing.models import BillingAccount, BillingEvent
from enferno.billing.plans import Catalogue
from enferno.billing.providers import Provider
from enferno.extensions import db
from enferno.workspace.models import Workspace

__all__ = ["Billing", "CustomerNotKnownYet", "OfNoWorkspace", "account_of", "billing", "workspace_of"]


@dataclass(frozen=True)
class Billing:
    """What one application sells and through whom.

    Attributes:
        grace: How long a plan outlives a failed payment.
        counts: How much of each limit the current workspace uses, by the limit's name.
    """

    catalogue: Catalogue
    providers: dict[str, Provider]
    chosen: str
    grace: timedelta
    counts: dict[str, Callable[[], int]] = field(default_factory=dict)

    @property
    def sells(self) -> bool:
        return self.chosen in self.providers

    def provider(self, key: str | None = None) -> Provider:
        """The provider of that key; without one, the provider through which new things are sold."""
        return self.providers[key or self.chosen]


def billing(app: Flask | None = None) -> Billing:
    return cast(Billing, (app or current_app).extensions["billing"])


def account_of(provider: str, workspace_id: UUID) -> BillingAccount | None:
    query = select(BillingAccount).where(
        BillingAccount.provider == provider, BillingAccount.account_of_id == workspace_id
    )
    return db.session.scalars(query).one_or_none()


class CustomerNotKnownYet(Exception):
    """An event about a customer whose workspace nobody has named so far; the checkout's own event will."""


class OfNoWorkspace(Exception):
    """An event about a workspace that is not there (any more), or that has another customer."""


def workspace_of(event: BillingEvent) -> UUID:
    """The workspace whose customer the event is about.

    A known customer decides. For an unknown one the metadata, which we wrote at checkout and the provider signed, names
    the workspace, as long as that workspace exists and has no other customer at this provider.

    Raises:
        CustomerNotKnownYet: the customer is not known and the event names nobody.
        OfNoWorkspace: whoever it is about is not here.
    """
    known = db.session.scalars(
        select(BillingAccount).where(
            BillingAccount.provider == event.provider, BillingAccount.customer_id == event.customer_id
        )
    ).one_or_none()
    if known is not None:
        if known.account_of_id is None:
            # News of a customer who should have none: the round of closing looks again.
            known.closed_at = None
            raise OfNoWorkspace
        return known.account_of_id
    if not event.named_workspace:
        raise CustomerNotKnownYet
    named = as_id(event.named_workspace)
    if named is None or not event.customer_id or db.session.get(Workspace, named) is None:
        raise OfNoWorkspace
    if account_of(event.provider, named) is not None:
        raise OfNoWorkspace
    db.session.add(BillingAccount(provider=event.provider, customer_id=event.customer_id, account_of_id=named))
    db.session.commit()
    return named


def as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
