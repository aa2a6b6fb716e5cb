"""Cases 9 to 13: nothing of B is written by A."""

import pytest
from sqlalchemy import delete, update

from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.tenancy.errors import CrossWorkspace
from enferno.workspace.models import Activity
from tests.isolation.interface import Targets, example

FORBIDDEN = ("workspace_id", "id", "owner_id", "role", "plan", "is_superadmin", "created_at")


@pytest.fixture
def acme(cases):
    return cases.world.acme


@pytest.fixture
def noise(cases):
    return cases.world.noise


def unsafe(stage):
    targets = Targets(stage)
    return targets, [route for route in targets.routes if route.of_a_workspace and route.is_unsafe]


def rows_of(stage, table, team):
    """The workspace's rows as text, from outside."""
    plain = str(team.id).replace("-", "")
    return [row for row in stage.snapshot.rows(table) if plain in row.replace("-", "")]


def scoped_tables():
    return [mapper.local_table.name for mapper in db.Model.registry.mappers if hasattr(mapper.class_, "workspace_id")]


def test_case_9_the_others_rows_are_not_changed_nor_deleted(cases, acme, noise):
    targets, routes = unsafe(cases)
    tried = 0
    for route in (route for route in routes if route.ids):
        found = targets.ids(route, noise.owner.email, noise)
        for slug in (acme.slug, noise.slug):
            path = route.path.format(**found, slug=slug)
            answer = cases.browser(acme.owner.email).open(path, route.method, json=targets.body(route, noise))
            assert answer.status_code == 404, path
            tried += 1
    assert tried >= 4
    assert cases.snapshot.changed() == []


def test_case_10_fields_that_decide_ownership_are_refused_in_every_body(cases, acme, noise):
    targets, refused = Targets(cases), 0
    document = cases.app.extensions["openapi"]
    for route in targets.routes:
        if not route.operation or "requestBody" not in route.operation:
            continue
        caller = cases.world.root if route.guard == "superadmin_only" else acme.owner
        schema = route.operation["requestBody"]["content"]["application/json"]["schema"]
        known = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
        for field in set(FORBIDDEN) - set(known):
            body = (targets.body(route, acme) or {}) | {field: str(noise.id)}
            path = targets.path(route, caller.email, acme)
            answer = cases.browser(caller.email).open(path, route.method, json=body)
            assert answer.status_code == 422, (str(route), field)
            assert field in {fault["field"] for fault in answer.json["errors"]}
            refused += 1
    assert refused >= 30
    assert cases.snapshot.changed() == []


def test_case_10_a_form_cannot_bring_fields_that_it_does_not_have(cases, acme):
    """The forms of the account take what they show; anything else in them is not read."""
    mia = cases.browser(acme.member.email)
    for path in ("/account/password", "/register", "/verify"):
        mia.post(path, data=dict.fromkeys(FORBIDDEN, str(cases.world.noise.id)))
    assert [table for table in cases.snapshot.changed() if table != "sessions"] == []


def test_case_11_a_stored_row_never_moves_to_another_workspace_nor_to_none(cases, acme, noise):
    for wanted in (noise.id, None):
        with cases.app.app_context(), pytest.raises(CrossWorkspace), in_workspace(acme.id):  # noqa: PT012
            row = db.session.query(Activity).first()
            row.workspace_id = wanted
            db.session.flush()
        assert cases.snapshot.changed() == []


@pytest.mark.parametrize("statement", [update(Activity).values(kind="changed"), delete(Activity)])
def test_case_12_a_bulk_change_without_a_condition_touches_ones_own_alone(cases, acme, noise, statement):
    before = rows_of(cases, "activities", noise)
    with cases.app.app_context(), in_workspace(acme.id):
        assert db.session.execute(statement).rowcount > 0
    assert rows_of(cases, "activities", noise) == before
    assert "activities" in cases.snapshot.changed()


def test_case_12_everything_that_a_can_do_in_its_own_workspace_leaves_b_as_it_was(cases, acme, noise):
    """Every unsafe route of the interface, with success, in A; and then A itself is deleted."""
    before = {table: rows_of(cases, table, noise) for table in scoped_tables()}
    done = 0
    targets, routes = unsafe(cases)
    for route in sorted(routes, key=lambda route: route.method == "DELETE"):
        for every in (False, True):
            path = targets.path(route, acme.owner.email, acme)
            body = targets.body(route, acme)
            if every and body is not None:
                schema = route.operation["requestBody"]["content"]["application/json"]["schema"]
                body = example(schema, cases.app.extensions["openapi"], acme, every=True) | {"slug": acme.slug}
                body = {name: body[name] for name in body if name in known_fields(cases, schema)}
            answer = cases.browser(acme.owner.email).open(path, route.method, json=body)
            done += answer.status_code < 300
            cases.reset()
    assert done >= 6
    assert cases.browser(acme.owner.email).delete(acme.api).status_code == 204
    for table in scoped_tables():
        assert rows_of(cases, table, acme) == [], table
        assert rows_of(cases, table, noise) == before[table], table


def known_fields(stage, schema):
    return stage.app.extensions["openapi"]["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]


def test_case_12_every_scoped_table_has_rows_to_compare(cases, noise):
    """The comparison above would prove nothing about a table in which it finds none: let `furnish` make some."""
    assert [table for table in scoped_tables() if not rows_of(cases, table, noise)] == []
