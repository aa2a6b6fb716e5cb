"""What the plans sell is there: a limit that nothing counts and a plan that is not there stop the start."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Blueprint, Flask

from enferno.access.guards import requires
from enferno.access.permissions import Permission
from enferno.app import create_app
from enferno.billing.gates import requires_feature, requires_plan
from enferno.billing.plans import PlansError
from enferno.billing.sold import gates_of, line_of, refuse_what_nothing_keeps, unasked_features
from tests.support import databases

PLANS = """
[[plan]]
key = "free"
name = "Free"
description = "Ten boats, and no more."
limits.members = { amount = 5 }
limits.boats = { amount = 10 }  # boats

[[plan]]
key = "pro"
name = "Pro"
features = [
    "exports",
    "boat_log",
]

[plan.limits]
harbours = { amount = 3 }
"""


@pytest.fixture
def made(tmp_path: Path) -> Iterator[object]:
    """Make an application that sells other plans than those of the other tests."""
    apps: list[Flask] = []
    path = tmp_path / "plans.toml"
    with databases.fresh("sqlite", tmp_path) as database:

        def make(plans: str = PLANS, provider: str = "local") -> Flask:
            path.write_text(plans)
            settings = databases.settings_for(database, tmp_path, billing_provider=provider, plans_path=path)
            apps.append(create_app(settings))
            return apps[-1]

        yield make
        for app in apps:
            databases.dispose(app)


def without_limits(plans: str = PLANS) -> str:
    return re.sub(r"limits\.boats.*|\[plan\.limits\]\nharbours.*", "", plans)


def add_view(app: Flask, gate: object) -> Flask:
    gated = Blueprint("gated", __name__, url_prefix="/w/<slug>/gated")
    gated.get("/page", endpoint="page")(requires(Permission.WORKSPACE_VIEW)(gate(lambda: "")))
    app.register_blueprint(gated)
    return app


def test_a_limit_that_nothing_counts_stops_the_start_with_its_line(made) -> None:
    with pytest.raises(PlansError) as refused:
        made()
    boats, harbours = refused.value.faults
    assert "plans.toml:7: free limits boats, and nothing counts them: take it out, or" in boats
    assert "plans.toml:18: pro limits harbours" in harbours


def test_where_nothing_is_sold_the_plans_may_say_what_they_like(made) -> None:
    assert list(unasked_features(made(provider="none")))


def test_a_view_that_asks_for_a_plan_that_is_not_there_stops_the_start(made) -> None:
    app = add_view(made(without_limits()), requires_plan("prro"))
    told = r'test_sold.py:\d+: gated.page: @requires_plan\("prro"\) asks for a plan that'
    with pytest.raises(PlansError, match=told):
        refuse_what_nothing_keeps(app)


def test_a_feature_that_no_view_asks_for_is_told_by_the_doctor_with_its_line(made) -> None:
    app = add_view(made(without_limits()), requires_feature("exports"))
    told = app.test_cli_runner().invoke(args=["doctor"]).output
    assert re.search(r"^warn +plans +\S*plans.toml:14: sells boat_log, which no view asks for", told, re.MULTILINE)
    assert "sells exports" not in told


def test_every_gate_of_a_view_is_seen_below_the_contract_of_the_interface(made) -> None:
    app = made(without_limits())
    add_view(app, lambda view: requires_plan("pro")(requires_feature("exports")(view)))
    assert gates_of(app) == {("plan", "pro"): "gated.page", ("feature", "exports"): "gated.page"}


@pytest.mark.parametrize(("number", "name", "line"), [(1, "boats", 7), (2, "exports", 13), (2, "boats", 9)])
def test_the_line_is_where_the_plan_itself_names_it(number, name, line) -> None:
    assert line_of(PLANS, number, name) == line
