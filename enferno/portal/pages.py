"""The pages of a workspace."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from enferno.access.guards import allowed, requires, signed_in
from enferno.access.permissions import Permission
from enferno.billing.checkout import subscription
from enferno.billing.overview import may_try
from enferno.billing.price_list import price_list, sales_address
from enferno.pages import render_page
from enferno.portal.upgrade import who_pays
from enferno.tenancy import current_workspace
from enferno.workspace.events import titles
from enferno.workspace.founding import found_workspace
from enferno.workspace.reach import first_place

portal = Blueprint("portal", __name__)


@portal.get("/app")
@signed_in
def start() -> ResponseReturnValue:
    """Where signing in leads: the first workspace; who has none gets one, or if the operator, the operator's pages."""
    person = current_user._get_current_object()
    workspace = first_place(person)
    if workspace is None and person.is_superadmin:
        return redirect(url_for("superadmin.overview"))
    workspace = workspace or found_workspace(person, person.display_name)
    return redirect(url_for("portal.home", slug=workspace.slug))


@portal.get("/w/<slug>/")
@requires(Permission.WORKSPACE_VIEW)
def home() -> ResponseReturnValue:
    return render_page("portal/home", title=current_workspace.name if current_workspace.is_team else _("Home"))


@portal.get("/w/<slug>/members")
@requires(Permission.MEMBERS_VIEW)
def members() -> ResponseReturnValue:
    return render_page("portal/members", title=_("Members"))


@portal.get("/w/<slug>/activity")
@requires(Permission.ACTIVITY_VIEW)
def activity() -> ResponseReturnValue:
    kinds = [{"value": kind, "title": title} for kind, title in sorted(titles().items(), key=lambda pair: pair[1])]
    return render_page("portal/activity", title=_("Activity"), data={"kinds": kinds})


@portal.get("/w/<slug>/billing")
@requires(Permission.BILLING_VIEW)
def billing() -> ResponseReturnValue:
    pays = Permission.BILLING_MANAGE in allowed()
    plans = price_list(prices=pays, trials=pays and may_try(subscription()))
    data = {"plans": plans, "contact": sales_address(), "ask": [] if pays else who_pays()}
    title = _("Plan and bills") if current_workspace.is_team else _("Your plan")
    return render_page("portal/billing", title=title, data=data)


@portal.get("/w/<slug>/settings")
@requires(Permission.WORKSPACE_VIEW)
def settings() -> ResponseReturnValue:
    return render_page("portal/settings", title=_("Settings"))
