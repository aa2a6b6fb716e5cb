"""The pieces of `./setup.sh`, each with a folder or a machine made up for it."""

import argparse
import errno
import io
import os
import shutil
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from enferno.settings import ROOT
from scripts.setup import SetupError, __main__, box, checks, environment, postgres, run, secrets_file, tests
from scripts.setup.watch import Watch


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """setup.sh is its own process and takes the signals; here they belong to pytest."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def script(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


# --- the search for a Python ------------------------------------------------------------------------------------


def setup_sh(tmp_path: Path, *words: str, path: Path) -> "subprocess.CompletedProcess[str]":
    """setup.sh in a folder without a .venv, with nothing but `path` to find programs in."""
    shutil.copy2(ROOT / "setup.sh", tmp_path / "setup.sh")
    for tool in ("dirname",):
        (path / tool).symlink_to(shutil.which(tool) or tool)
    return subprocess.run(
        ["/bin/sh", "./setup.sh", *words],
        cwd=tmp_path,
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_an_old_python_is_one_line_that_says_which_is_needed(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    script(tools, "python3", 'case "$2" in *version_info*) exit 1;; *) echo 3.9.2;; esac')
    done = setup_sh(tmp_path, "run", path=tools)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("setup.sh: Python 3.11 or newer is needed, python3 is 3.9.2: ")
    assert done.stderr.count("\n") == 1


def test_no_python_at_all_is_one_line(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    done = setup_sh(tmp_path, "run", path=tools)
    assert done.returncode == 1
    assert "there is no python3: install it" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_newer_python_beside_an_old_one_is_found(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    script(tools, "python3", "exit 1")
    script(tools, "python3.13", 'case "$1" in -m) echo "ran $@";; esac')
    done = setup_sh(tmp_path, "run", "--port", "5150", path=tools)
    assert done.stdout == "ran -m scripts.setup run --port 5150\n"


# --- the command line -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["start"], "invalid choice"),
        (["run", "--port", "http"], "http is no port, which is a number from 1 to 65535"),
        (["run", "--port", "70000"], "70000 is no port"),
        (["run", "--prot", "5000"], "--prot"),
    ],
)
def test_a_wrong_word_is_one_line(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.guarded(words) == 1
    shown = capsys.readouterr()
    assert told in shown.err
    assert shown.err.startswith("setup.sh: ")
    assert shown.err.count("\n") == 1


def test_what_follows_test_belongs_to_pytest() -> None:
    assert __main__.arguments(["test", "-k", "port", "--port"]).rest == ["-k", "port", "--port"]


def test_an_error_of_the_system_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_words: list[str]) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", "/srv/kit/.env")

    monkeypatch.setattr(__main__, "main", full)
    assert __main__.guarded([]) == 1
    assert capsys.readouterr().err == "setup.sh: The disk of /srv/kit/.env is full: make room and start again.\n"


# --- what is asked of the machine -------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(**_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(checks.tempfile, "TemporaryFile", read_only)
    with pytest.raises(SetupError, match=r"cannot be written.*clone into a folder of your own"):
        checks.writable(tmp_path)


def test_a_disk_without_room_is_told_before_the_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=100 * 10**6))
    with pytest.raises(SetupError, match="100 MB free, 600 MB are needed"):
        checks.room_to_install(tmp_path)


def test_a_taken_port_says_which_flag_chooses_another() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(SetupError, match=r"Port \d+ is taken: .* --port"):
            checks.free_port(other.getsockname()[1])


def test_without_a_wish_the_first_free_port_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr(checks, "FIRST_PORT", other.getsockname()[1])
        with checks.free_port(None) as found:
            assert found.getsockname()[1] > other.getsockname()[1]


def test_the_port_is_asked_before_anything_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "make_ready", lambda _choices: pytest.fail("too late"))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(SetupError, match="is taken"):
            run.run(argparse.Namespace(port=other.getsockname()[1], postgres=False, no_demo=False, no_reload=True))


# --- .env -------------------------------------------------------------------------------------------------------


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(secrets_file, "ENV_FILE", tmp_path / ".env")
    return tmp_path / ".env"


def value(text: str, name: str) -> str:
    return next(line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{name}="))


def test_env_is_the_sample_with_secrets_for_its_owner_alone(env_file: Path) -> None:
    secrets_file.write_once()
    text = env_file.read_text()
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    assert len(value(text, "SECRET_KEY")) >= 48
    assert len(value(text, "SECURITY_PASSWORD_SALT")) >= 24
    without = [line for line in text.splitlines() if not line.startswith(("SECRET_KEY=", "SECURITY_PASSWORD_SALT="))]
    sample = (ROOT / ".env-sample").read_text().splitlines()
    assert without == [line for line in sample if not line.startswith(("SECRET_KEY=", "SECURITY_PASSWORD_SALT="))]


def test_every_clone_gets_other_secrets(env_file: Path) -> None:
    secrets_file.write_once()
    first = env_file.read_text()
    env_file.unlink()
    secrets_file.write_once()
    assert value(env_file.read_text(), "SECRET_KEY") != value(first, "SECRET_KEY")


def test_an_env_that_is_there_is_never_touched(env_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    env_file.write_text("mine")
    secrets_file.write_once()
    assert env_file.read_text() == "mine"
    assert capsys.readouterr().out == ""


def test_the_environment_wins_over_the_file(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env_file.write_text("ENV='production'\n#BASE_URL=http://x\n")
    monkeypatch.delenv("ENV", raising=False)
    monkeypatch.delenv("BASE_URL", raising=False)
    assert secrets_file.from_file("ENV") == "production"
    assert secrets_file.from_file("BASE_URL") is None
    monkeypatch.setenv("ENV", "development")
    assert secrets_file.from_file("ENV") == "development"


# --- .venv ------------------------------------------------------------------------------------------------------


MAKE_ENVIRONMENT = environment.make_environment


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with pins and an environment that has them."""
    for name in ("requirements.txt", "requirements-postgres.txt"):
        (tmp_path / name).write_text(f"{name}==1 \\\n    --hash=sha256:00\npyuwsgi==2.0.30 \\\n    --hash=sha256:11\n")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    (tmp_path / "instance").mkdir()
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(environment, "STAMP", tmp_path / ".venv" / "installed")
    monkeypatch.setattr(environment, "LOG", tmp_path / "instance" / "setup.log")
    monkeypatch.setattr(environment, "make_environment", lambda: None)
    monkeypatch.setattr(environment, "installers", lambda: iter([["pip-of-the-test"]]))
    return tmp_path


def commands_run(monkeypatch: pytest.MonkeyPatch, code: int = 0) -> list[list[str]]:
    ran: list[list[str]] = []
    monkeypatch.setattr(environment, "run", lambda command: ran.append(command) or code)
    return ran


def test_packages_are_installed_once_and_again_only_when_the_pins_change(
    venv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = commands_run(monkeypatch)
    environment.install()
    environment.install()
    assert ran == [["pip-of-the-test", "requirements.txt"]]
    (venv / "requirements.txt").write_text("changed==2 --hash=sha256:22\n")
    environment.install("requirements-postgres.txt")
    assert ran[1:] == [["pip-of-the-test", "requirements.txt"], ["pip-of-the-test", "requirements-postgres.txt"]]


def test_the_environment_is_made_once_and_not_emptied_under_the_server(
    venv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The linters are installed by a process that has made .venv and does not run in it."""
    ran = commands_run(monkeypatch)
    monkeypatch.setattr(environment, "make_environment", MAKE_ENVIRONMENT)
    monkeypatch.setattr(environment, "made", [])
    monkeypatch.setattr(environment, "VENV", venv / ".venv")
    environment.make_environment()
    environment.make_environment()
    assert [command[1:4] for command in ran] == [["-m", "venv", "--clear"]]


def test_nobody_waits_for_the_linters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """./setup.sh run shows where the product is, and installs them then; ./setup.sh installs them with the rest."""
    told: list[str] = []
    monkeypatch.setattr(run, "Child", lambda *_words, **_more: SimpleNamespace(
        start=lambda: None, stop=lambda: None, wait_for_word=lambda: "ready", runs=True))  # fmt: skip
    monkeypatch.setattr(run, "say", lambda line: told.append(line.strip()))
    monkeypatch.setattr(run.box, "announce", lambda *_: "the box")
    monkeypatch.setattr(run.threading, "Thread", lambda target, daemon: SimpleNamespace(start=target))
    monkeypatch.setattr(run.secrets_file, "instance", lambda: tmp_path)
    monkeypatch.setattr(run.environment, "install", lambda *files, **_more: told.extend(files))
    choices = argparse.Namespace(port=None, postgres=False, no_demo=False, no_reload=True, debug=False)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = run.Server(listener, choices, {})
        monkeypatch.setattr(server, "wait_for_change", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
        assert server.run() == 0
    assert told == ["the box", "requirements-lint.txt", "Stopping."]


def test_where_uwsgi_cannot_be_built_everything_else_is_installed(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(environment, "run", lambda command: ran.append(command) or int(len(ran) == 1))
    environment.install()
    without = Path(ran[1][-1])
    assert without.read_text() == "requirements.txt==1 \\\n    --hash=sha256:00\n"


def test_a_failed_installation_gives_the_installers_last_reason(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_command: list[str]) -> int:
        environment.LOG.write_text("$ pip\nCollecting\nERROR: No matching distribution for x==1\n")
        return 1

    monkeypatch.setattr(environment, "run", fail)
    with pytest.raises(
        SetupError, match=r"No matching distribution for x==1\); the whole of it is in instance/setup.log"
    ):
        environment.install()
    assert not environment.STAMP.exists()


# --- the box, the watch, the tests' needs -----------------------------------------------------------------------


def test_the_box_shows_the_address_and_both_sign_ins(tmp_path: Path) -> None:
    file = tmp_path / "demo-credentials.json"
    file.write_text(
        '{"superadmin": {"email": "a@b.co", "password": "p1"}, "member": {"email": "m@b.co", "password": "p2"}}'
    )
    text = box.announce(5150, file)
    assert "http://localhost:5150" in text
    assert "Superadmin   a@b.co  p1" in text
    assert "Demo member  m@b.co  p2" in text
    assert len({len(line) for line in text.splitlines()}) == 1


def test_without_credentials_the_box_says_how_to_make_the_first_person(tmp_path: Path) -> None:
    assert ".venv/bin/flask create -e EMAIL -p PASSWORD --super-admin" in box.announce(5150, tmp_path / "none.json")


def test_the_box_is_drawn_in_ascii_where_lines_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box.sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert box.frame(["x"]) == "+---+\n| x |\n+---+"


def test_a_changed_a_new_and_a_removed_file_are_seen_and_others_are_not(tmp_path: Path) -> None:
    (tmp_path / "enferno" / "static" / "vendor").mkdir(parents=True)
    watch = Watch(tmp_path)
    assert watch.change() is None
    (tmp_path / "enferno" / "new.py").write_text("1")
    assert watch.change() == Path("enferno/new.py")
    os.utime(tmp_path / "enferno" / "new.py", (1, 1))
    assert watch.change() == Path("enferno/new.py")
    (tmp_path / "enferno" / "new.py").unlink()
    assert watch.change() == Path("enferno/new.py")
    (tmp_path / "enferno" / "static" / "vendor" / "x.js").write_text("1")
    (tmp_path / "notes.py").write_text("1")
    assert watch.change() is None


def test_a_missing_program_is_one_line_with_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tests, "missing_packages", lambda: ["chromium", "nginx"])
    monkeypatch.setattr(tests.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(tests.shutil, "which", lambda *_args, **_more: "/usr/bin/apt-get")
    with pytest.raises(SetupError, match=r"^The tests need more programs: sudo apt-get install chromium nginx$"):
        tests.see_to_programs()


def test_root_installs_what_is_missing_without_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [["chromium"], []]
    asked: list[list[str]] = []
    monkeypatch.setattr(tests, "missing_packages", lambda: wanted.pop(0))
    monkeypatch.setattr(tests.os, "geteuid", lambda: 0)
    monkeypatch.setattr(tests, "apt_get", asked.append)
    monkeypatch.setattr(tests.shutil, "which", lambda *_args, **_more: "/usr/bin/apt-get")
    tests.see_to_programs()
    assert asked == [["chromium"]]


@pytest.mark.parametrize(
    ("words", "spread"),
    [([], True), (["-x", "-q"], True), (["tests/api"], False), (["-n", "4"], False), (["--pdb"], False)],
)
def test_all_tests_are_spread_over_two_processes_and_a_chosen_few_are_not(words: list[str], spread: bool) -> None:
    assert bool(tests.workers(words)) is spread


def test_the_address_in_mails_follows_the_port_unless_another_host_was_chosen(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BASE_URL", raising=False)
    server = SimpleNamespace(port=5150)
    for told, expected in (
        ("", {"BASE_URL": "http://localhost:5150"}),
        ("BASE_URL=http://localhost:5000\n", {"BASE_URL": "http://localhost:5150"}),
        ("BASE_URL=https://dev.example.com\n", {}),
    ):
        env_file.write_text(told)
        assert run.Server.base_url(server) == expected  # type: ignore[arg-type]


def test_a_killed_run_is_forgotten_as_a_user_of_the_database(tmp_path: Path) -> None:
    handles = tmp_path / ".handle_pids.json"
    handles.write_text(f"[{os.getpid()}, 999999999]")
    postgres.forget_the_dead(handles)
    assert handles.read_text() == f"[{os.getpid()}]"
