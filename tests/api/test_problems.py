"""Refusals: problem details (RFC 9457) for programs, one shape for every status, and never a word from inside."""

import re

import pytest
from werkzeug.exceptions import default_exceptions

from enferno.answers import answer_http
from tests.api.conftest import SECRET

PROBE = "/api/v1/probe"


def problem(answer, status, code=None):
    assert answer.status_code == status, answer.data
    assert answer.mimetype == "application/problem+json"
    body = answer.json
    assert {"type", "title", "status", "code"} <= set(body) <= {"type", "title", "status", "code", "detail", "errors"}
    assert body["type"] == "about:blank"
    assert body["status"] == status
    assert body["title"]
    assert re.fullmatch(r"[a-z_]+", body["code"])
    assert code is None or body["code"] == code
    assert SECRET.encode() not in answer.data
    return answer


def test_401_for_nobody(probes):
    problem(probes.browser().get("/api/v1/me"), 401, "unauthenticated")


def test_403_without_the_permission(probes):
    acme = probes.world.acme
    answer = probes.browser(acme.member.email).patch(acme.api, json={"name": "Mine"})
    problem(answer, 403, "forbidden")


def test_404_for_what_is_not_there(probes):
    problem(probes.browser(probes.world.acme.owner.email).get("/api/v1/workspaces/no-such"), 404, "not_found")
    problem(probes.browser().get("/api/v1/no-such"), 404, "not_found")


def test_405_says_which_methods_there_are(probes):
    answer = problem(probes.browser(probes.world.acme.owner.email).put("/api/v1/me"), 405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PATCH"}


def test_409_for_what_does_not_fit(probes):
    acme = probes.world.acme
    problem(probes.browser(acme.owner.email).delete(f"{acme.api}/members/me"), 409, "last_owner")


def test_429_says_how_long_to_wait(probes):
    visitor = probes.browser()
    assert visitor.post(f"{PROBE}/limited").status_code == 204
    answer = problem(visitor.post(f"{PROBE}/limited"), 429, "too_many_requests")
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert len(answer.headers.getlist("Retry-After")) == 1


@pytest.mark.parametrize("status", sorted(status for status in default_exceptions if status >= 400))
def test_every_status_has_the_same_shape(probes, status):
    problem(probes.browser().get(f"{PROBE}/fault/{status}"), status)


def test_an_unexpected_fault_is_a_500_with_the_requests_id_and_nothing_from_inside(probes):
    answer = problem(probes.browser().get(f"{PROBE}/fault/unexpected"), 500, "internal_error")
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["X-Request-ID"])
    assert b"RuntimeError" not in answer.data
    assert b"Traceback" not in answer.data


@pytest.mark.parametrize("kind", ["integrity", "stale"])
def test_what_the_database_refuses_is_a_conflict(probes, kind):
    problem(probes.browser().get(f"{PROBE}/fault/{kind}"), 409, "conflict")


def test_a_database_that_is_away_is_503_with_a_time_to_come_back(probes):
    answer = problem(probes.browser().get(f"{PROBE}/fault/lost"), 503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_people_get_a_page_and_programs_problem_details(probes):
    visitor = probes.browser()
    page = visitor.get("/no-such-page", headers={"Accept": "text/html"})
    assert (page.status_code, page.mimetype) == (404, "text/html")
    problem(visitor.get("/no-such-page", headers={"Accept": "application/json"}), 404)


@pytest.mark.parametrize("status", [401, 403, 404, 405, 413, 429, 500, 503])
def test_the_page_of_an_error_says_nothing_from_inside(probes, status):
    """The same faults on the way to a page: there are none among the views, so the handler is called as for one."""
    with probes.app.test_request_context("/somewhere", headers={"Accept": "text/html"}):
        answer = answer_http(default_exceptions[status](SECRET))
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert SECRET.encode() not in answer.data


def test_head_answers_as_get_without_a_body(probes):
    mia = probes.browser(probes.world.acme.member.email)
    got, head = mia.get("/api/v1/me"), mia.open("/api/v1/me", "HEAD")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == got.headers["Content-Length"]


def test_options_names_the_methods_to_those_who_may_ask(probes):
    path = "/api/v1/me"
    assert probes.browser().open(path, "OPTIONS").status_code == 401
    answer = probes.browser(probes.world.acme.member.email).open(path, "OPTIONS")
    assert answer.status_code == 200
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PATCH"}


def test_an_unknown_host_is_refused_in_the_same_shape(probes):
    problem(probes.browser().get("/api/v1/me", headers={"Host": "evil.example"}), 400)


def test_a_refused_request_leaves_nothing_behind(probes):
    """The role of one member is changed in the transaction before the other change is refused."""
    acme = probes.world.acme
    answer = probes.browser(acme.owner.email).patch(
        acme.api, json={"name": "Elsewhere", "slug": probes.world.noise.slug}
    )
    problem(answer, 422, "slug_taken")
    assert probes.snapshot.changed() == []
