"""What every page knows: the person, the workspace, where one can go, and what one may do."""

from typing import Any

from flask import g, has_request_context, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from enferno.access.guards import allowed
from enferno.access.permissions import Permission
from enferno.billing.account import billing
from enferno.billing.banner import line_above
from enferno.features import NavEntry, features
from enferno.settings import current_settings
from enferno.tenancy import current_workspace
from enferno.workspace.models import Workspace
from enferno.workspace.reach import reachable

__all__ = ["page_context"]


def page_context() -> dict[str, Any]:
    """The part of a page's data that does not depend on the page."""
    settings = current_settings()
    context: dict[str, Any] = {"app_name": settings.app_name, "env": settings.env, "urls": public_urls()}
    if not has_request_context() or not current_user.is_authenticated:
        return context
    context |= {"user": person(), "theme": current_user.theme, "urls": context["urls"] | own_urls()}
    context["workspaces"] = [described(workspace) for workspace in switcher()]
    if g.get("membership") is not None:
        slug, sees_bills = current_workspace.slug, Permission.BILLING_VIEW in allowed()
        context |= {
            "workspace": described(current_workspace)
            | {"role": g.membership.role, "api": f"/api/v1/workspaces/{slug}"},
            "allowed": sorted(allowed()),
            "nav": navigation(slug, current_workspace.is_team),
            # The page of the bill says all of it itself, and more.
            "banner": None if request.endpoint == "portal.billing" else line_above(slug, sees_bills=sees_bills),
        }
    return context


def switcher() -> list[Workspace]:
    """Where else the person can go, by name; the guard has found it already where a workspace is open."""
    found = g.get("reachable")
    if found is None:
        return reachable(current_user)
    return sorted((each for each in found if not each.is_suspended), key=lambda each: each.name.lower())


def person() -> dict[str, Any]:
    return {
        "id": str(current_user.id),
        "name": current_user.display_name,
        "email": current_user.email,
        "timezone": current_user.timezone,
        "is_superadmin": current_user.is_superadmin,
    }


def described(workspace: Workspace) -> dict[str, Any]:
    return {
        "slug": workspace.slug,
        "name": workspace.name,
        "is_team": workspace.is_team,
        "url": url_for("portal.home", slug=workspace.slug),
    }


def navigation(slug: str, is_team: bool) -> list[dict[str, Any]]:
    """Home, the features, then what belongs to the workspace; each entry only for those who may open it."""
    entries = [NavEntry(_("Home"), "portal.home", "home", Permission.WORKSPACE_VIEW)]
    entries += [entry for feature in features().values() for entry in feature.nav]
    if is_team:
        entries.append(NavEntry(_("Members"), "portal.members", "members", Permission.MEMBERS_VIEW))
    entries.append(NavEntry(_("Activity"), "portal.activity", "activity", Permission.ACTIVITY_VIEW))
    if billing().sells:
        label = _("Plan and bills") if is_team else _("Your plan")
        entries.append(NavEntry(label, "portal.billing", "credit-card", Permission.BILLING_VIEW))
    entries.append(NavEntry(_("Settings"), "portal.settings", "settings", Permission.WORKSPACE_VIEW))
    return [
        {"label": str(entry.label), "url": url_for(entry.endpoint, slug=slug), "icon": entry.icon}
        for entry in entries
        if entry.permission in allowed()
    ]


def public_urls() -> dict[str, str]:
    urls = {"home": "/", "sign_in": url_for("security.login"), "api_docs": url_for("api.reference.docs")}
    if billing().sells:
        urls["pricing"] = url_for("public.pricing")
    if current_settings().signup_open:
        urls["sign_up"] = url_for("security.register")
    return urls


def own_urls() -> dict[str, str]:
    urls = {
        "app": url_for("portal.start"),
        "profile": url_for("account.profile"),
        "security": url_for("account.security"),
        "sign_out": url_for("security.logout"),
    }
    if current_user.is_superadmin:
        urls["superadmin"] = url_for("superadmin.overview")
    return urls
