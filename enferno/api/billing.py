"""What a workspace pays and may use: its subscription, checkouts, the provider's portal, invoices."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from flask_babel import gettext as _
from flask_security import current_user
from pydantic import Field

from enferno.access.guards import allowed, requires
from enferno.access.permissions import Permission
from enferno.api.contract import ApiBlueprint, In, Out
from enferno.billing import changes, checkout
from enferno.billing.account import account_of, billing
from enferno.billing.gates import current_plan
from enferno.billing.overview import Overview, overview
from enferno.billing.plans import Interval, Limit
from enferno.billing.price_list import limit_in_words, word
from enferno.tenancy import current_workspace

billing_api = ApiBlueprint("billing", __name__, url_prefix="/workspaces/<slug>/billing")


class UsageOut(Out):
    name: str
    title: str
    used: int
    amount: int | None
    hard: bool


class SubscriptionOut(Out):
    """`amount` is null for those who may see the plan and not what it costs."""

    state: str
    plan: str
    interval: str
    currency: str
    amount: int | None
    quantity: int
    trial_ends_at: datetime | None
    period_ends_at: datetime | None
    cancel_at: datetime | None
    grace_until: datetime | None
    ended_unpaid: bool


class BillingOut(Out):
    plan: str
    plan_name: str
    subscription: SubscriptionOut | None
    usage: list[UsageOut]
    can_try: bool


class CheckoutIn(In):
    plan: Annotated[str, Field(max_length=40)]
    interval: Interval
    currency: Annotated[str, Field(pattern=r"^[a-z]{3}$")] = "eur"


class AddressOut(Out):
    url: str


class SubscriptionChange(In):
    """Either another plan, or whether it ends with what is paid for."""

    plan: Annotated[str, Field(max_length=40)] | None = None
    interval: Interval | None = None
    cancel_at_end: bool | None = None


class InvoiceOut(Out):
    number: str
    at: datetime
    amount: int
    currency: str
    paid: bool
    url: str


class InvoicesOut(Out):
    items: list[InvoiceOut]


class LossOut(Out):
    """`over`: how much is used of each limit that allows less. `words` says the same for people, a line each."""

    features: list[str]
    limits: list[str]
    over: dict[str, int]
    words: list[str]


@billing_api.get("")
@requires(Permission.BILLING_VIEW)
def show() -> BillingOut:
    """The plan, what it costs and what of it is used."""
    return shown(overview())


@billing_api.post("/checkouts")
@requires(Permission.BILLING_MANAGE)
def buy(body: CheckoutIn) -> AddressOut:
    """Begin a checkout; the answer says where it goes on."""
    person = current_user._get_current_object()
    seats = current_workspace.count_members()
    begun = checkout.begin_checkout(body.plan, body.interval, body.currency, by=person, quantity=seats)
    return AddressOut(url=begun.url)


@billing_api.post("/checkouts/<uuid:checkout_id>/readings", status=200)
@requires(Permission.BILLING_MANAGE)
def confirm(checkout_id: UUID) -> SubscriptionOut:
    """What came of a checkout: the provider is asked again, however often this is read."""
    return checkout.confirm_checkout(checkout_id)


@billing_api.post("/portal-sessions")
@requires(Permission.BILLING_MANAGE)
def portal() -> AddressOut:
    """The provider's own page for cards and addresses."""
    return AddressOut(url=checkout.open_portal())


@billing_api.patch("/subscription")
@requires(Permission.BILLING_MANAGE)
def change(body: SubscriptionChange) -> SubscriptionOut:
    """Another plan, a cancellation at the end of the period, or a change of mind about it."""
    if body.cancel_at_end is not None:
        return changes.cancel_at_end() if body.cancel_at_end else changes.resume()
    mine = changes.paying()
    return changes.change_plan(body.plan or mine.plan, body.interval or mine.interval)


@billing_api.get("/subscription/loss/<plan>")
@requires(Permission.BILLING_MANAGE)
def loss(plan: str) -> LossOut:
    """What would be given up by changing to this plan."""
    target = billing().catalogue.get(plan) or billing().catalogue.free
    lost = changes.what_is_lost(current_plan(), target)
    words = [word(name) for name in lost["features"]]
    over = changes.what_is_over(target)
    words += [loss_in_words(name, target.limits[name], over.get(name)) for name in lost["limits"]]
    return LossOut(features=lost["features"], limits=lost["limits"], over=over, words=words)


@billing_api.get("/invoices")
@requires(Permission.BILLING_MANAGE)
def invoices() -> InvoicesOut:
    """The latest invoices, read from the provider."""
    account = account_of(billing().chosen, current_workspace.id)
    found = billing().provider(account.provider).invoices_of(account.customer_id) if account else []
    return InvoicesOut.model_validate({"items": found})


def loss_in_words(name: str, limit: Limit, used: int | None) -> str:
    allowed = limit_in_words(name, limit)
    if used is None:
        return allowed
    return _("%(limit)s; you have %(used)s, which stay, and no more can be added", limit=allowed, used=f"{used:,}")


def shown(seen: Overview) -> BillingOut:
    out = BillingOut.model_validate(seen)
    if out.subscription is not None and Permission.BILLING_MANAGE not in allowed():
        out.subscription.amount = None
    return out
