"""Signing in and out."""

import re

import pytest
from sqlalchemy import text

from enferno.extensions import db
from enferno.user.models import User
from tests.support.statements import count_statements
from tests.support.visitor import Visitor, block_of
from tests.support.world import PASSWORD, make_person

ADA = "ada@example.com"
WRONG = "not her password at all"
NOT_TOGETHER = ["The address and the password do not belong together"]


@pytest.fixture
def ada(app):
    return make_person(app, ADA, "Ada Example")


@pytest.fixture
def visitor(app) -> Visitor:
    return Visitor(app)


def errors_of(response) -> list[str]:
    return block_of(response)["data"]["form"]["errors"]


def test_address_and_password_let_in(ada, visitor):
    assert visitor.sign_in(ADA).location == "/app"
    assert visitor.get("/api/v1/me").json["email"] == ADA


@pytest.mark.parametrize("email", ["ADA@EXAMPLE.COM", " Ada@Example.com "])
def test_the_case_of_the_address_does_not_matter(ada, visitor, email):
    visitor.sign_in(email)
    assert visitor.is_signed_in


def test_a_wrong_password_and_an_unknown_address_get_the_same_page(app, ada):
    wrong, unknown = Visitor(app).sign_in(ADA, WRONG), Visitor(app).sign_in("ben@example.com", WRONG)
    assert wrong.status_code == unknown.status_code == 200
    assert errors_of(wrong) == errors_of(unknown) == NOT_TOGETHER
    assert anonymous(wrong.text) == anonymous(unknown.text)
    assert {name for name, _ in wrong.headers} == {name for name, _ in unknown.headers}


def anonymous(page: str) -> str:
    """The page without what differs between any two."""
    page = re.sub(r"(ada|ben)@example\.com", "-", page)
    page = re.sub(r'nonce="[^"]+"', "", page)
    return re.sub(r'"(csrf|request_id)":"[^"]+"', "", page)


def test_a_wrong_password_and_an_unknown_address_cost_the_same_work(app, ada, monkeypatch):
    hashed = []
    for name in ("hash", "verify"):
        plain = getattr(app.extensions["security"].pwd_context, name)
        monkeypatch.setattr(
            app.extensions["security"].pwd_context,
            name,
            lambda *given, plain=plain, **more: hashed.append(1) or plain(*given, **more),
        )
    work = []
    for email in (ADA, "ben@example.com"):
        who = Visitor(app)
        token = block_of(who.get("/login"))["csrf"]
        with app.app_context(), count_statements(db.engine) as statements:
            who.submit("/login", token, email=email, password=WRONG)
        work.append((len(hashed), len(statements)))
        hashed.clear()
    # The roles of a person who was found are the one statement more.
    assert work[0][0] == work[1][0] == 1
    assert work[0][1] - work[1][1] <= 1


def test_an_inactive_account_is_said_to_those_alone_who_know_its_password(app, ada, visitor):
    with app.app_context():
        db.session.get_one(User, ada.id).deactivate()
        db.session.commit()
    assert errors_of(visitor.sign_in(ADA)) == ["This account is switched off. Ask those who run this site."]
    assert errors_of(visitor.sign_in(ADA, WRONG)) == NOT_TOGETHER
    assert not visitor.is_signed_in


def test_a_password_of_128_characters_counts_to_the_last_one(app, visitor, ada, outside):
    long = "violet harbour lantern " * 6
    long = long[:127]
    visitor.sign_in(ADA)
    assert visitor.submit("/account/password", password=PASSWORD, new_password=long + "a").location
    visitor.sign_out()
    visitor.sign_in(ADA, long + "b")
    assert not visitor.is_signed_in
    visitor.sign_in(ADA, long + "a")
    assert visitor.is_signed_in
    kept = outside.execute(text("SELECT password FROM users WHERE email = :email"), {"email": ADA}).scalar_one()
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1")


def test_signing_in_needs_the_token_of_our_page(ada, visitor):
    assert visitor.submit("/login", "", email=ADA, password=PASSWORD).status_code == 400
    assert not visitor.is_signed_in


def test_only_forms_sign_in(ada, visitor):
    token = block_of(visitor.get("/login"))["csrf"]
    answer = visitor.client.post(
        "/login", json={"email": ADA, "password": PASSWORD}, headers={"X-CSRFToken": token}, **visitor.base
    )
    assert answer.status_code == 415
    assert not visitor.is_signed_in


def test_who_is_signed_in_already_is_led_to_the_product(app, ada, visitor):
    make_person(app, "ben@example.com")
    visitor.sign_in(ADA)
    assert visitor.get("/login").location == "/app"
    assert visitor.sign_in("ben@example.com").location == "/app"
    assert visitor.get("/api/v1/me").json["email"] == ADA
    assert visitor.get("/api/v1/me/sessions").json["total"] == 1


ELSEWHERE = [
    "https://evil.example.com/",
    "//evil.example.com",
    "///evil.example.com",
    "/\\evil.example.com",
    "\\\\evil.example.com",
    "http:evil.example.com",
    "javascript:alert(1)",
    "https://localhost:5000@evil.example.com/",
    "https://localhost:5000.evil.example.com/",
    "/\t/evil.example.com",
    " //evil.example.com",
    "/x\r\nLocation: https://evil.example.com",
    "evil.example.com",
]


@pytest.mark.parametrize("way", ["field", "query"])
def test_signing_in_never_leads_to_another_host(app, ada, way):
    for target in ELSEWHERE:
        visitor = Visitor(app)
        fields = {"csrf_token": visitor.csrf(), "email": ADA, "password": PASSWORD}
        data, query = (fields | {"next": target}, {}) if way == "field" else (fields, {"next": target})
        answer = visitor.client.post("/login", data=data, query_string=query, **visitor.base)
        assert answer.status_code == 302
        assert re.fullmatch(r"/(?![/\\])[\w./%]*", answer.location), target


@pytest.mark.parametrize("page", ["/verify", "/account/password", "/logout"])
def test_no_other_form_leads_to_another_host(app, ada, page):
    """ASVS 3.7.2: whatever takes the password or the sign-out takes no other address along either."""
    visitor = Visitor(app)
    for target in ELSEWHERE[: 2 if page == "/logout" else 8]:  # ten tries are the limit
        if not visitor.is_signed_in:
            visitor.sign_in(ADA)
        fields = {"csrf_token": visitor.csrf(), "password": PASSWORD, "new_password": "", "next": target}
        answer = visitor.client.post(page, data=fields, query_string={"next": target}, **visitor.base)
        assert answer.status_code in (200, 302)
        assert re.fullmatch(r"/(?![/\\])[\w./%]*", answer.location or "/"), target


def test_signing_in_leads_back_to_the_page_that_asked(world, visitor):
    wanted = f"/w/{world.acme.slug}/members?page=2"
    asked = visitor.get(wanted)
    page = block_of(visitor.get(asked.location))
    assert page["data"]["form"]["fields"]["next"]["value"] == wanted
    assert visitor.sign_in(world.acme.owner.email, next=wanted).location == wanted


def test_signing_out_needs_a_post_with_the_token(ada, visitor):
    visitor.sign_in(ADA)
    assert visitor.get("/logout").status_code == 405
    assert visitor.submit("/logout", "").status_code == 400
    assert visitor.is_signed_in


def test_signing_out_ends_the_session_and_clears_the_browser(ada, visitor):
    visitor.sign_in(ADA)
    kept = visitor.cookie()
    answer = visitor.sign_out()
    assert answer.location == "/"
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not visitor.is_signed_in
    visitor.client.set_cookie("session", kept)
    assert not visitor.is_signed_in
