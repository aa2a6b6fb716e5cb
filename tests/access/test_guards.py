"""The guard before every view: what it lets through, and what a view may rely on behind it."""

from collections.abc import Iterator

import pytest
from flask import Blueprint, Flask, jsonify

from enferno.access.guards import (
    allowed,
    current_membership,
    open_to_all,
    provider_signed,
    requires,
    signed_in,
    superadmin_only,
)
from enferno.access.permissions import Permission
from enferno.tenancy import current_workspace
from tests.conftest import DATABASES
from tests.support.stage import Stage, stage_on

GUARDS = {
    "open": open_to_all,
    "in": signed_in,
    "operator": superadmin_only,
    "signed": provider_signed,
}


def add_views(app: Flask) -> None:
    views = Blueprint("views", __name__, url_prefix="/api/views")
    for name, guard in GUARDS.items():
        views.add_url_rule(f"/{name}", name, guard(lambda: jsonify(sorted(allowed()))), methods=["GET", "POST"])

    @views.get("/of/<slug>")
    @requires(Permission.WORKSPACE_VIEW)
    def show():
        return jsonify(slug=current_workspace.slug, role=current_membership.role, allowed=sorted(allowed()))

    @views.post("/of/<slug>")
    @requires(Permission.WORKSPACE_MANAGE)
    def manage():
        return jsonify(slug=current_workspace.slug)

    @views.get("/careless")
    @signed_in
    def careless():
        return jsonify(role=current_membership.role)

    def bare():
        return jsonify("nobody was asked")

    views.add_url_rule("/bare", "bare", bare)
    app.register_blueprint(views)


@pytest.fixture(scope="module", params=DATABASES)
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage_on(request.param, tmp_path_factory.mktemp("guards"), prepare=add_views) as found:
        yield found


@pytest.fixture
def views(standing: Stage) -> Stage:
    standing.reset()
    return standing


@pytest.mark.parametrize(
    ("name", "visitor", "person", "operator"),
    [("open", 200, 200, 200), ("in", 401, 200, 200), ("operator", 401, 403, 200)],
)
def test_each_guard_lets_through_whom_it_names(views, name, visitor, person, operator):
    world = views.world
    found = [
        views.browser(email).get(f"/api/views/{name}").status_code
        for email in (None, world.stranger.email, world.root.email)
    ]
    assert found == [visitor, person, operator]


def test_a_view_that_a_provider_signs_is_asked_for_no_cookie_and_no_token(views):
    browser = views.browser()
    browser.csrf = ""
    assert browser.post("/api/views/signed").status_code == 200


def test_every_other_view_asks_for_the_token_on_a_post(views):
    for name in ("open", "in", "operator"):
        browser = views.browser(views.world.root.email)
        assert browser.post(f"/api/views/{name}").status_code == 200
        browser.csrf = ""
        assert browser.post(f"/api/views/{name}").status_code == 400


def test_a_view_that_slipped_past_the_start_without_a_guard_is_refused(views):
    """The start refuses it; should one be added later, nobody gets in."""
    assert views.browser(views.world.root.email).get("/api/views/bare").status_code == 403


def test_behind_the_guard_the_workspace_and_the_membership_are_the_callers(views):
    acme = views.world.acme
    for role in ("owner", "admin", "member"):
        answer = views.browser(getattr(acme, role).email).get(f"/api/views/of/{acme.slug}")
        assert (answer.json["slug"], answer.json["role"]) == (acme.slug, role)
        assert ("workspace:manage" in answer.json["allowed"]) == (role != "member")


def test_a_permission_is_asked_for_and_not_a_role(views):
    acme = views.world.acme
    found = {
        role: views.browser(getattr(acme, role).email).post(f"/api/views/of/{acme.slug}").status_code
        for role in ("owner", "admin", "member")
    }
    assert found == {"owner": 200, "admin": 200, "member": 403}


def test_outside_of_a_workspace_nothing_is_allowed(views):
    assert views.browser(views.world.acme.owner.email).get("/api/views/in").json == []


def test_a_view_that_asks_for_a_membership_it_was_not_given_is_a_fault_and_no_leak(views):
    assert views.browser(views.world.acme.owner.email).get("/api/views/careless").status_code == 500


def test_the_operator_is_nobody_in_a_workspace_he_does_not_belong_to(views):
    assert views.browser(views.world.root.email).get(f"/api/views/of/{views.world.acme.slug}").status_code == 404


def test_a_role_that_is_no_longer_known_holds_nothing(views):
    """A product that takes a role out leaves people with it; they are members who may do nothing."""
    from enferno.extensions import db
    from enferno.tenancy import in_workspace

    acme = views.world.acme
    with views.app.app_context(), in_workspace(acme.id) as workspace:
        workspace.membership_of(acme.member.id).role = "ornithologist"
        db.session.flush()
    assert views.browser(acme.member.email).get(f"/api/views/of/{acme.slug}").status_code == 403
