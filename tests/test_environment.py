"""Where settings come from, and who wins: the process, a server that runs, the file `.env`."""

import os
import ssl
from pathlib import Path

import click
import pytest
from flask.cli import run_command

from enferno import environment
from enferno.environment import hand_on, served_port
from enferno.running import keep_record, newest_record
from enferno.settings import setting_names

tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of its own, and a process without settings."""
    for name in (*setting_names(), "WEATHER_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "FILE", tmp_path / ".env")
    return tmp_path


def base_url(*words: str) -> str | None:
    """What `flask run WORDS` is told."""
    with run_command.make_context("run", list(words)):
        return environment.environment().get("BASE_URL")


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ((), "http://localhost:5000"),
        (("--port", "5050"), "http://localhost:5050"),
        (("-h", "127.0.0.1"), "http://127.0.0.1:5000"),
        (("-h", "0.0.0.0"), "http://localhost:5000"),
        (("-h", "::1", "-p", "80"), "http://[::1]:80"),
        (("-h", "dev.example.com", "--cert", "tests.test_environment:tls"), "https://dev.example.com:5000"),
    ],
)
def test_flask_run_lives_where_its_options_say(words: tuple[str, ...], address: str) -> None:
    assert base_url(*words) == address


def test_port_0_is_refused_because_no_link_could_name_it() -> None:
    with pytest.raises(click.UsageError, match="Choose a port"):
        base_url("--port", "0")


def test_another_command_serves_nothing() -> None:
    assert served_port() is None
    assert "BASE_URL" not in environment.environment()


def test_an_address_that_was_chosen_is_kept(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bare / ".env").write_text("BASE_URL=https://dev.example.com\n")
    assert base_url("-p", "5050") == "https://dev.example.com"
    monkeypatch.setenv("BASE_URL", "http://localhost:9999")
    assert base_url("-p", "5050") == "http://localhost:9999"


def test_an_empty_variable_is_no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASE_URL", "")
    assert base_url("-p", "5050") == "http://localhost:5050"


def test_the_default_of_the_sample_gives_way_to_the_port_also_after_flask_has_read_the_file(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bare / ".env").write_text("BASE_URL=http://localhost:5000\n")
    monkeypatch.setenv("BASE_URL", "http://localhost:5000")
    assert base_url("-p", "5050") == "http://localhost:5050"


@pytest.mark.parametrize("env", ["production", "testing"])
def test_only_development_looks_for_a_server(bare: Path, env: str) -> None:
    record = keep_record(bare / "instance", 5050, {"BASE_URL": "http://localhost:5050"})
    assert environment.environment()["BASE_URL"] == "http://localhost:5050"
    (bare / ".env").write_text(f"ENV={env}\n")
    assert "BASE_URL" not in environment.environment()
    assert record
    record.close()


def test_the_record_of_a_server_lasts_as_long_as_the_server(bare: Path) -> None:
    assert newest_record(bare) == {}
    older, newer = (keep_record(bare, port, {"BASE_URL": str(port)}) for port in (1, 2))
    assert older
    assert newer
    os.utime(bare / "running" / "1.json", (1, 1))
    assert newest_record(bare) == {"BASE_URL": "2"}
    newer.close()
    assert newest_record(bare) == {"BASE_URL": "1"}
    older.close()
    assert newest_record(bare) == {}
    last = keep_record(bare, 3, {})
    assert [file.name for file in (bare / "running").iterdir()] == ["3.json"]
    assert last
    last.close()


def test_what_the_kit_does_not_know_is_handed_on_to_the_product(bare: Path) -> None:
    (bare / ".env").write_text('WEATHER_KEY="two words"\nAPP_NAME=Mine\n')
    try:
        hand_on(setting_names())
        assert os.environ["WEATHER_KEY"] == "two words"
        assert "APP_NAME" not in os.environ
        (bare / ".env").write_text("WEATHER_KEY=other\n")
        hand_on(setting_names())
        assert os.environ["WEATHER_KEY"] == "two words"
    finally:
        os.environ.pop("WEATHER_KEY", None)
