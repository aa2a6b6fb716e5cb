"""Buying: a customer at the provider, a checkout for a plan, and the trial that each customer has once."""

from dataclasses import dataclass
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from enferno.billing.account import account_of, billing
from enferno.billing.mirror import refresh
from enferno.billing.models import BillingAccount, Checkout, Subscription
from enferno.billing.plans import Plan, Price
from enferno.billing.providers import Order, Provider
from enferno.billing.states import State
from enferno.database import now
from enferno.errors import Conflict, Invalid, NotFound
from enferno.extensions import db
from enferno.settings import current_settings
from enferno.tenancy import current_workspace
from enferno.user.models import User

__all__ = ["AlreadySubscribed", "begin_checkout", "confirm_checkout", "open_portal", "subscription"]

# In these, a second checkout would make a second subscription, and a second bill.
PAYING = frozenset({State.TRIALING, State.ACTIVE, State.PAST_DUE, State.PAUSED})


class AlreadySubscribed(Conflict):
    code = "already_subscribed"
    title = _l("There is a subscription already: change it instead")


@dataclass(frozen=True)
class Begun:
    checkout: Checkout
    url: str


def subscription() -> Subscription | None:
    """The current workspace's subscription, as the mirror has it."""
    return db.session.scalars(
        select(Subscription).where(Subscription.workspace_id == current_workspace.id)
    ).one_or_none()


def begin_checkout(plan_key: str, interval: str, currency: str, *, by: User, quantity: int = 1) -> Begun:
    """Open a checkout at the provider for the current workspace; commits before it asks the provider.

    Raises:
        Invalid: there is no such plan, or it is not sold for this interval and currency.
        AlreadySubscribed: the workspace pays already.
        ProviderUnavailable: the provider did not answer; asked again, nothing is made twice.
    """
    plan, price = sold(plan_key, interval, currency)
    existing = subscription()
    if existing is not None and existing.state in PAYING:
        raise AlreadySubscribed
    account = customer(billing().provider(), by)
    checkout = Checkout(provider=account.provider, plan=plan.key, interval=interval, currency=currency)
    db.session.add(checkout)
    db.session.flush()
    checkout.trial_days = plan.trial_days if claim_trial(account, existing, plan) else 0
    # What must not happen twice is on record before it happens: a repetition carries the same key.
    db.session.commit()
    session_id, url = (
        billing()
        .provider()
        .open_checkout(
            Order(
                id=checkout.id,
                workspace_id=current_workspace.id,
                customer_id=account.customer_id,
                plan=plan,
                price=price,
                quantity=quantity if plan.per_seat else 1,
                trial_days=checkout.trial_days,
                success_url=f"{back()}?checkout={checkout.id}",
                cancel_url=back(),
            )
        )
    )
    checkout.session_id = session_id
    return Begun(checkout, url)


def confirm_checkout(checkout_id: UUID) -> Subscription:
    """Re-read the truth when the customer comes back; reloading it any number of times has one effect.

    Raises:
        NotFound: it is no checkout of this workspace.
    """
    query = select(Checkout).where(Checkout.workspace_id == current_workspace.id, Checkout.id == checkout_id)
    checkout = db.session.scalars(query).one_or_none()
    account = account_of(checkout.provider, current_workspace.id) if checkout else None
    if checkout is None or account is None:
        raise NotFound
    return refresh(billing().provider(checkout.provider), account.customer_id)


def open_portal() -> str:
    """The provider's page for cards, invoices and plans. Raises `NotFound` for a workspace that never bought."""
    account = account_of(billing().chosen, current_workspace.id)
    if account is None:
        raise NotFound
    return billing().provider().open_portal(account.customer_id, back())


def sold(plan_key: str, interval: str, currency: str) -> tuple[Plan, Price]:
    plan = billing().catalogue.get(plan_key)
    if plan is None or plan.hidden:
        raise Invalid.field("plan", _l("There is no such plan"))
    price = plan.price_for(interval, currency)
    if price is None:
        raise Invalid.field("interval", _l("The plan is not sold this way"))
    return plan, price


def customer(provider: Provider, by: User) -> BillingAccount:
    """The workspace's customer at the provider, made with its first checkout."""
    account = account_of(provider.key, current_workspace.id)
    if account is None:
        customer_id = provider.make_customer(current_workspace.id, current_workspace.name, by.email)
        account = BillingAccount(provider=provider.key, customer_id=customer_id, account_of_id=current_workspace.id)
        db.session.add(account)
        db.session.flush()
    return account


def claim_trial(account: BillingAccount, existing: Subscription | None, plan: Plan) -> bool:
    """Whether this checkout may offer a trial; of two at once only one may. Who has ever paid has none."""
    if not plan.trial_days or (existing is not None and existing.state != State.NONE):
        return False
    mine = update(BillingAccount).where(BillingAccount.id == account.id, BillingAccount.trial_claimed_at.is_(None))
    claimed = db.session.execute(mine.values(trial_claimed_at=now()).execution_options(synchronize_session=False))
    return bool(claimed.rowcount)  # type: ignore[attr-defined]


def back() -> str:
    return f"{current_settings().base_url}/w/{current_workspace.slug}/billing"
