"""Buying: a customer at the provider, one checkout at a time, and the trial that each customer has once."""

from dataclasses import dataclass
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from enferno.billing.account import account_of, billing
from enferno.billing.mirror import locked_subscription, refresh
from enferno.billing.models import BillingAccount, Checkout, Subscription
from enferno.billing.plans import Plan, Price
from enferno.billing.providers import Order, Provider
from enferno.billing.states import STANDING, State
from enferno.errors import Conflict, Invalid, NotFound
from enferno.extensions import db
from enferno.settings import current_settings
from enferno.tenancy import current_workspace
from enferno.user.models import User

__all__ = [
    "AlreadySubscribed", "PaymentPending", "begin_checkout", "confirm_checkout", "offers_trial", "open_portal",
    "subscription",
]  # fmt: skip


class AlreadySubscribed(Conflict):
    code = "already_subscribed"
    title = _l("There is a subscription already: change it instead")


class PaymentPending(AlreadySubscribed):
    code = "payment_pending"
    title = _l("A payment is still being confirmed; the plan begins when it is")


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
    """Open a checkout at the provider for the current workspace, the only one at which it can pay from now on.

    Whoever begins at the same moment waits. First the older checkouts are closed, then the truth is read: what was
    paid until then is known, and after that there is nowhere left to pay but here.

    Raises:
        Invalid: there is no such plan, or it is not sold for this interval and currency.
        AlreadySubscribed: the workspace pays already, or has paid and waits for its bank (`PaymentPending`).
        ProviderUnavailable: the provider did not answer; nothing is offered, a trial least of all.
    """
    plan, price = sold(plan_key, interval, currency)
    provider = billing().provider()
    account = customer(provider, by)
    locked_subscription()
    provider.close_checkouts(account.customer_id)
    mine = refresh(provider, account.customer_id)
    if mine.state in STANDING:
        # What was found out is kept, although nothing comes of what was asked for.
        db.session.commit()
    ensure_none(mine)
    checkout = Checkout(provider=provider.key, plan=plan.key, interval=interval, currency=currency)
    checkout.trial_days = plan.trial_days if offers_trial(account, mine) else 0
    db.session.add(checkout)
    db.session.flush()
    checkout.session_id, url = provider.open_checkout(
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
    return Begun(checkout, url)


def ensure_none(mine: Subscription | None) -> None:
    if mine is None or mine.state not in STANDING:
        return
    raise PaymentPending if mine.state == State.INCOMPLETE else AlreadySubscribed


def offers_trial(account: BillingAccount | None, mine: Subscription | None) -> bool:
    """Whether a checkout would begin with a trial: once for life, and for nobody who pays or ever paid."""
    if mine is not None and mine.state != State.NONE:
        return False
    return account is None or account.trial_claimed_at is None


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
    """The workspace's customer at the provider, made with its first checkout and on record from then on."""
    account = account_of(provider.key, current_workspace.id)
    if account is not None:
        return account
    locked_subscription()
    account = account_of(provider.key, current_workspace.id)
    if account is None:
        customer_id = provider.make_customer(current_workspace.id, current_workspace.name, by.email)
        account = BillingAccount(provider=provider.key, customer_id=customer_id, account_of_id=current_workspace.id)
        db.session.add(account)
    db.session.commit()
    return account


def back() -> str:
    return f"{current_settings().base_url}/w/{current_workspace.slug}/billing"
