"""Cases 18 to 21: what is in B cannot be learned from how A is refused."""

import pytest
from sqlalchemy import UniqueConstraint

from enferno.extensions import db
from tests.isolation.alike import assert_alike
from tests.isolation.interface import NOBODY, Targets

# Unique over all workspaces on purpose: it stands in the address. docs/security.md says so.
SHARED = {("workspaces", "slug"), ("workspace_slugs", "slug")}


@pytest.fixture
def acme(cases):
    return cases.world.acme


@pytest.fixture
def noise(cases):
    return cases.world.noise


def test_case_18_a_name_that_is_taken_there_is_free_here(cases, acme, noise):
    olga = cases.browser(acme.owner.email)
    assert olga.patch(acme.api, json={"name": noise.name}).json["name"] == noise.name
    assert olga.post("/api/v1/me/workspaces", json={"name": noise.name}).status_code == 201


def test_case_18_the_address_is_the_one_thing_that_can_be_taken(cases, acme, noise):
    """Of a workspace that is there, of one that was renamed, and of the kit itself: one and the same answer."""
    olga = cases.browser(acme.owner.email)
    cases.browser(noise.owner.email).patch(noise.api, json={"slug": "louder"})
    answers = [
        olga.patch(acme.api, json={"slug": slug}) for slug in ("louder", noise.slug, "superadmin", cases.shut.slug)
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert len({answer.data for answer in answers}) == 1


def test_case_18_no_other_value_is_unique_over_all_workspaces():
    for mapper in db.Model.registry.mappers:
        table = mapper.local_table
        if "workspace_id" not in table.columns:
            continue
        unique = [[c.name for c in one.columns] for one in table.constraints if isinstance(one, UniqueConstraint)]
        unique += [[c.name for c in index.columns] for index in table.indexes if index.unique]
        assert all(columns[0] == "workspace_id" for columns in unique), table.name


def test_case_18_a_made_up_address_does_not_tell_whose_name_it_met(cases, noise):
    """Two workspaces of one name: the second's address has letters at random, whoever has the first."""
    made = cases.browser(cases.world.stranger.email).post("/api/v1/me/workspaces", json={"name": noise.name})
    assert made.json["slug"] != noise.slug
    assert made.json["slug"].startswith("noise-")


@pytest.mark.parametrize("path", ["/register", "/reset", "/confirm"])
def test_case_19_an_address_that_has_an_account_is_answered_as_one_that_has_none(cases, noise, path):
    form = {"name": "Nora", "password": "violet-harbour-52-lantern"}
    known, unknown = (
        cases.browser().post(path, data=form | {"email": email})
        for email in (noise.owner.email, "never.seen@noise.example.com")
    )
    assert known.status_code == unknown.status_code == 302
    assert known.location == unknown.location


def test_case_19_a_wrong_password_is_answered_alike_for_known_and_unknown_addresses(cases, noise):
    known, unknown = (
        cases.browser().post("/login", data={"email": email, "password": "wrong-horse-battery"})
        for email in (noise.owner.email, "nobodyy@noise.example.com")
    )
    assert known.status_code == unknown.status_code == 200
    assert known.text.count("errors") == unknown.text.count("errors")
    assert len(known.data) - len(noise.owner.email) == len(unknown.data) - len("nobodyy@noise.example.com")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PATCH", "DELETE", "PUT", "POST"])
def test_case_20_headers_tell_nothing_either(cases, acme, noise, method):
    """ETag, Location, Allow, Content-Length, Set-Cookie: `assert_alike` compares all of them."""
    mia = cases.browser(acme.admin.email)
    pairs = [
        (f"{acme.api}/members/{noise.member.id}", f"{acme.api}/members/{NOBODY}"),
        (f"{noise.api}/members/{noise.member.id}", f"/api/v1/workspaces/nowhere/members/{noise.member.id}"),
        (noise.api, "/api/v1/workspaces/nowhere"),
        (f"{noise.api}/members", "/api/v1/workspaces/nowhere/members"),
        (f"/w/{noise.slug}/members", "/w/nowhere/members"),
        (f"/w/{noise.slug}/no-such-page", "/w/nowhere/no-such-page"),
    ]
    for there, nowhere in pairs:
        assert_alike(mia.open(there, method), mia.open(nowhere, method))


def test_case_20_the_address_without_its_slash_leads_on_for_any_slug(cases, acme, noise):
    mia = cases.browser(acme.member.email)
    answers = [mia.get(f"/w/{slug}") for slug in (noise.slug, "nowhere")]
    assert [answer.status_code for answer in answers] == [308, 308]
    assert answers[0].location.replace(noise.slug, "nowhere") == answers[1].location


def test_case_20_an_address_that_the_other_had_before_is_as_unknown_as_any(cases, acme, noise):
    cases.browser(noise.owner.email).patch(noise.api, json={"slug": "louder"})
    mia = cases.browser(acme.member.email)
    for slug in (noise.slug, "louder"):
        assert_alike(mia.get(f"/api/v1/workspaces/{slug}"), mia.get("/api/v1/workspaces/nowhere"))


def test_case_20_a_suspended_workspace_is_as_unknown_to_strangers_as_any(cases, acme):
    mia = cases.browser(acme.member.email)
    for path in ("/api/v1/workspaces/{}", "/w/{}/"):
        assert_alike(mia.get(path.format(cases.shut.slug)), mia.get(path.format("nowhere")))


def test_case_20_a_condition_in_the_request_opens_no_way_round(cases, acme, noise):
    mia = cases.browser(acme.member.email)
    headers = {"If-None-Match": "*", "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT", "Range": "bytes=0-0"}
    for path in (f"{acme.api}/members/{noise.member.id}", noise.api):
        assert mia.get(path, headers=headers).status_code == 404
    assert mia.get(acme.api, headers=headers).status_code == 200


INVALID = [{"json": {"unknown": 1}}, {"data": b"{", "content_type": "application/json"}, {"data": b"x"}]


@pytest.mark.parametrize("sent", INVALID)
def test_case_21_permission_is_decided_before_the_body_is_read(cases, acme, noise, sent):
    """An invalid body, to every route of a workspace: for who does not belong the 404 of no such workspace, for who may
    not the 403 of a good body; both to the byte."""
    targets, decided = Targets(cases), 0
    for route in (route for route in targets.routes if route.of_a_workspace and route.is_unsafe):
        path, nowhere = (targets.path(route, acme.owner.email, acme, slug=slug) for slug in ("", "nowhere"))
        for person in (noise.owner, cases.world.stranger, cases.world.root):
            mine = cases.browser(person.email)
            answer = mine.open(path, route.method, **sent)
            assert answer.status_code == 404, route
            assert_alike(answer, mine.open(nowhere, route.method, **sent))
        answers = [cases.browser().open(address, route.method, **sent) for address in (path, nowhere)]
        assert {(answer.status_code, answer.data) for answer in answers} == {(401, answers[0].data)}
        good = cases.browser(acme.member.email).open(path, route.method, json=targets.body(route, acme))
        cases.reset()
        if good.status_code == 403:
            assert_alike(cases.browser(acme.member.email).open(path, route.method, **sent), good)
            decided += 1
    assert decided >= 3
    assert cases.snapshot.changed() == []


@pytest.mark.parametrize("sent", INVALID)
def test_case_21_what_is_hidden_is_looked_for_before_the_body_is_read(cases, acme, noise, sent):
    """An invalid body about B's thing, under A's address and from one who may do this in A: 404, as for no such id."""
    targets, tried = Targets(cases), 0
    for route in (route for route in targets.routes if route.of_a_workspace and route.is_unsafe and route.ids):
        there = targets.ids(route, noise.owner.email, noise)
        olga = cases.browser(acme.owner.email)
        answer, nothing = (
            olga.open(route.path.format(**ids, slug=acme.slug), route.method, **sent)
            for ids in (there, there | dict.fromkeys(route.ids, NOBODY))
        )
        assert answer.status_code == 404, route
        assert_alike(answer, nothing)
        tried += 1
    assert tried >= 4


@pytest.mark.parametrize("sent", INVALID)
def test_case_21_the_operators_routes_judge_the_caller_before_the_body(cases, acme, sent):
    targets, tried = Targets(cases), 0
    for route in (route for route in targets.routes if route.guard == "superadmin_only" and route.is_unsafe):
        path = targets.path(route, cases.world.root.email, acme)
        for person, status in ((None, 401), (acme.owner, 403), (acme.member, 403)):
            answer = cases.browser(person.email if person else None).open(path, route.method, **sent)
            assert answer.status_code == status, route
        tried += 1
    assert tried >= 10
    assert cases.snapshot.changed() == []
