"""Deleting a person: what it does to their workspaces is said first, and no workspace is left without an owner."""

from uuid import UUID

import pytest

from enferno.access.roles import MemberRole
from enferno.workspace import events
from tests.superadmin.conftest import API, fields


@pytest.fixture
def deletion(root):
    """Look at the deletion of somebody, or carry it out."""

    def act(person, **body):
        url = f"{API}/users/{person.id}/deletion"
        return root.post(url, json=body) if body else root.get(url).json

    return act


def test_the_preview_says_what_happens_to_each_workspace(deletion, outlook, world):
    alone = outlook.found(world.acme.owner, "All mine")
    outlook.add(world.noise, world.acme.owner)
    preview = deletion(world.acme.owner)
    assert preview["refusal"] is None
    assert [place["id"] for place in preview["deleted"]] == [str(alone)]
    assert [place["slug"] for place in preview["left"]] == ["noise"]
    [orphaned] = preview["orphaned"]
    assert (orphaned["slug"], orphaned["members"]) == ("acme", 2)
    assert [candidate["email"] for candidate in orphaned["candidates"]] == [
        world.acme.admin.email,
        world.acme.member.email,
    ], "admins are offered before members"


def test_looking_at_the_preview_changes_nothing(deletion, outlook, world):
    deletion(world.acme.owner)
    assert outlook.user(world.acme.owner) is not None
    assert outlook.members(world.acme.id)[world.acme.owner.email] == "owner"


def test_a_workspace_with_nobody_else_goes_with_its_owner(stage, root, deletion, outlook, world):
    alone = outlook.found(world.stranger, "Stranger's own")
    assert deletion(world.stranger, new_owners={}).status_code == 204
    assert outlook.user(world.stranger) is None
    assert root.get(f"{API}/workspaces/{alone}").status_code == 404
    assert outlook.history(alone) == []
    assert len(outlook.members(world.acme.id)) == 3


def test_a_workspace_with_others_and_no_other_owner_is_named_and_nothing_is_done(deletion, outlook, world):
    alone = outlook.found(world.acme.owner, "All mine")
    answer = deletion(world.acme.owner, new_owners={})
    assert (answer.status_code, answer.json["code"]) == (409, "owner_needed")
    assert "Acme" in answer.json["detail"]
    assert "All mine" not in answer.json["detail"]
    assert fields(answer) == {f"new_owners.{world.acme.id}": "Acme needs a new owner"}
    assert outlook.user(world.acme.owner) is not None
    assert outlook.members(alone) == {world.acme.owner.email: "owner"}


def test_the_person_chosen_owns_the_workspace_afterwards(stage, deletion, outlook, world):
    answer = deletion(world.acme.owner, new_owners={str(world.acme.id): str(world.acme.member.id)})
    assert answer.status_code == 204
    assert outlook.members(world.acme.id) == {world.acme.admin.email: "admin", world.acme.member.email: "owner"}
    assert stage.browser(world.acme.member.email).get(f"{world.acme.api}/members").status_code == 200


def test_where_there_is_another_owner_nobody_has_to_be_chosen(deletion, outlook, world):
    outlook.add(world.acme, world.stranger, MemberRole.OWNER)
    assert [place["slug"] for place in deletion(world.acme.owner)["left"]] == ["acme"]
    assert deletion(world.acme.owner, new_owners={}).status_code == 204
    assert outlook.members(world.acme.id)[world.stranger.email] == "owner"


@pytest.mark.parametrize("who", ["stranger", "noise_member", "oneself", "deactivated"])
def test_only_an_active_member_of_the_workspace_can_be_chosen(root, deletion, outlook, world, who):
    root.patch(f"{API}/users/{world.acme.admin.id}", json={"active": False})
    chosen = {
        "stranger": world.stranger,
        "noise_member": world.noise.member,
        "oneself": world.acme.owner,
        "deactivated": world.acme.admin,
    }[who]
    answer = deletion(world.acme.owner, new_owners={str(world.acme.id): str(chosen.id)})
    assert answer.status_code == 422
    assert fields(answer).keys() == {f"new_owners.{world.acme.id}"}
    assert outlook.members(world.acme.id)[world.acme.owner.email] == "owner"


def test_a_choice_for_a_workspace_that_is_not_concerned_does_nothing(deletion, outlook, world):
    body = {str(world.acme.id): str(world.acme.member.id), str(world.noise.id): str(world.noise.member.id)}
    assert deletion(world.acme.owner, new_owners=body).status_code == 204
    assert outlook.members(world.noise.id)[world.noise.member.email] == "member"


def test_deactivated_people_are_not_offered(root, deletion, world):
    root.patch(f"{API}/users/{world.acme.admin.id}", json={"active": False})
    [orphaned] = deletion(world.acme.owner)["orphaned"]
    assert [candidate["email"] for candidate in orphaned["candidates"]] == [world.acme.member.email]


def test_an_ordinary_member_leaves_every_workspace(stage, deletion, outlook, world):
    mia = stage.browser(world.acme.member.email)
    assert deletion(world.acme.member, new_owners={}).status_code == 204
    assert world.acme.member.email not in outlook.members(world.acme.id)
    assert mia.get("/api/v1/me").status_code == 401


def test_history_keeps_what_a_deleted_person_did_under_their_name(stage, deletion, outlook, world):
    admin = stage.browser(world.acme.admin.email)
    assert admin.patch(world.acme.api, json={"name": "Acme & Sons"}).status_code == 200
    deletion(world.acme.admin, new_owners={})
    [renamed] = [one for one in outlook.history(world.acme.id) if one.kind == events.WorkspaceRenamed.kind]
    assert (renamed.actor_name, renamed.actor_id) == (world.acme.admin.name, None)


def test_each_workspace_is_told_who_left_and_who_owns_it(deletion, outlook, world):
    outlook.add(world.noise, world.acme.owner)
    deletion(world.acme.owner, new_owners={str(world.acme.id): str(world.acme.member.id)})
    told = [(one.kind, one.actor_name, one.payload.get("member")) for one in outlook.history(world.acme.id)[-2:]]
    assert told == [
        ("member.role_changed", world.root.name, world.acme.member.name),
        ("member.removed", world.root.name, world.acme.owner.name),
    ]
    [left] = [one for one in outlook.history(world.noise.id) if one.kind == "member.removed"]
    assert left.workspace_id == world.noise.id
    assert left.payload == {"member": world.acme.owner.name}


def test_nobody_deletes_oneself(deletion, outlook, world):
    assert deletion(world.root)["refusal"] == "own_account"
    answer = deletion(world.root, new_owners={})
    assert (answer.status_code, answer.json["code"]) == (409, "own_account")
    assert outlook.user(world.root) is not None


def test_another_superadmin_can_be_deleted(root, deletion, outlook, world):
    root.patch(f"{API}/users/{world.stranger.id}", json={"is_superadmin": True})
    assert deletion(world.stranger, new_owners={}).status_code == 204
    assert outlook.user(world.stranger) is None


@pytest.mark.parametrize("body", [{"new_owners": {"no id": "none"}}, {"new_owners": []}, {"owners": {}}])
def test_a_body_that_makes_no_sense_deletes_nobody(deletion, outlook, world, body):
    assert deletion(world.acme.member, **body).status_code == 422
    assert outlook.user(world.acme.member) is not None


def test_the_address_of_a_deleted_person_is_free_again(root, deletion, world):
    deletion(world.stranger, new_owners={})
    again = root.post(f"{API}/users", json={"name": "Sten again", "email": world.stranger.email})
    assert again.status_code == 201
    assert UUID(again.json["id"]) != world.stranger.id
