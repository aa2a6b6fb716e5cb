"""What is sold: the plans of `plans.toml`, checked at start, every fault reported together."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from enferno.author import AuthorFault, Place
from enferno.billing.plans_file import Lines, in_words, unreadable

__all__ = ["Catalogue", "Interval", "Limit", "Plan", "PlansError", "Price"]

Interval = Literal["month", "year"]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class PlansError(AuthorFault):
    """`plans.toml` cannot be used; `faults` says why, a line each."""


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


# The keys of each kind of table; "" is the file itself.
KEYS = {"": File.model_fields, "plan": Plan.model_fields, "price": Price.model_fields, "limits": Limit.model_fields}


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
            text = path.read_text(encoding="utf-8")
            lines = Lines(path, text)
            found = cls(File.model_validate(tomllib.loads(text)).plan)
        except FileNotFoundError:
            raise PlansError(f"{Place(path)}: there is no such file: PLANS_PATH names it") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise PlansError(unreadable(path, fault, text_of(path))) from fault
        except ValidationError as fault:
            raise PlansError(*(f"{lines.place(one['loc'])}: {in_words(one, KEYS)}" for one in fault.errors())) from None
        if faults := [f"{lines.place(where)}: {fault}" for where, fault in found.faults()]:
            raise PlansError(*faults)
        return found

    def faults(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """What does not fit together, each with the way to it in the file."""
        for number, name in repeated([plan.key for plan in self.plans]):
            yield ("plan", number, "key"), f"the key {name!r} stands there twice: give each plan its own"
        if not any(plan.is_free for plan in self.plans):
            yield (
                ("plan",),
                "no plan is free, and a workspace whose subscription ended needs one: add one without a price",
            )
        for number, plan in enumerate(self.plans):
            for nth, name in repeated([f"{p.interval} {p.currency}" for p in plan.price]):
                yield (
                    ("plan", number, "price", nth),
                    f"in {plan.key}, a price for {name!r} stands there twice: keep one",
                )
            if plan.contact and plan.price:
                yield ("plan", number, "contact"), f"{plan.key} has contact = true and prices: choose one"
        for provider in ("stripe", "chargebee"):
            prices = [
                (("plan", number, "price", nth, provider), getattr(price, provider))
                for number, plan in enumerate(self.plans)
                for nth, price in enumerate(plan.price)
                if getattr(price, provider)
            ]
            for nth, name in repeated([named for _where, named in prices]):
                yield prices[nth][0], f"the {provider} price {name!r} stands there twice: each has an id of its own"

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


def repeated(names: list[str]) -> Iterator[tuple[int, str]]:
    """The names that were there before, with where they stand again."""
    for number, name in enumerate(names):
        if name in names[:number]:
            yield number, name


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
