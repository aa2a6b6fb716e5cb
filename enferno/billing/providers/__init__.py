"""What every billing provider can do for us; which one is used is a setting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from flask_babel import lazy_gettext as _l

from enferno.billing.plans import Catalogue, Plan, Price
from enferno.billing.states import Truth
from enferno.errors import Error

__all__ = [
    "Compared", "Invoice", "NotAuthorised", "NotGenuine", "Notice", "Order", "Provider", "ProviderUnavailable",
    "Unmapped",
]  # fmt: skip


class NotGenuine(Exception):
    """A webhook that the provider did not send, or not to this deployment. Nothing of it is kept.

    `seconds_off` is how much older than our clock says it claims to be, where that alone was wrong with it.
    """

    def __init__(self, reason: str, seconds_off: int | None = None) -> None:
        super().__init__(reason)
        self.seconds_off = seconds_off


class NotAuthorised(NotGenuine):
    """A webhook whose login does not fit, at a provider that sends one instead of a signature."""


class ProviderUnavailable(Error):
    """The provider did not answer, or answered that it cannot now. Worth another try later."""

    status, code = 503, "billing_unavailable"
    title = _l("Billing does not answer right now; nothing was changed")


class Unmapped(Error):
    """The provider told of something for which we have no word: a new state, a price that no plan has."""

    status, code = 503, "billing_not_set_up"
    title = _l("Billing is not set up for this; nothing was changed")

    def __init__(self, what: str) -> None:
        # For the log and the operator; a caller reads the title alone.
        self.what = what
        super().__init__()


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A genuine webhook: what it is about, and never what to believe. The truth is read from the provider."""

    event_id: str
    kind: str
    customer_id: str = ""
    named_workspace: str = ""
    concerns_us: bool = True
    is_readable: bool = True
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What somebody is about to buy. `id` is the idempotency key of the purchase."""

    id: UUID
    workspace_id: UUID
    customer_id: str
    plan: Plan
    price: Price
    quantity: int
    trial_days: int
    success_url: str
    cancel_url: str


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """A bill as the provider keeps it. `amount` is in the currency's minor unit; `url` shows it, where there is one."""

    number: str
    at: datetime
    amount: int
    currency: str
    paid: bool
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A price of plans.toml beside what the provider has for it; `fault` says how they differ, in a sentence."""

    plan: Plan
    price: Price
    is_missing: bool = False
    fault: str = ""

    @property
    def name(self) -> str:
        return f"{self.plan.name}, {self.price.amount / 100:.2f} {self.price.currency.upper()} a {self.price.interval}"


class Provider(Protocol):
    """Every method that talks to the provider raises `ProviderUnavailable`, bounded in time and tries."""

    key: str

    def notice(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        """What a webhook says. Raises `NotGenuine`."""

    def subscriptions_of(self, customer_id: str) -> list[Truth]:
        """Every subscription of the customer as it is now, ended ones included. Raises `Unmapped`."""

    def make_customer(self, workspace_id: UUID, name: str, email: str) -> str:
        """The id of the customer for a workspace; asked again, the same one."""

    def open_checkout(self, order: Order) -> tuple[str, str]:
        """A checkout session's id and address; asked again with the same order, the same one."""

    def close_checkouts(self, customer_id: str) -> None:
        """Let the customer pay at none of the checkouts that are open; those that were paid stay as they are.

        Afterwards at most one of all that were ever opened can still become a subscription: the next one.
        """

    def open_portal(self, customer_id: str, return_url: str) -> str:
        """The address where the customer changes card, plan or mind."""

    def cancel_now(self, subscription_id: str) -> None:
        """End it at once; one that has ended already is no error."""

    def set_quantity(self, subscription_id: str, quantity: int) -> None:
        """Change the number of seats, charged in proportion from now on."""

    def change_plan(self, subscription_id: str, plan: Plan, price: Price) -> None:
        """Another plan or interval, charged in proportion from now on."""

    def cancel_at_end(self, subscription_id: str) -> None:
        """Let it end when what is paid for is used up."""

    def resume(self, subscription_id: str) -> None:
        """Take a cancellation at the end of the period back."""

    def invoices_of(self, customer_id: str) -> list[Invoice]:
        """The latest invoices, the newest first."""

    def compare(self, catalogue: Catalogue) -> list[Compared]:
        """Each price of the catalogue beside the provider's."""

    def make_price(self, plan: Plan, price: Price) -> None:
        """Make a price that is missing; asked again, no second one."""

    def complaints(self) -> list[str]:
        """What else is not as it should be at the provider, a sentence each: its webhook endpoint, above all."""
