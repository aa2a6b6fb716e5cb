"""A13: whatever a field holds, and in whatever shape it is sent, the answer is never a fault of ours."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage, MultiDict

from enferno.extensions import limiter
from enferno.user.forms import FORMS
from tests.isolation.interface import Targets, routes
from tests.support.stage import Stage, stage_on
from tests.support.visitor import Visitor
from tests.support.world import PASSWORD

FILES: dict[str, Callable[[], Any]] = {
    "file": lambda: FileStorage(io.BytesIO(b"text"), "a.txt"),
    "file without a name": lambda: FileStorage(io.BytesIO(b"text"), ""),
}
TEXTS: dict[str, Callable[[], Any]] = {
    "missing": lambda: None,
    "empty": lambda: "",
    "twice": lambda: ["one", "other"],
    "a megabyte": lambda: "a" * 950_000,
    "a page of letters": lambda: "é" * 2_001,
    "NUL": lambda: "a\x00b",
    "half a surrogate pair": lambda: "a\ud800b".encode("utf-8", "surrogatepass"),
    "no UTF-8": lambda: b"\xff\xfe",
    "signs": lambda: "\u202e{{7*7}}${7*7}%s%n\r\n'\";--",
}
# What is never taken; anything else may do.
REFUSED = {"a megabyte": {413}, "NUL": {400}, "a page of letters": {400, 422}}
# What the forms of the entrance hold, by their address; the token in an address need not be a good one.
DOORS = {
    "/login": ("login_form", ("timezone",)),
    "/register": ("register_form", ()),
    "/reset": ("forgot_password_form", ()),
    "/reset/no-token": ("reset_password_form", ()),
    "/confirm": ("send_confirmation_form", ()),
    "/verify": ("verify_form", ()),
    "/account/password": ("change_password_form", ()),
}
SIGNED_IN = {"/verify", "/account/password"}


@pytest.fixture(scope="module")
def standing_stage(tmp_path_factory) -> Iterator[Stage]:
    """What is refused here is refused before a database is asked."""
    with stage_on("sqlite", tmp_path_factory.mktemp("stage")) as found:
        yield found


def fields_of(door: str) -> list[str]:
    name, more = DOORS[door]
    fields = [field for field in dir(FORMS[name]) if hasattr(getattr(FORMS[name], field), "field_class")]
    return [*fields, "csrf_token", *more]


def visitor(stage: Stage, door: str) -> Visitor:
    found = Visitor(stage.app)
    if door in SIGNED_IN:
        found.sign_in(stage.world.acme.owner.email)
    return found


def send(stage: Stage, who: Visitor, path: str, field: str, value: Any) -> Any:
    with stage.app.app_context():
        limiter.reset()
    good = {"email": "nora@example.com", "name": "Nora", "password": PASSWORD, "csrf_token": who.csrf()}
    filled = {name: one for name, one in (good | {field: value}).items() if one is not None}
    return who.client.post(path, data=MultiDict(filled), content_type="multipart/form-data", **who.base)


def test_every_form_of_the_entrance_is_tried(stage):
    """A13: a form that is added is added here."""
    assert {name for name, _more in DOORS.values()} == set(FORMS)
    found = {rule.endpoint for rule in stage.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert len([one for one in found if one.startswith("security.")]) == len(DOORS) + 2, "signing out, and confirming"


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("door", DOORS)
def test_a_field_that_is_sent_as_a_file_is_named(stage, door, kind):
    """A13: an address that came as a file was a 500."""
    who = visitor(stage, door)
    for field in fields_of(door):
        answer = send(stage, who, door, field, FILES[kind]())
        assert answer.status_code == (400 if field == "csrf_token" else 422), field


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("door", DOORS)
def test_a_field_with_anything_in_it_is_no_fault_of_ours(stage, door, kind):
    """A13: each field of each form; a megabyte is refused before it costs anything."""
    who = visitor(stage, door)
    for field in fields_of(door):
        answer = send(stage, who, door, field, TEXTS[kind]())
        allowed = REFUSED.get(kind, {200, 302, 400})
        assert answer.status_code in allowed, (field, answer.status_code)


def test_every_other_door_for_forms_bears_the_same(stage):
    """A13: whatever takes a form, also where none belongs."""
    everything = ("email", "name", "password", "token", "next", "days", "way", "order", "card", "act")
    tried = 0
    for route in routes(stage.app):
        if route.method == "GET" or route.operation or route.rule in DOORS:
            continue
        path = Targets(stage).path(route, None, stage.world.acme)
        for make in (*FILES.values(), *TEXTS.values()):
            for who in (stage.browser(), stage.browser(stage.world.acme.owner.email)):
                stuff = {name: value for name in everything if (value := make()) is not None}
                answer = who.client.open(
                    path,
                    method=route.method,
                    data=MultiDict(stuff),
                    content_type="multipart/form-data",
                    headers={"X-CSRFToken": who.csrf},
                )
                assert answer.status_code < 500, (str(route), answer.status_code)
                tried += 1
    assert tried >= 100


ODD_JSON = [["x"], {"x": "y"}, [], {}, 7, 1e308, True, None, "a" * 1_000_000, "a\x00b", "\ud800", "\u202e", "%s" * 9]


def test_every_field_of_every_body_bears_a_list_an_object_and_a_megabyte(stage):
    """A13, ASVS 15.3.5: a route that is added is tried without a line here."""
    acme, targets, tried = stage.world.acme, Targets(stage), 0
    for route in targets.routes:
        good = targets.body(route, acme)
        if good is None:
            continue
        schema = route.operation["requestBody"]["content"]["application/json"]["schema"]
        named = stage.app.extensions["openapi"]["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2])
        email = stage.world.root.email if "/superadmin/" in route.rule else acme.owner.email
        path = targets.path(route, email, acme)
        for field in (named or schema)["properties"]:
            for odd in ODD_JSON:
                with stage.app.app_context():
                    limiter.reset()
                answer = stage.browser(email).open(path, route.method, json=good | {field: odd})
                assert answer.status_code < 500, (str(route), field, odd, answer.data)
                if isinstance(odd, list | dict) and odd:
                    assert answer.status_code in {404, 409, 422}, (str(route), field, odd, answer.status_code)
                tried += 1
    assert tried >= 200
