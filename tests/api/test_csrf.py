"""Every unsafe request of a signed-in browser proves that it comes from our page (ASVS 3.5.1)."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from enferno.access.guards import guard_of, provider_signed

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def unsafe_routes(app):
    """Every route that changes something, with whatever stands for its parameters; those of providers are signed."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods & set(UNSAFE)):
            if guard_of(rule.endpoint, app) is not provider_signed:
                yield method, rule


def path_of(rule, slug):
    values = {"slug": slug}
    return re.sub(
        r"<(?:(\w+):)?(\w+)>",
        lambda part: values.get(part[2]) or ("00000000-0000-7000-8000-000000000000" if part[1] == "uuid" else "x"),
        rule.rule,
    )


def test_no_unsafe_route_answers_without_the_token(stage):
    acme, checked = stage.world.acme, 0
    for person in (acme.owner, stage.world.root):
        for method, rule in unsafe_routes(stage.app):
            browser = stage.browser(person.email)
            browser.csrf = ""
            answer = browser.open(path_of(rule, acme.slug), method, json={}, headers={"Accept": "application/json"})
            refused_before = {403, 404} if person is stage.world.root or "superadmin" in rule.endpoint else set()
            assert answer.status_code in {400} | refused_before, (method, rule.rule, answer.status_code)
            if answer.status_code == 400:
                assert answer.json["code"] == "csrf"
            checked += 1
    assert checked >= 20
    assert stage.snapshot.changed() == []


@pytest.mark.parametrize("token", ["", "x", "IjEi.aQ.x", "a" * 5000, "ü", "0"])
def test_a_wrong_token_is_no_token(stage, token):
    browser = stage.browser(stage.world.acme.owner.email)
    answer = browser.patch("/api/v1/me", json={"name": "X"}, headers={"X-CSRFToken": token})
    assert (answer.status_code, answer.json["code"]) == (400, "csrf")


def test_the_token_of_somebody_else_is_no_token(stage):
    browser = stage.browser(stage.world.acme.owner.email)
    browser.csrf = stage.browser(stage.world.noise.owner.email).csrf
    assert browser.patch("/api/v1/me", json={"name": "X"}).status_code == 400


def test_a_form_of_another_site_cannot_reach_the_interface(stage):
    """What a page elsewhere can send without asking: the cookie and one of three content types."""
    browser = stage.browser(stage.world.acme.owner.email)
    browser.csrf = ""
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = browser.post("/api/v1/me/workspaces", data=b'{"name": "Theirs"}', content_type=content_type)
        assert answer.status_code == 400
    assert stage.snapshot.changed() == []


def test_signing_out_asks_for_the_token(stage):
    browser = stage.browser(stage.world.acme.owner.email)
    browser.csrf = ""
    assert browser.post("/logout").status_code == 400
    assert browser.get("/api/v1/me").status_code == 200


def test_a_get_cannot_sign_out(stage):
    browser = stage.browser(stage.world.acme.owner.email)
    assert browser.get("/logout").status_code == 405
    assert browser.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize("query", ["", "?page=2&search=a%20b"])
def test_signing_in_leads_back_to_where_one_wanted_to_go(stage, query):
    wanted = f"/w/{stage.world.acme.slug}/members{query}"
    answer = stage.browser().get(wanted)
    address = urlsplit(answer.location)
    assert (answer.status_code, address.netloc, address.path) == (302, "", "/login")
    assert parse_qs(address.query)["next"] == [wanted]
