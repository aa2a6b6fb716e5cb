"""402 for people: the page, what it says to whom, and what a page knows of its limits."""

import json
import re
from collections.abc import Iterator

import pytest
from flask import Blueprint, Flask

from enferno.access.guards import requires
from enferno.access.permissions import Permission
from enferno.billing.gates import LimitReached, requires_feature, requires_plan, take
from enferno.billing.limits import limits
from enferno.extensions import db
from enferno.tenancy import current_workspace
from enferno.user.models import User
from enferno.workspace.founding import found_workspace
from tests.billing.box import Box
from tests.conftest import DATABASES
from tests.support.stage import Stage, stage_on
from tests.support.statements import count_statements


def add_gated_pages(app: Flask) -> None:
    gated = Blueprint("gated_pages", __name__, url_prefix="/w/<slug>/gated")

    @gated.get("/audit")
    @requires(Permission.WORKSPACE_VIEW)
    @requires_feature("audit_log")
    def audit() -> str:
        return "audited"

    @gated.get("/pro")
    @requires(Permission.WORKSPACE_VIEW)
    @requires_plan("pro")
    def pro() -> str:
        return "for pro"

    @gated.get("/sso")
    @requires(Permission.WORKSPACE_VIEW)
    @requires_feature("single_sign_on")
    def sso() -> str:
        return "signed on"

    @gated.post("/projects")
    @requires(Permission.WORKSPACE_VIEW)
    def add() -> str:
        current_workspace.rename("Half a change")
        db.session.flush()
        take("projects", 10)
        return "added"

    app.register_blueprint(gated)


@pytest.fixture(scope="module", params=DATABASES)
def standing_stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage_on(request.param, tmp_path_factory.mktemp("upgrade"), prepare=add_gated_pages) as found:
        yield found


@pytest.fixture
def box(stage):
    return Box(stage)


@pytest.fixture
def acme(stage):
    return stage.world.acme


def block(answer, status=200):
    assert answer.status_code == status, answer.text
    return json.loads(re.search(r'id="page-data"[^>]*>(.*?)</script>', answer.text, re.S)[1])


def refused(stage, person, what="audit", slug="acme"):
    return block(stage.browser(person.email).get(f"/w/{slug}/gated/{what}"), 402)


def test_a_page_that_the_plan_lacks_is_the_upgrade_page_in_the_workspace(stage, acme):
    shown = refused(stage, acme.owner)
    assert (shown["page"], shown["layout"], shown["status"]) == ("portal/upgrade", "app", 402)
    assert shown["title"] == "Your plan does not include this"
    assert shown["data"]["reason"] == "Free does not include “Audit log”."
    assert shown["nav"][0]["label"] == "Home"
    assert [plan["name"] for plan in shown["data"]["plans"]] == ["Pro", "Enterprise"]


def test_a_page_for_a_plan_says_which(stage, acme):
    assert refused(stage, acme.owner, "pro")["data"]["reason"] == "This comes with Pro; you have Free."


def test_a_form_over_the_limit_leads_to_the_upgrade_page_and_changes_nothing(stage, acme):
    shown = block(stage.browser(acme.owner.email).post("/w/acme/gated/projects"), 402)
    assert shown["title"] == "Your plan's limit is reached"
    assert shown["data"]["reason"] == "Projects: 0 of 3 used on Free."
    assert [plan["key"] for plan in shown["data"]["plans"]] == ["starter", "pro", "enterprise"]
    assert shown["workspace"]["name"] == "Acme"
    assert stage.browser(acme.owner.email).get(acme.api).json["name"] == "Acme"


def test_who_pays_sees_prices_and_nobody_to_ask(stage, acme):
    data = refused(stage, acme.owner)["data"]
    assert [price["amount"] for plan in data["plans"] for price in plan["prices"]] == [1900, 19000]
    assert data["ask"] == []


@pytest.mark.parametrize("role", ["admin", "member"])
def test_who_does_not_pay_sees_no_amount_and_whom_to_ask(stage, acme, role):
    shown = refused(stage, getattr(acme, role))
    owner = stage.browser(acme.owner.email).get("/api/v1/me").json["name"]
    assert shown["data"]["ask"] == [owner]
    assert [plan["name"] for plan in shown["data"]["plans"]] == ["Pro", "Enterprise"]
    assert not amounts_in(shown["data"])
    assert {plan["trial_days"] for plan in shown["data"]["plans"]} == {0}


def amounts_in(data):
    """Whatever in a page's data tells what something costs."""
    if isinstance(data, dict):
        mine = [data["amount"]] if data.get("amount") is not None and "currency" in data else []
        return mine + [amount for each in data.values() for amount in amounts_in(each)]
    return [amount for each in data for amount in amounts_in(each)] if isinstance(data, list) else []


def test_a_trial_is_offered_to_who_can_have_one_and_to_nobody_else(stage, box, acme):
    assert [plan["trial_days"] for plan in refused(stage, acme.owner)["data"]["plans"]] == [14, 0]
    box.buy(acme, "starter")
    data = refused(stage, acme.owner)["data"]
    assert [plan["trial_days"] for plan in data["plans"]] == [0, 0]
    assert (data["interval"], data["plan"]) == ("month", "Starter")


def test_who_works_alone_never_meets_the_word_workspace(stage):
    with stage.app.app_context():
        found_workspace(db.session.get_one(User, stage.world.stranger.id), "Sten Stranger")
        db.session.commit()
    shown = refused(stage, stage.world.stranger, slug="sten-stranger")
    said = json.dumps({key: value for key, value in shown.items() if key in ("title", "data", "nav")})
    assert "workspace" not in said.lower()
    assert "Your plan" in said


def test_programs_get_the_same_refusal_as_problem_details(stage, acme):
    answer = stage.browser(acme.member.email).get("/w/acme/gated/sso", headers={"Accept": "application/json"})
    assert answer.status_code == 402
    assert answer.content_type.startswith("application/problem+json")
    assert (answer.json["code"], answer.json["unlocked_by"]) == ("plan_required", ["enterprise"])
    assert answer.json["detail"] == "Free does not include “Single sign on”. Included in Enterprise."


def test_who_may_not_come_in_learns_nothing_of_plans(stage, acme):
    assert stage.browser(stage.world.noise.owner.email).get("/w/acme/gated/audit").status_code == 404
    assert stage.browser().get("/w/acme/gated/audit").status_code == 302


# --- what a page knows of its limits -------------------------------------------------------------------------------


def projects_page(stage, person):
    return block(stage.browser(person.email).get("/w/acme/projects"))["limits"]["projects"]


def add_projects(stage, acme, count):
    for number in range(count):
        answer = stage.browser(acme.member.email).post(f"{acme.api}/projects", json={"name": f"P{number}"})
        assert answer.status_code == 201


def test_a_page_knows_how_much_room_the_plan_has(stage, acme):
    add_projects(stage, acme, 2)
    shown = projects_page(stage, acme.member)
    assert (shown["used"], shown["amount"], shown["left"], shown["reason"]) == (2, 3, 1, "")
    assert shown["unlocked_by"] == []


def test_a_page_says_why_there_is_no_room_and_where_there_would_be(stage, acme):
    add_projects(stage, acme, 3)
    shown = projects_page(stage, acme.member)
    assert (shown["left"], shown["reason"]) == (0, "Projects: 3 of 3 used on Free.")
    assert shown["unlocked_by"] == ["starter", "pro", "enterprise"]
    assert shown["unlocked_in"] == ["Starter", "Pro", "Enterprise"]
    assert stage.browser(acme.member.email).get(f"{acme.api}/limits/projects").json == shown


def test_what_the_plan_does_not_bound_is_not_counted(stage, box, acme):
    box.buy(acme, "pro")
    shown = projects_page(stage, acme.member)
    assert (shown["used"], shown["amount"], shown["left"], shown["reason"]) == (None, None, None, "")


def test_a_limit_is_read_by_members_and_unknown_ones_are_not_there(stage, acme):
    api = f"{acme.api}/limits"
    assert stage.browser(acme.member.email).get(f"{api}/members").json["used"] == 3
    assert stage.browser(acme.member.email).get(f"{api}/nonsense").status_code == 404
    assert stage.browser(stage.world.noise.owner.email).get(f"{api}/members").status_code == 404
    assert stage.browser().get(f"{api}/members").status_code == 401


def test_a_page_that_declares_a_limit_costs_two_statements_more(stage, acme):
    """One for the plan, one for the count; pages that declare none pay for neither."""
    owner = stage.browser(acme.owner.email)
    with stage.app.app_context():
        engine = db.engine

    def cost(path):
        owner.get(path)
        with count_statements(engine) as statements:
            owner.get(path)
        # The first statement of a workspace tells the policies of PostgreSQL which one it is.
        return len([statement for statement in statements if "set_config" not in statement])

    assert cost("/w/acme/projects") == cost("/w/acme/activity") + 2


def test_a_full_limit_says_so_where_it_is_taken_and_where_it_is_shown(stage, box, acme):
    def full():
        with pytest.raises(LimitReached) as refusal:
            take("projects", 4)
        assert refusal.value.reason == "Projects: 0 of 3 used on Free."
        room = limits("projects", "members")["members"]
        assert (room["used"], room["left"]) == (3, max(room["amount"] - 3, 0))

    box.within(acme, full)


# --- amounts and trials on the other pages -------------------------------------------------------------------------


def test_the_billing_page_has_prices_for_who_pays_alone(stage, box, acme):
    box.buy(acme, "starter")
    owner = block(stage.browser(acme.owner.email).get("/w/acme/billing"))
    assert 900 in amounts_in(owner["data"])
    admin = block(stage.browser(acme.admin.email).get("/w/acme/billing"))
    assert not amounts_in(admin)
    assert admin["data"]["ask"]
    assert stage.browser(acme.member.email).get("/w/acme/billing").status_code == 403


def test_no_page_of_a_member_has_an_amount_in_it(stage, box, acme):
    box.buy(acme, "pro", card="fails_at_renewal")
    box.days_later(15)
    for person in (acme.member, acme.admin):
        browser = stage.browser(person.email)
        for path in ("", "projects", "members", "activity", "settings", "gated/sso"):
            answer = browser.get(f"/w/acme/{path}")
            shown = block(answer, answer.status_code)
            assert not amounts_in(shown), path
            assert "€" not in answer.text
    assert "banner" not in shown or "€" not in str(shown["banner"])


def test_the_json_of_the_plan_has_its_amount_for_who_pays_alone(stage, box, acme):
    box.buy(acme, "starter")
    shown = stage.browser(acme.admin.email).get(f"{acme.api}/billing").json
    assert (shown["subscription"]["plan"], shown["subscription"]["amount"]) == ("starter", None)
    assert stage.browser(acme.owner.email).get(f"{acme.api}/billing").json["subscription"]["amount"] == 900


def test_the_json_of_the_plan_says_whether_it_ended_unpaid(stage, box, acme):
    box.buy(acme, "starter", card="fails_at_renewal")
    owner = stage.browser(acme.owner.email)
    assert owner.get(f"{acme.api}/billing").json["subscription"]["ended_unpaid"] is False
    box.days_later(60)
    shown = owner.get(f"{acme.api}/billing").json
    assert (shown["plan"], shown["subscription"]["state"]) == ("free", "cancelled")
    assert shown["subscription"]["ended_unpaid"] is True


def trials(answer):
    return [plan["trial_days"] for plan in block(answer)["data"]["plans"]]


def test_the_price_list_promises_a_trial_to_visitors_and_to_who_had_none(stage, acme):
    assert trials(stage.browser().get("/pricing")) == [0, 0, 14, 0]
    assert trials(stage.browser(acme.owner.email).get("/pricing")) == [0, 0, 14, 0]
    assert trials(stage.browser(acme.owner.email).get("/w/acme/billing")) == [0, 0, 14, 0]


@pytest.mark.parametrize("plan", ["pro", "starter"])
def test_who_had_a_trial_or_pays_sees_none_anywhere(stage, box, acme, plan):
    box.buy(acme, plan)
    for person in (acme.owner, acme.member):
        assert trials(stage.browser(person.email).get("/pricing")) == [0, 0, 0, 0]
    assert trials(stage.browser(acme.owner.email).get("/w/acme/billing")) == [0, 0, 0, 0]
    assert trials(stage.browser(stage.world.noise.owner.email).get("/pricing")) == [0, 0, 14, 0]


def test_who_paid_once_sees_no_trial_after_the_end(stage, box, acme):
    one = box.buy(acme, "starter")
    from enferno.billing.providers.local import bank
    from enferno.billing.providers.local.models import LocalSubscription

    box.at_the_bank(lambda: bank.end(db.session.get_one(LocalSubscription, one)))
    assert box.mirror(acme)["state"] == "cancelled"
    assert trials(stage.browser(acme.owner.email).get("/pricing")) == [0, 0, 0, 0]
    assert trials(stage.browser(acme.owner.email).get("/w/acme/billing")) == [0, 0, 0, 0]
    assert stage.browser(acme.owner.email).get(f"{acme.api}/billing").json["can_try"] is False
