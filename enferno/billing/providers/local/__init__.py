"""The provider in a box: a whole provider on this machine, for a demo and for tests. Refused in production.

Its checkout and portal are pages under /dev/billing; its clock can be moved on, so that a trial, a renewal, a card
that fails and its recovery can be seen in a minute. Nothing leaves the machine, and no money moves.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from enferno.billing.plans import Catalogue, Plan, Price
from enferno.billing.providers import Compared, Invoice, NotGenuine, Notice, Order
from enferno.billing.providers.local import bank
from enferno.billing.providers.local.models import LocalCustomer, LocalInvoice, LocalSession, LocalSubscription
from enferno.billing.states import State, Truth
from enferno.extensions import db
from enferno.settings import current_settings

__all__ = ["Local"]


class Local:
    key = "local"

    def notice(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        """Nobody sends this provider's events over HTTP; who tries did not come from it."""
        raise NotGenuine("the provider in a box delivers its events itself")

    def subscriptions_of(self, customer_id: str) -> list[Truth]:
        mine = select(LocalSubscription).where(LocalSubscription.customer_id == customer_id)
        return [truth(one) for one in db.session.scalars(mine)]

    def make_customer(self, workspace_id: UUID, name: str, email: str) -> str:
        customer_id = f"cus_{workspace_id.hex}"
        if db.session.get(LocalCustomer, customer_id) is None:
            db.session.add(LocalCustomer(id=customer_id, name=name, email=email))
            db.session.flush()
        return customer_id

    def open_checkout(self, order: Order) -> tuple[str, str]:
        session_id = f"cs_{order.id.hex}"
        if db.session.get(LocalSession, session_id) is None:
            session = LocalSession(
                id=session_id,
                customer_id=order.customer_id,
                plan=order.plan.key,
                interval=order.price.interval,
                currency=order.price.currency,
                amount=order.price.amount,
                quantity=order.quantity,
                trial_days=order.trial_days,
                named_workspace=str(order.workspace_id),
                success_url=order.success_url,
                cancel_url=order.cancel_url,
            )
            db.session.add(session)
            db.session.flush()
        return session_id, f"{current_settings().base_url}/dev/billing/checkout/{session_id}"

    def close_checkouts(self, customer_id: str) -> None:
        still_open = select(LocalSession).where(
            LocalSession.customer_id == customer_id,
            LocalSession.subscription_id.is_(None),
            LocalSession.expired_at.is_(None),
        )
        for session in db.session.scalars(still_open):
            session.expired_at = bank.local_now()

    def open_portal(self, customer_id: str, return_url: str) -> str:
        return f"{current_settings().base_url}/dev/billing/portal/{customer_id}"

    def cancel_now(self, subscription_id: str) -> None:
        one = db.session.get(LocalSubscription, subscription_id)
        if one is not None:
            bank.end(one)

    def set_quantity(self, subscription_id: str, quantity: int) -> None:
        one = db.session.get_one(LocalSubscription, subscription_id)
        one.quantity = quantity
        bank.tell("subscription.updated", one)

    def change_plan(self, subscription_id: str, plan: Plan, price: Price) -> None:
        one = db.session.get_one(LocalSubscription, subscription_id)
        bank.change_plan(one, plan.key, price.interval, price.amount)

    def cancel_at_end(self, subscription_id: str) -> None:
        bank.cancel_at_end(db.session.get_one(LocalSubscription, subscription_id))

    def resume(self, subscription_id: str) -> None:
        bank.resume(db.session.get_one(LocalSubscription, subscription_id))

    def invoices_of(self, customer_id: str) -> list[Invoice]:
        mine = select(LocalInvoice).where(LocalInvoice.customer_id == customer_id)
        return [
            Invoice(number=one.id.hex[-8:].upper(), at=one.at, amount=one.amount, currency=one.currency, paid=one.paid)
            for one in db.session.scalars(mine.order_by(LocalInvoice.at.desc()).limit(24))
        ]

    def compare(self, catalogue: Catalogue) -> list[Compared]:
        """This provider takes its prices from the order."""
        return [Compared(plan=plan, price=price) for plan in catalogue for price in plan.price]

    def make_price(self, plan: Plan, price: Price) -> None:
        return

    def complaints(self) -> list[str]:
        return []


def truth(one: LocalSubscription) -> Truth:
    return Truth(
        subscription_id=one.id,
        customer_id=one.customer_id,
        state=State(one.state),
        plan=one.plan,
        interval=one.interval,
        currency=one.currency,
        amount=one.amount,
        quantity=one.quantity,
        started_at=one.created_at,
        period_started_at=one.period_started_at,
        period_ends_at=one.period_ends_at,
        trial_ends_at=one.trial_ends_at,
        cancel_at=one.cancel_at,
        ended_at=one.ended_at,
        ended_unpaid=bank.was_given_up(one),
    )
