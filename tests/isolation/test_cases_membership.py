"""Cases 31 to 37: who belongs, as what, and from when on no longer."""

import pytest

from enferno.access.roles import MemberRole
from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import User
from enferno.workspace.models import Workspace
from tests.isolation.interface import Targets, with_body
from tests.isolation.matrix import Actor, ask


@pytest.fixture
def acme(cases):
    return cases.world.acme


@pytest.fixture
def noise(cases):
    return cases.world.noise


@pytest.fixture
def as_(cases, acme):
    return {role: cases.browser(getattr(acme, role).email) for role in ("owner", "admin", "member")}


def role_of(cases, acme, person):
    found = cases.browser(acme.owner.email).get(f"{acme.api}/members/{person.id}")
    return found.json["role"] if found.status_code == 200 else None


@pytest.mark.parametrize("role", list(MemberRole))
def test_case_32_a_member_cannot_set_any_role(as_, cases, acme, role):
    for person in acme.people:
        answer = as_["member"].patch(f"{acme.api}/members/{person.id}", json={"role": role})
        assert answer.status_code == 403
    assert cases.snapshot.changed() == []


def test_case_32_an_admin_cannot_make_himself_or_anyone_an_owner(as_, cases, acme):
    for person in (acme.admin, acme.member):
        assert as_["admin"].patch(f"{acme.api}/members/{person.id}", json={"role": "owner"}).status_code == 403
    assert cases.snapshot.changed() == []


def test_case_32_an_admin_cannot_touch_an_owner(as_, cases, acme):
    owner = f"{acme.api}/members/{acme.owner.id}"
    assert [as_["admin"].patch(owner, json={"role": role}).status_code for role in ("admin", "member")] == [403, 403]
    assert as_["admin"].delete(owner).status_code == 403
    assert cases.snapshot.changed() == []


def test_case_32_an_admin_cannot_delete_the_workspace(as_, cases, acme):
    assert as_["admin"].delete(acme.api).status_code == 403
    assert cases.snapshot.changed() == []


def test_case_32_a_role_that_does_not_exist_is_refused(as_, cases, acme):
    for role in ("superadmin", "", "OWNER", None, ["owner"], {"role": "owner"}):
        assert as_["owner"].patch(f"{acme.api}/members/{acme.member.id}", json={"role": role}).status_code == 422
    assert cases.snapshot.changed() == []


def test_case_32_an_owner_elsewhere_is_nobody_here(cases, acme, noise):
    """The role that counts is the one in the workspace of the address."""
    with cases.app.app_context(), in_workspace(acme.id) as workspace:
        workspace.add(db.session.get_one(User, noise.owner.id), MemberRole.MEMBER)
    both = cases.browser(noise.owner.email)
    assert both.patch(acme.api, json={"name": "Mine"}).status_code == 403
    assert both.patch(noise.api, json={"name": "Mine"}).status_code == 200


def test_case_33_the_last_owner_cannot_leave_be_demoted_or_be_removed(as_, cases, acme):
    me = f"{acme.api}/members/{acme.owner.id}"
    answers = [
        as_["owner"].delete(f"{acme.api}/members/me"),
        as_["owner"].delete(me),
        as_["owner"].patch(me, json={"role": "admin"}),
        as_["owner"].patch(me, json={"role": "member"}),
    ]
    assert {(answer.status_code, answer.json["code"]) for answer in answers} == {(409, "last_owner")}
    assert cases.snapshot.changed() == []


def test_case_33_with_a_second_owner_the_first_may_go(as_, cases, acme):
    assert as_["owner"].patch(f"{acme.api}/members/{acme.admin.id}", json={"role": "owner"}).status_code == 200
    assert as_["owner"].delete(f"{acme.api}/members/me").status_code == 204
    assert as_["owner"].get(acme.api).status_code == 404
    assert as_["admin"].delete(f"{acme.api}/members/me").status_code == 409


def test_case_34_removal_counts_from_the_next_request_on_every_route(as_, cases, acme):
    """The removed person's session stays open; what it may reach is decided anew each time."""
    assert as_["member"].get(f"{acme.api}/members").status_code == 200
    assert as_["owner"].delete(f"{acme.api}/members/{acme.member.id}").status_code == 204
    targets, refused = Targets(cases), 0
    for route in (route for route in targets.routes if route.of_a_workspace):
        path = targets.path(route, acme.owner.email, acme)
        answer = as_["member"].open(path, route.method, **with_body(targets.body(route, acme)))
        assert answer.status_code == 404, str(route)
        refused += 1
    assert refused >= 10
    assert as_["member"].get("/api/v1/me/workspaces").json["items"] == []


def test_case_34_a_demotion_counts_from_the_next_request(as_, acme):
    assert as_["admin"].patch(acme.api, json={"name": "By the admin"}).status_code == 200
    assert as_["owner"].patch(f"{acme.api}/members/{acme.admin.id}", json={"role": "member"}).status_code == 200
    assert as_["admin"].patch(acme.api, json={"name": "Once more"}).status_code == 403


def test_case_34_a_deactivated_person_is_out_everywhere_at_once(as_, cases, acme):
    with cases.app.app_context():
        db.session.get_one(User, acme.member.id).deactivate()
        db.session.commit()
    assert as_["member"].get(acme.api).status_code == 401
    assert as_["member"].get("/api/v1/me").status_code == 401


def test_case_35_a_suspended_workspace_is_shut_for_everyone_in_it(cases):
    targets, shut = Targets(cases), 0
    for route in (route for route in targets.routes if route.of_a_workspace):
        for person in cases.shut.people:
            answer = ask(cases, targets, route, Actor("suspended", person.email, cases.shut))
            assert answer.status_code == 403, str(route)
            shut += 1
    assert shut >= 30
    assert cases.snapshot.changed() == []


def test_case_35_suspension_and_restoring_count_from_the_next_request(as_, cases, acme):
    for change, status in ((Workspace.suspend, 403), (Workspace.restore, 200)):
        with cases.app.app_context(), in_workspace(acme.id) as workspace:
            change(workspace)
        assert {browser.get(acme.api).status_code for browser in as_.values()} == {status}


def test_case_35_a_deleted_workspace_is_gone_for_everyone_who_was_in_it(as_, acme):
    assert as_["owner"].delete(acme.api).status_code == 204
    for browser in as_.values():
        assert browser.get(acme.api).status_code == 404
        assert browser.get(f"/w/{acme.slug}/").status_code == 404
        assert browser.get("/api/v1/me/workspaces").json["total"] == 0


def test_case_37_two_tabs_in_two_workspaces_act_each_on_its_own(cases, acme, noise):
    """One session; which workspace is meant stands in the address and nowhere else."""
    with cases.app.app_context(), in_workspace(noise.id) as workspace:
        workspace.add(db.session.get_one(User, acme.owner.id), MemberRole.OWNER)
    olga = cases.browser(acme.owner.email)
    assert olga.get(f"/w/{acme.slug}/").status_code == 200
    assert olga.get(f"/w/{noise.slug}/").status_code == 200
    assert olga.patch(acme.api, json={"name": "First tab"}).json["slug"] == acme.slug
    assert olga.get(noise.api).json["name"] == noise.name
    assert olga.get(acme.api).json["name"] == "First tab"


def test_a_former_address_leads_its_members_on_with_method_and_query(cases, acme):
    """Also where the old slug is a part of the rest of the address."""
    olga = cases.browser(acme.owner.email)
    for slug in ("v1", "workspaces", "members", "a"):
        assert olga.patch(f"/api/v1/workspaces/{acme.slug}", json={"slug": slug}).status_code == 200
        assert olga.patch(f"/api/v1/workspaces/{slug}", json={"slug": acme.slug}).status_code == 200
        answer = olga.get(f"/api/v1/workspaces/{slug}/members/{acme.member.id}?x=%2F1&y=ü")
        assert answer.status_code == 308
        assert answer.location.partition("?")[0] == f"{acme.api}/members/{acme.member.id}"
        assert answer.location.partition("?")[2].startswith("x=%2F1&y=")
        assert olga.patch(f"/api/v1/workspaces/{slug}", json={"name": "Led on"}).status_code == 308
    page = olga.get("/w/a/members?page=2")
    assert (page.status_code, page.location) == (308, f"/w/{acme.slug}/members?page=2")
