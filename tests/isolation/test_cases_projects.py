"""What the cases say about a feature's rows, and about rows that name others: 1, 3, 5, 6, 9, 14, 16 and 17.

The feature is features/projects; without it this file is not collected (see conftest.py).
"""

import pytest
from sqlalchemy.exc import IntegrityError

from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.workspace.models import Membership
from tests.isolation.alike import assert_alike
from tests.isolation.interface import NOBODY, Targets
from tests.isolation.test_cases_sweep import bodies, queries_with_ids
from tests.support.world import make_person


@pytest.fixture
def olga(cases):
    return cases.browser(cases.world.acme.owner.email)


@pytest.fixture
def api(cases):
    return f"{cases.world.acme.api}/projects"


@pytest.fixture
def project(olga, api):
    return olga.get(api).json["items"][0]


def project_of(stage, team):
    return stage.browser(team.owner.email).get(f"{team.api}/projects").json["items"][0]


@pytest.fixture
def acme(cases):
    return cases.world.acme


@pytest.fixture
def noise(cases):
    return cases.world.noise


@pytest.fixture
def mia(cases, acme):
    return cases.browser(acme.member.email)


def test_case_1_the_others_project_is_not_found(cases, mia, acme, noise):
    found = project_of(cases, noise)["id"]
    assert mia.get(f"{acme.api}/projects/{found}").status_code == 404
    assert_alike(mia.get(f"{acme.api}/projects/{found}"), mia.get(f"{acme.api}/projects/{NOBODY}"))
    assert_alike(mia.get(f"/w/{noise.slug}/projects"), mia.get("/w/nothing/projects"))


def test_case_3_a_filter_by_the_others_id_finds_nothing(cases, mia, acme, noise):
    cases.browser(noise.owner.email).post(
        f"{noise.api}/projects", json={"name": "Noisy", "owner_id": str(noise.owner.id)}
    )
    theirs = mia.get(f"{acme.api}/projects?owner={noise.owner.id}")
    assert (theirs.json["items"], theirs.json["total"]) == ([], 0)
    assert_alike(theirs, mia.get(f"{acme.api}/projects?owner={NOBODY}"))


def test_case_5_a_row_in_the_other_changes_no_number_here(cases, mia, acme, noise):
    before = mia.get(f"{acme.api}/overview").json
    for name in ("One", "Two", "Three"):
        cases.browser(noise.owner.email).post(f"{noise.api}/projects", json={"name": name})
    assert mia.get(f"{acme.api}/overview").json == before


def test_case_6_a_route_of_ones_own_with_the_others_id_inside_finds_nothing(cases, mia, acme, noise):
    theirs = project_of(cases, noise)["id"]
    assert mia.get(f"{acme.api}/projects/{theirs}").status_code == 404
    assert mia.get(f"{noise.api}/projects/{project_of(cases, acme)['id']}").status_code == 404


def test_case_40_the_sweep_finds_the_ids_that_projects_take(cases, acme):
    """The sweep reads them from the document; were it to find none, it would prove nothing."""
    routes = [route for route in Targets(cases).routes if "/projects" in route.path and route.operation]
    assert "owner" in {name for route in routes for name in queries_with_ids(route)}
    named = [body for route in routes for body in bodies(cases, route, acme) if body]
    assert str(acme.member.id) in {body.get("owner_id") for body in named if isinstance(body.get("owner_id"), str)}


@pytest.mark.parametrize("who", ["noise.member", "noise.owner", "stranger", "root"])
def test_case_17_nobody_from_elsewhere_becomes_the_owner_of_a_project(cases, olga, api, project, who):
    world = cases.world
    person = {
        "noise.member": world.noise.member,
        "noise.owner": world.noise.owner,
        "stranger": world.stranger,
        "root": world.root,
    }[who]
    made = olga.post(api, json={"name": "New", "owner_id": str(person.id)})
    changed = olga.patch(f"{api}/{project['id']}", json={"owner_id": str(person.id)})
    unknown = olga.patch(f"{api}/{project['id']}", json={"owner_id": NOBODY})
    assert {made.status_code, changed.status_code} == {422}
    assert changed.data == unknown.data
    assert cases.snapshot.changed() == []


def test_case_17_a_member_becomes_the_owner_of_a_project(cases, olga, api, project):
    answer = olga.patch(f"{api}/{project['id']}", json={"owner_id": str(cases.world.acme.member.id)})
    assert answer.status_code == 200
    assert str(cases.world.acme.member.id) in answer.text


def test_case_14_a_child_with_a_parent_in_the_other_is_refused_by_the_keys_themselves(cases):
    """Past every check of ours: the foreign key holds both halves, so the database refuses."""
    from features.projects.models import Project

    noise = cases.world.noise
    with cases.app.app_context():
        with in_workspace(noise.id):
            theirs = db.session.query(Membership).filter_by(user_id=noise.member.id).one().id
        with pytest.raises(IntegrityError), in_workspace(cases.world.acme.id):  # noqa: PT012
            db.session.add(Project(name="Crossing", owner_id=theirs))
            db.session.flush()
    assert cases.snapshot.changed() == []


def test_case_16_a_deletion_here_never_changes_a_row_there(cases, olga):
    """Somebody who belongs to both leaves A with everything; B keeps the membership and what hangs on it."""
    world = cases.world
    both = make_person(cases.app, "both@example.com", "Bo Both")
    for team in (world.acme, world.noise):
        with cases.app.app_context(), in_workspace(team.id) as workspace:
            from enferno.user.models import User

            workspace.add(db.session.get_one(User, both.id))
        cases.browser(team.owner.email).post(f"{team.api}/projects", json={"name": "Shared", "owner_id": str(both.id)})
    theirs = cases.browser(world.noise.owner.email)
    before = [theirs.get(f"{world.noise.api}/{kind}").data for kind in ("members", "projects", "activity")]
    assert olga.delete(f"{world.acme.api}/members/{both.id}").status_code == 204
    for project in olga.get(f"{world.acme.api}/projects").json["items"]:
        assert olga.delete(f"{world.acme.api}/projects/{project['id']}").status_code == 204
    assert olga.get(f"{world.acme.api}/projects").json["total"] == 0
    after = [theirs.get(f"{world.noise.api}/{kind}").data for kind in ("members", "projects", "activity")]
    assert after == before
