"""The workspace's pages: who gets them, what they know, and what they cost."""

import json
import re

import pytest

from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import User
from enferno.workspace.founding import found_workspace
from tests.support.statements import count_statements

PAGES = ["", "members", "activity", "settings"]


def block(answer):
    assert answer.status_code == 200, answer.text
    found = re.search(r'<script type="application/json" id="page-data"[^>]*>(.*?)</script>', answer.text, re.S)
    return json.loads(found[1])


def labels(answer):
    return [entry["label"] for entry in block(answer)["nav"]]


@pytest.fixture
def member(stage):
    return stage.browser(stage.world.acme.member.email)


def found(stage, person, name):
    with stage.app.app_context():
        workspace = found_workspace(db.session.get_one(User, person.id), name)
        db.session.commit()
        return workspace.id


@pytest.fixture
def solo(stage):
    """Somebody who signed up a moment ago and works alone."""
    found(stage, stage.world.stranger, "Sten Stranger")
    return stage.browser(stage.world.stranger.email)


def test_the_operator_without_a_workspace_lands_on_the_operators_pages_and_gets_none(stage):
    root = stage.browser(stage.world.root.email)
    assert root.get("/app").location == "/superadmin/"
    assert root.get("/api/v1/me/workspaces").json["total"] == 0
    found(stage, stage.world.root, "Rosa Root")
    assert root.get("/app").location == "/w/rosa-root/"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_for_members_and_does_not_exist_for_others(stage, member, page):
    assert member.get(f"/w/acme/{page}").status_code == 200
    stranger = stage.browser(stage.world.noise.owner.email)
    assert stranger.get(f"/w/acme/{page}").status_code == 404
    assert stranger.get(f"/w/nothing/{page}").status_code == 404


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", ["member", "owner"])
def test_a_page_costs_at_most_four_statements(stage, role, page):
    """Everything on it comes from the API; so this is what stands before any view's own work."""
    with stage.app.app_context():
        engine = db.engine
    browser = stage.browser(getattr(stage.world.acme, role).email)
    browser.get(f"/w/acme/{page}")
    with count_statements(engine) as statements:
        browser.get(f"/w/acme/{page}")
    assert len(statements) <= 4, statements


def test_an_api_request_costs_at_most_four_statements_before_its_own_work(stage, member):
    with stage.app.app_context():
        engine = db.engine
    member.get(stage.world.acme.api)
    with count_statements(engine) as statements:
        member.get(stage.world.acme.api)
    assert len(statements) <= 4, statements


def test_the_switcher_offers_the_persons_workspaces_by_name_and_no_other(stage, member):
    *_others, shut = [found(stage, stage.world.acme.member, name) for name in ("Zeppelin", "aardvark", "Shut for good")]
    with stage.app.app_context(), in_workspace(shut) as workspace:
        workspace.suspend()
    names = [each["name"] for each in block(member.get("/w/acme/"))["workspaces"]]
    assert names == ["aardvark", "Acme", "Zeppelin"]
    assert names == [each["name"] for each in block(member.get("/account/profile"))["workspaces"]]


def test_a_page_knows_what_the_caller_may_do(stage, member):
    assert block(member.get("/w/acme/"))["allowed"] == sorted(
        ["activity:view", "members:view", "projects:manage", "projects:view", "workspace:view"]
        if "projects" in stage.app.extensions["features"]
        else ["activity:view", "members:view", "workspace:view"]
    )
    owner = block(stage.browser(stage.world.acme.owner.email).get("/w/acme/"))["allowed"]
    assert {"workspace:delete", "owners:manage", "members:manage", "workspace:manage"} <= set(owner)


def test_who_works_alone_never_meets_the_word_workspace(stage, solo):
    home = solo.get("/w/sten-stranger/")
    assert "Members" not in labels(home)
    for page in PAGES:
        shown = block(solo.get(f"/w/sten-stranger/{page}"))
        words = [shown["title"], *[entry["label"] for entry in shown["nav"]]]
        assert not [text for text in words if "workspace" in text.lower()]
    assert block(home)["title"] == "Home"


def test_a_team_sees_its_name_and_its_members(stage, member):
    home = member.get("/w/acme/")
    assert block(home)["title"] == "Acme"
    assert "Members" in labels(home)


def test_the_activity_page_offers_every_kind_of_event(member):
    kinds = block(member.get("/w/acme/activity"))["data"]["kinds"]
    assert {"value": "member.removed", "title": "Member removed"} in kinds
    assert all(kind["title"] for kind in kinds)


def test_signing_in_leads_to_the_first_workspace(member):
    assert member.get("/app").location == "/w/acme/"


def test_who_has_no_workspace_gets_one(stage):
    alone = stage.browser(stage.world.stranger.email)
    assert alone.get("/app").location == "/w/sten-stranger/"
    assert alone.get("/app").location == "/w/sten-stranger/"
    assert alone.get("/w/sten-stranger/").status_code == 200


def test_a_suspended_workspace_says_so_in_words(stage):
    shut = stage.browser(stage.shut.member.email)
    assert shut.get("/app").location == "/w/shut/"
    answer = shut.get("/w/shut/")
    assert answer.status_code == 403
    assert "Shut is suspended" in answer.text
    assert "Nothing is lost" in answer.text


def test_a_suspended_workspace_is_left_for_another_one(stage):
    found(stage, stage.shut.member, "Zeppelin")
    assert stage.browser(stage.shut.member.email).get("/app").location == "/w/zeppelin/"
