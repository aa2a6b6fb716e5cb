"""Production does not start on what would leak, lose or break later; all faults are named at once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from enferno.settings import Settings, SettingsError
from tests.support import databases, postgres
from tests.support.servers import ROOT

GOOD = {
    "ENV": "production",
    "BASE_URL": "https://app.example.com",
    "SECRET_KEY": "a key of more than 32 characters, for a test",
    "SECURITY_PASSWORD_SALT": "a salt for a test",
    "DATABASE_URL": "postgresql://readykit_app:x@localhost/readykit",
    "REDIS_URL": "redis://localhost",
    "SMTP_URL": "smtp://localhost:587",
    "MAIL_FROM": "Acme <hello@example.com>",
}


def faults(**changes: str) -> list[str]:
    try:
        Settings.from_environ(GOOD | changes)
    except SettingsError as error:
        return error.faults
    return []


def test_good_settings_have_no_fault() -> None:
    assert faults() == []


@pytest.mark.parametrize("name", sorted(set(GOOD) - {"ENV"}))
def test_each_setting_that_production_needs_is_missed_by_its_name(name: str) -> None:
    (fault,) = faults(**{name: ""})
    assert fault.startswith(name)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DATABASE_URL", "sqlite:///app.sqlite", "use PostgreSQL"),
        ("BASE_URL", "http://app.example.com", "https://"),
        ("SECRET_KEY", "short", "32 random characters"),
        ("MAIL_FROM", "ReadyKit <hello@localhost>", "required in production"),
        ("MAIL_FROM", "nobody", "an address"),
        ("SMTP_URL", "mail.example.com:587", "smtp://"),
        ("SMTP_URL", "smtp://", "smtp://"),
        ("REDIS_URL", "localhost:6379", "redis://"),
        ("CELERY_BROKER_URL", "memory://", "redis://"),
        ("TRUSTED_PROXIES", "one", "whole number"),
        ("MAX_UPLOAD", "much", "16 MB"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_with_what_to_write(name: str, value: str, words: str) -> None:
    (fault,) = faults(**{name: value})
    assert fault.startswith(name)
    assert words in fault


def test_all_faults_come_in_one_message() -> None:
    found = faults(SECRET_KEY="", DATABASE_URL="sqlite:///x", BASE_URL="http://x.example", REDIS_URL="", SMTP_URL="no")
    assert {fault.split()[0].rstrip(":") for fault in found} == {
        "SECRET_KEY",
        "DATABASE_URL",
        "BASE_URL",
        "REDIS_URL",
        "SMTP_URL",
    }


def test_a_fault_never_repeats_a_secret() -> None:
    found = faults(SECRET_KEY="hunter2", SMTP_URL="hunter2", REDIS_URL="hunter2", DATABASE_URL="mysql://u:hunter2@x/y")
    assert len(found) == 4
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    "command",
    [
        "flask routes", "flask --debug routes", "flask run --debug", "celery -A enferno.tasks worker",
        "celery -A enferno.tasks beat", "uwsgi --ini deploy/uwsgi.ini",
    ],
)  # fmt: skip
def test_production_does_not_start_with_debugging_on(command: str, tmp_path: Path) -> None:
    program, *words = command.split()
    environ = {"PATH": os.environ["PATH"], "INSTANCE_PATH": str(tmp_path), "UWSGI_SOCKET": str(tmp_path / "socket")}
    debug = {} if "--debug" in words else {"FLASK_DEBUG": "1"}
    called = [str(Path(sys.prefix) / "bin" / program), *words]
    given = GOOD | environ | debug | {"CELERY_BROKER_URL": "redis://localhost:1/1"}
    started = subprocess.run(
        called, cwd=ROOT, env=given, capture_output=True, text=True, check=False, timeout=120, start_new_session=True
    )
    told = started.stdout + started.stderr
    assert "FLASK_DEBUG (or --debug) is on" in told
    # uWSGI has a code of its own for an application that refuses, by which it ends as a whole.
    assert started.returncode == (22 if program == "uwsgi" else 1)
    assert program == "uwsgi" or "Traceback" not in told


@pytest.mark.parametrize("value", ["", "0", "false", "no"])
def test_production_starts_where_debugging_is_named_and_off(value: str) -> None:
    assert faults(FLASK_DEBUG=value) == []


@pytest.fixture
def database() -> Iterator[databases.Database]:
    with databases.fresh("postgresql", Path("unused")) as found:
        yield found


def start(url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Make the application in a process of its own, as a server does."""
    environ = {"PATH": os.environ["PATH"], "INSTANCE_PATH": str(folder), "MIGRATION_DATABASE_URL": ""}
    command = [sys.executable, "-c", "import run"]
    given = GOOD | environ | {"DATABASE_URL": url.replace("+psycopg", "")}
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)


def test_it_starts_as_the_unprivileged_role(database: databases.Database, tmp_path: Path) -> None:
    assert start(database.app_url, tmp_path).returncode == 0


@pytest.mark.parametrize(("role", "words"), [("owner", "owns tables"), ("superuser", "is a superuser")])
def test_it_does_not_start_as_a_role_that_the_policies_do_not_bind(
    role: str, words: str, database: databases.Database, tmp_path: Path
) -> None:
    url = database.migration_url if role == "owner" else database.owner_url
    started = start(url, tmp_path)
    assert started.returncode != 0
    assert words in started.stderr


def test_it_does_not_start_as_a_role_that_bypasses_row_level_security(
    database: databases.Database, tmp_path: Path
) -> None:
    postgres.cluster().execute(
        "DO $$ BEGIN CREATE ROLE readykit_bypass LOGIN BYPASSRLS IN ROLE readykit_app;"
        " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    started = start(database.app_url.replace("readykit_app", "readykit_bypass"), tmp_path)
    assert started.returncode != 0
    assert "BYPASSRLS" in started.stderr


def change(database: databases.Database, statement: str) -> None:
    name = database.app_url.partition("@/")[2].partition("?")[0]
    with postgres.Database(name, postgres.cluster().socket).connect() as connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    ["ALTER TABLE activities NO FORCE ROW LEVEL SECURITY", "ALTER TABLE activities DISABLE ROW LEVEL SECURITY"],
)
def test_it_does_not_start_with_a_table_that_has_no_wall(
    statement: str, database: databases.Database, tmp_path: Path
) -> None:
    change(database, statement)
    started = start(database.app_url, tmp_path)
    assert started.returncode != 0
    assert "activities" in started.stderr
