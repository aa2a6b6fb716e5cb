"""`flask doctor`: a line for each part, and code 1 when one fails."""

import smtplib
import socket
from collections import namedtuple
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import create_engine, text

from enferno.app import create_app
from enferno.commands import checks
from enferno.settings import Settings
from tests.commands.conftest import Shell
from tests.support import databases

PARTS = ("settings", "database", "migrations", "role", "mail", "cache", "broker", "disk", "instance", "features")
Usage = namedtuple("Usage", "total used free")


def lines(output: str) -> dict[str, tuple[str, str]]:
    """part -> level, text"""
    found = {}
    for line in output.splitlines():
        level, part, rest = line.split(maxsplit=2)
        found[part] = (level, rest)
    return found


def change(app: Flask, **changes: Any) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], **changes)


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_sound_installation_is_ok_in_every_part(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    result = shell("doctor")
    assert result.exit_code == 0, result.output
    assert tuple(lines(result.output)) == PARTS
    assert {level for level, _ in lines(result.output).values()} == {"ok"}


def test_the_database_is_named_without_its_password(app: Flask, shell: Shell) -> None:
    told = lines(shell("doctor").output)["database"][1]
    assert told.startswith(("SQLite, ", "PostgreSQL, database test_"))
    assert "@" not in told


def test_migrations_that_are_missing_fail_and_say_what_to_run(app: Flask, shell: Shell, outside: Any) -> None:
    outside.execute(text("DELETE FROM alembic_version"))
    outside.commit()
    result = shell("doctor")
    level, told = lines(result.output)["migrations"]
    assert (result.exit_code, level) == (1, "fail")
    assert told.endswith("Run: flask create-db")


def test_a_database_ahead_of_the_code_fails(app: Flask, shell: Shell, outside: Any) -> None:
    outside.execute(text("DELETE FROM alembic_version"))
    outside.execute(text("INSERT INTO alembic_version VALUES ('from_next_year')"))
    outside.commit()
    level, told = lines(shell("doctor").output)["migrations"]
    assert level == "fail"
    assert "ahead of this code, at from_next_year" in told


def test_a_role_that_policies_do_not_bind_fails(database: databases.Database, tmp_path: Path) -> None:
    if database.kind == "sqlite":
        production = replace(databases.settings_for(database, tmp_path), env="production")
        app = create_app(databases.settings_for(database, tmp_path))
        app.extensions["settings"] = production
        assert lines(app.test_cli_runner().invoke(args=["doctor"]).output)["role"][0] == "fail"
        return
    for url, what in ((database.owner_url, "a superuser"), (database.migration_url, "owns tables")):
        wrong = replace(database, app_url=url)
        app = create_app(databases.settings_for(wrong, tmp_path))
        result = app.test_cli_runner().invoke(args=["doctor"])
        level, told = lines(result.output)["role"]
        assert (result.exit_code, level) == (1, "fail")
        assert what in told
        assert "docs/postgres.md" in told
        databases.dispose(app)


def test_bypassrls_is_found(database: databases.Database, tmp_path: Path) -> None:
    if database.kind == "sqlite":
        return
    owner = create_engine(database.owner_url, isolation_level="AUTOCOMMIT")
    name = database.app_url.partition("@/")[2].partition("?")[0]
    role = f"bypass_{name}"[:60]
    with owner.connect() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN BYPASSRLS"))
    wrong = replace(database, app_url=database.app_url.replace("//readykit_app@", f"//{role}@"))
    app = create_app(databases.settings_for(wrong, tmp_path))
    assert "has BYPASSRLS" in lines(app.test_cli_runner().invoke(args=["doctor"]).output)["role"][1]
    databases.dispose(app)
    with owner.connect() as connection:
        connection.execute(text(f"DROP ROLE {role}"))
    owner.dispose()


def test_a_mail_server_that_answers_is_ok_and_one_that_does_not_fails(app: Flask, shell: Shell) -> None:
    server = Controller(object(), hostname="127.0.0.1", port=closed_port())
    server.start()
    change(app, smtp_url=f"smtp://127.0.0.1:{server.port}")
    assert lines(shell("doctor").output)["mail"] == ("ok", "127.0.0.1 takes mail")
    server.stop()
    result = shell("doctor")
    assert result.exit_code == 1
    assert lines(result.output)["mail"][0] == "fail"


def test_the_password_of_the_mail_server_is_not_shown(
    app: Flask, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise smtplib.SMTPAuthenticationError(535, b"no: hush-hush")

    monkeypatch.setattr(checks, "mail_server", refuse)
    change(app, smtp_url="smtp://ana:hush-hush@127.0.0.1:25")
    output = shell("doctor").output
    assert lines(output)["mail"][1].startswith("127.0.0.1 cannot be used (SMTPAuthenticationError)")
    assert "hush" not in output


@pytest.mark.parametrize(("part", "setting"), [("cache", "redis_url"), ("broker", "celery_broker_url")])
def test_a_redis_that_does_not_answer_fails(app: Flask, shell: Shell, part: str, setting: str) -> None:
    change(app, **{setting: f"redis://:hush-hush@127.0.0.1:{closed_port()}/0"})
    result = shell("doctor")
    assert result.exit_code == 1
    assert lines(result.output)[part][0] == "fail"
    assert "hush" not in result.output


@pytest.mark.parametrize(("free_mb", "level"), [(50, "fail"), (500, "warn"), (5000, "ok")])
def test_the_disk_warns_before_it_is_full(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, free_mb: int, level: str
) -> None:
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _folder: Usage(0, 0, free_mb * 10**6))
    result = shell("doctor")
    assert lines(result.output)["disk"][0] == level
    assert result.exit_code == (1 if level == "fail" else 0)


def test_a_misspelt_name_in_env_is_a_warning_without_its_value(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("SECRETKEY=hush-hush\nAPP_NAME=Mine\n")
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    result = shell("doctor")
    assert result.exit_code == 0
    assert "warn  settings    .env names SECRETKEY, which nothing reads" in result.output
    assert "hush" not in result.output


def test_production_without_a_broker_is_a_warning(app: Flask, shell: Shell) -> None:
    change(app, env="production")
    assert lines(shell("doctor").output)["broker"][0] == "warn"


def test_a_check_that_stumbles_is_a_finding_and_the_others_go_on(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(_app: object) -> None:
        raise ZeroDivisionError("hush-hush")

    monkeypatch.setattr(checks, "features", stumble)
    result = shell("doctor")
    assert result.exit_code == 1
    assert tuple(lines(result.output)) == PARTS
    assert lines(result.output)["features"] == ("fail", "could not be checked (ZeroDivisionError). See the log.")


def test_an_instance_folder_that_cannot_be_written_fails(
    app: Flask, shell: Shell, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(checks.tempfile, "TemporaryFile", refuse)
    assert "cannot be written (Permission denied)" in lines(shell("doctor").output)["instance"][1]
