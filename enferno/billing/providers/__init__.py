"""What every billing provider can do for us; which one is used is a setting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from enferno.billing.plans import Plan, Price
from enferno.billing.states import Truth

__all__ = ["NotGenuine", "Notice", "Order", "Provider", "ProviderUnavailable", "Unmapped"]


class NotGenuine(Exception):
    """A webhook that the provider did not send, or not to this deployment. Nothing of it is kept."""


class ProviderUnavailable(Exception):
    """The provider did not answer, or answered that it cannot now. Worth another try later."""


class Unmapped(Exception):
    """The provider told of something for which we have no word: a new state, a price that no plan has."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A genuine webhook: what it is about, and never what to believe. The truth is read from the provider."""

    event_id: str
    kind: str
    customer_id: str = ""
    named_workspace: str = ""
    concerns_us: bool = True
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

    def open_portal(self, customer_id: str, return_url: str) -> str:
        """The address where the customer changes card, plan or mind."""

    def cancel_now(self, subscription_id: str) -> None:
        """End it at once; one that has ended already is no error."""

    def set_quantity(self, subscription_id: str, quantity: int) -> None:
        """Change the number of seats, charged in proportion from now on."""
