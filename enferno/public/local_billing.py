"""/dev/billing: the checkout, the portal and the desk of the provider in a box. There is none of it in production."""

from datetime import timedelta
from typing import Any, TypeVar

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_currency, format_date
from sqlalchemy import select

from enferno.access.guards import open_to_all
from enferno.billing.account import billing
from enferno.billing.providers.local import bank, delivery
from enferno.billing.providers.local.models import (
    CARDS,
    LocalCustomer,
    LocalDelivery,
    LocalInvoice,
    LocalSession,
    LocalSubscription,
)
from enferno.errors import NotFound
from enferno.extensions import cache, db
from enferno.settings import current_settings

__all__ = ["init_app"]

Row = TypeVar("Row")

local_billing = Blueprint("local_billing", __name__, url_prefix="/dev/billing")

STEPS = {"1": timedelta(days=1), "7": timedelta(days=7), "30": timedelta(days=30)}


def init_app(app: Flask) -> None:
    if current_settings(app).sells_through == "local":
        app.register_blueprint(local_billing)


@local_billing.context_processor
def words() -> dict[str, Any]:
    return {"money": money, "day": format_date, "cards": CARDS, "plan_name": plan_name, "now": bank.local_now}


@local_billing.get("")
@open_to_all
def desk() -> str:
    """Where time is moved and deliveries are played with."""
    events = select(LocalDelivery).order_by(LocalDelivery.created_at.desc(), LocalDelivery.id.desc()).limit(50)
    subscriptions = select(LocalSubscription).order_by(LocalSubscription.created_at.desc()).limit(20)
    return render_template(
        "local/desk.html",
        books=bank.books(),
        ways=delivery.WAYS,
        events=db.session.scalars(events).all(),
        subscriptions=db.session.scalars(subscriptions).all(),
    )


@local_billing.post("/clock")
@open_to_all
def move() -> ResponseReturnValue:
    bank.move_clock(STEPS.get(request.form.get("days", ""), timedelta(0)))
    # What was kept for a minute has just become older than that.
    cache.clear()
    return done(url_for(".desk"))


@local_billing.post("/delivery")
@open_to_all
def choose_delivery() -> ResponseReturnValue:
    way = request.form.get("way", "")
    if way in delivery.WAYS:
        bank.books().delivery = way
    return done(url_for(".desk"))


@local_billing.post("/deliveries")
@open_to_all
def deliver_held() -> ResponseReturnValue:
    delivery.deliver_held(last_first=request.form.get("order") == "last_first")
    return done(url_for(".desk"))


@local_billing.post("/deliveries/<event_id>")
@open_to_all
def deliver_again(event_id: str) -> ResponseReturnValue:
    delivery.deliver(found(LocalDelivery, event_id))
    return done(url_for(".desk"))


@local_billing.get("/checkout/<session_id>")
@open_to_all
def checkout(session_id: str) -> str:
    return render_template("local/checkout.html", session=found(LocalSession, session_id), refused=False)


@local_billing.post("/checkout/<session_id>")
@open_to_all
def pay(session_id: str) -> ResponseReturnValue:
    session = found(LocalSession, session_id)
    if bank.pay(session, card()) is None:
        return render_template("local/checkout.html", session=session, refused=True)
    return redirect(session.success_url, code=303)


@local_billing.get("/portal/<customer_id>")
@open_to_all
def portal(customer_id: str) -> str:
    mine = select(LocalSubscription).where(LocalSubscription.customer_id == customer_id)
    bills = select(LocalInvoice).where(LocalInvoice.customer_id == customer_id).order_by(LocalInvoice.at.desc())
    return render_template(
        "local/portal.html",
        customer=found(LocalCustomer, customer_id),
        subscriptions=db.session.scalars(mine.order_by(LocalSubscription.created_at.desc())).all(),
        invoices=db.session.scalars(bills.limit(24)).all(),
        back=url_for("portal.start"),
    )


@local_billing.post("/portal/<customer_id>/card")
@open_to_all
def change_card(customer_id: str) -> ResponseReturnValue:
    bank.change_card(found(LocalCustomer, customer_id), card())
    return done(url_for(".portal", customer_id=customer_id))


@local_billing.post("/subscriptions/<subscription_id>")
@open_to_all
def act(subscription_id: str) -> ResponseReturnValue:
    one = found(LocalSubscription, subscription_id)
    acts = {"cancel": bank.cancel_at_end, "resume": bank.resume, "end": bank.end, "confirm": bank.confirm}
    if (chosen := acts.get(request.form.get("act", ""))) is not None:
        chosen(one)
    return done(url_for(".portal", customer_id=one.customer_id))


def found(kind: type[Row], key: str) -> Row:
    row = db.session.get(kind, key)
    if row is None:
        raise NotFound
    return row


def card() -> str:
    chosen = request.form.get("card", "")
    return chosen if chosen in CARDS else "works"


def done(url: str) -> ResponseReturnValue:
    return redirect(url, code=303)


def money(minor: int, currency: str) -> str:
    return format_currency(minor / 100, currency.upper())


def plan_name(key: str) -> str:
    plan = billing().catalogue.get(key)
    return plan.name if plan else key
