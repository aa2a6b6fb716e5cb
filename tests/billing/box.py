"""The provider in a box, and what a customer does there in a test: buy, let time pass, change the card."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from enferno.billing.checkout import begin_checkout
from enferno.billing.models import Subscription
from enferno.billing.providers.local import bank
from enferno.billing.providers.local.models import LocalCustomer, LocalSession, LocalSubscription
from enferno.billing.states import State
from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import User
from tests.support.stage import Stage
from tests.support.world import Team

__all__ = ["Box"]


class Box:
    """On the stage, whose application sells through the provider in a box. Events arrive at once."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.app = stage, stage.app

    def within(self, team: Team, work: Callable[[], Any]) -> Any:
        """In the workspace, as a request would be."""
        with self.app.test_request_context(), in_workspace(team.id):
            return work()

    def at_the_bank(self, work: Callable[[], Any]) -> Any:
        with self.app.test_request_context():
            done = work()
            db.session.commit()
            return done

    def buy(self, team: Team, plan: str = "starter", card: str = "works", interval: str = "month") -> str:
        """Check out and pay; gives the subscription's id at the provider."""

        def begin() -> str:
            owner = db.session.get_one(User, team.owner.id)
            return str(begin_checkout(plan, interval, "eur", by=owner).checkout.session_id)

        session_id = self.within(team, begin)

        def pay() -> str:
            one = bank.pay(db.session.get_one(LocalSession, session_id), card)
            assert one is not None
            return str(one.id)

        return str(self.at_the_bank(pay))

    def days_later(self, days: float) -> None:
        self.at_the_bank(lambda: bank.move_clock(timedelta(days=days)))

    def change_card(self, team: Team, card: str) -> None:
        self.at_the_bank(lambda: bank.change_card(self.customer(team), card))

    def customer(self, team: Team) -> LocalCustomer:
        return db.session.get_one(LocalCustomer, f"cus_{team.id.hex}")

    def seats(self, subscription_id: str) -> int:
        """The quantity at the provider."""
        return int(self.at_the_bank(lambda: db.session.get_one(LocalSubscription, subscription_id).quantity))

    def mirror(self, team: Team) -> dict[str, Any]:
        """What we know of the subscription; empty while there is none."""

        def read() -> dict[str, Any]:
            row = db.session.scalars(select(Subscription)).one_or_none()
            if row is None or row.state == State.NONE:
                return {}
            return {each.key: getattr(row, each.key) for each in Subscription.__table__.columns}

        return dict(self.within(team, read))
