"""The list of all workspaces, shutting one and opening it again, and deleting one."""

from sqlalchemy import func, select

from enferno.database import Base
from enferno.extensions import db
from enferno.tenancy import unscoped
from tests.superadmin.conftest import API, fields


def slugs(answer):
    return [item["slug"] for item in answer.json["items"]]


def rows_of(stage, workspace_id):
    """How many rows every table has that belong to the workspace."""
    with stage.app.app_context(), unscoped("looking at what a test did"):
        tables = [table for table in Base.metadata.sorted_tables if "workspace_id" in table.c]
        count = {
            table.name: db.session.scalar(
                select(func.count()).select_from(table).where(table.c.workspace_id == workspace_id)
            )
            for table in tables
        }
    return {name: number for name, number in count.items() if number}


def test_the_list_says_who_owns_a_workspace_and_how_many_belong_to_it(root, stage, world):
    answer = root.get(f"{API}/workspaces")
    assert answer.json["total"] == 3
    rows = {item["slug"]: item for item in answer.json["items"]}
    assert rows["acme"]["members"] == 3
    assert rows["acme"]["owner"]["email"] == world.acme.owner.email
    assert rows["acme"]["suspended_at"] is None
    assert rows["shut"]["suspended_at"] is not None


def test_of_several_owners_the_oldest_is_named(root, outlook, world):
    outlook.add(world.acme, world.stranger, "owner")
    assert root.get(f"{API}/workspaces/{world.acme.id}").json["owner"]["email"] == world.acme.owner.email


def test_the_list_is_searched_filtered_and_sorted(root, outlook, world):
    outlook.found(world.stranger, "Zebra")
    assert slugs(root.get(f"{API}/workspaces?search=NOI")) == ["noise"]
    assert slugs(root.get(f"{API}/workspaces?status=suspended")) == ["shut"]
    assert "shut" not in slugs(root.get(f"{API}/workspaces?status=active"))
    assert "zebra" not in slugs(root.get(f"{API}/workspaces?status=team"))
    assert slugs(root.get(f"{API}/workspaces?sort=members"))[0] == "zebra"
    assert slugs(root.get(f"{API}/workspaces?sort=name")) == ["acme", "noise", "shut", "zebra"]
    assert fields(root.get(f"{API}/workspaces?sort=owner")).keys() == {"sort"}


def test_a_suspended_workspace_shuts_its_members_out_on_their_next_request(stage, root, world):
    people = [stage.browser(person.email) for person in world.acme.people]
    assert [person.get(f"{world.acme.api}/members").status_code for person in people] == [200] * 3
    assert root.post(f"{API}/workspaces/{world.acme.id}/suspension").status_code == 204
    answers = [person.get(f"{world.acme.api}/members") for person in people]
    assert [(answer.status_code, answer.json["code"]) for answer in answers] == [(403, "workspace_suspended")] * 3
    assert stage.browser(world.noise.owner.email).get(f"{world.noise.api}/members").status_code == 200


def test_a_restored_workspace_lets_its_members_in_again(stage, root):
    owner = stage.browser(stage.shut.owner.email)
    assert owner.get(f"{stage.shut.api}/members").status_code == 403
    assert root.delete(f"{API}/workspaces/{stage.shut.id}/suspension").status_code == 204
    assert owner.get(f"{stage.shut.api}/members").json["total"] == 3


def test_the_history_of_the_workspace_tells_who_suspended_and_who_restored_it(root, outlook, world):
    root.post(f"{API}/workspaces/{world.acme.id}/suspension")
    root.post(f"{API}/workspaces/{world.acme.id}/suspension")
    root.delete(f"{API}/workspaces/{world.acme.id}/suspension")
    told = [(one.kind, one.actor_name) for one in outlook.history(world.acme.id)[-2:]]
    assert told == [("workspace.suspended", world.root.name), ("workspace.restored", world.root.name)]
    kinds = [one.kind for one in outlook.history(world.acme.id)]
    assert kinds.count("workspace.suspended") == 1, "suspending what is suspended is no event"


def test_deleting_a_workspace_deletes_everything_of_it_and_nothing_of_another(stage, root, world):
    noise = rows_of(stage, world.noise.id)
    assert rows_of(stage, world.acme.id)
    assert root.delete(f"{API}/workspaces/{world.acme.id}").status_code == 204
    assert rows_of(stage, world.acme.id) == {}
    assert rows_of(stage, world.noise.id) == noise
    assert root.get(f"{API}/workspaces/{world.acme.id}").status_code == 404
    assert stage.browser(world.acme.owner.email).get(f"{world.acme.api}/members").status_code == 404


def test_the_people_of_a_deleted_workspace_stay(root, outlook, world):
    root.delete(f"{API}/workspaces/{world.acme.id}")
    assert all(outlook.user(person) is not None for person in world.acme.people)
