"""The OpenAPI document: valid, complete, and true of the answers."""

import re

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from enferno.access.guards import guard_of, open_to_all

# What describes the interface is no part of it.
UNDESCRIBED = {"/api/v1/openapi.json", "/api/v1/docs"}


@pytest.fixture
def document(stage):
    return stage.browser().get("/api/v1/openapi.json").json


def operations(document):
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_document_is_valid_openapi_3_1(document):
    assert document["openapi"].startswith("3.1")
    assert [str(fault) for fault in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_route_of_the_interface_is_described(stage, document):
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in stage.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/") and rule.rule not in UNDESCRIBED
    }
    assert routes == {(path, method) for path, method, _ in operations(document)}


def test_every_operation_has_a_name_of_its_own(document):
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names)) >= 10


def test_every_operation_says_what_it_does_and_who_may(document):
    for path, method, operation in operations(document):
        assert operation["summary"], (method, path)
        assert operation["x-guard"], (method, path)


def test_every_parameter_of_a_path_is_described(document):
    for path, _, operation in operations(document):
        described = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
        assert described == set(re.findall(r"{(\w+)}", path))


def test_signed_in_operations_say_so_and_unsafe_ones_ask_for_the_token(stage, document):
    for rule in stage.app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            operation = document["paths"].get(path, {}).get(method.lower())
            if operation is None or guard_of(rule.endpoint, stage.app) is open_to_all:
                continue
            expected = {"session"} if method == "GET" else {"session", "csrf"}
            assert {name for one in operation["security"] for name in one} == expected, (method, path)


def test_every_input_refuses_what_it_does_not_know(document):
    schemas = document["components"]["schemas"]
    for path, method, operation in operations(document):
        if "requestBody" not in operation:
            continue
        reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        assert schemas[reference.rpartition("/")[2]].get("additionalProperties") is False, (method, path)


def test_every_text_that_comes_in_is_bounded(document):
    """A text without a limit is a way to fill the disk: bound it with `Line`, `Text`, `Filter` or a pattern."""
    schemas = document["components"]["schemas"]
    for path, method, operation in operations(document):
        if "requestBody" not in operation:
            continue
        name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for field, shape in schemas[name].get("properties", {}).items():
            for one in shape.get("anyOf", [shape]):
                if one.get("type") == "string" and not {"enum", "const"} & set(one):
                    bounded = {"maxLength", "pattern", "format"} & set(one)
                    assert bounded, f"{method} {path}: {field} has no limit"


def test_real_answers_are_what_the_document_says(stage, document):
    """Every GET that needs no more than the workspace, as each kind of caller; and what it refuses, too."""
    world, checked = stage.world, 0
    for path, method, operation in operations(document):
        if method != "get" or set(re.findall(r"{(\w+)}", path)) - {"slug"}:
            continue
        for email in (None, world.acme.owner.email, world.stranger.email, world.root.email):
            answer = stage.browser(email).get(path.replace("{slug}", world.acme.slug))
            conforms(document, operation, answer)
            checked += 1
    assert checked >= 20


def test_real_answers_about_one_thing_are_what_the_document_says(stage, document):
    world = stage.world
    for path, wanted in (("members", world.acme.member.id), ("members", world.noise.member.id)):
        answer = stage.browser(world.acme.owner.email).get(f"{world.acme.api}/{path}/{wanted}")
        conforms(document, document["paths"][f"/api/v1/workspaces/{{slug}}/{path}/{{user_id}}"]["get"], answer)


def conforms(document, operation, answer):
    described = operation["responses"][str(answer.status_code)]["content"][answer.mimetype]["schema"]
    schema = strict({"components": document["components"], **described})
    faults = [fault.message for fault in Draft202012Validator(schema).iter_errors(answer.json)]
    assert faults == [], (answer.request.path, faults)


def strict(schema):
    """The same schema, with fields that it does not name refused: nothing is sent that is not described."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: strict(part) for name, part in schema.items()}
    if isinstance(made.get("properties"), dict) and made.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made
