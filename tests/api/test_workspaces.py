"""The workspace over the API: change, address, deletion, overview, history."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from enferno.database import now
from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import User
from enferno.workspace.models import Activity


@pytest.fixture
def acme(stage):
    return stage.world.acme.api


@pytest.fixture
def owner(stage):
    return stage.browser(stage.world.acme.owner.email)


@pytest.fixture
def admin(stage):
    return stage.browser(stage.world.acme.admin.email)


@pytest.fixture
def member(stage):
    return stage.browser(stage.world.acme.member.email)


def kinds(browser, api):
    return [line["kind"] for line in browser.get(f"{api}/activity").json["items"]]


def test_a_member_sees_the_workspace_and_cannot_change_it(member, acme):
    shown = member.get(acme).json
    assert (shown["name"], shown["slug"], shown["is_team"]) == ("Acme", "acme", True)
    assert member.patch(acme, json={"name": "Mine"}).status_code == 403


def test_an_admin_renames_it(admin, acme):
    assert admin.patch(acme, json={"name": " Acme & Sons "}).json["name"] == "Acme & Sons"
    newest = admin.get(f"{acme}/activity").json["items"][0]
    assert (newest["actor_name"], newest["sentence"]) == ("Adam of Acme", "renamed Acme to Acme & Sons")


def test_the_former_address_leads_to_the_new_one_for_pages_and_programs(admin, acme):
    assert admin.patch(acme, json={"slug": "Rockets"}).json["slug"] == "rockets"
    page = admin.get("/w/acme/members?sort=-name")
    assert (page.status_code, page.location) == (308, "/w/rockets/members?sort=-name")
    listed = admin.get("/api/v1/workspaces/acme/members?page=1")
    assert (listed.status_code, listed.location) == (308, "/api/v1/workspaces/rockets/members?page=1")
    assert admin.get("/api/v1/workspaces/rockets").status_code == 200


@pytest.mark.parametrize("slug", ["workspaces", "v1", "members", "work"])
def test_an_address_that_is_also_a_part_of_our_own_leads_on_as_well(admin, acme, slug):
    assert admin.patch(acme, json={"slug": slug}).status_code == 200
    assert admin.patch(f"/api/v1/workspaces/{slug}", json={"slug": "rockets"}).status_code == 200
    moved = admin.patch(f"/api/v1/workspaces/{slug}", json={"name": "Rockets"})
    assert (moved.status_code, moved.location) == (308, "/api/v1/workspaces/rockets")


def test_a_former_address_says_nothing_to_who_does_not_belong(stage, admin, acme):
    admin.patch(acme, json={"slug": "rockets"})
    stranger = stage.browser(stage.world.noise.owner.email)
    former, unknown = stranger.get(acme), stranger.get("/api/v1/workspaces/nothing")
    assert former.status_code == unknown.status_code == 404
    assert former.data == unknown.data


def test_a_former_address_stays_with_its_workspace(stage, admin, acme):
    admin.patch(acme, json={"slug": "rockets"})
    noise = stage.browser(stage.world.noise.owner.email)
    refused = noise.patch(stage.world.noise.api, json={"slug": "acme"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "slug")
    made = noise.post("/api/v1/me/workspaces", json={"name": "Acme"})
    assert made.json["slug"] != "acme"


@pytest.mark.parametrize("slug", ["", "-a", "a-", "a b", "ä", "a/b", "../x", "a" * 51, "api", "superadmin"])
def test_what_is_no_address_is_refused(admin, acme, slug):
    refused = admin.patch(acme, json={"slug": slug})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == "slug"


@pytest.mark.parametrize("field", ["id", "workspace_id", "suspended_at", "team_since", "created_at", "plan"])
def test_fields_that_are_not_for_the_caller_are_refused(owner, acme, field):
    """Isolation, case 10."""
    assert owner.patch(acme, json={field: "x"}).status_code == 422


def test_a_team_of_several_stays_a_team(owner, acme):
    refused = owner.patch(acme, json={"is_team": False})
    assert (refused.status_code, refused.json["code"]) == (409, "not_alone")
    assert owner.get(acme).json["is_team"]


def test_who_is_alone_opens_to_a_team_and_back(stage):
    alone = stage.browser(stage.world.stranger.email)
    made = alone.post("/api/v1/me/workspaces", json={"name": "Rockets"}).json
    assert not made["is_team"]
    api = f"/api/v1/workspaces/{made['slug']}"
    assert alone.patch(api, json={"is_team": True}).json["is_team"]
    assert alone.patch(api, json={"is_team": True}).json["is_team"]
    assert not alone.patch(api, json={"is_team": False}).json["is_team"]
    assert kinds(alone, api) == ["workspace.team_ended", "workspace.team_started", "workspace.created"]


def test_only_an_owner_deletes_it_and_nobody_gets_in_afterwards(stage, owner, admin, member, acme):
    for caller in (admin, member):
        assert caller.delete(acme).status_code == 403
    assert owner.delete(acme).status_code == 204
    for caller in (owner, admin, member):
        assert caller.get(acme).status_code == 404
        assert caller.get("/api/v1/me").status_code == 200
    assert stage.browser(stage.world.noise.owner.email).get(stage.world.noise.api).status_code == 200


def test_a_suspended_workspace_answers_its_members_and_nobody_else(stage):
    """Isolation, case 35: it says so to those who belong to it, and 404 to everybody else."""
    shut = stage.browser(stage.shut.owner.email)
    refused = shut.get(stage.shut.api)
    assert (refused.status_code, refused.json["code"]) == (403, "workspace_suspended")
    assert shut.patch(stage.shut.api, json={"name": "Open"}).status_code == 403
    assert stage.browser(stage.world.acme.owner.email).get(stage.shut.api).status_code == 404


def test_the_overview_counts_this_workspace_alone(stage, owner, acme):
    with stage.app.app_context(), in_workspace(stage.world.acme.id) as workspace:
        member = db.session.get_one(User, stage.world.acme.member.id)
        for days in (0, 0, 3, 13, 14, 40):
            at = (now() - timedelta(days=days)).replace(hour=0, minute=0, second=1)
            db.session.add(Activity(kind="x", actor_id=member.id, actor_name=member.name, created_at=at))
        started = db.session.scalars(workspace.history("workspace.created")).one().created_at
    found = owner.get(f"{acme}/overview").json
    counts = {day["date"]: day["count"] for day in found["days"]}
    assert len(counts) == 14
    own = 3 if started.date() == now().date() else 0
    days_ago = [(now() - timedelta(days=days)).date().isoformat() for days in (0, 3, 13)]
    assert [counts[day] for day in days_ago] == [2 + own, 1, 1]
    assert found["members"] == 3
    assert found["active"][0]["name"] in {"Mia of Acme", "Olga of Acme"}
    assert {person["name"]: person["count"] for person in found["active"]}["Mia of Acme"] in {4, 5}
    assert len(found["recent"]) == 6


def test_the_days_of_the_overview_are_the_readers(stage, owner, acme):
    """In Kiritimati, 14 hours ahead, an evening in UTC is tomorrow."""
    with stage.app.app_context():
        db.session.get_one(User, stage.world.acme.owner.id).timezone = "Pacific/Kiritimati"
        db.session.commit()
    with stage.app.app_context(), in_workspace(stage.world.acme.id):
        evening = (now() - timedelta(days=3)).replace(hour=23, minute=30)
        for activity in db.session.scalars(select(Activity)):
            activity.created_at = evening
    days = owner.get(f"{acme}/overview").json["days"]
    assert [day["date"] for day in days if day["count"]] == [(evening.date() + timedelta(days=1)).isoformat()]


def test_who_left_is_not_among_the_active(stage, owner, admin, acme):
    admin.patch(acme, json={"name": "Acme 2"})
    assert "Adam of Acme" in {person["name"] for person in owner.get(f"{acme}/overview").json["active"]}
    owner.delete(f"{acme}/members/{stage.world.acme.admin.id}")
    assert "Adam of Acme" not in {person["name"] for person in owner.get(f"{acme}/overview").json["active"]}


def test_the_history_is_searched_by_names_and_narrowed_to_a_kind(stage, owner, acme):
    owner.patch(acme, json={"name": "Äpfel & Söhne"})
    assert kinds(owner, acme)[0] == "workspace.renamed"
    found = owner.get(f"{acme}/activity?search=öhne").json
    assert [line["kind"] for line in found["items"]] == ["workspace.renamed"]
    assert owner.get(f"{acme}/activity?search=before").json["total"] == 0
    narrowed = owner.get(f"{acme}/activity?kind=member.joined").json
    assert narrowed["total"] == 2
    assert "added Mia of Acme as member" in {line["sentence"] for line in narrowed["items"]}


def test_a_line_of_history_whose_feature_is_gone_is_still_shown(stage, owner, acme):
    with stage.app.app_context(), in_workspace(stage.world.acme.id):
        db.session.add(Activity(kind="rocket.launched", payload={"name": "Apollo"}))
    assert owner.get(f"{acme}/activity?kind=rocket.launched").json["items"][0]["sentence"] == "rocket.launched"
