"""Members over the API."""

from uuid import uuid4

import pytest

from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.workspace.models import Membership
from tests.support.statements import count_statements
from tests.support.world import make_user


@pytest.fixture
def url(stage):
    return f"{stage.world.acme.api}/members"


@pytest.fixture
def owner(stage):
    return stage.browser(stage.world.acme.owner.email)


@pytest.fixture
def admin(stage):
    return stage.browser(stage.world.acme.admin.email)


@pytest.fixture
def member(stage):
    return stage.browser(stage.world.acme.member.email)


def test_a_member_sees_who_belongs_to_the_workspace(stage, member, url):
    answer = member.get(url)
    assert answer.status_code == 200
    assert {item["email"] for item in answer.json["items"]} == {person.email for person in stage.world.acme.people}
    assert answer.json["total"] == 3


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort=name", ["Adam", "Mia", "Olga"]),
        ("sort=-name", ["Olga", "Mia", "Adam"]),
        ("sort=role", ["Adam", "Mia", "Olga"]),
        ("search=mIa", ["Mia"]),
        ("search=owner@", ["Olga"]),
        ("search=noise", []),
        ("search=%25", []),
    ],
)
def test_the_members_are_sorted_and_searched(member, url, query, expected):
    assert [item["name"].split()[0] for item in member.get(f"{url}?{query}").json["items"]] == expected


def test_an_admin_cannot_demote_the_owner(stage, admin, url):
    answer = admin.patch(f"{url}/{stage.world.acme.owner.id}", json={"role": "member"})
    assert answer.status_code == 403
    assert admin.get(f"{url}/{stage.world.acme.owner.id}").json["role"] == "owner"


def test_an_admin_cannot_remove_the_owner(stage, admin, url):
    assert admin.delete(f"{url}/{stage.world.acme.owner.id}").status_code == 403


def test_nobody_raises_himself(stage, admin, member, url):
    """Isolation, case 32."""
    people = stage.world.acme
    assert member.patch(f"{url}/{people.member.id}", json={"role": "admin"}).status_code == 403
    assert admin.patch(f"{url}/{people.admin.id}", json={"role": "owner"}).status_code == 403
    assert admin.patch(f"{url}/{people.member.id}", json={"role": "owner"}).status_code == 403
    roles = {item["user_id"]: item["role"] for item in admin.get(url).json["items"]}
    assert roles == {
        str(people.owner.id): "owner",
        str(people.admin.id): "admin",
        str(people.member.id): "member",
    }


def test_the_last_owner_cannot_leave_step_down_or_be_removed(stage, owner, url):
    me = f"{url}/{stage.world.acme.owner.id}"
    for answer in (owner.delete(f"{url}/me"), owner.patch(me, json={"role": "admin"}), owner.delete(me)):
        assert answer.status_code == 409
        assert answer.json["code"] == "last_owner"


def test_a_workspace_is_handed_on_by_making_another_owner(stage, owner, admin, url):
    assert owner.patch(f"{url}/{stage.world.acme.admin.id}", json={"role": "owner"}).json["role"] == "owner"
    assert owner.delete(f"{url}/me").status_code == 204
    assert owner.get(url).status_code == 404
    assert admin.get(url).json["total"] == 2


def test_a_removed_member_is_out_on_the_next_request(stage, owner, member, url):
    """Isolation, case 34."""
    assert member.get(url).status_code == 200
    assert owner.delete(f"{url}/{stage.world.acme.member.id}").status_code == 204
    assert member.get(url).status_code == 404
    assert member.get("/w/acme/").status_code == 404
    assert member.get("/api/v1/me").status_code == 200


def test_a_role_taken_away_counts_on_the_next_request(stage, owner, admin, url):
    assert owner.patch(f"{url}/{stage.world.acme.admin.id}", json={"role": "member"}).status_code == 200
    assert admin.patch(f"{url}/{stage.world.acme.member.id}", json={"role": "admin"}).status_code == 403


def test_who_belongs_elsewhere_is_as_one_who_does_not_exist(stage, owner, url):
    for method, options in (("GET", {}), ("PATCH", {"json": {"role": "admin"}}), ("DELETE", {})):
        theirs = owner.open(f"{url}/{stage.world.noise.member.id}", method, **options)
        nobody = owner.open(f"{url}/{uuid4()}", method, **options)
        assert theirs.status_code == nobody.status_code == 404
        assert theirs.data == nobody.data
    assert stage.browser(stage.world.noise.owner.email).get(f"{stage.world.noise.api}/members").json["total"] == 3


@pytest.mark.parametrize("body", [{"role": "king"}, {"role": None}, {}, {"role": "admin", "workspace_id": "x"}])
def test_a_role_that_does_not_exist_is_refused(stage, owner, url, body):
    assert owner.patch(f"{url}/{stage.world.acme.member.id}", json=body).status_code == 422


def test_there_is_no_way_to_add_a_member_here_yet(owner, url):
    assert owner.post(url, json={"email": "new@example.com"}).status_code == 405


def test_a_long_list_costs_as_many_statements_as_a_short_one(stage, member, url):
    with stage.app.app_context():
        engine = db.engine
    member.get(url)
    with count_statements(engine) as short:
        member.get(url)
    with stage.app.app_context():
        ids = [make_user(f"more{n}@example.com", f"More {n}").id for n in range(30)]
        db.session.commit()
    with stage.app.app_context(), in_workspace(stage.world.acme.id):
        # More than the plan has room for.
        db.session.add_all(Membership(user_id=user_id) for user_id in ids)
    with count_statements(engine) as long:
        assert len(member.get(url).json["items"]) == 25
    assert len(long) == len(short)
