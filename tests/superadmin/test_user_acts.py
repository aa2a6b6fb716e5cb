"""Shutting out and letting in, passwords, sessions: what the operator does to an account counts at once."""

import pytest
from flask_security import verify_password

from enferno.extensions import db
from enferno.user.administration import other_superadmins
from enferno.user.models import User
from tests.superadmin.conftest import API, fields
from tests.support.visitor import link_in, text_of
from tests.support.world import PASSWORD


@pytest.fixture
def mia(stage, world):
    """A member who is signed in."""
    return stage.browser(world.acme.member.email)


def test_who_is_deactivated_is_out_on_the_next_request(root, mia, world):
    assert mia.get("/api/v1/me").status_code == 200
    answer = root.patch(f"{API}/users/{world.acme.member.id}", json={"active": False})
    assert answer.json["active"] is False
    assert mia.get("/api/v1/me").status_code == 401
    assert mia.get(f"{world.acme.api}/members").status_code == 401


def test_a_session_from_before_stays_ended_when_the_account_is_active_again(root, mia, world):
    root.patch(f"{API}/users/{world.acme.member.id}", json={"active": False})
    assert root.patch(f"{API}/users/{world.acme.member.id}", json={"active": True}).json["active"] is True
    assert mia.get("/api/v1/me").status_code == 401


def test_nobody_shuts_oneself_out(root, world):
    for change in ({"active": False}, {"is_superadmin": False}):
        answer = root.patch(f"{API}/users/{world.root.id}", json=change)
        assert (answer.status_code, answer.json["code"]) == (409, "own_account"), change
    assert root.get(f"{API}/users/{world.root.id}").json["is_superadmin"] is True


def test_saying_what_is_so_already_is_no_fault(root, world):
    assert root.patch(f"{API}/users/{world.root.id}", json={"active": True, "is_superadmin": True}).status_code == 200


def test_the_last_superadmin_cannot_go(stage, root, world):
    """Another superadmin who is deactivated cannot run the installation, and so does not count."""
    root.patch(f"{API}/users/{world.stranger.id}", json={"is_superadmin": True})
    with stage.app.app_context():
        rosa = db.session.get_one(User, world.root.id)
        assert other_superadmins(rosa) == 1
        db.session.get_one(User, world.stranger.id).deactivate()
        db.session.flush()
        assert other_superadmins(rosa) == 0


def test_of_two_superadmins_one_can_go_and_then_no_other(stage, root, world):
    root.patch(f"{API}/users/{world.stranger.id}", json={"is_superadmin": True})
    sten = type(root)(stage.app).sign_in(world.stranger.email)
    assert sten.patch(f"{API}/users/{world.root.id}", json={"is_superadmin": False}).status_code == 200
    assert sten.patch(f"{API}/users/{world.stranger.id}", json={"is_superadmin": False}).status_code == 409
    assert root.get(f"{API}/users").status_code == 401


def test_a_link_for_a_new_password_goes_out_by_mail(root, mia, outbox, world):
    assert root.post(f"{API}/users/{world.acme.member.id}/password-reset").status_code == 204
    [mail] = outbox()
    assert mail["To"] == world.acme.member.email
    assert link_in(mail, "/reset/")
    assert mia.get("/api/v1/me").status_code == 200, "a link alone changes nothing"


def test_no_link_goes_to_somebody_who_could_not_use_it(stage, root, outbox):
    answer = root.post(f"{API}/users/{stage.former.id}/password-reset")
    assert (answer.status_code, answer.json["code"]) == (409, "inactive")
    assert outbox() == []


def test_a_new_password_is_shown_once_ends_every_session_and_is_told_by_mail(stage, root, mia, outbox, world):
    answer = root.post(f"{API}/users/{world.acme.member.id}/password")
    assert answer.status_code == 201
    with stage.app.app_context():
        user = db.session.get_one(User, world.acme.member.id)
        assert verify_password(answer.json["password"], user.password)
        assert not verify_password(PASSWORD, user.password)
    assert mia.get("/api/v1/me").status_code == 401
    [mail] = outbox()
    assert mail["To"] == world.acme.member.email
    assert answer.json["password"] not in text_of(mail)


def test_ones_own_password_is_changed_where_the_present_one_is_asked_for(root, world):
    answer = root.post(f"{API}/users/{world.root.id}/password")
    assert (answer.status_code, answer.json["code"]) == (409, "own_account")
    assert root.get("/api/v1/me").status_code == 200


def test_every_session_of_a_person_ends(stage, root, mia, world):
    second = type(root)(stage.app).sign_in(world.acme.member.email)
    assert len(root.get(f"{API}/users/{world.acme.member.id}").json["sessions"]) == 2
    assert root.delete(f"{API}/users/{world.acme.member.id}/sessions").status_code == 204
    assert [browser.get("/api/v1/me").status_code for browser in (mia, second)] == [401, 401]


def test_one_session_of_a_person_ends_and_the_others_stay(stage, root, mia, world):
    url = f"{API}/users/{world.acme.member.id}"
    [first] = root.get(url).json["sessions"]
    second = type(root)(stage.app).sign_in(world.acme.member.email)
    assert root.delete(f"{url}/sessions/{first['id']}").status_code == 204
    assert [browser.get("/api/v1/me").status_code for browser in (mia, second)] == [401, 200]
    assert root.delete(f"{url}/sessions/{first['id']}").status_code == 404


def test_a_session_is_only_found_at_its_own_person(root, mia, world):
    [session] = root.get(f"{API}/users/{world.acme.member.id}").json["sessions"]
    assert root.delete(f"{API}/users/{world.acme.admin.id}/sessions/{session['id']}").status_code == 404
    assert mia.get("/api/v1/me").status_code == 200


def test_ending_ones_own_sessions_keeps_the_one_at_work(stage, root, world):
    second = type(root)(stage.app).sign_in(world.root.email)
    assert root.delete(f"{API}/users/{world.root.id}/sessions").status_code == 204
    assert [browser.get("/api/v1/me").status_code for browser in (root, second)] == [200, 401]


@pytest.mark.parametrize("change", [{"password": "a-new-password-2026"}, {"workspaces": 3}, {"confirmed_at": None}])
def test_what_is_not_for_changing_is_refused(root, world, change):
    answer = root.patch(f"{API}/users/{world.acme.member.id}", json=change)
    assert answer.status_code == 422
    assert fields(answer).keys() == change.keys()
