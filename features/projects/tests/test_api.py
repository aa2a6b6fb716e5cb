"""/api/v1/workspaces/<slug>/projects"""

from uuid import uuid4

import pytest

from enferno.extensions import db
from enferno.tenancy import in_workspace
from features.projects.models import Project
from tests.support.statements import count_statements


def names(answer):
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json["items"]]


def test_a_member_sees_the_projects_of_the_workspace_and_no_other(projects, member, url):
    answer = member.get(url)
    assert names(answer) == ["Apollo", "Gemini", "Mercury"]
    assert answer.json["total"] == 3
    assert {item["id"] for item in answer.json["items"]} == set(projects.values())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort=-name", ["Mercury", "Gemini", "Apollo"]),
        ("search=MIN", ["Gemini"]),
        ("search=Olga", ["Apollo"]),
        ("status=active", ["Gemini", "Mercury"]),
        ("owner=none", ["Mercury"]),
        ("status=&owner=", ["Apollo", "Gemini", "Mercury"]),
        ("per_page=1&page=2", ["Gemini"]),
    ],
)
def test_the_list_is_searched_sorted_and_narrowed(projects, member, url, query, expected):
    assert names(member.get(f"{url}?{query}")) == expected


def test_the_list_is_narrowed_to_an_owner(projects, member, url, stage):
    assert names(member.get(f"{url}?owner={stage.world.acme.member.id}")) == ["Gemini"]
    assert names(member.get(f"{url}?owner={stage.world.noise.member.id}")) == []


@pytest.mark.parametrize("query", ["sort=owner_id", "status=unknown", "owner=nobody", "unknown=1"])
def test_what_the_list_cannot_do_is_said(member, url, query):
    assert member.get(f"{url}?{query}").status_code == 422


def test_a_project_is_made_with_its_owner(member, url, stage):
    owner = stage.world.acme.admin
    made = member.post(url, json={"name": "  Voyager ", "status": "paused", "owner_id": str(owner.id)})
    assert made.status_code == 201
    assert made.json | {"id": "", "created_at": ""} == {
        "id": "",
        "name": "Voyager",
        "status": "paused",
        "owner_id": str(owner.id),
        "owner_name": owner.name,
        "created_at": "",
    }
    assert member.get(f"{url}/{made.json['id']}").json == made.json


@pytest.mark.parametrize("person", ["noise", "stranger", "nobody"])
def test_only_a_member_can_own_a_project(projects, member, url, stage, person):
    """Isolation, case 17; the answer is the same whether or not the person exists."""
    someone = {"noise": stage.world.noise.member.id, "stranger": stage.world.stranger.id, "nobody": uuid4()}[person]
    for answer in (
        member.post(url, json={"name": "Voyager", "owner_id": str(someone)}),
        member.patch(f"{url}/{projects['Apollo']}", json={"owner_id": str(someone)}),
    ):
        assert answer.status_code == 422
        assert answer.json["errors"] == [{"field": "owner_id", "message": "This person does not belong here"}]
    assert names(member.get(url)) == ["Apollo", "Gemini", "Mercury"]


def test_a_change_leaves_alone_what_was_not_sent(projects, member, url, stage):
    changed = member.patch(f"{url}/{projects['Apollo']}", json={"status": "paused"})
    assert changed.json["status"] == "paused"
    assert changed.json["owner_id"] == str(stage.world.acme.owner.id)
    assert member.patch(f"{url}/{projects['Apollo']}", json={"owner_id": None}).json["owner_name"] == ""


def test_fields_that_are_not_for_the_caller_are_refused(projects, member, url):
    for name in ("id", "workspace_id", "created_at", "owner"):
        assert member.patch(f"{url}/{projects['Apollo']}", json={name: str(uuid4())}).status_code == 422


def test_a_member_cannot_delete_a_project_and_an_admin_can(projects, member, admin, url):
    assert member.delete(f"{url}/{projects['Apollo']}").status_code == 403
    assert admin.delete(f"{url}/{projects['Apollo']}").status_code == 204
    assert names(admin.get(url)) == ["Gemini", "Mercury"]


def test_what_happened_is_in_the_history(projects, admin, url, stage):
    admin.delete(f"{url}/{projects['Mercury']}")
    admin.post(url, json={"name": "Voyager"})
    admin.patch(f"{url}/{projects['Apollo']}", json={"name": "Apollo 11"})
    admin.patch(f"{url}/{projects['Gemini']}", json={"name": "Gemini"})
    history = admin.get(f"{stage.world.acme.api}/activity?search=e").json["items"]
    assert [line["sentence"] for line in history if line["kind"].startswith("project.")] == [
        "changed the project Apollo 11",
        "created the project Voyager",
        "deleted the project Mercury",
    ]


def test_the_projects_of_who_is_removed_stay_without_an_owner(projects, admin, url, stage):
    assert admin.delete(f"{stage.world.acme.api}/members/{stage.world.acme.member.id}").status_code == 204
    gemini = admin.get(f"{url}/{projects['Gemini']}").json
    assert (gemini["owner_id"], gemini["owner_name"]) == (None, "")
    assert names(admin.get(f"{url}?owner=none")) == ["Gemini", "Mercury"]


def test_a_long_list_costs_as_many_statements_as_a_short_one(projects, member, url, stage):
    with stage.app.app_context():
        engine = db.engine
    member.get(url)
    with count_statements(engine) as short:
        member.get(url)
    with stage.app.app_context(), in_workspace(stage.world.acme.id) as workspace:
        owners = [workspace.membership_of(person.id) for person in stage.world.acme.people]
        db.session.add_all(Project(name=f"Project {n}", owner=owners[n % 3]) for n in range(30))
    with count_statements(engine) as long:
        assert len(names(member.get(url))) == 25
    assert len(long) == len(short)
    assert len(long) <= 6


def test_the_home_page_counts_them(projects, member, stage):
    cards = member.get(f"{stage.world.acme.api}/overview").json["cards"]
    assert cards == [
        {"label": "Active projects", "value": 2, "note": "1 without an owner", "url": "/w/acme/projects"},
    ]


def test_a_project_of_another_workspace_is_as_one_that_does_not_exist(projects, admin, url, stage):
    elsewhere = stage.browser(stage.world.noise.owner.email)
    theirs = elsewhere.get(f"{stage.world.noise.api}/projects").json["items"][0]["id"]
    for method, options in (("GET", {}), ("PATCH", {"json": {"name": "Mine"}}), ("DELETE", {})):
        other = admin.open(f"{url}/{theirs}", method, **options)
        none = admin.open(f"{url}/{uuid4()}", method, **options)
        assert (other.status_code, other.data) == (none.status_code, none.data) == (404, none.data)


def test_the_projects_of_a_deleted_person_stay_without_an_owner(projects, member, url, stage):
    root = stage.browser(stage.world.root.email)
    gone = root.post(f"/api/v1/superadmin/users/{stage.world.acme.member.id}/deletion", json={})
    assert gone.status_code < 300, gone.text
    gemini = stage.browser(stage.world.acme.admin.email).get(f"{url}/{projects['Gemini']}").json
    assert (gemini["name"], gemini["owner_id"]) == ("Gemini", None)
