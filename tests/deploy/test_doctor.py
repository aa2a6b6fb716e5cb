"""`flask doctor` in the shape of production: all is well, or one sentence for each thing that is not."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
import redis
from aiosmtpd.controller import Controller

from enferno.tasks.pulse import KEY
from tests.commands.conftest import lines
from tests.deploy.stack import BIN, Stack
from tests.support.servers import ROOT, free_port, running

PARTS = (
    "settings", "database", "migrations", "clock", "role", "mail", "cache", "broker", "beat", "proxies", "billing",
    "assets", "disk", "instance", "features", "plans",
)  # fmt: skip


@dataclass
class Told:
    code: int
    output: str

    @property
    def faults(self) -> dict[str, str]:
        """What failed, and what was said of it."""
        return {part: text for part, (level, text) in lines(self.output).items() if level == "fail"}


def doctor(served: Stack, **changes: str) -> Told:
    """As in the shell of the website's container, with some settings changed."""
    command = [str(BIN / "flask"), "--app", "run", "doctor"]
    done = subprocess.run(
        command, cwd=ROOT, env=served.environ | changes, capture_output=True, text=True, check=False, timeout=120
    )
    return Told(done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def ticking(served: Stack) -> Iterator[Stack]:
    """With beat, which the other tests start for themselves."""
    with running([str(BIN / "celery"), "-A", "enferno.tasks", "beat"], served.environ, served.folder) as beat:
        beat.wait_for(lambda: kept(served).exists(f"readykit:{KEY}"), "beat to have sent something")
        yield served


def kept(served: Stack) -> redis.Redis:
    return redis.Redis.from_url(served.environ["REDIS_URL"])


def as_superuser(served: Stack, *statements: str) -> None:
    with psycopg.connect(
        host=served.postgres.socket, user="postgres", dbname="readykit", autocommit=True
    ) as connection:
        for statement in statements:
            connection.execute(statement)


def test_all_is_well_in_the_documented_shape(ticking: Stack) -> None:
    told = doctor(ticking)
    assert tuple(lines(told.output)) == PARTS, told.output
    assert told.faults == {}
    assert {level for level, _ in lines(told.output).values()} <= {"ok", "warn"}
    assert told.code == 0


CLOSED = f"127.0.0.1:{free_port()}"
WRONG: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "the database is away": (
        {"DATABASE_URL": "postgresql://readykit_app@/readykit?host=/nowhere"},
        {"database": "cannot be reached"},
    ),
    "a superuser": (
        {"DATABASE_URL": "postgresql://postgres@/readykit?host={socket}"},
        {"role": "postgres is a superuser"},
    ),
    "the owner": (
        {"DATABASE_URL": "postgresql://readykit_owner@/readykit?host={socket}"},
        {"role": "owns tables"},
    ),
    "a role with BYPASSRLS": (
        {"DATABASE_URL": "postgresql://readykit_backup@/readykit?host={socket}"},
        {"role": "a role with BYPASSRLS"},
    ),
    "nothing beside the database answers": (
        {
            "REDIS_URL": f"redis://{CLOSED}/0",
            "CELERY_BROKER_URL": f"redis://{CLOSED}/1",
            "SMTP_URL": f"smtp://{CLOSED}?tls=none",
            "TRUSTED_PROXIES": "0",
        },
        {
            "cache": "cannot be used",
            "broker": "cannot be reached",
            "mail": "cannot be used (ConnectionRefusedError)",
            "proxies": "share its limits",
        },
    ),
    "it answers, and not as it should": (
        {
            "REDIS_URL": "redis://:wrong@{redis}/0",
            "CELERY_BROKER_URL": "redis://:secret-of-redis@{redis}/7",
            "SMTP_URL": "smtp://{mail}",
        },
        {
            "cache": "cannot be used (AuthenticationError)",
            "broker": "no worker does",
            "mail": "offers no STARTTLS",
        },
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_each_setting_that_is_wrong_is_one_sentence(ticking: Stack, what: str) -> None:
    settings, expected = WRONG[what]
    places = {
        "socket": ticking.postgres.socket,
        "redis": ticking.environ["REDIS_URL"].rpartition("@")[2].partition("/")[0],
        "mail": f"127.0.0.1:{ticking.mails.port}",
    }
    told = doctor(ticking, **{name: value.format(**places) for name, value in settings.items()})
    assert told.code == 1
    assert sorted(told.faults) == sorted(expected), told.output
    for part, words in expected.items():
        assert words in told.faults[part]
    assert "could not be checked" not in told.output
    assert "secret-of-redis" not in told.output


def test_settings_that_make_no_application_are_told_a_sentence_each(served: Stack) -> None:
    told = doctor(served, BASE_URL="http://app.example.com", REDIS_URL="", FLASK_DEBUG="1", SECRET_KEY="short")
    assert told.code == 1
    faults = [line.split()[1].rstrip(":") for line in told.output.splitlines() if line.startswith("  - ")]
    assert sorted(faults) == ["BASE_URL", "FLASK_DEBUG", "REDIS_URL", "SECRET_KEY"]
    assert "Traceback" not in told.output


OPEN = {
    "ALTER TABLE activities DISABLE ROW LEVEL SECURITY": (
        "ALTER TABLE activities ENABLE ROW LEVEL SECURITY",
        "activities lacks ENABLE",
    ),
    "CREATE POLICY open ON memberships USING (true)": (
        "DROP POLICY open ON memberships",
        "open lets rows of memberships through",
    ),
    "GRANT TRUNCATE ON checkouts TO readykit_app": (
        "REVOKE TRUNCATE ON checkouts FROM readykit_app",
        "REVOKE TRUNCATE ON checkouts",
    ),
    "GRANT readykit_backup TO readykit_app": (
        "REVOKE readykit_backup FROM readykit_app",
        "is a member of readykit_backup",
    ),
    "CREATE TABLE kept AS TABLE alembic_version; DELETE FROM alembic_version": (
        "INSERT INTO alembic_version TABLE kept; DROP TABLE kept",
        "not applied",
    ),
}


def test_each_thing_that_is_wrong_in_the_database_is_one_sentence(ticking: Stack) -> None:
    as_superuser(ticking, *OPEN)
    told = doctor(ticking)
    as_superuser(ticking, *(back for back, _ in OPEN.values()))
    assert told.code == 1
    failed = [line for line in told.output.splitlines() if line.startswith("fail")]
    for _, words in OPEN.values():
        assert [words in line for line in failed].count(True) == 1, told.output
    assert len(failed) == len(OPEN)


def test_a_database_that_was_migrated_by_hand_is_told(ticking: Stack) -> None:
    """As it was before the application was granted this: the doctor failed in the documented shape."""
    as_superuser(ticking, "REVOKE SELECT ON alembic_version FROM readykit_app")
    told = doctor(ticking)
    as_superuser(ticking, "GRANT SELECT ON alembic_version TO readykit_app")
    assert list(told.faults) == ["migrations"]
    assert "flask create-db" in told.faults["migrations"]


def test_a_beat_that_never_ran_and_one_that_stopped_are_told(ticking: Stack) -> None:
    """Looked at with another beginning of the names in Redis, where the beat of this test does not write."""
    beside = ticking.environ["REDIS_URL"].replace("/0", "/5")
    assert "never" in doctor(ticking, REDIS_URL=beside).faults["beat"]
    an_hour_ago = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() - 3600))
    redis.Redis.from_url(beside).set(f"readykit:{KEY}", f'"{an_hour_ago}"')
    told = doctor(ticking, REDIS_URL=beside)
    assert list(told.faults) == ["beat"]
    assert re.search(r"\b6\d minutes ago", told.faults["beat"])


def test_a_worker_that_was_stopped_is_told(ticking: Stack) -> None:
    """Held, as if its machine had gone."""
    os.killpg(ticking.worker.process.pid, signal.SIGSTOP)
    try:
        told = doctor(ticking)
    finally:
        os.killpg(ticking.worker.process.pid, signal.SIGCONT)
    assert list(told.faults) == ["broker"]


def test_a_mail_server_that_refuses_the_sender_is_told(ticking: Stack) -> None:
    class Refusing:
        async def handle_MAIL(self, *_: object) -> str:
            return "550 who are you"

    controller = Controller(Refusing(), hostname="127.0.0.1", port=free_port())
    controller.start()
    told = doctor(ticking, SMTP_URL=f"smtp://127.0.0.1:{controller.port}?tls=none")
    controller.stop()
    assert list(told.faults) == ["mail"]
    assert "takes no mail from hello@example.com" in told.faults["mail"]
