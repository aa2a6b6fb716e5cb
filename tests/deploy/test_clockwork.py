"""The clock of the server shape: beat, with the very command of docker-compose.yml, and the worker behind it."""

import subprocess
from typing import Any

import psycopg
import pytest
import yaml

from tests.deploy.stack import BIN, Stack
from tests.deploy.test_stack import rows
from tests.support.servers import ROOT, Program, running, until
from tests.tasks.test_log_lines import lines

LONG_AGO = "now() - interval '90 days'"
OLD_SESSION = f"""
INSERT INTO users (id, email, name, active, fs_uniquifier, theme, created_at, confirmed_at)
VALUES ('018f0000-0000-7000-8000-000000000001', 'old@example.com', 'O', true, 'old', 'system', {LONG_AGO}, {LONG_AGO}),
       ('018f0000-0000-7000-8000-000000000003', 'no-one@example.com', 'No', true, 'no', 'system', {LONG_AGO}, NULL);
INSERT INTO sessions (id, user_id, token_hash, device, address, place, created_at, last_seen_at, idle_until, expires_at)
VALUES ('018f0000-0000-7000-8000-000000000002', '018f0000-0000-7000-8000-000000000001', 'old', '', '', '',
        {LONG_AGO}, {LONG_AGO}, {LONG_AGO}, {LONG_AGO});
"""
# The session, and the account that nobody has confirmed.
LEFT = """SELECT (SELECT count(*) FROM sessions WHERE token_hash = 'old')
             + (SELECT count(*) FROM users WHERE email = 'no-one@example.com')"""


@pytest.fixture
def service() -> dict[str, Any]:
    """What docker-compose.yml says of it."""
    document = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return dict(document["services"]["beat"])


def as_here(command: list[str]) -> list[str]:
    return [str(BIN / command[0]), *command[1:]]


def is_healthy(served: Stack, service: dict[str, Any]) -> bool:
    kind, script = service["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    return subprocess.run(["sh", "-c", script.replace("$$", "$")], env=served.environ, check=False).returncode == 0


def wait_for_the_sweep(served: Stack, beat: Program) -> None:
    beat.wait_for(lambda: rows(served, LEFT) == [(0,)], "the old session to be swept out", 60)


def test_what_is_on_the_schedule_is_sent_by_beat_and_done_by_the_worker(served: Stack, service: dict[str, Any]) -> None:
    """All of it when beat starts: a service that is deployed every day would otherwise never come to what is due once
    a day, since a new container remembers nothing."""
    assert not is_healthy(served, service)
    for _start in range(2):
        leave_an_old_session(served)
        with running(as_here(service["command"]), served.environ, served.folder) as beat:
            wait_for_the_sweep(served, beat)
            assert is_healthy(served, service)
            assert beat.end() == 0, beat.log
        assert "Traceback" not in beat.log
        assert lines(beat.log), "beat wrote nothing"
        for file in served.instance.glob("celerybeat-schedule*"):
            file.unlink()
    assert "task_failed" not in served.worker.log
    assert lines(served.worker.log), "the worker wrote nothing"


def test_what_the_application_writes_under_uwsgi_is_one_event_a_line(served: Stack) -> None:
    """Beside the lines of uWSGI's own."""
    request_id = served.ask("/login").headers["X-Request-ID"]
    until(lambda: request_id in served.website.log, "the line of the request")
    told = lines("\n".join(line for line in served.website.log.splitlines() if "{" in line and '"event"' in line))
    assert [event["path"] for event in told if event.get("request_id") == request_id] == ["/login"]


def leave_an_old_session(served: Stack) -> None:
    with psycopg.connect(host=served.postgres.socket, user="postgres", dbname="readykit") as connection:
        connection.execute("DELETE FROM users WHERE email IN ('old@example.com', 'no-one@example.com')")
        connection.execute(OLD_SESSION)
