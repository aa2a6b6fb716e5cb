"""What the operator's lists cost does not grow with what is in them."""

from collections.abc import Iterator
from importlib import import_module

import pytest

from enferno.extensions import db
from tests.conftest import DATABASES
from tests.superadmin.conftest import API
from tests.support.client import Browser
from tests.support.crowd import crowd
from tests.support.stage import Stage, stage_on
from tests.support.statements import count_statements

LISTS = [
    "overview",
    "users?per_page={n}",
    "users?per_page={n}&sort=name&search=a",
    "users?per_page={n}&status=active&sort=-email",
    "workspaces?per_page={n}",
    "workspaces?per_page={n}&sort=-members&search=crowd",
    "activity?per_page={n}",
    "activity?per_page={n}&search=after",
    "users/{user}",
    "users/{user}/deletion",
    "workspaces/{workspace}",
    "workspaces/{workspace}/members?per_page={n}",
]


@pytest.fixture(scope="module", params=DATABASES)
def crowded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A thousand people in three hundred workspaces."""
    with stage_on(request.param, tmp_path_factory.mktemp("crowd")) as stage:
        crowd(stage.app, users=1_000, workspaces=300, activities=2_000)
        yield stage


@pytest.fixture
def operator(crowded: Stage) -> Browser:
    return crowded.browser(crowded.world.root.email)


def cost(stage: Stage, operator: Browser, path: str) -> int:
    with stage.app.app_context():
        engine = db.engine
    with count_statements(engine) as sent:
        assert operator.get(f"{API}/{path}").status_code == 200
    return len(sent)


@pytest.mark.parametrize("path", LISTS)
def test_a_hundred_rows_cost_as_many_statements_as_two(crowded, operator, path):
    """At most four before the view's own, and at most five of its own (OverviewOut has five parts)."""
    world = crowded.world
    known = {"user": world.acme.owner.id, "workspace": world.acme.id}
    few, many = (cost(crowded, operator, path.format(n=n, **known)) for n in (2, 100))
    assert few == many <= 9


def test_twenty_places_cost_as_many_statements_as_one(crowded, operator):
    """A person in many workspaces is no slower to show, nor is what deleting them would do."""
    world = crowded.world
    shown = [f"users/{world.acme.owner.id}", f"users/{world.acme.owner.id}/deletion"]
    before = [cost(crowded, operator, path) for path in shown]
    for workspace in operator.get(f"{API}/workspaces?per_page=20&search=crowd").json["items"]:
        url = f"{API}/workspaces/{workspace['id']}/members"
        assert operator.post(url, json={"email": world.acme.owner.email, "role": "owner"}).status_code == 201
    assert len(operator.get(f"{API}/users/{world.acme.owner.id}").json["places"]) == 21
    assert [cost(crowded, operator, path) for path in shown] == before


def test_the_pager_says_how_many_there_are(crowded, operator):
    page = operator.get(f"{API}/users?per_page=25&page=3").json
    assert (page["total"], len(page["items"]), page["page"]) == (1_012, 25, 3)


def test_pages_of_people_made_at_the_same_moment_do_not_overlap(crowded, operator):
    pages = [operator.get(f"{API}/users?per_page=100&page={page}").json["items"] for page in range(1, 12)]
    ids = [item["id"] for page in pages for item in page]
    assert len(ids) == len(set(ids)) == 1_012


def test_the_history_of_everything_is_counted_only_so_far(crowded, operator, monkeypatch):
    # By its name in the table of modules: in the package, `activity` is the resource.
    monkeypatch.setattr(import_module("enferno.api.superadmin.activity"), "COUNTED", 500)
    page = operator.get(f"{API}/activity?per_page=5").json
    assert (page["total"], len(page["items"])) == (500, 5)
