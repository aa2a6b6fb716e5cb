"""Arrows run one way: doors → domain → extensions. What is imported the other way ends in a knot."""

import pytest

from tests.conventions.source import ROOT, imports, modules, room_of

DOORS = {"public", "portal", "superadmin", "api", "webhooks", "commands"}
DOMAIN = {"tenancy", "access", "user", "workspace", "billing"}
# Below everything: what tenancy may know.
GROUND = {"author", "database", "settings", "extensions", "errors", "tenancy"}
BETWEEN_DOORS = {
    ("api", "superadmin"): "the operator's pages and resources ask the same questions, in superadmin/",
    ("portal", "api"): "a page shows the choices that the resource takes",
}
BETWEEN_DOMAINS = {
    ("access", "workspace"): "the guard's question is whether the caller is a member",
}


def arrows():
    for path in modules("enferno"):
        for name in imports(path):
            parts = name.split(".")
            if parts[0] == "enferno" and len(parts) > 1 and parts[1] != room_of(path):
                yield path.relative_to(ROOT), room_of(path), parts[1]


def test_the_domain_never_imports_a_door():
    told = [
        f"{path} imports {to}: hand the value in, or raise an Error"
        for path, of, to in arrows()
        if of in DOMAIN and to in DOORS
    ]
    assert told == []


def test_doors_import_each_other_only_where_said_why():
    found = {(of, to) for _, of, to in arrows() if of in DOORS and to in DOORS}
    assert found == set(BETWEEN_DOORS), "What two doors share belongs into the domain"


def test_tenancy_knows_only_the_ground_below_it():
    told = [f"{path} imports {to}" for path, of, to in arrows() if of == "tenancy" and to not in GROUND]
    assert told == []


@pytest.mark.parametrize("room", ["tenancy", "access"])
def test_who_may_see_what_does_not_depend_on_bills(room):
    assert [str(path) for path, of, to in arrows() if of == room and to == "billing"] == []


def test_access_knows_of_the_domain_what_is_said_here():
    found = {(of, to) for _, of, to in arrows() if of == "access" and to in DOMAIN - {"tenancy"}}
    assert found == set(BETWEEN_DOMAINS)


def test_the_kit_never_imports_a_feature():
    told = [
        f"{path.relative_to(ROOT)} imports {name}: features are found at start, see enferno/features.py"
        for path in modules("enferno")
        for name in imports(path)
        if name == "features" or name.startswith("features.")
    ]
    assert told == []


def test_features_do_not_import_each_other():
    for path in modules("features"):
        own = path.relative_to(ROOT / "features").parts[0]
        for name in imports(path):
            parts = name.split(".")
            assert parts[0] != "features" or parts[1] == own, f"{path.relative_to(ROOT)} imports {name}"
