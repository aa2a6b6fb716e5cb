"""Case 40: every id in every path, query and body of the interface, and every page, tried with the other workspace's,
as B against A and as A against B. What is there must answer as what is not."""

import pytest

from tests.isolation.alike import assert_alike
from tests.isolation.interface import NOBODY, Targets, example, with_body

NOWHERE = "no-such-workspace"


@pytest.fixture
def pairs(cases):
    """Whose people act, and against whom."""
    acme, noise = cases.world.acme, cases.world.noise
    return [(acme, noise), (noise, acme)]


@pytest.fixture
def targets(cases):
    return Targets(cases)


def bodies(stage, route, team):
    """None where nothing is sent; else a good body, one with every field, and one that is all wrong."""
    if not route.operation or "requestBody" not in route.operation:
        return [None]
    schema = route.operation["requestBody"]["content"]["application/json"]["schema"]
    document = stage.app.extensions["openapi"]
    every = example(schema, document, team, every=True)
    return [example(schema, document, team), every, {name: [] for name in every} | {"unknown": 1}]


def both(stage, email, method, path, other, body):
    """The same request to both addresses."""
    return [stage.browser(email).open(address, method, **with_body(body)) for address in (path, other)]


def test_case_40_nothing_under_the_others_address_differs_from_nothing_at_all(cases, targets, pairs):
    checked = 0
    for mine, theirs in pairs:
        for route in (route for route in targets.routes if route.of_a_workspace):
            there = targets.path(route, theirs.owner.email, theirs)
            nowhere = targets.path(route, theirs.owner.email, theirs, slug=NOWHERE)
            for person in mine.people:
                for body in bodies(cases, route, theirs):
                    answer, other = both(cases, person.email, route.method, there, nowhere, body)
                    assert answer.status_code == 404
                    assert_alike(answer, other)
                    checked += 1
            assert cases.snapshot.changed() == [], str(route)
    assert checked >= 100


def test_case_40_the_others_id_under_ones_own_address_is_an_id_that_nothing_has(cases, targets, pairs):
    checked = 0
    for mine, theirs in pairs:
        for route in (route for route in targets.routes if route.ids and not route.is_of_this_machine):
            found = targets.ids(route, theirs.owner.email, theirs)
            assert NOBODY not in found.values(), f"{route}: no id was found to try"
            there = route.path.format(**found, slug=mine.slug)
            nothing = route.path.format(**(found | dict.fromkeys(route.ids, NOBODY)), slug=mine.slug)
            for person in mine.people:
                for body in bodies(cases, route, mine):
                    answer, other = both(cases, person.email, route.method, there, nothing, body)
                    assert answer.status_code in {403, 404, 422}, (str(route), answer.status)
                    assert_alike(answer, other)
                    checked += 1
            assert cases.snapshot.changed() == [], str(route)
    assert checked >= 50


def test_case_40_the_others_id_in_a_query_is_an_id_that_nothing_has(cases, targets, pairs):
    for mine, theirs in pairs:
        for route in targets.routes:
            for name in (name for name in queries_with_ids(route) if route.of_a_workspace):
                path = targets.path(route, mine.owner.email, mine)
                for value in {str(theirs.member.id), str(theirs.owner.id), *ids_in(cases, theirs)}:
                    answer, other = both(
                        cases, mine.owner.email, "GET", f"{path}?{name}={value}", f"{path}?{name}={NOBODY}", None
                    )
                    assert_alike(answer, other)


def queries_with_ids(route):
    for parameter in (route.operation or {}).get("parameters", []):
        schema = parameter["schema"]
        if parameter["in"] == "query" and "uuid" in {one.get("format") for one in schema.get("anyOf", [schema])}:
            yield parameter["name"]


def ids_in(stage, team):
    """Every id that the workspace's own people read in its lists."""
    targets = Targets(stage)
    for route in targets.routes:
        if route.method == "GET" and route.operation and route.of_a_workspace and not route.ids:
            answer = stage.browser(team.owner.email).get(targets.path(route, team.owner.email, team))
            for item in answer.json.get("items", []) if isinstance(answer.json, dict) else []:
                if found := item.get("id") or item.get("user_id"):
                    yield str(found)


def test_case_40_the_others_id_in_a_body_is_an_id_that_nothing_has(cases, targets, pairs):
    for mine, theirs in pairs:
        for route in (route for route in targets.routes if route.of_a_workspace and route.is_unsafe):
            for body in bodies(cases, route, mine)[1:2]:
                for name in [name for name, value in (body or {}).items() if value == str(mine.member.id)]:
                    path = targets.path(route, mine.owner.email, mine)
                    for value in {str(theirs.member.id), str(theirs.owner.id), *ids_in(cases, theirs)}:
                        answer, other = (
                            cases.browser(mine.owner.email).open(path, route.method, json=body | {name: named})
                            for named in (value, NOBODY)
                        )
                        assert answer.status_code == 422, (str(route), name, answer.status)
                        assert_alike(answer, other)
    assert cases.snapshot.changed() == []
