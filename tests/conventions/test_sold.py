"""What the shipped plans.toml sells exists: it is counted, refused when there is no room, and asked for by a view."""

import ast
import re

import pytest

from enferno.app import create_app
from enferno.billing.account import billing
from enferno.billing.sold import gates_of, unasked_features
from enferno.settings import ROOT
from tests.conventions.source import modules, texts, tree
from tests.support import databases

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LIMITED = re.compile(r'<kit-limit\b[^>]*\bname="(\w+)"|Kit\.limits\.(?:full|tell)\(\'(\w+)\'\)')


@pytest.fixture
def app(database, tmp_path):
    """The application as a clone starts it: the shipped plans, sold through the provider in a box."""
    shipped = {"plans_path": ROOT / "plans.toml", "features_path": ROOT / "features", "billing_provider": "local"}
    app = create_app(databases.settings_for(database, tmp_path, **shipped))
    yield app
    databases.dispose(app)


def calls(name):
    """The texts that the source hands to a function of that name, each with the file that does."""
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
                yield from ((arg.value, path) for arg in node.args if isinstance(arg, ast.Constant))


def test_whatever_a_plan_limits_is_refused_somewhere_and_counted(app):
    limited = {name for plan in billing(app).catalogue for name, limit in plan.limits.items() if limit.hard}
    assert limited
    idle = limited - {name for name, _ in (*calls("take"), *calls("limit"))}
    assert not idle, f'take these out of plans.toml, or write take("...") where one more is added: {sorted(idle)}'
    uncounted = {name for plan in billing(app).catalogue for name in plan.limits} - set(billing(app).counts)
    assert not uncounted, f"take these out of plans.toml, or count them (usage of a feature): {sorted(uncounted)}"


def test_every_feature_of_a_plan_is_asked_for_by_a_view(app):
    idle = dict(unasked_features(app))
    assert not idle, f"take these out of plans.toml, or put @requires_feature on what they open: {idle}"


def test_whatever_a_view_asks_for_is_in_a_plan(app):
    sold = {name for plan in billing(app).catalogue for name in plan.features}
    lost = {name: endpoint for (kind, name), endpoint in gates_of(app).items() if kind == "feature"}
    assert not set(lost) - sold, f"nobody can come to these views: {lost}"


def test_whatever_the_code_takes_and_the_pages_tell_is_counted(app):
    told = [(path, one or other) for path in (*texts(".html"), *texts(".js")) for one, other in found_in(path)]
    assert {name for _, name in told} >= {"projects", "members"}
    named = [(path, name) for call in ("take", "limits") for name, path in calls(call)]
    missing = [f"{path.relative_to(ROOT)}: {name}" for path, name in told + named if name not in billing(app).counts]
    assert not missing, f"nothing counts these (usage of a feature): {missing}"


def found_in(path):
    return LIMITED.findall(path.read_text(encoding="utf-8"))
