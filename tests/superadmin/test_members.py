"""The members of any workspace: the operator may touch anyone, and the workspace's own rules hold."""

import pytest

from tests.superadmin.conftest import API, fields


@pytest.fixture
def url(world):
    return f"{API}/workspaces/{world.acme.id}/members"


def test_the_members_of_a_workspace_and_of_no_other_are_listed(root, url, world):
    answer = root.get(url)
    assert {item["email"] for item in answer.json["items"]} == {person.email for person in world.acme.people}
    assert answer.json["total"] == 3
    assert root.get(f"{url}?search=noise").json["total"] == 0


def test_the_members_of_a_suspended_workspace_are_listed_too(root, stage):
    assert root.get(f"{API}/workspaces/{stage.shut.id}/members").json["total"] == 3


def test_somebody_with_an_account_is_added_by_address(stage, root, url, world, outlook):
    answer = root.post(url, json={"email": "STRANGER@example.com ", "role": "admin"})
    assert answer.status_code == 201
    assert (answer.json["email"], answer.json["role"]) == (world.stranger.email, "admin")
    assert stage.browser(world.stranger.email).get(f"{world.acme.api}/members").status_code == 200
    last = outlook.history(world.acme.id)[-1]
    assert (last.kind, last.actor_name, last.payload["member"]) == ("member.joined", "Rosa Root", "Sten Stranger")


def test_an_address_that_nobody_has_is_said_so_at_the_field(root, url, world, outlook):
    answer = root.post(url, json={"email": "nobody@example.com"})
    assert answer.status_code == 422
    assert fields(answer).keys() == {"email"}
    assert len(outlook.members(world.acme.id)) == 3


def test_nobody_belongs_to_a_workspace_twice(root, url, world):
    answer = root.post(url, json={"email": world.acme.member.email})
    assert (answer.status_code, answer.json["code"]) == (409, "already_member")


def test_the_operator_makes_an_owner_and_unmakes_one(root, url, world, outlook):
    assert root.patch(f"{url}/{world.acme.admin.id}", json={"role": "owner"}).json["role"] == "owner"
    assert root.patch(f"{url}/{world.acme.owner.id}", json={"role": "member"}).json["role"] == "member"
    assert outlook.members(world.acme.id)[world.acme.owner.email] == "member"
    told = [(one.kind, one.payload["after"]) for one in outlook.history(world.acme.id)[-2:]]
    assert told == [("member.role_changed", "owner"), ("member.role_changed", "member")]


def test_the_last_owner_is_neither_demoted_nor_removed(root, url, world, outlook):
    for answer in (
        root.patch(f"{url}/{world.acme.owner.id}", json={"role": "admin"}),
        root.delete(f"{url}/{world.acme.owner.id}"),
    ):
        assert (answer.status_code, answer.json["code"]) == (409, "last_owner")
    assert outlook.members(world.acme.id)[world.acme.owner.email] == "owner"


def test_a_removed_member_is_out_on_the_next_request(stage, root, url, world, outlook):
    mia = stage.browser(world.acme.member.email)
    assert mia.get(f"{world.acme.api}/members").status_code == 200
    assert root.delete(f"{url}/{world.acme.member.id}").status_code == 204
    assert mia.get(f"{world.acme.api}/members").status_code == 404
    assert outlook.history(world.acme.id)[-1].kind == "member.removed"


def test_a_member_is_only_found_in_their_own_workspace(root, url, world, outlook):
    assert root.delete(f"{url}/{world.noise.member.id}").status_code == 404
    assert root.patch(f"{url}/{world.noise.member.id}", json={"role": "owner"}).status_code == 404
    assert outlook.members(world.noise.id)[world.noise.member.email] == "member"


@pytest.mark.parametrize("body", [{"role": "emperor"}, {}, {"role": "admin", "workspace_id": "other"}])
def test_a_role_that_does_not_exist_is_refused(root, url, world, body):
    assert root.patch(f"{url}/{world.acme.member.id}", json=body).status_code == 422
