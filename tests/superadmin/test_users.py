"""The list of everybody, one person, making and changing accounts."""

from uuid import UUID

import pytest
from flask_security import verify_password

from enferno.extensions import db
from enferno.user.models import User
from tests.superadmin.conftest import API, fields
from tests.support.visitor import text_of
from tests.support.world import PASSWORD


def addresses(answer):
    return [item["email"] for item in answer.json["items"]]


def test_the_list_has_everybody_the_newest_first(root, stage, world):
    answer = root.get(f"{API}/users?per_page=100")
    everyone = [*world.acme.people, *world.noise.people, *stage.shut.people, world.stranger, world.root, stage.former]
    assert set(addresses(answer)) == {person.email for person in everyone}
    assert answer.json["total"] == len(everyone)
    times = [item["created_at"] for item in answer.json["items"]]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("search", ["OLGA of acme", "Owner@ACME"])
def test_a_search_finds_by_name_and_by_address_whatever_the_case(root, world, search):
    assert addresses(root.get(f"{API}/users", query_string={"search": search})) == [world.acme.owner.email]


def test_a_percent_sign_in_a_search_is_a_percent_sign(root):
    assert root.get(f"{API}/users", query_string={"search": "%"}).json["total"] == 0


def test_the_list_is_sorted_by_name_without_regard_to_case(root, world):
    root.patch(f"{API}/users/{world.noise.member.id}", json={"name": "aaron small"})
    names = [item["name"] for item in root.get(f"{API}/users?sort=name").json["items"]]
    assert names == sorted(names, key=str.lower)
    assert names[0] == "aaron small"


def test_a_filter_shows_only_those_of_a_status(root, stage, world):
    assert addresses(root.get(f"{API}/users?status=inactive")) == [stage.former.email]
    assert addresses(root.get(f"{API}/users?status=superadmin")) == [world.root.email]
    assert stage.former.email not in addresses(root.get(f"{API}/users?status=active&per_page=100"))
    assert fields(root.get(f"{API}/users?status=happy")).keys() == {"status"}


def test_a_row_says_in_how_many_workspaces_a_person_is(root, outlook, world):
    outlook.found(world.acme.owner, "Second")
    rows = {item["email"]: item for item in root.get(f"{API}/users?per_page=100").json["items"]}
    assert rows[world.acme.owner.email]["workspaces"] == 2
    assert rows[world.stranger.email]["workspaces"] == 0
    assert rows[world.acme.owner.email]["last_seen_at"] is not None


def test_one_person_is_shown_with_workspaces_roles_and_open_sessions(root, outlook, stage, world):
    outlook.add(world.noise, world.acme.owner)
    shown = root.get(f"{API}/users/{world.acme.owner.id}").json
    assert [(place["slug"], place["role"]) for place in shown["places"]] == [("acme", "owner"), ("noise", "member")]
    [session] = shown["sessions"]
    assert session["device"].startswith("Firefox")
    assert "password" not in str(shown)
    assert root.get(f"{API}/users/{stage.shut.owner.id}").json["places"][0]["is_suspended"] is True


def test_somebody_new_gets_a_password_that_is_shown_once_and_may_sign_in(stage, root):
    answer = root.post(f"{API}/users", json={"name": "Nina New", "email": " Nina@Example.COM "})
    assert answer.status_code == 201
    assert answer.json["email"] == "nina@example.com"
    assert len(answer.json["password"]) == 24
    with stage.app.app_context():
        nina = db.session.get_one(User, UUID(answer.json["id"]))
        assert verify_password(answer.json["password"], nina.password)
        assert nina.confirmed_at is not None
        assert not nina.is_superadmin
    assert answer.json["password"] not in root.get(f"{API}/users/{answer.json['id']}").text


def test_a_password_that_was_given_is_not_repeated(root):
    given = {"name": "Nina New", "email": "nina@example.com", "password": PASSWORD, "is_superadmin": True}
    answer = root.post(f"{API}/users", json=given)
    assert answer.json["password"] is None
    assert root.get(f"{API}/users/{answer.json['id']}").json["is_superadmin"] is True


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "owner@acme.example.com"}, "email"),
        ({"email": "OWNER@Acme.Example.com"}, "email"),
        ({"email": "no address"}, "email"),
        ({"email": "a" * 250 + "@example.com"}, "email"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "line\nbreak"}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "nina@example.com"}, "password"),
        ({"is_superadmin": "perhaps"}, "is_superadmin"),
        ({"created_at": "2020-01-01T00:00:00Z"}, "created_at"),
        ({"id": "01890000-0000-7000-8000-000000000000"}, "id"),
    ],
)
def test_faults_are_named_at_their_fields(root, change, field):
    answer = root.post(f"{API}/users", json={"name": "Nina New", "email": "nina@example.com"} | change)
    assert answer.status_code == 422
    assert fields(answer).keys() == {field}
    assert root.get(f"{API}/users?search=nina").json["total"] == 0


def test_a_person_is_renamed_and_moved_to_another_address(root, outbox, world):
    answer = root.patch(f"{API}/users/{world.acme.member.id}", json={"name": "Mia Moved", "email": "MIA@example.com"})
    assert answer.status_code == 200
    assert (answer.json["name"], answer.json["email"]) == ("Mia Moved", "mia@example.com")
    [mail] = outbox()
    assert mail["To"] == world.acme.member.email, "the old address is told"
    assert "mia@example.com" in text_of(mail)


def test_an_address_that_somebody_has_is_refused(root, world):
    answer = root.patch(f"{API}/users/{world.acme.member.id}", json={"email": world.noise.owner.email})
    assert (answer.status_code, answer.json["code"]) == (422, "email_taken")
    assert root.get(f"{API}/users/{world.acme.member.id}").json["email"] == world.acme.member.email


def test_a_refused_change_leaves_nothing_of_itself_behind(root, world):
    """The name is fine, the address is not: neither is stored."""
    root.patch(f"{API}/users/{world.acme.member.id}", json={"name": "Changed", "email": world.noise.owner.email})
    assert root.get(f"{API}/users/{world.acme.member.id}").json["name"] == world.acme.member.name


def test_whoever_has_no_workspace_yet_gets_one_at_the_first_visit(stage, root):
    made = root.post(f"{API}/users", json={"name": "Nina New", "email": "nina@example.com"}).json
    browser = type(root)(stage.app).sign_in("nina@example.com")
    assert browser.get("/app").status_code == 302
    assert len(root.get(f"{API}/users/{made['id']}").json["places"]) == 1
