"""The routes of the application as tests see them: every route of the URL map, and for those of the JSON interface the
operation in the OpenAPI document, with bodies made from its schemas and ids found through its lists.

So a route that is written tomorrow is tried tomorrow, without a line here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select

from enferno.access.guards import guard_of
from enferno.extensions import db
from enferno.tenancy import WorkspaceScoped, in_workspace
from tests.support.stage import Stage
from tests.support.world import PASSWORD, Team

__all__ = ["NOBODY", "Route", "Targets", "example", "furnish", "routes", "with_body"]

# An id that nothing has.
NOBODY = "00000000-0000-7000-8000-000000000000"
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# What stands for parameters that are no ids.
WORDS = {"filename": "js/theme.js", "token": "no-such-token", "key": "local", "plan": "starter", "name": "members"}
# Bodies that no schema can tell, because they are about something that exists.
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/v1/me/verifications": {"password": PASSWORD},
    "POST /api/v1/superadmin/workspaces/{workspace_id}/members": {"email": "stranger@example.com"},
    "POST /api/v1/workspaces/{slug}/billing/checkouts": {"plan": "starter", "currency": "eur"},
    "PATCH /api/v1/workspaces/{slug}/billing/subscription": {"cancel_at_end": True},
}


@dataclass(frozen=True)
class Route:
    """A rule with one of its methods; `operation` is its description, for those of the JSON interface."""

    method: str
    rule: str
    endpoint: str
    guard: str
    operation: dict[str, Any] | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"

    @property
    def path(self) -> str:
        """The rule in the words of OpenAPI."""
        return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", self.rule)

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    @property
    def ids(self) -> list[str]:
        return [name for name in self.parameters if name != "slug" and name not in WORDS]

    @property
    def is_unsafe(self) -> bool:
        return self.method in UNSAFE

    @property
    def is_of_this_machine(self) -> bool:
        """Stand-ins for what is outside: mails, the provider in a box. Production has none of them."""
        return self.rule.startswith("/dev/")

    @property
    def of_a_workspace(self) -> bool:
        return self.guard.startswith("requires(")


def routes(app: Flask) -> list[Route]:
    """Every route with every method it declares, in the order of their addresses."""
    paths = app.extensions["openapi"]["paths"]
    found = []
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            route = Route(method, rule.rule, rule.endpoint, str(guard_of(rule.endpoint, app)))
            operation = paths.get(route.path, {}).get(method.lower())
            found.append(Route(route.method, route.rule, route.endpoint, route.guard, operation))
    return sorted(found, key=lambda route: (route.rule, route.method))


class Targets:
    """Fills the addresses of one stage with ids that exist. Each is looked up once: make another after changes."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.routes = routes(stage.app)
        self.lists = {route.path for route in self.routes if route.method == "GET" and route.operation}
        self.known: dict[tuple[str | None, ...], str] = {}

    def path(self, route: Route, email: str | None, team: Team, slug: str = "") -> str:
        """The address of `route` about `team`'s rows, as this caller would write it."""
        return route.path.format(**self.ids(route, email, team), slug=slug or team.slug)

    def ids(self, route: Route, email: str | None, team: Team) -> dict[str, str]:
        """What stands for every parameter of the route but the slug."""
        filled = dict(WORDS, slug=team.slug)
        for name in route.ids:
            above = self.list_above(route, name)
            asked = (name, above, *filled.values(), email, team.slug)
            if asked not in self.known:
                self.known[asked] = self.id_of(name, above, filled, email, team)
            filled[name] = self.known[asked]
        return {name: value for name, value in filled.items() if name != "slug"}

    def list_above(self, route: Route, name: str) -> str | None:
        """Where ids called `name` are found: in the list before it, in the thing before that, or in a page's twin."""
        above = route.path.partition("/{" + name + "}")[0]
        if above in self.lists or above.rpartition("/")[0] in self.lists:
            return above
        twins = {path.partition("/{" + name + "}")[0] for path in self.lists if "{" + name + "}" in path}
        known = sorted(twins & self.lists)
        alike = [
            path for path in known if path.startswith("/api/v1/superadmin") == route.rule.startswith("/superadmin")
        ]
        return next(iter(alike or known), None)

    def id_of(self, name: str, above: str | None, filled: dict[str, str], email: str | None, team: Team) -> str:
        if above is None or set(re.findall(r"{(\w+)}", above)) - set(filled):
            return self.stored(name, team)
        reader = {"me": email, "superadmin": self.stage.world.root.email}.get(above.split("/")[3], team.owner.email)
        address = above.format(**(filled | {"slug": team.slug}))
        parent, _, shelf = address.rpartition("/")
        listed = above in self.lists
        answer = self.stage.browser(reader).get(address if listed else parent)
        items = (answer.json or {}).get("items" if listed else shelf) or []
        ids = [str(found) for item in items if (found := id_in(item, name))]
        preferred = {str(team.member.id), str(team.id)} & set(ids)
        return next(iter(preferred), None) or next(iter(ids), "") or self.stored(name, team)

    def stored(self, name: str, team: Team) -> str:
        """The id of a row that no list shows: of `checkouts` for `checkout_id`."""
        table = name.removesuffix("_id") + "s"
        model = next((m.class_ for m in db.Model.registry.mappers if m.local_table.name == table), None)
        if model is None or not issubclass(model, WorkspaceScoped):
            return NOBODY
        with self.stage.app.app_context(), in_workspace(team.id):
            return str(db.session.scalar(select(model.id).order_by(model.id)) or NOBODY)

    def body(self, route: Route, team: Team) -> dict[str, Any] | None:
        """A body that the route's schema takes, about `team`'s people; none for a route without one."""
        if not route.operation or "requestBody" not in route.operation:
            return None
        schema = route.operation["requestBody"]["content"]["application/json"]["schema"]
        made: dict[str, Any] = example(schema, self.stage.app.extensions["openapi"], team)
        return made | BODIES.get(f"{route.method} {route.path}", {})


def id_in(item: dict[str, Any], name: str) -> str | None:
    """What an address calls `name`: the item's own field of that name, unless that is somebody else's word for it."""
    candidates = [str(item[key]) for key in (name, "id") if item.get(key)]
    return next((one for one in candidates if re.fullmatch(r"[0-9a-f-]{36}", one)), next(iter(candidates), None))


def example(
    schema: dict[str, Any], document: dict[str, Any], team: Team, name: str = "", *, every: bool = False
) -> Any:
    """The smallest value that fits the schema; with `every`, the optional fields too."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for choice in schema.get("examples", []):
        return choice
    for known in ("anyOf", "allOf", "oneOf"):
        if known in schema:
            first = next((one for one in schema[known] if one.get("type") != "null"), {})
            return example(first, document, team, name, every=every)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][-1]
    return by_type(schema, document, team, name, every)


def by_type(schema: dict[str, Any], document: dict[str, Any], team: Team, name: str, every: bool) -> Any:
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            wanted = properties if every else schema.get("required", [])
            return {key: example(properties[key], document, team, key, every=every) for key in wanted}
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case "array":
            return []
    return text(schema, team, name)


def text(schema: dict[str, Any], team: Team, name: str) -> str:
    by_format = {
        "uuid": str(team.member.id),
        "date-time": "2030-01-01T00:00:00Z",
        "date": "2030-01-01",
        "uri": "https://example.com/",
    }
    by_name = {"password": "violet-harbour-52-lantern", "email": "new.person@example.com"}
    # Whatever a workspace holds has its slug in it, so that a row in the wrong place can be seen.
    other = next((value for part, value in by_name.items() if part in name), f"example-{team.slug}")
    return by_format.get(schema.get("format", ""), other).ljust(schema.get("minLength", 0), "x")


def with_body(body: Any) -> dict[str, Any]:
    return {} if body is None else {"json": body}


def furnish(stage: Stage, teams: tuple[Team, ...], count: int = 2) -> None:
    """Put rows of every kind that the interface can make into each of the workspaces, through the interface."""
    for team in teams:
        for route in makers(stage.app):
            for _ in range(count):
                targets = Targets(stage)
                answer = stage.browser(team.owner.email).post(
                    targets.path(route, team.owner.email, team), **with_body(targets.body(route, team))
                )
                assert answer.status_code < 500, (str(route), answer.data)
                pay(stage, team, answer)


def pay(stage: Stage, team: Team, answer: Any) -> None:
    """Where a checkout was begun, go on to its end at the provider in a box."""
    address = (answer.json or {}).get("url", "")
    if "/checkout/" in address:
        paid = stage.browser(team.owner.email).post(urlsplit(address).path, data={"card": "works"})
        assert paid.status_code == 303, paid.data


def makers(app: Flask) -> Iterator[Route]:
    """The routes that add something to a workspace."""
    for route in routes(app):
        if route.method == "POST" and route.operation and route.of_a_workspace:
            yield route
