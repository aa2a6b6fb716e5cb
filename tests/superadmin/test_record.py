"""What a superadmin does is on record: acts on people in the log, once they are committed, and with no secret in it."""

import logging
from collections.abc import Iterator

import pytest
import structlog
from structlog.testing import capture_logs

from tests.isolation.interface import Targets
from tests.superadmin.conftest import API


@pytest.fixture(autouse=True)
def _everything_is_logged(stage) -> Iterator[None]:
    """The tests' applications say errors only; here they say what a real one does."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    yield
    structlog.configure(wrapper_class=before)


@pytest.fixture
def logged(root):
    """Make a request; gives what the log says of the operator's acts."""

    def act(method, path, **body):
        with capture_logs() as lines:
            answer = root.open(f"{API}/{path}", method, json=body)
        said = [line for line in lines if line["event"].startswith("superadmin.")]
        return answer, said

    return act


ACTS = [
    ("PATCH", "", {"name": "Mia Moved"}, "user_renamed"),
    ("PATCH", "", {"email": "mia@example.com"}, "user_address_changed"),
    ("PATCH", "", {"active": False}, "user_deactivated"),
    ("PATCH", "", {"is_superadmin": True}, "superadmin_made"),
    ("POST", "/password-reset", {}, "reset_sent"),
    ("POST", "/password", {}, "credentials_replaced"),
    ("DELETE", "/sessions", {}, "sessions_ended"),
    ("POST", "/deletion", {"new_owners": {}}, "user_deleted"),
]


@pytest.mark.parametrize(("method", "path", "body", "event"), ACTS, ids=[act[3] for act in ACTS])
def test_an_act_on_a_person_is_logged_with_both_names(logged, world, method, path, body, event):
    answer, lines = logged(method, f"users/{world.acme.member.id}{path}", **body)
    assert answer.status_code < 400
    # What it does to their workspaces is told before: see tests/attacks/test_operators_acts.py.
    line = lines[-1]
    assert line["event"] == f"superadmin.{event}"
    assert [other for other in lines[:-1] if event != "user_deleted"] == []
    assert (line["target"], line["operator"]) == (str(world.acme.member.id), str(world.root.id))
    # A23: nobody's address is readable in a log.
    assert not [other for other in lines if world.acme.member.email in str(other) or "mia@example.com" in str(other)]


def test_letting_in_again_and_unmaking_a_superadmin_are_logged(logged, world):
    url = f"users/{world.acme.member.id}"
    logged("PATCH", url, active=False, is_superadmin=True)
    _answer, lines = logged("PATCH", url, active=True, is_superadmin=False)
    assert {line["event"] for line in lines} == {"superadmin.user_activated", "superadmin.superadmin_unmade"}


def test_making_somebody_and_ending_one_session_are_logged(root, logged, stage, world):
    _answer, lines = logged("POST", "users", name="Nina New", email="nina@example.com")
    assert [line["event"] for line in lines] == ["superadmin.user_created"]
    [session] = root.get(f"{API}/users/{world.acme.member.id}").json["sessions"]
    _answer, lines = logged("DELETE", f"users/{world.acme.member.id}/sessions/{session['id']}")
    assert [line["event"] for line in lines] == ["superadmin.session_ended"]


def test_deleting_a_workspace_is_logged_with_its_address(logged, world):
    _answer, [line] = logged("DELETE", f"workspaces/{world.acme.id}")
    assert line["event"] == "superadmin.workspace_deleted"
    assert (line["slug"], line["operator"]) == ("acme", str(world.root.id))


def test_whatever_the_operator_changes_is_logged_with_who_did_it(stage, root, world):
    """ASVS 16.3.2: every route of the operator that changes something, also one that is written tomorrow."""
    targets, silent = Targets(stage), []
    for route in [one for one in targets.routes if one.guard == "superadmin_only" and one.is_unsafe]:
        path, body = targets.path(route, world.root.email, world.acme), targets.body(route, world.acme)
        if route.method == "DELETE" and path.endswith("/suspension"):
            root.post(path)
        with capture_logs() as lines:
            answer = root.open(path, route.method, json=EFFECTS.get(route.path, body))
        if answer.status_code < 400 and not [line for line in lines if line.get("operator") == str(world.root.id)]:
            silent.append(str(route))
        stage.reset()
    assert silent == [], "write down who did it: enferno/workspace/operator.py"


# Bodies that change something, where the smallest one that fits changes nothing.
EFFECTS = {
    "/api/v1/superadmin/users/{user_id}": {"name": "Somebody Else"},
    "/api/v1/superadmin/workspaces/{workspace_id}/members/{user_id}": {"role": "admin"},
}


def test_a_refused_act_is_not_logged_as_done(logged, world):
    answer, lines = logged("PATCH", f"users/{world.root.id}", name="Renamed first", active=False)
    assert answer.status_code == 409
    assert lines == []


def test_a_new_password_is_in_no_line_of_the_log(root, world):
    with capture_logs() as lines:
        made = root.post(f"{API}/users/{world.acme.member.id}/password").json["password"]
    assert made not in str(lines)


def test_changing_nothing_logs_nothing(logged, world):
    answer, lines = logged("PATCH", f"users/{world.acme.member.id}", name=world.acme.member.name, active=True)
    assert answer.status_code == 200
    assert lines == []
