"""What is sold: the plans of `plans.toml`, checked at start, every fault reported together."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

__all__ = ["Catalogue", "Interval", "Limit", "Plan", "PlansError", "Price"]

Interval = Literal["month", "year"]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class PlansError(Exception):
    """`plans.toml` cannot be used; `faults` says why, a sentence each."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("plans.toml has faults:\n" + "\n".join(f"  - {fault}" for fault in faults))


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Price(Frozen):
    """What a plan costs for one interval in one currency.

    Attributes:
        amount: In the currency's minor unit; for one seat where the plan is sold per seat.
        stripe, chargebee: The price's id at the provider, where it is not found by its lookup key.
    """

    interval: Interval
    currency: Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")]
    amount: Annotated[int, Field(ge=0)]
    stripe: str = ""
    chargebee: str = ""


class Limit(Frozen):
    """How much of something a plan allows; a soft limit warns, a hard one refuses."""

    amount: Annotated[int, Field(ge=0)]
    hard: bool = True


class Plan(Frozen):
    key: Key
    name: str
    description: str = ""
    hidden: bool = False
    contact: bool = False
    per_seat: bool = False
    trial_days: Annotated[int, Field(ge=0, le=365)] = 0
    features: frozenset[Key] = frozenset()
    limits: Mapping[Key, Limit] = {}
    price: tuple[Price, ...] = ()

    @property
    def is_free(self) -> bool:
        return not self.price and not self.contact

    def price_for(self, interval: str, currency: str) -> Price | None:
        return next((p for p in self.price if (p.interval, p.currency) == (interval, currency)), None)

    def lookup_key(self, price: Price) -> str:
        """The name under which a price is found at a provider that knows names."""
        return f"{self.key}-{price.interval}-{price.currency}"


class File(Frozen):
    plan: tuple[Plan, ...]


class Catalogue:
    """The plans in the order of the file. The first free one is what a workspace has that pays nothing."""

    def __init__(self, plans: tuple[Plan, ...]) -> None:
        self.plans = plans

    @classmethod
    def load(cls, path: Path) -> "Catalogue":
        """Read and check the file.

        Raises:
            PlansError: with every fault found.
        """
        try:
            plans = File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).plan
        except FileNotFoundError:
            raise PlansError([f"there is no {path.name}"]) from None
        except tomllib.TOMLDecodeError as fault:
            raise PlansError([str(fault)]) from None
        except ValidationError as fault:
            raise PlansError([in_words(error) for error in fault.errors()]) from None
        found = cls(plans)
        if faults := list(found.faults()):
            raise PlansError(faults)
        return found

    def faults(self) -> Iterator[str]:
        yield from repeated("the key", [plan.key for plan in self.plans])
        if not any(plan.is_free for plan in self.plans):
            yield "no plan is free: a workspace whose subscription ended needs one to fall back to"
        for plan in self.plans:
            yield from repeated(f"in {plan.key}, a price for", [f"{p.interval} {p.currency}" for p in plan.price])
            if plan.contact and plan.price:
                yield f"{plan.key} has contact = true and prices: choose one"
        for provider in ("stripe", "chargebee"):
            ids = [getattr(price, provider) for plan in self.plans for price in plan.price]
            yield from repeated(f"the {provider} price", [name for name in ids if name])

    def __iter__(self) -> Iterator[Plan]:
        return iter(self.plans)

    @cached_property
    def free(self) -> Plan:
        return next(plan for plan in self.plans if plan.is_free)

    def get(self, key: str | None) -> Plan | None:
        return next((plan for plan in self.plans if plan.key == key), None)

    def at_provider(self, provider: str, price_id: str, lookup_key: str | None) -> tuple[Plan, Price] | None:
        """The plan and price that a provider's price stands for: by its id in the file, else by its lookup key."""
        for plan in self.plans:
            for price in plan.price:
                named = getattr(price, provider, "")
                if named == price_id if named else plan.lookup_key(price) == lookup_key:
                    return plan, price
        return None


def repeated(what: str, names: list[str]) -> Iterator[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{what} {name!r} stands there twice"


def in_words(error: Any) -> str:
    place = ".".join(str(part + 1 if isinstance(part, int) else part) for part in error["loc"])
    return f"{place}: {error['msg'][0].lower()}{error['msg'][1:]}"
