"""402 for people: what the plan lacks, which plans have it, and who can change that."""

from typing import Any

from flask import Flask, Response, g

from enferno.access.guards import allowed
from enferno.access.permissions import Permission, permission_map
from enferno.answers import answer_error, undo, wants_json
from enferno.billing.checkout import subscription
from enferno.billing.gates import PlanRequired, current_plan
from enferno.billing.overview import may_try
from enferno.billing.price_list import offers, sales_address
from enferno.extensions import db
from enferno.pages import render_page
from enferno.tenancy import current_workspace
from enferno.workspace.models import Membership

__all__ = ["init_app", "who_pays"]

# Whom to ask; more names would be a list and no help.
NAMED = 3


def init_app(app: Flask) -> None:
    app.register_error_handler(PlanRequired, show_upgrade)


def show_upgrade(refusal: PlanRequired) -> Response:
    """The upgrade page; programs get problem details. What the request had begun is undone."""
    if wants_json() or g.get("membership") is None:
        return answer_error(refusal)
    undo()
    data = upgrade(refusal)
    return render_page("portal/upgrade", title=str(refusal.title), data=data, layout="app", status=refusal.status)


def upgrade(refusal: PlanRequired) -> dict[str, Any]:
    """What the page says. Prices are for those who may pay; everybody else is told whom to ask."""
    pays = Permission.BILLING_MANAGE in allowed()
    mine = subscription() if pays else None
    trials = pays and may_try(mine)
    return {
        "reason": refusal.reason,
        "plan": current_plan().name,
        "plans": offers(refusal.unlocked_by, prices=pays, trials=trials),
        "interval": mine.interval if mine is not None else "",
        "contact": sales_address() if pays else "",
        "ask": [] if pays else who_pays(),
    }


def who_pays() -> list[str]:
    """The names of those who may change the plan, the longest here first."""
    roles = permission_map().holders[Permission.BILLING_MANAGE]
    query = current_workspace.memberships().where(Membership.role.in_(roles))
    found = db.session.scalars(query.order_by(Membership.created_at, Membership.id).limit(NAMED))
    return [membership.name for membership in found]
