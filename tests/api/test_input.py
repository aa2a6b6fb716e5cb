"""What the interface takes: trimmed, bounded, nothing unknown; and what it says about the rest."""

import json

import pytest

from tests.isolation.interface import Targets, furnish

PROBE = "/api/v1/probe"
GOOD = {"name": "Ada"}


@pytest.fixture
def mia(probes):
    return probes.browser(probes.world.acme.member.email)


def faults(answer):
    assert answer.status_code == 422, answer.data
    assert answer.mimetype == "application/problem+json"
    return {fault["field"]: fault["message"] for fault in answer.json["errors"]}


def test_text_is_trimmed(mia):
    answer = mia.post(PROBE, json={"name": "  Ada \n", "notes": "\n two lines\nof notes "})
    assert answer.status_code == 201
    assert answer.json == {"name": "Ada", "notes": "two lines\nof notes", "size": "small", "count": 0}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "a" * 121),
        ("name", "a\x00b"),
        ("name", "two\nlines"),
        ("name", ["Ada"]),
        ("name", {"first": "Ada"}),
        ("name", 7),
        ("name", True),
        ("name", None),
        ("notes", "a" * 10_001),
        ("notes", "a\x00b"),
        ("size", "huge"),
        ("size", ["small"]),
        ("count", -1),
        ("count", 11),
        ("count", 1.5),
        ("count", "many"),
        ("count", [1]),
        ("agreed", "perhaps"),
        ("agreed", {}),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_field(mia, field, value):
    assert set(faults(mia.post(PROBE, json=GOOD | {field: value}))) == {field}


def test_half_of_a_surrogate_pair_is_refused(mia):
    answer = mia.post(PROBE, data=b'{"name": "\\ud800"}', content_type="application/json")
    assert set(faults(answer)) == {"name"}


def test_a_missing_field_is_named(mia):
    assert faults(mia.post(PROBE, json={})) == {"name": "This is required"}


@pytest.mark.parametrize(
    "field", ["workspace_id", "id", "owner_id", "role", "plan", "is_superadmin", "created_at", "__class__"]
)
def test_an_unknown_field_is_refused(mia, field):
    assert faults(mia.post(PROBE, json=GOOD | {field: "x"})) == {field: "This field is not known"}


def test_every_fault_is_named_at_once(mia):
    assert set(faults(mia.post(PROBE, json={"name": "", "count": 99, "more": 1}))) == {"name", "count", "more"}


def test_no_fault_repeats_what_was_sent(mia):
    """An answer that echoes the input would carry a password into logs and pages."""
    answer = mia.post(PROBE, json={"name": ["open-sesame-41"], "count": "open-sesame-41"})
    assert b"open-sesame-41" not in answer.data


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"7", b"null", b'[{"name": "Ada"}]', b"NaN"])
def test_a_body_that_is_not_an_object_is_refused(mia, body):
    assert set(faults(mia.post(PROBE, data=body, content_type="application/json"))) == {"body"}


@pytest.mark.parametrize("body", [b"", b"{", b'{"name": ', b"\xff\xfe", b"[" * 100_000, b'{"count": ' + b"9" * 5000])
def test_a_body_that_is_not_json_is_a_bad_request(mia, body):
    answer = mia.post(PROBE, data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (400, "not_json")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json", ""]
)
def test_another_content_type_is_refused(mia, content_type):
    answer = mia.post(PROBE, data=b'{"name": "Ada"}', content_type=content_type)
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")


def test_a_charset_beside_the_content_type_is_fine(mia):
    answer = mia.post(PROBE, data=b'{"name": "Ada"}', content_type="application/json; charset=utf-8")
    assert answer.status_code == 201


def test_a_body_over_the_limit_is_refused_before_it_is_read(probes, mia):
    size = probes.app.config["MAX_CONTENT_LENGTH"] + 1
    answer = mia.post(PROBE, data=b" " * size, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (413, "request_entity_too_large")


def test_a_parameter_given_twice_is_refused(mia):
    assert set(faults(mia.get(f"{PROBE}?search=a&search=b"))) == {"search"}


def test_an_unknown_parameter_is_refused(mia):
    assert set(faults(mia.get(f"{PROBE}?workspace_id=1"))) == {"workspace_id"}


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=100001",
        "page=one",
        "page=",
        "page=1.5",
        "per_page=0",
        "per_page=-1",
        "per_page=101",
        "per_page=1000000",
        "search=" + "a" * 101,
        "search=%00",
        "kind=%00",
        "sort=" + "a" * 41,
    ],
)
def test_a_parameter_out_of_bounds_is_refused(mia, query):
    assert set(faults(mia.get(f"{PROBE}?{query}"))) == {query.partition("=")[0]}


def test_bytes_that_are_no_text_do_not_break_a_search(mia):
    assert mia.get(f"{PROBE}?search=%ff%fe").status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/workspaces/%00", "/api/v1/workspaces/a%00b/members", "/api/v1/%00"])
def test_the_character_nul_in_an_address_leads_nowhere(mia, path):
    assert mia.get(path).status_code == 404


def test_the_character_nul_in_a_form_is_a_bad_request(probes):
    answer = probes.browser().post("/login", data={"email": "a\x00b@example.com", "password": "x"})
    assert answer.status_code == 400


def test_every_route_refuses_another_content_type(stage):
    """ASVS 3.5.2: whatever the interface takes, it takes as JSON."""
    acme, root, checked = stage.world.acme, stage.world.root, 0
    furnish(stage, (acme,), count=1)
    targets, before = Targets(stage), everything(stage)
    for route in (route for route in targets.routes if route.operation and "requestBody" in route.operation):
        caller = root if route.guard == "superadmin_only" else acme.owner
        body = json.dumps(targets.body(route, acme)).encode()
        path = targets.path(route, caller.email, acme)
        answer = stage.browser(caller.email).open(path, route.method, data=body, content_type="text/plain")
        assert answer.status_code == 415, str(route)
        checked += 1
    assert checked >= 10
    assert everything(stage) == before


def everything(stage):
    return {table: stage.snapshot.rows(table) for table in stage.snapshot.tables}


def test_every_list_refuses_a_parameter_given_twice(stage):
    """ASVS 15.3.7."""
    targets, checked = Targets(stage), 0
    acme, root = stage.world.acme, stage.world.root
    for route in (route for route in targets.routes if route.method == "GET" and route.operation):
        asked = [one["name"] for one in route.operation.get("parameters", []) if one["in"] == "query"]
        caller = root if route.guard == "superadmin_only" else acme.owner
        path = targets.path(route, caller.email, acme)
        for name in asked:
            assert stage.browser(caller.email).get(f"{path}?{name}=1&{name}=1").status_code == 422, (str(route), name)
            checked += 1
    assert checked >= 10
