"""What the log says of a request, and what it never says (ASVS 16.2, 16.3, 16.4)."""

import io
import json
import logging

import pytest
import structlog

from tests.isolation.interface import Targets

CANARY = "canary-41-violet-harbour"


@pytest.fixture
def log(stage):
    """Everything that is logged, as production writes it: a line of JSON each; and what libraries say, as it is."""
    kept, written = structlog.get_config(), io.StringIO()
    structlog.configure(
        processors=[*kept["processors"][:-1], structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.PrintLoggerFactory(written),
    )
    handler, root = logging.StreamHandler(written), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)
    structlog.configure(**kept)


def requests(log):
    lines = [json.loads(line) for line in log.getvalue().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == "request"]


def test_a_request_is_a_line_of_json_with_time_in_utc_request_person_and_workspace(stage, log):
    acme = stage.world.acme
    answer = stage.browser(acme.member.email).get(f"{acme.api}/members?search=x")
    (line,) = requests(log)
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["user"], line["workspace"]) == (str(acme.member.id), str(acme.id))
    assert (line["method"], line["path"], line["status"]) == ("GET", f"{acme.api}/members", 200)
    assert line["timestamp"].endswith("Z")


def test_refusals_are_logged_with_who_was_refused(stage, log):
    acme, stranger = stage.world.acme, stage.world.stranger
    stage.browser().get(acme.api)
    stage.browser(stranger.email).get(acme.api)
    stage.browser(acme.member.email).patch(acme.api, json={"name": "Mine"})
    stage.browser(acme.member.email).get("/api/v1/superadmin/users")
    found = [(line["status"], line.get("user")) for line in requests(log)]
    assert found == [(401, None), (404, str(stranger.id)), (403, str(acme.member.id)), (403, str(acme.member.id))]


def test_nothing_of_one_request_is_in_the_line_of_the_next(stage, log):
    stage.browser(stage.world.acme.member.email).get(stage.world.acme.api)
    stage.browser().get("/api/v1/me")
    assert not {"user", "workspace"} & set(requests(log)[-1])


def test_no_secret_that_goes_through_any_route_is_ever_logged(stage, log):
    """ASVS 16.2.5: in the address, the query, a form, a body, a header or a cookie."""
    targets = Targets(stage)
    secrets = {"password": CANARY, "new_password": CANARY, "token": CANARY, "email": f"{CANARY}@example.com"}
    for route in targets.routes:
        for email in (None, stage.world.acme.owner.email):
            path = targets.path(route, email, stage.world.acme).replace("no-such-token", CANARY)
            body = {"json": secrets} if route.operation else {"data": secrets}
            headers = {"Authorization": f"Bearer {CANARY}", "X-Api-Key": CANARY, "Accept": "text/html"}
            stage.browser(email).open(f"{path}?token={CANARY}&next={CANARY}", route.method, headers=headers, **body)
        stage.reset()
    assert len(requests(log)) >= 100
    told = [line for line in log.getvalue().splitlines() if CANARY in line]
    assert told == []


def test_a_line_end_in_an_address_begins_no_line_of_its_own(stage, log):
    """ASVS 16.4.1."""
    stage.browser().get('/w/x%0d%0a{"event":"request","status":200,"user":"forged"}')
    assert len(requests(log)) == 1
    assert "user" not in requests(log)[0]


def test_values_under_the_names_of_secrets_are_hidden_whoever_logs_them(log):
    structlog.get_logger().info("something", password=CANARY, api_token=CANARY, Authorization=CANARY, name="Ada")
    assert CANARY not in log.getvalue()
    assert "Ada" in log.getvalue()


def test_a_fault_of_ours_is_logged_with_its_trace_and_answered_with_its_id(stage, log, monkeypatch):
    from enferno.workspace.models import Workspace

    def broken(*_args):
        raise RuntimeError("the inside")

    monkeypatch.setattr(Workspace, "memberships", broken)
    answer = stage.browser(stage.world.acme.member.email).get(f"{stage.world.acme.api}/members")
    assert answer.status_code == 500
    assert "the inside" not in answer.text
    fault = next(json.loads(line) for line in log.getvalue().splitlines() if "unexpected_error" in line)
    assert fault["request_id"] == answer.headers["X-Request-ID"]
    assert "the inside" in fault["exception"]
