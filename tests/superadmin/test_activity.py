"""What happened in all workspaces."""

from tests.superadmin.conftest import API, fields


def test_the_newest_of_every_workspace_comes_first(root, stage, world):
    stage.browser(world.noise.owner.email).patch(world.noise.api, json={"name": "Louder"})
    stage.browser(world.acme.owner.email).patch(world.acme.api, json={"name": "Summit"})
    answer = root.get(f"{API}/activity?per_page=2")
    told = [(item["workspace"]["slug"], item["actor_name"], item["sentence"]) for item in answer.json["items"]]
    assert told == [
        ("acme", world.acme.owner.name, "renamed Acme to Summit"),
        ("noise", world.noise.owner.name, "renamed Noise to Louder"),
    ]
    assert answer.json["items"][0]["workspace"]["name"] == "Summit"
    assert answer.json["total"] > 2


def test_a_filter_shows_one_workspace_or_one_kind(root):
    found = root.get(f"{API}/activity?workspace=acme&per_page=100").json
    assert {item["workspace"]["slug"] for item in found["items"]} == {"acme"}
    joined = root.get(f"{API}/activity?workspace=acme&kind=member.joined").json
    assert joined["total"] == 2
    assert {item["kind"] for item in joined["items"]} == {"member.joined"}
    assert root.get(f"{API}/activity?workspace=nowhere").json["total"] == 0


def test_a_search_finds_whom_something_was_done_to(root, world):
    found = root.get(f"{API}/activity?search=mia of noise").json
    assert [item["sentence"] for item in found["items"]] == [f"added {world.noise.member.name} as member"]


def test_pages_do_not_overlap(root):
    total = root.get(f"{API}/activity").json["total"]
    pages = [root.get(f"{API}/activity?per_page=2&page={page}").json["items"] for page in range(1, total // 2 + 2)]
    ids = [item["id"] for page in pages for item in page]
    assert len(ids) == len(set(ids)) == total


def test_it_is_sorted_by_time_alone(root):
    assert fields(root.get(f"{API}/activity?sort=actor_name")).keys() == {"sort"}
