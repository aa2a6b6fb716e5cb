"""What a plan allows: features, limits, and refusals that say what would unlock them."""

import threading
from collections.abc import Iterator

import pytest
from flask import Blueprint, Flask

from enferno.access.guards import requires
from enferno.access.permissions import Permission
from enferno.app import create_app
from enferno.billing.gates import LimitReached, current_plan, limit, requires_feature, requires_plan, take
from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import User
from features.projects.models import Project
from tests.billing.box import Box
from tests.conftest import DATABASES
from tests.support import databases
from tests.support.stage import Stage, stage_on
from tests.support.world import build_world

ROUNDS = 5


def add_gated_views(app: Flask) -> None:
    gated = Blueprint("gated", __name__, url_prefix="/api/v1/workspaces/<slug>/gated")

    @gated.get("/export")
    @requires(Permission.WORKSPACE_VIEW)
    @requires_feature("exports")
    def export() -> str:
        return "exported"

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

    app.register_blueprint(gated)


@pytest.fixture(scope="module", params=DATABASES)
def standing_stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage_on(request.param, tmp_path_factory.mktemp("gates"), prepare=add_gated_views) as found:
        yield found


@pytest.fixture
def box(stage: Stage) -> Box:
    return Box(stage)


@pytest.fixture
def acme(stage: Stage):
    return stage.world.acme


@pytest.fixture
def ask(stage, acme):
    return lambda what: stage.browser(acme.member.email).get(f"{acme.api}/gated/{what}")


@pytest.mark.parametrize(
    ("what", "detail", "unlocked_by"),
    [
        ("export", "Free does not include “Exports”. Included in Starter, Pro, Enterprise.", "starter pro enterprise"),
        ("audit", "Free does not include “Audit log”. Included in Pro, Enterprise.", "pro enterprise"),
        ("pro", "This comes with Pro; you have Free. Included in Pro, Enterprise.", "pro enterprise"),
    ],
)
def test_what_the_free_plan_has_not_is_refused_with_the_plans_that_have_it(ask, what, detail, unlocked_by):
    answer = ask(what)
    assert answer.status_code == 402
    assert answer.content_type.startswith("application/problem+json")
    assert answer.json["code"] == "plan_required"
    assert answer.json["detail"] == detail
    assert answer.json["unlocked_by"] == unlocked_by.split()


def test_a_plan_opens_its_features_and_no_more(box, acme, ask):
    box.buy(acme, "starter")
    assert [ask(what).status_code for what in ("export", "audit", "pro")] == [200, 402, 402]


def test_a_trial_opens_what_the_plan_will_open(box, acme, ask):
    box.buy(acme, "pro")
    assert box.mirror(acme)["state"] == "trialing"
    assert [ask(what).status_code for what in ("export", "audit", "pro")] == [200, 200, 200]


def test_a_plan_of_one_workspace_opens_nothing_in_another(box, stage, acme, ask):
    box.buy(stage.world.noise, "pro")
    assert ask("export").status_code == 402


def test_what_was_open_closes_when_the_grace_is_over(box, acme, ask):
    box.buy(acme, "starter", card="fails_at_renewal")
    box.days_later(31)
    assert box.mirror(acme)["state"] == "past_due"
    assert ask("export").status_code == 200
    box.days_later(6.5)
    assert ask("export").status_code == 402


# --- limits ----------------------------------------------------------------------------------------------------


def add_project(stage, team, name):
    return stage.browser(team.member.email).post(f"{team.api}/projects", json={"name": name})


def test_projects_over_the_limit_are_refused_and_the_plans_with_room_are_named(stage, acme):
    assert [add_project(stage, acme, f"P{number}").status_code for number in range(3)] == [201, 201, 201]
    answer = add_project(stage, acme, "one too many")
    assert (answer.status_code, answer.json["code"]) == (402, "limit_reached")
    assert answer.json["detail"] == "Projects: 3 of 3 used on Free. Included in Starter, Pro, Enterprise."
    assert answer.json["unlocked_by"] == ["starter", "pro", "enterprise"]
    assert stage.browser(acme.member.email).get(f"{acme.api}/projects").json["total"] == 3


def test_the_projects_of_a_neighbour_take_none_of_the_room(stage, acme):
    for number in range(3):
        add_project(stage, stage.world.noise, f"P{number}")
    assert add_project(stage, acme, "the first").status_code == 201


def test_a_plan_with_more_room_lets_one_go_on(stage, box, acme):
    for number in range(3):
        add_project(stage, acme, f"P{number}")
    box.buy(acme, "starter")
    assert add_project(stage, acme, "the fourth").status_code == 201


def test_after_a_downgrade_what_is_there_is_kept_and_nothing_is_added(stage, box, acme):
    one = box.buy(acme, "starter")
    for number in range(4):
        add_project(stage, acme, f"P{number}")
    from enferno.billing.providers.local import bank
    from enferno.billing.providers.local.models import LocalSubscription

    box.at_the_bank(lambda: bank.end(db.session.get_one(LocalSubscription, one)))
    assert add_project(stage, acme, "the fifth").status_code == 402
    assert stage.browser(acme.member.email).get(f"{acme.api}/projects").json["total"] == 4


def test_two_at_once_who_add_the_last_one_get_one(stage, acme):
    for number in range(ROUNDS):
        stage.reset()
        for each in range(2):
            assert add_project(stage, acme, f"P{each}").status_code == 201
        together, answers = threading.Barrier(2), []

        def add(name, together=together, answers=answers):
            together.wait()
            answers.append(add_project(stage, acme, name).status_code)

        threads = [threading.Thread(target=add, args=(f"last {number} {who}",)) for who in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [201, 402]
        with stage.app.app_context(), in_workspace(acme.id):
            assert db.session.query(Project).count() == 3


def test_a_hard_limit_refuses_and_a_soft_one_never_does(box, acme):
    def hard_one_is_refused():
        limit("projects").check(used=2)
        with pytest.raises(LimitReached):
            limit("projects").check(used=2, wanted=2)
        assert limit("projects").left(used=5) == 0

    def soft_one_is_not():
        assert limit("projects").amount == 1_000
        limit("projects").check(used=10**9)

    box.within(acme, hard_one_is_refused)
    box.buy(acme, "pro")
    box.within(acme, soft_one_is_not)


def test_what_a_plan_does_not_mention_is_without_bound(box, acme):
    box.buy(acme, "pro")

    def unbounded():
        assert limit("members").left(used=10**9) is None
        limit("members").check(used=10**9)
        take("members", 10**6)

    box.within(acme, unbounded)


def test_where_nothing_is_sold_everything_is_allowed(database, tmp_path):
    app = create_app(databases.settings_for(database, tmp_path, billing_provider="none"))
    world = build_world(app)
    with app.test_request_context(), in_workspace(world.acme.id):
        assert current_plan().name == "Everything"
        assert requires_plan("enterprise")(lambda: "open")() == "open"
        assert requires_feature("single_sign_on")(lambda: "open")() == "open"
        take("projects", 10**6)
    databases.dispose(app)


# --- seats -----------------------------------------------------------------------------------------------------


def test_the_seats_of_a_trial_follow_who_comes_and_who_goes(stage, box, acme):
    one = box.buy(acme, "pro")
    stranger = stage.world.stranger

    with stage.app.app_context(), in_workspace(acme.id) as workspace:
        workspace.add(db.session.get_one(User, stranger.id))
    assert (box.seats(one), box.mirror(acme)["quantity"]) == (4, 4)
    with stage.app.app_context(), in_workspace(acme.id) as workspace:
        workspace.membership_of(stranger.id).leave()
    assert (box.seats(one), box.mirror(acme)["quantity"]) == (3, 3)


def test_whoever_joins_a_neighbour_takes_no_seat_here(stage, box, acme):
    one = box.buy(acme, "pro")
    before = box.seats(one)
    with stage.app.app_context(), in_workspace(stage.world.noise.id) as workspace:
        workspace.add(db.session.get_one(User, stage.world.stranger.id))
    assert box.seats(one) == before


def test_a_plan_without_seats_stays_at_one(stage, box, acme):
    one = box.buy(acme, "starter")
    with stage.app.app_context(), in_workspace(acme.id) as workspace:
        workspace.add(db.session.get_one(User, stage.world.stranger.id))
    assert box.seats(one) == 1
