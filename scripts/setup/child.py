"""A process that this one starts, hears one word from when it is ready, and never leaves behind."""

import os
import signal
import subprocess

from scripts.setup import ROOT, environment

__all__ = ["Child"]

PATIENCE_SECONDS = 10


class Child:
    """`python -m module` in a session of its own: Ctrl-C reaches its parent alone, which then stops it in order.

    Its standard input is a pipe that this process holds: should this process be killed outright, the pipe
    closes and the child leaves by itself. Its word comes through a second pipe, named in READY_FD.
    """

    def __init__(self, module: str, *words: str, environ: dict[str, str] | None = None, keep: int = -1) -> None:
        self.command = [str(environment.PYTHON), "-m", module, *words]
        self.environ = environ or {}
        self.kept = [keep] if keep >= 0 else []
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.ready, write = os.pipe()
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=os.environ | self.environ | {"READY_FD": str(write)},
            stdin=subprocess.PIPE,
            pass_fds=(write, *self.kept),
            start_new_session=True,
        )
        os.close(write)

    def wait_for_word(self) -> str:
        """What the child says when it is ready; empty when it ended instead."""
        with os.fdopen(self.ready, closefd=False) as pipe:
            return pipe.readline().strip()

    @property
    def code(self) -> int:
        """The exit code of a child that is on its way out."""
        return self.process.wait(PATIENCE_SECONDS) if self.process else 0

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        if self.process is None:
            return
        if self.runs:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
        os.close(self.ready)
        self.process = None
