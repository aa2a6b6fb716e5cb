"""`./setup.sh run`: prepare, start the server, restart it when a file changes, stop it on Ctrl-C."""

import argparse
import os
import re
import select
import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

from enferno.running import keep_record
from scripts.setup import ROOT, TOLD, SetupError, box, checks, environment, say, secrets_file
from scripts.setup.child import Child
from scripts.setup.watch import Watch

__all__ = ["prepare", "run"]

# As enferno/environment.py has it.
THIS_MACHINE = re.compile(r"http://(localhost|127\.0\.0\.1)(:\d+)?/?")
POSTGRES_PINS = "requirements-postgres.txt"
LINT_PINS = "requirements-lint.txt"


def prepare(choices: argparse.Namespace) -> int:
    """Everything but the server."""
    make_ready(choices, LINT_PINS)
    with Database(choices.postgres) as database:
        command = [str(environment.PYTHON), "-m", "scripts.setup.serve", *demo(choices)]
        code = subprocess.run(command, cwd=ROOT, env=os.environ | database.addresses, check=False).returncode
        if code == TOLD:
            return 1
        if code:
            raise SetupError("The database could not be prepared: the reason is above.")
    say("Ready. Start it with ./setup.sh run")
    return 0


def run(choices: argparse.Namespace) -> int:
    # The port first: who chose a taken one should not wait for an installation to hear it.
    with checks.free_port(choices.port) as listener:
        make_ready(choices)
        if secrets_file.from_file("ENV") == "production":
            raise SetupError("ENV is production: this server is for development, see docs/deployment.md.")
        with Database(choices.postgres) as database:
            return Server(listener, choices, database.addresses).run()


def make_ready(choices: argparse.Namespace, *more: str) -> None:
    checks.writable()
    # Accounts and mails lie in it: nobody else on this machine need look.
    (ROOT / "instance").mkdir(mode=0o700, exist_ok=True)
    environment.install(*([POSTGRES_PINS] if choices.postgres else []), *more)
    secrets_file.write_once()


def install_linters() -> None:
    """Ruff and mypy, which nobody waits for at the first sight. What goes wrong here, ./setup.sh says."""
    with suppress(SetupError, OSError):
        environment.install(LINT_PINS, quiet=True)


def demo(choices: argparse.Namespace) -> list[str]:
    return ["--no-demo"] if choices.no_demo else []


class Database:
    """The embedded PostgreSQL for as long as it is needed, or nothing: SQLite, or what .env says."""

    def __init__(self, postgres: bool) -> None:
        self.postgres = Child("scripts.setup.postgres") if postgres else None
        self.addresses: dict[str, str] = {}

    def __enter__(self) -> "Database":
        if self.postgres:
            if " " in str(ROOT):
                raise SetupError("--postgres needs a folder without spaces in its path: move the clone.")
            self.postgres.start()
            told = self.postgres.wait_for_word()
            if not told:
                self.postgres.stop()
                raise SetupError("PostgreSQL did not start: the reason is above, and in instance/postgres/log.")
            owner, application = told.split()
            self.addresses = {"MIGRATION_DATABASE_URL": owner, "DATABASE_URL": application}
        return self

    def __exit__(self, *_: object) -> None:
        if self.postgres:
            self.postgres.stop()


class Server:
    """The application in a process of its own, so that a fault in a changed file ends only that process."""

    def __init__(self, listener: socket.socket, choices: argparse.Namespace, addresses: dict[str, str]) -> None:
        self.port = listener.getsockname()[1]
        self.watch = None if choices.no_reload else Watch()
        self.settings = addresses | self.base_url()
        number = listener.fileno()
        self.child = Child(
            "scripts.setup.serve",
            *demo(choices),
            f"--socket={number}",
            environ=self.settings | ({"FLASK_DEBUG": "1"} if choices.debug else {}),
            keep=number,
        )

    def base_url(self) -> dict[str, str]:
        """Where mails point: this port, unless the environment says otherwise, or .env names another host."""
        told = secrets_file.from_file("BASE_URL") or ""
        chosen = told if os.environ.get("BASE_URL") else told and not THIS_MACHINE.fullmatch(told)
        return {} if chosen else {"BASE_URL": f"http://localhost:{self.port}"}

    def run(self) -> int:
        """Serve until a signal comes; the box is printed when the first answer is possible. The exit code."""
        # Kept for as long as this process lives: the worker, beat and each `flask` take it over from here.
        given = {"BASE_URL": address} if (address := os.environ.get("BASE_URL")) else {}
        record = keep_record(secrets_file.instance(), self.port, self.settings | given)
        try:
            self.child.start()
            if not self.child.wait_for_word():
                if self.child.code == TOLD:
                    return 1
                raise SetupError("The server did not start: the reason is above.")
            say(box.announce(self.port, ROOT / "instance" / "demo-credentials.json"))
            threading.Thread(target=install_linters, daemon=True).start()
            while True:
                self.restart(self.wait_for_change())
        except KeyboardInterrupt:
            # The way to end it, and so no failure.
            say("\nStopping.")
            return 0
        finally:
            self.child.stop()
            if record:
                record.close()

    def wait_for_change(self) -> Path:
        told = False
        while True:
            select.select([], [], [], 0.5)
            if not self.child.runs and not told:
                told = True
                say("The server stopped. It starts again when a file changes; Ctrl-C ends.")
                if self.watch is None:
                    raise SetupError("The server stopped: the reason is above.")
            if self.watch and (changed := self.watch.change()):
                return changed

    def restart(self, changed: Path) -> None:
        say(f"{changed} changed: restarting.")
        self.child.stop()
        self.child.start()
