"""The OpenAPI 3.1 document, made from the declarations of the views."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, ClassVar

from flask import Flask, current_app
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from werkzeug.routing import Rule

from enferno.access.guards import guard_of, open_to_all
from enferno.api.contract import Contract
from enferno.settings import current_settings

__all__ = ["document"]

REFS = "#/components/schemas/{model}"
PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457). `errors` names each field at fault.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "unlocked_by": {
            "type": "array",
            "description": "With 402: the keys of the plans that would allow it.",
            "items": {"type": "string"},
        },
    },
}
REFUSALS = {
    "400": "The body is not JSON, or the CSRF token is missing",
    "401": "Nobody is signed in",
    "402": "The plan does not include it, or its limit is reached",
    "403": "The role does not allow this",
    "404": "There is nothing here, or it is not yours",
    "409": "It does not fit what is there already",
    "413": "The body is larger than what is taken",
    "415": "The body is not application/json",
    "422": "Fields at fault",
    "429": "Too many requests; Retry-After says how many seconds to wait",
    "500": "A fault on our side; the header X-Request-ID names it",
    "503": "Not available right now; Retry-After says how many seconds to wait",
}


def document(app: Flask | None = None) -> dict[str, Any]:
    """The whole document for the running application."""
    app = app or current_app
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    for rule, method, contract in operations(app):
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        paths.setdefault(path, {})[method.lower()] = operation(app, rule, method, contract, schemas)
    settings = current_settings(app)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{settings.app_name} API", "version": "1"},
        "servers": [{"url": settings.base_url}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": app.config["SESSION_COOKIE_NAME"]},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
            },
        },
    }


def operations(app: Flask) -> Iterator[tuple[Rule, str, Contract]]:
    """Every view that declares a contract, with its rule and method."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        contract = getattr(app.view_functions[rule.endpoint], "__contract__", None)
        if contract is not None:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method, contract


def operation(app: Flask, rule: Rule, method: str, contract: Contract, schemas: dict[str, Any]) -> dict[str, Any]:
    guard = guard_of(rule.endpoint, app)
    name = rule.endpoint.removeprefix("api.").replace(".", "_")
    described: dict[str, Any] = {
        "operationId": name,
        "summary": contract.summary.splitlines()[0],
        "tags": [name.removesuffix("_" + rule.endpoint.rpartition(".")[2])],
        "parameters": [*path_parameters(rule, contract), *query_parameters(contract, schemas)],
        "responses": responses(contract, schemas),
        "x-guard": str(guard),
    }
    if guard is not open_to_all:
        described["security"] = [{"session": []} if method == "GET" else {"session": [], "csrf": []}]
    if contract.body is not None:
        schema = model_schema(contract.body, "validation", schemas)
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return described


def path_parameters(rule: Rule, contract: Contract) -> list[dict[str, Any]]:
    formats = {name: kind for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", rule.rule)}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"} if kind == "uuid" else {"type": "string"},
        }
        for name, kind in formats.items()
    ]


def query_parameters(contract: Contract, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    if contract.query is None:
        return []
    schema = query_schema(contract.query, schemas)
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": shape}
        for name, shape in schema["properties"].items()
    ]


def responses(contract: Contract, schemas: dict[str, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "Done"}
    if contract.answer is not None:
        good["content"] = {"application/json": {"schema": answer_schema(contract.answer, schemas)}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    refused = {status: {"description": words, "content": problem} for status, words in REFUSALS.items()}
    return {str(contract.status): good, **refused}


class Generator(GenerateJsonSchema):
    """Pydantic's own, which looks for its methods anew for each schema: two fifths of what the document costs."""

    found: ClassVar[dict[Any, str]] = {}

    def build_schema_type_to_method(self) -> dict[Any, Callable[[Any], dict[str, Any]]]:
        if not self.found:
            self.found.update({kind: method.__name__ for kind, method in super().build_schema_type_to_method().items()})
        return {kind: getattr(self, name) for kind, name in self.found.items()}


# A process that makes a second application (every test does) finds the shapes of the first: they belong to the models.
@cache
def shapes_of_model(model: Any, mode: Any) -> dict[str, Any]:
    _names, shapes = models_json_schema([(model, mode)], ref_template=REFS, schema_generator=Generator)
    return shapes.get("$defs", {})


@cache
def shapes_of_query(query: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    schema = query.model_json_schema(ref_template=REFS, schema_generator=Generator)
    return schema, schema.pop("$defs", {})


@cache
def shapes_of_answer(answer: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    schema = answer.json_schema(ref_template=REFS, mode="serialization", schema_generator=Generator)
    return schema, schema.pop("$defs", {})


def model_schema(model: Any, mode: Any, schemas: dict[str, Any]) -> dict[str, str]:
    schemas.update(shapes_of_model(model, mode))
    return {"$ref": REFS.format(model=model.__name__)}


def query_schema(query: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    schema, shapes = shapes_of_query(query)
    schemas.update(shapes)
    return schema


def answer_schema(answer: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    schema, shapes = shapes_of_answer(answer)
    schemas.update(shapes)
    return schema
