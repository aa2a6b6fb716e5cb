"""What happens at a provider in a life, and the ledger of what was paid there.

The ledger is kept by these rules alone: a trial and a paid period are paid; a plan that is changed to in a paid period
is paid until that period's end; a period whose charge failed is not paid, and what it is owed from is where the one
before it ended. Chargebee and Stripe differ in how each says so, not in what was paid.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask

from tests.billing.chargebee_standin import ChargebeeStandIn
from tests.billing.in_process import Line
from tests.billing.stripe_standin import DAY, CheckoutClosed, StripeStandIn

__all__ = ["Bank", "ChargebeeBank", "Paid", "StripeBank"]

PRICES = {
    ("starter", "month"): 900,
    ("starter", "year"): 9000,
    ("pro", "month"): 1900,
    ("pro", "year"): 19000,
}
GIVEN_UP_AFTER = 21 * DAY


@dataclass(frozen=True)
class Paid:
    """A plan that is paid until a moment, in seconds."""

    plan: str
    until: int


class Bank(ABC):
    account: Any
    cancels_trials = True

    def __init__(self, line: Line) -> None:
        self.line = line
        self.ledger: list[Paid] = []
        self.trials = 0
        # Subscriptions whose current period is owed for, and since when.
        self.owed: dict[str, int] = {}

    @property
    def clock(self) -> int:
        return int(self.account.clock)

    @property
    def events(self) -> list[dict[str, Any]]:
        return list(self.account.events)

    @property
    def subscriptions(self) -> list[dict[str, Any]]:
        return list(self.account.subscriptions.values())

    # --- what each provider says in its own way -------------------------------------------------------------------

    @abstractmethod
    def living(self, one: dict[str, Any]) -> bool:
        """Whether it has not ended, and time goes on for it."""

    @abstractmethod
    def period_end(self, one: dict[str, Any]) -> int: ...
    @abstractmethod
    def cancel_at(self, one: dict[str, Any]) -> int | None: ...
    @abstractmethod
    def plan(self, one: dict[str, Any]) -> str: ...
    @abstractmethod
    def open_checkouts(self) -> list[str]: ...
    @abstractmethod
    def finish(self, checkout: str, waiting: bool) -> dict[str, Any]: ...
    @abstractmethod
    def is_waiting(self, one: dict[str, Any]) -> bool: ...
    @abstractmethod
    def is_trial(self, one: dict[str, Any]) -> bool: ...
    def expire(self, one: dict[str, Any]) -> None:
        """Nobody confirmed the first payment within a day."""
        self.account.change(one["id"], status="incomplete_expired")

    @abstractmethod
    def settle(self, one: dict[str, Any]) -> None:
        """What is owed is paid."""

    @abstractmethod
    def give_up(self, one: dict[str, Any], how: str) -> None: ...
    @abstractmethod
    def put_on_hold(self, one: dict[str, Any], held: bool) -> None: ...
    @abstractmethod
    def is_held(self, one: dict[str, Any]) -> bool: ...
    @abstractmethod
    def deliver(self, app: Flask, event: dict[str, Any]) -> bool: ...
    @abstractmethod
    def truth(self) -> dict[str, Any]:
        """What the mirror must say in the end, worked out from this side; empty when nobody ever subscribed."""

    # --- what people and banks do ---------------------------------------------------------------------------------

    def can_change(self, subscription_id: str) -> bool:
        one = self.account.subscriptions.get(subscription_id)
        return one is not None and self.living(one) and not self.is_waiting(one) and not self.is_held(one)

    def is_on_trial(self) -> bool:
        one = self.last()
        return one is not None and self.is_trial(one)

    def last(self) -> dict[str, Any] | None:
        return next((one for one in reversed(self.subscriptions) if self.living(one)), None)

    def pay(self, waiting: bool) -> None:
        """The oldest page that is still open somewhere is paid, by somebody who may never come back to us."""
        found = self.open_checkouts()
        if not found:
            return
        try:
            one = self.finish(found[0], waiting)
        except CheckoutClosed:
            return
        billed = [each["id"] for each in self.subscriptions if self.living(each)]
        assert len(billed) == 1, f"two bills: {billed}"
        self.trials += self.is_trial(one)
        if not self.is_waiting(one):
            self.book(one)

    def confirm(self) -> None:
        one = self.last()
        if one is not None and self.is_waiting(one):
            self.settle(one)
            self.book(one)

    def recover(self) -> None:
        one = self.last()
        if one is not None and one["id"] in self.owed:
            del self.owed[one["id"]]
            self.settle(one)
            self.book(one)

    def end(self) -> None:
        one = self.last()
        if one is not None:
            self.owed.pop(one["id"], None)
            self.account.end(one["id"])

    def pause(self) -> None:
        one = self.last()
        if one is not None and self.can_change(one["id"]) and not self.is_trial(one):
            self.put_on_hold(one, True)

    def unpause(self) -> None:
        """The merchant lets it run again: what is left of the period is a gift."""
        one = self.last()
        if one is not None and self.is_held(one):
            self.put_on_hold(one, False)
            if one["id"] not in self.owed:
                self.book(one)

    def wait(self, days: int, pays: bool, given_up: str) -> None:
        """Days go by; what falls due on the way happens at its own moment."""
        target = self.clock + days * DAY
        for one in self.subscriptions:
            if days and self.is_waiting(one):
                self.expire(one)
        while (due := self.next_due(target)) is not None:
            at, one = due
            self.account.clock = max(self.clock, at)
            self.fall_due(one, pays, given_up)
        self.account.clock = target

    def next_due(self, target: int) -> tuple[int, dict[str, Any]] | None:
        found = [(self.due_at(one), one) for one in self.subscriptions if self.living(one) and not self.is_waiting(one)]
        return min((pair for pair in found if pair[0] <= target), key=lambda pair: pair[0], default=None)

    def due_at(self, one: dict[str, Any]) -> int:
        since = self.owed.get(one["id"])
        given_up = [since + GIVEN_UP_AFTER] if since is not None and not one.get("left") else []
        return min([self.period_end(one), *([self.cancel_at(one)] if self.cancel_at(one) else []), *given_up])  # type: ignore[type-var]

    def fall_due(self, one: dict[str, Any], pays: bool, given_up: str) -> None:
        since, cancel_at = self.owed.get(one["id"]), self.cancel_at(one)
        if cancel_at is not None and cancel_at <= self.clock:
            self.owed.pop(one["id"], None)
            self.account.end(one["id"])
        elif since is not None and not one.get("left") and since + GIVEN_UP_AFTER <= self.clock:
            self.give_up(one, given_up)
        else:
            self.renew(one, pays)

    def renew(self, one: dict[str, Any], pays: bool) -> None:
        ended = self.period_end(one)
        self.account.renew(one["id"], paid=pays)
        one.pop("left", None)
        if not pays:
            self.owed.setdefault(one["id"], ended)
        elif not self.is_held(one):
            self.owed.pop(one["id"], None)
            self.book(one)

    def book(self, one: dict[str, Any]) -> None:
        """The period that the subscription is in is paid, on the plan that it is on."""
        self.ledger.append(Paid(self.plan(one), self.period_end(one)))

    def replanned(self, one: dict[str, Any]) -> None:
        """It is on another plan now: paid as long as the one before was."""
        since = self.owed.get(one["id"])
        self.ledger.append(Paid(self.plan(one), self.period_end(one) if since is None else since))


class Noticing:
    """Tells the bank of a change of plan that our own code asked for."""

    bank: Bank

    def note(self, one: dict[str, Any]) -> None:
        if self.bank.living(one) and not self.bank.is_waiting(one):
            self.bank.replanned(one)


class StripeLifeAccount(Noticing, StripeStandIn):
    def _update(self, one: dict[str, Any], form: dict[str, str]) -> dict[str, Any]:
        found = super()._update(one, form)
        self.note(found)
        return found


class ChargebeeLifeAccount(Noticing, ChargebeeStandIn):
    def _subscription(self, key: str, act: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        answer = super()._subscription(key, act, form)
        if act == "/update_for_items":
            self.note(self.subscriptions[key])
        return answer


BEGINNING = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
RANK = ("none", "cancelled", "incomplete", "paused", "past_due", "trialing", "active")


def best(found: list[dict[str, Any]]) -> dict[str, Any]:
    return max(found, key=lambda one: (RANK.index(one["state"]), one.pop("created"), one["subscription_id"]))


class StripeBank(Bank):
    STATES = {"canceled": "cancelled", "unpaid": "past_due", "incomplete_expired": "cancelled"}

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self.account = line.account = StripeLifeAccount(clock=BEGINNING)
        self.account.bank = self
        for (plan, interval), amount in PRICES.items():
            self.account.add_price(f"{plan}-{interval}-eur", amount, interval)

    def item(self, one: dict[str, Any]) -> dict[str, Any]:
        return dict(one["items"]["data"][0])

    def living(self, one: dict[str, Any]) -> bool:
        return one["status"] not in ("canceled", "unpaid", "incomplete_expired")

    def period_end(self, one: dict[str, Any]) -> int:
        return int(self.item(one)["current_period_end"])

    def cancel_at(self, one: dict[str, Any]) -> int | None:
        return one["cancel_at"]  # type: ignore[no-any-return]

    def plan(self, one: dict[str, Any]) -> str:
        return str(self.item(one)["price"]["lookup_key"].split("-")[0])

    def open_checkouts(self) -> list[str]:
        return [key for key, one in self.account.sessions.items() if one["status"] == "open"]

    def finish(self, checkout: str, waiting: bool) -> dict[str, Any]:
        return (
            dict(self.account.finish_checkout(checkout, "incomplete" if waiting else "active"))
            and self.subscriptions[-1]
        )

    def is_waiting(self, one: dict[str, Any]) -> bool:
        return bool(one["status"] == "incomplete")

    def is_trial(self, one: dict[str, Any]) -> bool:
        return bool(one["status"] == "trialing")

    def settle(self, one: dict[str, Any]) -> None:
        self.account.change(one["id"], status="active")

    def give_up(self, one: dict[str, Any], how: str) -> None:
        if how == "left":
            one["left"] = True
            return
        self.account.change(one["id"], status=how)

    def put_on_hold(self, one: dict[str, Any], held: bool) -> None:
        self.account.change(one["id"], pause_collection={"behavior": "void"} if held else None)

    def is_held(self, one: dict[str, Any]) -> bool:
        return one["pause_collection"] is not None

    def deliver(self, app: Flask, event: dict[str, Any]) -> bool:
        answer = app.test_client().post("/webhooks/stripe", **StripeStandIn.signed(event))
        return answer.status_code == 200

    def truth(self) -> dict[str, Any]:
        found = [self.described(one) for one in self.subscriptions]
        return best(found) if found else {}

    def described(self, one: dict[str, Any]) -> dict[str, Any]:
        item = self.item(one)
        state = "paused" if self.is_held(one) and self.living(one) else self.STATES.get(one["status"], one["status"])
        return {
            "subscription_id": one["id"], "state": state, "plan": self.plan(one), "created": one["created"],
            "interval": item["price"]["recurring"]["interval"], "amount": item["price"]["unit_amount"],
            "quantity": item["quantity"], "currency": "eur", "period_ends_at": moment(item["current_period_end"]),
            "cancel_at": moment(one["cancel_at"]), "trial_ends_at": moment(one["trial_end"]),
        }  # fmt: skip


class ChargebeeBank(Bank):
    STATES = {"in_trial": "trialing", "non_renewing": "active"}

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self.account = line.account = ChargebeeLifeAccount(clock=BEGINNING)
        self.account.bank = self
        self.paid_pages: set[str] = set()
        for (plan, interval), amount in PRICES.items():
            self.account.add_price(f"{plan}-{interval}-eur", amount, interval)

    def living(self, one: dict[str, Any]) -> bool:
        return bool(one["status"] != "cancelled")

    def period_end(self, one: dict[str, Any]) -> int:
        return int(one.get("current_term_end") or one["trial_end"])

    def cancel_at(self, one: dict[str, Any]) -> int | None:
        return one.get("cancelled_at") if one["status"] in ("non_renewing", "in_trial", "paused") else None

    def plan(self, one: dict[str, Any]) -> str:
        return str(one["subscription_items"][0]["item_price_id"].split("-")[0])

    def open_checkouts(self) -> list[str]:
        return [key for key in self.account.pages if key not in self.paid_pages]

    def finish(self, checkout: str, waiting: bool) -> dict[str, Any]:
        self.paid_pages.add(checkout)
        one = self.account.finish_checkout(checkout)
        if waiting and not self.is_trial(one):
            one |= {"due_invoices_count": 1, "due_since": one["created_at"]}
        return dict(one)

    def is_waiting(self, one: dict[str, Any]) -> bool:
        """A direct debit is on its way, and nothing was ever paid."""
        return bool(one["due_invoices_count"] and one["due_since"] == one["created_at"] and self.living(one))

    def expire(self, one: dict[str, Any]) -> None:
        self.account.end(one["id"])

    def is_trial(self, one: dict[str, Any]) -> bool:
        return bool(one["status"] == "in_trial")

    def settle(self, one: dict[str, Any]) -> None:
        self.account.recover(one["id"])

    def give_up(self, one: dict[str, Any], how: str) -> None:
        if how == "left":
            one["left"] = True
        else:
            self.owed.pop(one["id"])
            self.account.end(one["id"])

    def put_on_hold(self, one: dict[str, Any], held: bool) -> None:
        running = "non_renewing" if one.get("cancelled_at") else "active"
        one["status"] = "paused" if held else running
        self.account.event("subscription_paused" if held else "subscription_resumed", one)

    def is_held(self, one: dict[str, Any]) -> bool:
        return bool(one["status"] == "paused")

    def deliver(self, app: Flask, event: dict[str, Any]) -> bool:
        answer = app.test_client().post("/webhooks/chargebee", **ChargebeeStandIn.delivered(event))
        return answer.status_code == 200

    def truth(self) -> dict[str, Any]:
        found = [self.described(one) for one in self.subscriptions]
        return best(found) if found else {}

    def described(self, one: dict[str, Any]) -> dict[str, Any]:
        item = one["subscription_items"][0]
        state = self.STATES.get(one["status"], one["status"])
        if state == "active" and one["due_invoices_count"]:
            state = "incomplete" if self.is_waiting(one) else "past_due"
        return {
            "subscription_id": one["id"], "state": state, "plan": self.plan(one), "created": one["created_at"],
            "interval": one["billing_period_unit"], "amount": item["unit_price"], "quantity": item["quantity"],
            "currency": "eur", "period_ends_at": moment(self.period_end(one)),
            "cancel_at": moment(self.cancel_at(one)), "trial_ends_at": moment(one.get("trial_end")),
        }  # fmt: skip


def moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
