"""What goes out: by the schema of the resource and by nothing else."""

import pytest

from tests.api.conftest import SECRET


def test_a_row_gives_the_fields_of_its_schema_and_no_more(probes):
    answer = probes.browser().get("/api/v1/probe/row")
    assert answer.json == {"name": "Row", "notes": "", "size": "small", "count": 1}


def test_an_answer_that_does_not_fit_its_schema_is_a_fault_of_ours(probes):
    answer = probes.browser().get("/api/v1/probe/broken-row")
    assert answer.status_code == 500
    assert SECRET.encode() not in answer.data


def test_what_gives_nothing_is_204_without_a_body(probes):
    answer = probes.browser(probes.world.acme.member.email).delete("/api/v1/probe")
    assert (answer.status_code, answer.data) == (204, b"")


def test_what_was_made_is_201(probes):
    assert probes.browser(probes.world.acme.member.email).post("/api/v1/probe", json={"name": "Ada"}).status_code == 201


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/me/sessions", "/api/v1/me/workspaces", "{acme}/members"])
def test_no_answer_holds_what_only_the_server_may_know(probes, path):
    acme = probes.world.acme
    text = probes.browser(acme.owner.email).get(path.format(acme=acme.api)).text
    assert all(word not in text for word in ("password", "argon2", "fs_uniquifier", "token"))


def test_answers_are_not_kept_by_caches(probes):
    answer = probes.browser(probes.world.acme.member.email).get("/api/v1/me")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]
    assert "ETag" not in answer.headers


def test_times_are_in_utc_and_say_so(probes):
    answer = probes.browser(probes.world.acme.member.email).get("/api/v1/me")
    assert answer.json["created_at"].endswith(("Z", "+00:00"))


def test_no_other_site_is_invited(probes):
    """CORS is off: no answer names an origin, whoever asks."""
    browser = probes.browser(probes.world.acme.member.email)
    for method in ("GET", "OPTIONS"):
        answer = browser.open("/api/v1/me", method, headers={"Origin": "https://evil.example"})
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]
