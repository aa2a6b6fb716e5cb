"""The states of a subscription as we say them, and what each means for what a workspace may use.

Providers have more states and other names; each provider's module maps its own onto these.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

__all__ = ["PAYING", "RANK", "STANDING", "State", "Truth", "changes_between", "choose"]


class State(StrEnum):
    NONE = "none"
    INCOMPLETE = "incomplete"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    PAUSED = "paused"
    CANCELLED = "cancelled"


# Where a customer has several subscriptions, the one that grants most speaks for the workspace.
RANK = {
    State.ACTIVE: 6,
    State.TRIALING: 5,
    State.PAST_DUE: 4,
    State.PAUSED: 3,
    State.INCOMPLETE: 2,
    State.CANCELLED: 1,
    State.NONE: 0,
}

# From, to: what is announced. Every pair that is not here changes the mirror without a word.
ANNOUNCEMENTS: dict[tuple[State, State], str] = {
    **{(before, State.TRIALING): "trial_started" for before in (State.NONE, State.INCOMPLETE, State.CANCELLED)},
    **{(before, State.ACTIVE): "started" for before in (State.NONE, State.INCOMPLETE, State.CANCELLED)},
    (State.TRIALING, State.ACTIVE): "trial_paid",
    **{(before, State.PAST_DUE): "payment_failed" for before in (State.ACTIVE, State.TRIALING)},
    (State.PAST_DUE, State.ACTIVE): "payment_recovered",
    **{(before, State.PAUSED): "paused" for before in (State.ACTIVE, State.TRIALING, State.PAST_DUE)},
    (State.PAUSED, State.ACTIVE): "resumed",
    (State.PAUSED, State.TRIALING): "resumed",
    **{(before, State.CANCELLED): "ended" for before in (State.ACTIVE, State.TRIALING, State.PAST_DUE, State.PAUSED)},
}


# In these it is billed for, now or soon: a second subscription would be a second bill.
PAYING = frozenset({State.TRIALING, State.ACTIVE, State.PAST_DUE, State.PAUSED})
# The same, and what will be paid for when a bank has answered: one such stands in the way of another.
STANDING = PAYING | {State.INCOMPLETE}


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What a provider says of one subscription, in our words.

    Attributes:
        amount: The price of one interval and one seat, in the currency's minor unit.
        unpaid: The provider has given up collecting: no grace is left.
        ended_unpaid: It has ended because nobody paid, and not because somebody wished it to.
    """

    subscription_id: str
    customer_id: str
    state: State
    plan: str
    interval: str
    currency: str
    amount: int
    quantity: int
    started_at: datetime
    period_started_at: datetime
    period_ends_at: datetime
    trial_ends_at: datetime | None = None
    cancel_at: datetime | None = None
    ended_at: datetime | None = None
    unpaid: bool = False
    ended_unpaid: bool = False

    def grace_until(self, grace: timedelta) -> datetime | None:
        """Until when the plan is kept although a payment failed. Counted from the provider's time, so that news
        which arrives late grants no more than news which arrives at once."""
        if self.state is not State.PAST_DUE:
            return None
        return self.period_started_at + (timedelta(0) if self.unpaid else grace)


def choose(truths: list[Truth]) -> Truth | None:
    """The subscription that speaks for the customer: the one that grants most, and of equals the newest."""
    return max(truths, key=lambda truth: (RANK[truth.state], truth.started_at, truth.subscription_id), default=None)


def changes_between(before: State, after: State) -> str | None:
    """What a change of state is called where it is announced; None when nobody needs to hear of it."""
    return ANNOUNCEMENTS.get((before, after))
