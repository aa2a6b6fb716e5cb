"""The operator's rooms are shut to everybody else, and that is decided before anything that was sent is looked at."""

from uuid import UUID

import pytest

from tests.superadmin.conftest import API

# Nobody's; the same in every worker of a test run, because it stands in the names of tests.
ANY = UUID("0199d0c0-0000-7000-8000-0000000000ff")
ROUTES = [
    ("GET", f"{API}/overview"),
    ("GET", f"{API}/users"),
    ("POST", f"{API}/users"),
    ("GET", f"{API}/users/{ANY}"),
    ("PATCH", f"{API}/users/{ANY}"),
    ("POST", f"{API}/users/{ANY}/password-reset"),
    ("POST", f"{API}/users/{ANY}/password"),
    ("DELETE", f"{API}/users/{ANY}/sessions"),
    ("DELETE", f"{API}/users/{ANY}/sessions/{ANY}"),
    ("GET", f"{API}/users/{ANY}/deletion"),
    ("POST", f"{API}/users/{ANY}/deletion"),
    ("GET", f"{API}/workspaces"),
    ("GET", f"{API}/workspaces/{ANY}"),
    ("DELETE", f"{API}/workspaces/{ANY}"),
    ("POST", f"{API}/workspaces/{ANY}/suspension"),
    ("DELETE", f"{API}/workspaces/{ANY}/suspension"),
    ("GET", f"{API}/workspaces/{ANY}/members"),
    ("POST", f"{API}/workspaces/{ANY}/members"),
    ("PATCH", f"{API}/workspaces/{ANY}/members/{ANY}"),
    ("DELETE", f"{API}/workspaces/{ANY}/members/{ANY}"),
    ("GET", f"{API}/activity"),
    ("GET", f"{API}/billing"),
    ("GET", f"{API}/billing/subscriptions"),
    ("POST", f"{API}/billing/subscriptions/{ANY}/readings"),
    ("GET", f"{API}/billing/events"),
    ("POST", f"{API}/billing/events/{ANY}/replays"),
]
PAGES = ["", "users", f"users/{ANY}", "workspaces", f"workspaces/{ANY}", "activity", "billing", "billing/events"]
NONSENSE = {"surprise": "a field that nobody knows"}


def test_the_list_of_routes_is_complete(stage):
    known = {(method, path.replace(str(ANY), "<>")) for method, path in ROUTES}
    rules = [rule for rule in stage.app.url_map.iter_rules() if rule.rule.startswith(API)]
    mapped = {
        (method, rule.rule.replace("<uuid:user_id>", "<>").replace("<uuid:workspace_id>", "<>"))
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    mapped = {(method, rule.replace("<uuid:session_id>", "<>")) for method, rule in mapped}
    assert {(method, rule.replace("<uuid:event_id>", "<>")) for method, rule in mapped} == known


def test_a_visitor_is_asked_to_sign_in(stage):
    visitor = stage.browser()
    for method, path in ROUTES:
        answer = visitor.open(path, method, json=NONSENSE if method != "GET" else None)
        assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated"), (method, path)


def test_an_owner_of_a_workspace_is_refused_before_the_body_is_read(stage, world):
    owner = stage.browser(world.acme.owner.email)
    for method, path in ROUTES:
        answer = owner.open(path, method, json=NONSENSE if method != "GET" else None)
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden"), (method, path)


def test_pages_send_a_visitor_to_sign_in_and_refuse_a_member(stage, world):
    visitor, owner = stage.browser(), stage.browser(world.acme.owner.email)
    for page in PAGES:
        assert visitor.get(f"/superadmin/{page}").status_code == 302
        assert owner.get(f"/superadmin/{page}").status_code == 403


def test_the_operator_without_the_token_of_the_page_changes_nothing(stage, root, world):
    root.csrf = ""
    answer = root.patch(f"{API}/users/{world.acme.admin.id}", json={"active": False})
    assert (answer.status_code, answer.json["code"]) == (400, "csrf")


@pytest.mark.parametrize(
    ("method", "path"), [route for route in ROUTES if str(ANY) in route[1] and route[0] != "DELETE"]
)
def test_an_id_that_does_not_exist_is_not_found(root, method, path):
    bodies = {"/members": {"email": "someone@example.com"}, f"/members/{ANY}": {"role": "admin"}}
    body = next((body for end, body in bodies.items() if path.endswith(end)), {})
    assert root.open(path, method, json=body if method != "GET" else None).status_code == 404


def test_pages_of_what_does_not_exist_are_not_found(root):
    assert root.get(f"/superadmin/users/{ANY}").status_code == 404
    assert root.get(f"/superadmin/workspaces/{ANY}").status_code == 404


def test_who_is_no_superadmin_any_more_is_out_on_the_next_request(stage, root, world):
    admin = stage.browser(world.acme.admin.email)
    root.patch(f"{API}/users/{world.acme.admin.id}", json={"is_superadmin": True})
    promoted = stage.browser(world.acme.admin.email)
    assert promoted.get(f"{API}/users").status_code == 401, "a change of privilege asks to sign in anew"
    anew = type(admin)(stage.app).sign_in(world.acme.admin.email)
    assert anew.get(f"{API}/users").status_code == 200
    root.patch(f"{API}/users/{world.acme.admin.id}", json={"is_superadmin": False})
    assert anew.get(f"{API}/users").status_code == 401
