"""`flask doctor` in the shape of production: all is well, or one sentence for each thing that is not."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
import redis
from aiosmtpd.controller import Controller

from enferno.tasks.pulse import KEY
from tests.commands.conftest import lines
from tests.deploy.stack import BIN, Stack
from tests.support.servers import ROOT, free_port, running, until

PARTS = (
    "settings", "database", "migrations", "clock", "role", "mail", "cache", "broker", "beat", "proxies", "billing",
    "assets", "disk", "instance", "features",
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


@contextmanager
def changed(served: Stack, statement: str, back: str) -> Iterator[None]:
    as_superuser(served, statement)
    try:
        yield
    finally:
        as_superuser(served, back)


def test_all_is_well_in_the_documented_shape(ticking: Stack) -> None:
    told = doctor(ticking)
    assert tuple(lines(told.output)) == PARTS, told.output
    assert told.faults == {}
    assert {level for level, _ in lines(told.output).values()} <= {"ok", "warn"}
    assert told.code == 0


CLOSED = f"127.0.0.1:{free_port()}"
SETTINGS = [
    ("DATABASE_URL", "postgresql://readykit_app@/readykit?host=/nowhere", "database", "cannot be reached"),
    ("DATABASE_URL", "postgresql://readykit_app@/nothing?host={socket}", "database", "cannot be reached"),
    ("DATABASE_URL", "postgresql://postgres@/readykit?host={socket}", "role", "postgres is a superuser"),
    ("DATABASE_URL", "postgresql://readykit_owner@/readykit?host={socket}", "role", "owns tables"),
    ("DATABASE_URL", "postgresql://readykit_backup@/readykit?host={socket}", "role", "BYPASSRLS"),
    ("REDIS_URL", f"redis://{CLOSED}/0", "cache", "cannot be used"),
    ("REDIS_URL", "redis://:wrong@{redis}/0", "cache", "cannot be used (AuthenticationError)"),
    ("CELERY_BROKER_URL", f"redis://{CLOSED}/1", "broker", "cannot be reached"),
    ("CELERY_BROKER_URL", "redis://:secret-of-redis@{redis}/7", "broker", "no worker does"),
    ("SMTP_URL", f"smtp://{CLOSED}?tls=none", "mail", "cannot be used (ConnectionRefusedError)"),
    ("SMTP_URL", "smtp://{mail}", "mail", "offers no STARTTLS"),
    ("TRUSTED_PROXIES", "0", "proxies", "share its limits"),
]


@pytest.mark.parametrize(("name", "value", "part", "words"), SETTINGS, ids=[f"{row[0]}-{row[3]}" for row in SETTINGS])
def test_one_thing_that_is_wrong_is_one_sentence(ticking: Stack, name: str, value: str, part: str, words: str) -> None:
    redis_at = ticking.environ["REDIS_URL"].rpartition("@")[2].partition("/")[0]
    mail_at = f"127.0.0.1:{ticking.mails.port}"
    value = value.format(socket=ticking.postgres.socket, redis=redis_at, mail=mail_at)
    told = doctor(ticking, **{name: value})
    assert told.code == 1
    assert list(told.faults) == [part], told.output
    assert words in told.faults[part]
    assert "could not be checked" not in told.output
    assert "secret-of-redis" not in told.output


@pytest.mark.parametrize(
    ("name", "value"),
    [("BASE_URL", "http://app.example.com"), ("REDIS_URL", ""), ("FLASK_DEBUG", "1"), ("SECRET_KEY", "short")],
)
def test_settings_that_make_no_application_are_told_in_a_sentence(served: Stack, name: str, value: str) -> None:
    told = doctor(served, **{name: value})
    assert told.code == 1
    assert told.output.count("  - ") == 1
    assert f"  - {name}" in told.output
    assert "Traceback" not in told.output


@pytest.mark.parametrize(
    ("statement", "back", "part", "words"),
    [
        (
            "ALTER TABLE activities DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE activities ENABLE ROW LEVEL SECURITY",
            "role",
            "activities lacks ENABLE",
        ),
        (
            "ALTER POLICY activities_read ON activities USING (true)",
            "ALTER POLICY activities_read ON activities USING ("
            "CASE WHEN (SELECT current_setting('enferno.unscoped', true)) = 'on' THEN true"
            " ELSE workspace_id = (SELECT nullif(current_setting('enferno.workspace_id', true), '')::uuid) END)",
            "role",
            "lets rows of activities through",
        ),
        ("GRANT TRUNCATE ON activities TO readykit_app", "REVOKE TRUNCATE ON activities FROM readykit_app", "role", "TRUNCATE"),
        ("GRANT readykit_backup TO readykit_app", "REVOKE readykit_backup FROM readykit_app", "role", "is a member of"),
        (
            "REVOKE SELECT ON alembic_version FROM readykit_app",
            "GRANT SELECT ON alembic_version TO readykit_app",
            "migrations",
            "may not read",
        ),
        (
            "CREATE TABLE kept AS TABLE alembic_version; DELETE FROM alembic_version",
            "INSERT INTO alembic_version TABLE kept; DROP TABLE kept",
            "migrations",
            "not applied",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_database_is_one_sentence(
    ticking: Stack, statement: str, back: str, part: str, words: str
) -> None:
    with changed(ticking, statement, back):
        told = doctor(ticking)
    assert told.code == 1
    assert list(told.faults) == [part], told.output
    assert words in told.faults[part]
    assert "could not be checked" not in told.output


def test_a_beat_that_never_ran_and_one_that_stopped_are_told(ticking: Stack) -> None:
    """Looked at with another beginning of the names in Redis, where the beat of this test does not write."""
    beside = ticking.environ["REDIS_URL"].replace("/0", "/5")
    assert "never" in doctor(ticking, REDIS_URL=beside).faults["beat"]
    an_hour_ago = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() - 3600))
    redis.Redis.from_url(beside).set(f"readykit:{KEY}", f'"{an_hour_ago}"')
    told = doctor(ticking, REDIS_URL=beside)
    assert list(told.faults) == ["beat"]
    assert "60 minutes ago" in told.faults["beat"]


def test_a_worker_that_was_stopped_is_told(ticking: Stack) -> None:
    """Held, as if its machine had gone."""
    os.killpg(ticking.worker.process.pid, signal.SIGSTOP)
    try:
        told = doctor(ticking)
    finally:
        os.killpg(ticking.worker.process.pid, signal.SIGCONT)
    assert list(told.faults) == ["broker"]
    until(lambda: doctor(ticking).code == 0, "the worker back", 60)


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
