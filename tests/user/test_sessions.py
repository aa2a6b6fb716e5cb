"""Sessions: rows with a hash, that end when they should (ASVS 7)."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from enferno.app import create_app
from enferno.extensions import db
from enferno.user.models import User
from tests.support import databases
from tests.support.visitor import FIREFOX, Visitor
from tests.support.world import PASSWORD, make_person

ADA = "ada@example.com"
NEW_PASSWORD = "amber-gallery-77-pocket"
DAY = 86_400
ROWS = text("SELECT sessions.* FROM sessions JOIN users ON users.id = sessions.user_id WHERE users.email = :email")


@pytest.fixture
def ada(app):
    return make_person(app, ADA, "Ada Example")


@pytest.fixture
def visitor(app, ada) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(ADA, timezone="America/Buenos_Aires")
    return visitor


def token_of(visitor: Visitor) -> str:
    with visitor.client.session_transaction() as cookie:
        return cookie["token"]


def test_the_cookie_has_256_random_bits_and_the_row_only_their_hash(visitor, outside):
    token = token_of(visitor)
    assert len(token) == 43
    [row] = outside.execute(ROWS, {"email": ADA}).mappings()
    assert token not in {str(value) for value in row.values()}
    assert len(row["token_hash"]) == 64


def test_a_session_says_device_place_and_address(visitor):
    [item] = visitor.get("/api/v1/me/sessions").json["items"]
    assert item["device"] == "Firefox on Linux"
    assert item["place"] == "Buenos Aires"
    assert item["address"] == "192.0.2.1"
    assert item["is_current"] is True


@pytest.mark.parametrize("zone", ["", "<img src=x>", "Europe/Nowhere", "Etc/UTC", "a/b\x00", "x" * 5000])
def test_a_place_that_no_clock_knows_is_left_out(app, ada, zone):
    who = Visitor(app)
    who.sign_in(ADA, timezone=zone)
    sessions = who.get("/api/v1/me/sessions")
    assert sessions.status_code in (200, 401)  # a zero byte is refused with the whole form
    assert all(item["place"] == "" for item in sessions.json.get("items", []))


def test_every_sign_in_makes_a_new_token(visitor):
    first = token_of(visitor)
    visitor.sign_out()
    visitor.sign_in(ADA)
    assert token_of(visitor) != first


def test_a_cookie_planted_before_signing_in_is_worth_nothing_after(app, ada):
    planted, victim = Visitor(app), Visitor(app)
    planted.get("/login")
    victim.client.set_cookie("session", planted.cookie())
    victim.sign_in(ADA)
    assert victim.is_signed_in
    assert not planted.is_signed_in


def test_a_session_ends_after_14_days_without_a_visit(clock, visitor):
    clock.shift(13 * DAY)
    assert visitor.is_signed_in
    clock.shift(13 * DAY)
    assert visitor.is_signed_in
    clock.shift(14 * DAY + 60)
    assert not visitor.is_signed_in


def test_a_session_ends_after_90_days_in_any_case(clock, visitor):
    for _ in range(8):
        clock.shift(11 * DAY)
        assert visitor.is_signed_in
    clock.shift(2 * DAY + 60)
    assert not visitor.is_signed_in


def test_changing_the_password_ends_the_other_sessions_and_renews_this_one(app, visitor, outside):
    other = Visitor(app)
    other.sign_in(ADA)
    before = token_of(visitor)
    visitor.submit("/account/password", password=PASSWORD, new_password=NEW_PASSWORD)
    assert visitor.is_signed_in
    assert token_of(visitor) != before
    assert not other.is_signed_in
    rows = outside.execute(ROWS, {"email": ADA}).mappings()
    assert [row["ended_at"] is None for row in rows].count(True) == 1
    assert visitor.get("/api/v1/me/sessions").json["total"] == 1


def test_deactivation_ends_every_session_at_the_next_request(app, visitor, ada):
    with app.app_context():
        db.session.get_one(User, ada.id).deactivate()
        db.session.commit()
    assert not visitor.is_signed_in
    assert visitor.get("/app").location.startswith("/login")


def test_a_person_ends_one_of_their_sessions(app, visitor):
    other = Visitor(app, "198.51.100.7")
    other.sign_in(ADA)
    api = "/api/v1/me/sessions"
    [theirs] = [item for item in visitor.get(api).json["items"] if not item["is_current"]]
    assert delete(visitor, f"{api}/{theirs['id']}").status_code == 204
    assert not other.is_signed_in
    assert visitor.is_signed_in


def test_a_person_ends_all_sessions_but_this_one(app, visitor):
    others = [Visitor(app), Visitor(app)]
    for other in others:
        other.sign_in(ADA)
    assert delete(visitor, "/api/v1/me/sessions").status_code == 204
    assert [other.is_signed_in for other in others] == [False, False]
    assert visitor.is_signed_in


def test_nobody_ends_the_session_of_somebody_else(app, visitor):
    make_person(app, "ben@example.com")
    ben = Visitor(app)
    ben.sign_in("ben@example.com")
    [session] = visitor.get("/api/v1/me/sessions").json["items"]
    assert delete(ben, f"/api/v1/me/sessions/{session['id']}").status_code == 404
    assert visitor.is_signed_in


def delete(visitor: Visitor, path: str):
    return visitor.client.delete(path, headers={"X-CSRFToken": visitor.csrf()}, **visitor.base)


def test_the_cookie_is_ours_alone(visitor):
    cookie = visitor.client.get_cookie("session")
    assert cookie.http_only
    assert cookie.same_site == "Lax"


def test_over_https_the_cookie_has_the_host_prefix(settings):
    app = create_app(replace(settings, base_url="https://app.example.com"))
    make_person(app, ADA)
    visitor = Visitor(app, host="https://app.example.com")
    answer = visitor.sign_in(ADA)
    cookies = {line.partition("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}
    for name in ("__Host-session", "__Host-known"):
        assert "Secure; HttpOnly; Path=/; SameSite=Lax" in cookies[name]
        assert "Domain" not in cookies[name]
    databases.dispose(app)


def test_signing_in_anew_ends_the_session_this_browser_had(app, visitor):
    """Whoever got hold of the old cookie is out once the person has signed in again."""
    stolen = visitor.cookie()
    visitor.sign_out()
    visitor.sign_in(ADA)
    thief = Visitor(app)
    thief.client.set_cookie("session", stolen)
    assert not thief.is_signed_in
    assert visitor.get("/app", headers={"User-Agent": FIREFOX}).status_code == 302
