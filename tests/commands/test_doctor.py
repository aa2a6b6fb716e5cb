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

from enferno.app import create_app
from enferno.commands import checks, checks_in_production
from enferno.settings import Settings
from tests.billing.shops import SHOPS
from tests.commands.conftest import Shell, lines
from tests.support import databases

# The parts that look at the database are tested on both in test_doctor_database.py.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PARTS = (
    "settings",
    "database",
    "migrations",
    "clock",
    "role",
    "mail",
    "cache",
    "broker",
    "beat",
    "proxies",
    "billing",
    "assets",
    "disk",
    "instance",
    "features",
    "plans",
)
Usage = namedtuple("Usage", "total used free")


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


@pytest.mark.parametrize("key", list(SHOPS))
def test_a_provider_is_compared_and_a_key_that_it_refuses_fails(
    database: databases.Database, tmp_path: Path, key: str
) -> None:
    with SHOPS[key].opened() as account:
        app = create_app(databases.settings_for(database, tmp_path, **SHOPS[key].settings(account)))
        account.endpoints = [
            {"url": "http://localhost:5000/webhooks/stripe", "status": "enabled", "api_version": None, "id": "we_1"}
        ]

        def told() -> tuple[str, str]:
            return lines(app.test_cli_runner().invoke(args=["doctor"]).output)["billing"]

        if key == "stripe":
            assert told() == ("ok", "stripe has what plans.toml says")
        account.before = lambda _method, _path: 401
        assert told()[0] == "fail"
        assert f"{key} refuses our key. Is {key.upper()}" in told()[1]
        account.before = lambda _method, _path: 500
        assert told() == ("fail", f"{key} does not answer. Is there a way out to it from here?")
        databases.dispose(app)


def test_static_files_that_can_neither_be_found_nor_made_fail(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lines(shell("doctor").output)["assets"][0] == "ok"
    monkeypatch.setattr(checks_in_production.os, "access", lambda *_: False)
    level, told = lines(shell("doctor").output)["assets"]
    assert level == "fail"
    assert "static files were not published" in told


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
