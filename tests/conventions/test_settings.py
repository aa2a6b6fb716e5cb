"""Settings are declared once; what shows them agrees, and what reads them says every fault at once."""

import re
from dataclasses import fields
from io import StringIO
from pathlib import Path

import pytest
from dotenv import dotenv_values

from enferno.settings import ROOT, Settings, SettingsError
from scripts import settings as shown

FIX = "Write them anew: .venv/bin/python -m scripts.settings"
SECRETS = {"SECRET_KEY": "k" * 32, "SECURITY_PASSWORD_SALT": "s" * 16}


def faults(**environ: str) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        Settings.from_environ(environ)
    return raised.value.faults


def test_env_sample_shows_every_setting() -> None:
    assert shown.SAMPLE.read_text(encoding="utf-8") == shown.sample(), FIX


def test_the_page_of_settings_shows_every_setting() -> None:
    text = shown.PAGE.read_text(encoding="utf-8")
    assert shown.TABLE.search(text)[0] == shown.table(), FIX  # type: ignore[index]


def test_every_line_of_env_sample_is_the_default() -> None:
    """Read back as the application would read it, so that the sample cannot be right in looks alone."""
    lines = [line.removeprefix("#") if line[:2] != "# " else "" for line in shown.sample().splitlines()]
    values = {name: value or "" for name, value in dotenv_values(stream=StringIO("\n".join(lines))).items()}
    assert list(values) == [setting.name.upper() for setting in fields(Settings)]
    assert Settings.from_environ(values | SECRETS) == Settings.from_environ(SECRETS)


def test_secrets_are_empty_in_the_sample() -> None:
    lines = shown.SAMPLE.read_text(encoding="utf-8").splitlines()
    secret = [setting.name.upper() for setting in fields(Settings) if setting.metadata["secret"]]
    assert "SECRET_KEY" in secret
    for name in secret:
        assert next(line for line in lines if line.lstrip("#").startswith(f"{name}=")).endswith("=")


def test_every_setting_says_what_it_is_in_one_line() -> None:
    for setting in fields(Settings):
        about = setting.metadata["about"]
        assert 10 < len(about) < 140, f"{setting.name}: say in a line what it is"
        assert "\n" not in about


def test_every_setting_is_read_somewhere() -> None:
    """One that nobody reads would be filled in with care and do nothing."""
    own = (ROOT / "enferno" / "settings.py").read_text(encoding="utf-8")
    others = [file for file in sorted((ROOT / "enferno").rglob("*.py")) if file.name != "settings.py"]
    sources = "\n".join(file.read_text(encoding="utf-8") for file in others)
    for setting in fields(Settings):
        used = re.search(rf"\.{setting.name}\b", sources) or re.search(rf"self\.{setting.name}\b", own)
        by_name = re.search(rf"[\"']{setting.name}[\"']", sources)
        assert used or by_name, f"nothing reads {setting.name}: take it out of enferno/settings.py"


def test_all_faults_are_reported_together() -> None:
    found = faults(BASE_URL="nowhere", SESSION_IDLE_DAYS="-1", SIGNUP_OPEN="perhaps", SECRET_KEY="short")
    named = [fault.split()[0].rstrip(":") for fault in found]
    assert named == ["BASE_URL", "SIGNUP_OPEN", "SESSION_IDLE_DAYS", "SECRET_KEY", "SECURITY_PASSWORD_SALT"]


def test_production_names_everything_that_is_missing() -> None:
    found = " ".join(faults(ENV="production", **SECRETS))
    for setting in fields(Settings):
        if setting.metadata["production"] and setting.name.upper() not in SECRETS:
            assert f"{setting.name.upper()} is required in production" in found


def test_production_refuses_sqlite_and_plain_http() -> None:
    found = " ".join(faults(ENV="production", DATABASE_URL="sqlite:///x.sqlite", BASE_URL="http://app.example.com"))
    assert "DATABASE_URL names SQLite" in found
    assert "BASE_URL must begin with https://" in found


@pytest.mark.parametrize("text", ["0", "false", "no", "off", "False"])
def test_a_switch_is_off_when_it_says_so(text: str) -> None:
    """A flag read as a string would be true for "0"."""
    assert Settings.from_environ(SECRETS | {"SIGNUP_OPEN": text}).signup_open is False


@pytest.mark.parametrize(("text", "size"), [("16 MB", 16_000_000), ("500 KB", 500_000), ("12", 12), ("1gb", 10**9)])
def test_a_size_is_read_with_its_unit(text: str, size: int) -> None:
    assert Settings.from_environ(SECRETS | {"MAX_UPLOAD": text}).max_upload == size


def test_a_relative_folder_lies_in_the_repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.from_environ(SECRETS | {"INSTANCE_PATH": "elsewhere"}).instance_path == ROOT / "elsewhere"
    assert Settings.from_environ(SECRETS | {"INSTANCE_PATH": "/srv/kit"}).instance_path == Path("/srv/kit")


def test_nothing_in_a_fault_repeats_a_secret() -> None:
    found = faults(SECRET_KEY="hush-hush", DATABASE_URL="mysql://ana:hush-hush@db/x", SMTP_URL="", MAX_UPLOAD="x")
    assert "hush" not in " ".join(found)
