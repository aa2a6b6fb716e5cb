"""Deleting a workspace wants more than a screen that was left open."""

from datetime import UTC, datetime

import pytest
import time_machine

from tests.support.visitor import Visitor
from tests.support.world import PASSWORD


class Owner(Visitor):
    """Signed in by the page, with the password."""

    def call(self, method, path, body=None):
        headers = {"X-CSRFToken": self.csrf()}
        return self.client.open(path, method=method, json=body, headers=headers, **self.base)


@pytest.fixture
def owner(stage):
    owner = Owner(stage.app)
    with time_machine.travel(datetime.now(UTC), tick=True) as clock:
        assert owner.sign_in(stage.world.acme.owner.email).status_code == 302
        owner.clock = clock
        yield owner


def test_a_workspace_is_deleted_after_a_recent_password_alone(stage, owner):
    """A27: ten minutes after signing in it is refused as the operator's acts are; the password once more opens it."""
    acme = stage.world.acme.api
    owner.clock.shift(11 * 60)
    refused = owner.call("DELETE", acme)
    assert (refused.status_code, refused.json["code"]) == (403, "recent_password_required")
    assert owner.get(acme).status_code == 200
    assert owner.call("POST", "/api/v1/me/verifications", {"password": PASSWORD}).status_code == 204
    assert owner.call("DELETE", acme).status_code == 204
    assert owner.get(acme).status_code == 404


def test_within_ten_minutes_nothing_is_asked(stage, owner):
    """A27: who has just signed in has just shown it."""
    owner.clock.shift(9 * 60)
    assert owner.call("DELETE", stage.world.acme.api).status_code == 204


def test_who_may_not_delete_it_is_not_asked_for_a_password(stage):
    """A27: permission comes first."""
    member = Owner(stage.app)
    member.sign_in(stage.world.acme.member.email)
    with time_machine.travel(datetime.now(UTC).timestamp() + 11 * 60, tick=True):
        assert member.call("DELETE", stage.world.acme.api).json["code"] == "forbidden"
