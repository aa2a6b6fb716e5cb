"""Case 30: every route, every actor, the exact status; on both databases, against the table in docs/access.md."""

import pytest

from tests.isolation import matrix
from tests.isolation.interface import Targets

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
# Routes that nobody gets more from than a refusal, with the reason.
NOTHING_TO_SEE = {
    "POST /webhooks/<key>": "takes what the provider has signed; tests/billing/ signs",
}


@pytest.fixture(scope="module")
def committed():
    return matrix.read(matrix.DOCUMENT.read_text())


def test_case_30_every_route_answers_every_actor_as_the_reviewed_table_says(full_stage, committed):
    found = matrix.replay(full_stage)
    told = matrix.differences(found, committed)
    assert not told, (
        "\n" + "\n".join(told) + f"\n\nIf this is what you want, write it down and read the diff:\n  {matrix.COMMAND}"
    )
    checked = sum(len(row) - 1 for row in found.values())
    checked += heads_are_as_gets(full_stage, found) + other_methods_are_refused(full_stage)
    assert checked >= 1000


def heads_are_as_gets(stage, found):
    """HEAD goes through the same guard, and tells as much."""
    targets, checked = Targets(stage), 0
    for route in targets.routes:
        if route.method != "GET":
            continue
        for actor in some(stage, "anonymous", "stranger", "member", "superadmin"):
            status = matrix.status_of(matrix.ask(stage, targets, route, actor, "HEAD"))
            stage.reset()
            assert status == found[str(route)][actor.name], f"HEAD {route.rule} as {actor.name}"
            checked += 1
    return checked


def some(stage, *names):
    return [actor for actor in matrix.actors(stage) if actor.name in names]


def other_methods_are_refused(stage):
    """A method that no rule declares is 405 for everybody, whatever stands at the address."""
    targets, checked = Targets(stage), 0
    declared: dict[str, set[str]] = {}
    for route in targets.routes:
        declared.setdefault(route.path, set()).add(route.method)
    for route in {route.path: route for route in targets.routes}.values():
        alike = {method for path, methods in declared.items() if same_address(path, route.path) for method in methods}
        for method in METHODS - alike:
            for actor in some(stage, "anonymous", "owner"):
                answer = matrix.ask(stage, targets, route, actor, method)
                assert answer.status_code == 405, f"{method} {route.rule} as {actor.name}: {answer.status}"
                checked += 1
    assert stage.snapshot.changed() == []
    return checked


def same_address(path, other):
    """Whether `path` takes what is written for `other`: `/members/me` is taken by `/members/<user_id>` too."""
    parts, others = path.split("/"), other.split("/")
    return len(parts) == len(others) and all(a == b or a.startswith("{") for a, b in zip(parts, others, strict=True))


def test_no_actor_meets_a_fault_of_ours(committed):
    assert [route for route, row in committed.items() if any(status.startswith("5") for status in row.values())] == []


def test_every_route_gives_somebody_something(committed):
    """A row of refusals alone proves nothing: the ids or the body were not right for anyone."""
    refusals = {"400", "401", "403", "404", "415", "422", "302 /login"}
    empty = {
        route
        for route, row in committed.items()
        if {row[name] for name in matrix.ACTORS} <= refusals and " /dev/" not in route
    }
    assert empty == set(NOTHING_TO_SEE)


def test_only_members_get_anything_from_a_workspace(committed):
    """The table itself, read as a rule: whoever does not belong gets 404, visitors are asked to sign in."""
    for route, row in committed.items():
        if not row["guard"].startswith("requires("):
            continue
        assert {row["stranger"], row["neighbour"], row["superadmin"]} == {"404"}, route
        assert row["suspended"] == "403", route
        assert {row["anonymous"], row["deactivated"]} <= {"401", "302 /login"}, route


def test_only_the_superadmin_gets_anything_from_the_operators_routes(committed):
    for route, row in committed.items():
        if row["guard"] == "superadmin_only":
            others = {row[name] for name in matrix.ACTORS if name not in {"anonymous", "deactivated", "superadmin"}}
            assert others == {"403"}, route
            assert {row["anonymous"], row["deactivated"]} <= {"401", "302 /login"}, route


def test_a_route_that_nobody_reviewed_is_named_with_what_to_do(committed):
    told = matrix.differences(committed | {"GET /new": {"guard": "signed_in"}}, committed)
    assert told == ["new: GET /new {'guard': 'signed_in'}"]
