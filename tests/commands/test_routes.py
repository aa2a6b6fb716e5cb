"""`flask routes` shows who may call what, in this process and as the real program."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from enferno.access.guards import guard_of
from enferno.settings import ROOT
from tests.commands.conftest import Shell
from tests.support.databases import KEY, SALT


def test_every_route_is_listed_with_its_guard(app: Flask, shell: Shell) -> None:
    rows = [line.split() for line in shell("routes").output.splitlines()[2:]]
    listed = {(row[0], row[-1]) for row in rows}
    assert listed == {(rule.endpoint, str(guard_of(rule.endpoint, app))) for rule in app.url_map.iter_rules()}


@pytest.mark.parametrize("column", ["endpoint", "rule"])
def test_it_sorts_by_what_is_asked(shell: Shell, column: str) -> None:
    header, *rows = shell("routes", "--sort", column).output.splitlines()
    place = header.lower().index(column)
    shown = [row[place:].split("  ")[0].strip() for row in rows[1:]]
    assert shown == sorted(shown)


def test_flask_itself_runs_our_command_and_not_its_own(tmp_path: Path) -> None:
    """Flask's `routes` comes before any of an application: the real program is what proves that ours is run."""
    environ = os.environ | {"SECRET_KEY": KEY, "SECURITY_PASSWORD_SALT": SALT, "INSTANCE_PATH": str(tmp_path)}
    environ |= {"ENV": "testing", "FLASK_APP": "run.py"}
    command = [sys.executable, "-m", "flask", "routes", "--sort", "rule"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=True)
    header, _line, *rows = done.stdout.splitlines()
    assert header.split() == ["Endpoint", "Methods", "Rule", "Guard"]
    assert any(row.split() == ["public.landing", "GET", "/", "open_to_all"] for row in rows)


def test_faults_of_the_settings_are_a_list_and_no_traceback(tmp_path: Path) -> None:
    environ = os.environ | {"SECRET_KEY": "short", "BASE_URL": "nowhere", "INSTANCE_PATH": str(tmp_path)}
    environ |= {"FLASK_APP": "run.py"}
    command = [sys.executable, "-m", "flask", "doctor"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "  - BASE_URL: write an address such as https://app.example.com, without a path" in done.stderr
    assert "  - SECRET_KEY is empty or too short" in done.stderr
