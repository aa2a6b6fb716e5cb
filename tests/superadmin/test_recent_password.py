"""What the operator changes wants a password that was typed within ten minutes (ASVS 7.5.1)."""

import pytest
import time_machine

from tests.superadmin.conftest import API
from tests.superadmin.test_access import ANY, ROUTES
from tests.support.visitor import Visitor
from tests.support.world import PASSWORD

VERIFICATIONS = "/api/v1/me/verifications"
CHANGES = [route for route in ROUTES if route[0] != "GET"]


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-21T12:00:00Z", tick=True) as traveller:
        yield traveller


class Operator(Visitor):
    """Signed in by the page, with the password."""

    def call(self, method, path, body=None):
        options = {} if method == "GET" else {"json": body or {}, "headers": {"X-CSRFToken": self.csrf()}}
        return self.client.open(path, method=method, **(self.base | options))

    def verify(self, password):
        return self.call("POST", VERIFICATIONS, {"password": password})


@pytest.fixture
def operator(clock, stage):
    operator = Operator(stage.app)
    assert operator.sign_in(stage.world.root.email).status_code == 302
    return operator


def rename(operator, world, name="Renamed"):
    return operator.call("PATCH", f"{API}/users/{world.acme.member.id}", {"name": name})


def test_within_ten_minutes_of_signing_in_nothing_is_asked(operator, clock, world):
    clock.shift(9 * 60)
    assert rename(operator, world).status_code == 200


def test_after_ten_minutes_no_change_is_taken_and_everything_can_still_be_seen(operator, clock, world):
    clock.shift(11 * 60)
    for method, path in CHANGES:
        answer = operator.call(method, path)
        assert (answer.status_code, answer.json["code"]) == (403, "recent_password_required"), (method, path)
    assert operator.get(f"{API}/users").status_code == 200
    assert operator.get("/superadmin/").status_code == 200


def test_another_address_of_ones_own_is_no_typing_of_the_password(operator, clock, world):
    """Otherwise whoever sits at a screen left open changes it there and back every nine minutes."""
    clock.shift(9 * 60)
    own = f"{API}/users/{world.root.id}"
    assert operator.call("PATCH", own, {"email": "rosa@example.com"}).status_code == 200
    clock.shift(2 * 60)
    assert rename(operator, world).status_code == 403


def test_the_password_once_more_opens_another_ten_minutes(operator, clock, world):
    clock.shift(11 * 60)
    assert rename(operator, world).status_code == 403
    assert operator.verify(PASSWORD).status_code == 204
    assert rename(operator, world).json["name"] == "Renamed"
    clock.shift(11 * 60)
    assert rename(operator, world, "Again").status_code == 403


def test_a_wrong_password_opens_nothing(operator, clock, world):
    clock.shift(11 * 60)
    answer = operator.verify("not the password at all")
    assert answer.status_code == 422
    assert answer.json["errors"] == [{"field": "password", "message": "This is not your password"}]
    assert rename(operator, world).status_code == 403


def test_another_browser_of_the_same_person_is_asked_for_itself(operator, clock, stage, world):
    clock.shift(11 * 60)
    other = Operator(stage.app)
    other.sign_in(world.root.email)
    assert rename(other, world).status_code == 200
    assert rename(operator, world).status_code == 403


def test_ten_wrong_passwords_are_enough_for_a_quarter_of_an_hour(operator, clock, world):
    clock.shift(11 * 60)
    assert [operator.verify("wrong").status_code for _ in range(11)] == [422] * 10 + [429]
    assert operator.verify(PASSWORD).status_code == 429
    clock.shift(16 * 60)
    assert operator.verify(PASSWORD).status_code == 204


def test_who_is_no_superadmin_learns_nothing_of_it(clock, stage, world):
    olga = Operator(stage.app)
    olga.sign_in(world.acme.owner.email)
    clock.shift(11 * 60)
    answer = olga.call("POST", f"{API}/users/{ANY}/password")
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
