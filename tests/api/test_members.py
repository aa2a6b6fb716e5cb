"""Members over the API."""


def test_a_member_sees_who_belongs_to_the_workspace(world, browser):
    answer = browser(world.acme.member.email).get(f"{world.acme.api}/members")
    assert answer.status_code == 200
    assert {item["email"] for item in answer.json["items"]} == {person.email for person in world.acme.people}
    assert answer.json["total"] == 3


def test_an_admin_cannot_demote_the_owner(world, browser):
    admin = browser(world.acme.admin.email)
    answer = admin.patch(f"{world.acme.api}/members/{world.acme.owner.id}", json={"role": "member"})
    assert answer.status_code == 403
    assert admin.get(f"{world.acme.api}/members/{world.acme.owner.id}").json["role"] == "owner"


def test_the_last_owner_cannot_leave(world, browser):
    owner = browser(world.acme.owner.email)
    answer = owner.delete(f"{world.acme.api}/members/me")
    assert answer.status_code == 409
    assert answer.json["code"] == "last_owner"
