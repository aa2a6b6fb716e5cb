"""Lives of a subscription: what customers, banks, networks and machines do to it, and what must hold all the while.

A life is a list of steps. The provider's side of it happens in a stand-in; ours is the real application, through the
real SDK. Beside both stands a ledger of what was paid, kept by rules of its own: it never asks our code.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from flask import Flask
from sqlalchemy import Connection, func, select, text

from enferno.billing import changes, mirror
from enferno.billing.checkout import AlreadySubscribed, begin_checkout, confirm_checkout
from enferno.billing.inbox import drain_billing
from enferno.billing.models import BillingEvent, Checkout, EventState, Subscription
from enferno.billing.providers import ProviderUnavailable
from enferno.billing.reconcile import reconcile
from enferno.billing.seats import follow_members_everywhere
from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import User
from tests.billing.banks import Bank
from tests.support.world import Team

__all__ = ["POINTS", "Ground", "Killed", "Life"]

DAY = 86_400
GRACE = 7 * DAY
WRITTEN = ("subscriptions", "checkouts", "billing_events", "billing_accounts", "activities", "outbound_mails")

# Where a process may end: just before each of these does its work. "provider_answered" is after the provider has.
POINTS = ("claim", "locked_subscription", "provider_answered", "choose", "copy", "note_trial", "announce", "set_aside")

MIRRORED = select(Subscription.__table__)
EVENTS = BillingEvent.__table__
WAITING = select(func.count()).select_from(EVENTS).where(EVENTS.c.state == EventState.RECEIVED)
UNDONE = select(EVENTS.c.kind, EVENTS.c.state, EVENTS.c.last_error).where(EVENTS.c.state != EventState.DONE)


class Killed(BaseException):
    """The process ended here. No handler of ours may catch it."""


@dataclass
class Ground:
    """One application and database for many lives."""

    app: Flask
    team: Team
    new_bank: Callable[[], Bank]
    # Sees every row: to look at what a life did without asking our code, and to leave nothing of it to the next.
    outside: Connection
    armed: str = ""
    kills: int = 0

    def at(self, point: str) -> None:
        if self.armed == point:
            self.armed, self.kills = "", self.kills + 1
            raise Killed(point)

    def clean(self) -> None:
        """As if nobody had ever bought anything."""
        for table in WRITTEN:
            self.outside.execute(text(f"DELETE FROM {table}"))

    @contextmanager
    def with_points(self) -> Iterator[None]:
        """Make the points of `POINTS` places where a process can end."""
        kept = {name: getattr(mirror, name) for name in POINTS if hasattr(mirror, name)}

        def pointed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
            def reached(*args: Any, **kwargs: Any) -> Any:
                self.at(name)
                return function(*args, **kwargs)

            return reached

        for name, function in kept.items():
            setattr(mirror, name, pointed(name, function))
        try:
            yield
        finally:
            for name, function in kept.items():
                setattr(mirror, name, function)


@dataclass
class Life:
    """One life; each public method is a step that may happen at any time, also when it makes no sense."""

    ground: Ground
    bank: Bank = field(init=False)
    undelivered: list[dict[str, Any]] = field(default_factory=list)
    heard: int = 0

    def __post_init__(self) -> None:
        self.bank = self.ground.new_bank()

    def run(self, steps: list[tuple[Any, ...]]) -> None:
        self.ground.clean()
        self.ground.armed = ""
        with time_machine.travel(self.moment(), tick=False) as clock:
            for name, *words in steps:
                self.survive(lambda name=name, words=words: getattr(self, name)(*words))  # type: ignore[misc]
                self.gather()
                clock.move_to(self.moment())
                self.grants_only_what_was_paid()
            self.bank.line.is_down, self.ground.armed = False, ""
            # Where every event arrives in the end they are enough, and nothing has to be reconciled. It takes long, so
            # that a part of the lives must do.
            if len(steps) % 4 == 0 and all(name != "lose" for name, *_ in steps):
                self.hears_of_everything()
                self.is_as_the_provider_says()
            self.ends_as_the_provider_says()

    def survive(self, step: Callable[[], Any]) -> None:
        """A step may meet a provider that is away, or the end of its process; neither is the end of the life."""
        with suppress(Killed, ProviderUnavailable, AlreadySubscribed, changes.NothingToChange):
            step()

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.bank.clock, UTC)

    def gather(self) -> None:
        self.undelivered += self.bank.events[self.heard :]
        self.heard = len(self.bank.events)

    def within(self, work: Callable[[], Any]) -> Any:
        with self.ground.app.test_request_context(), in_workspace(self.ground.team.id) as workspace:
            # Held as a request's guard holds it, or it would be read again at every mention.
            held = workspace._get_current_object()
            return work() if held else None

    # --- what people do in our pages -----------------------------------------------------------------------------

    def checkout(self, plan: str, interval: str) -> None:
        """By the month for the three members that there are, by the year for one: the seats must follow."""
        seats = 3 if interval == "month" else 1

        def begin() -> None:
            begin_checkout(
                plan, interval, "eur", by=db.session.get_one(User, self.ground.team.owner.id), quantity=seats
            )

        self.within(begin)

    def come_back(self) -> None:
        def latest() -> None:
            found = db.session.scalars(select(Checkout).order_by(Checkout.created_at.desc())).first()
            if found is not None:
                confirm_checkout(found.id)

        self.within(latest)

    def change(self, plan: str, interval: str) -> None:
        self.within(lambda: self.within_reach() and changes.change_plan(plan, interval))

    def cancel(self) -> None:
        if not self.bank.cancels_trials and self.bank.is_on_trial():
            return
        self.within(lambda: self.within_reach() and changes.cancel_at_end())

    def resume(self) -> None:
        self.within(lambda: self.within_reach() and changes.resume())

    def within_reach(self) -> bool:
        """Only what lives at the provider can be changed there; the mirror may not have heard of its end yet."""
        mine = db.session.scalars(select(Subscription)).one_or_none()
        return mine is not None and self.bank.can_change(mine.subscription_id)

    # --- what people and banks do at the provider -----------------------------------------------------------------

    def pay(self, waiting: bool) -> None:
        self.bank.pay(waiting)

    def confirm(self) -> None:
        self.bank.confirm()

    def recover(self) -> None:
        self.bank.recover()

    def end(self) -> None:
        self.bank.end()

    def pause(self) -> None:
        self.bank.pause()

    def unpause(self) -> None:
        self.bank.unpause()

    def wait(self, days: int, pays: bool, given_up: str) -> None:
        self.bank.wait(days, pays, given_up)

    # --- what networks and machines do ----------------------------------------------------------------------------

    def deliver(self, order: int, times: int) -> None:
        """All that waits, in some order, each once or twice; whatever is not answered with 200 comes again."""
        waiting, self.undelivered = self.undelivered, []
        random.Random(order).shuffle(waiting)
        for event in waiting * times:
            try:
                with self.ground.app.app_context():
                    accepted = self.bank.deliver(self.ground.app, event)
            except Killed:
                accepted = False
            if not accepted:
                self.undelivered.append(event)

    def lose(self) -> None:
        self.undelivered.clear()

    def outage(self) -> None:
        self.bank.line.is_down = True

    def recovery(self) -> None:
        self.bank.line.is_down = False

    def kill(self, point: str) -> None:
        self.ground.armed = point

    def tick(self) -> None:
        """The minute's round."""
        with self.ground.app.app_context():
            drain_billing.perform(None, [], {})

    def daily(self) -> None:
        """The day's round."""
        with self.ground.app.app_context():
            list(reconcile())
            follow_members_everywhere.perform(None, [], {})

    # --- what must hold ---------------------------------------------------------------------------------------------

    def row(self) -> Subscription | None:
        """The mirror as it stands in the database, whoever may see it."""
        found = self.ground.outside.execute(MIRRORED).mappings().one_or_none()
        return Subscription(**found) if found else None

    def grants_only_what_was_paid(self) -> None:
        """Not now, and, should nothing be heard of any more, at no time to come."""
        row = self.row()
        if row is None:
            return
        edges = {entry.until + GRACE for entry in self.bank.ledger}
        ahead = {self.bank.clock + days * DAY for days in (0, 1, 5, 7, 8, 20, 29, 31, 36, 38, 60, 400)}
        for at in sorted(ahead | {edge + one for edge in edges for one in (0, 1)}):
            if at < self.bank.clock:
                continue
            plan = row.plan_in_force(datetime.fromtimestamp(at, UTC), timedelta(seconds=GRACE))
            paid = [entry for entry in self.bank.ledger if entry.plan == plan and at <= entry.until + GRACE]
            assert plan is None or paid, (
                f"{plan} is granted {(at - self.bank.clock) / DAY:.2f} days from now; paid was {self.bank.ledger}"
            )

    def ends_as_the_provider_says(self) -> None:
        """After the daily rounds the mirror is the truth, whatever was lost; what happened first changes nothing."""
        with self.ground.app.app_context():
            faults = [found.fault for found in reconcile() if found.fault]
            assert not faults, faults
        self.is_as_the_provider_says()
        self.nothing_is_lost()

    def hears_of_everything(self) -> None:
        self.deliver(len(self.bank.events), 1)
        self.nothing_is_lost()

    def is_as_the_provider_says(self) -> None:
        self.grants_only_what_was_paid()
        truth, row = self.bank.truth(), self.row()
        mirrored = {name: getattr(row, name) for name in truth} if row is not None else {}
        assert mirrored == truth, f"the mirror has {mirrored}, the provider {truth}"
        assert self.bank.trials <= 1, "a second trial"
        if truth and truth["state"] in ("active", "trialing"):
            assert row is not None
            assert row.plan_in_force(self.moment(), timedelta(seconds=GRACE)) == truth["plan"]

    def nothing_is_lost(self) -> None:
        """Every event that was taken in is done in the end, or says why not."""
        for _round in range(3):
            if not self.ground.outside.scalar(WAITING):
                break
            with self.ground.app.app_context():
                due = db.session.query(BillingEvent).filter(BillingEvent.state == EventState.RECEIVED)
                due.update({"next_try_at": self.moment()}, synchronize_session=False)
                db.session.commit()
                drain_billing.perform(None, [], {})
        left = self.ground.outside.execute(UNDONE).all()
        assert not left, left
