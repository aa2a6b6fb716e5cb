"""Where lines of the log end up, and what else a process would write beside them."""

import io
import logging
import sys
import threading
from contextlib import suppress
from typing import Any, TextIO

import structlog

__all__ = ["SteadyLogger", "log_everything", "log_stream"]


class SteadyLogger(structlog.PrintLogger):
    """Writes lines, or does not: nobody is refused because the disk behind the log is full (cases/faults, 13)."""

    def msg(self, message: str) -> None:
        """Write a line if there is room for it."""
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = fatal = failure = err = error = critical = exception = msg


class Printed(io.TextIOBase):
    """In place of a standard stream: each line that somebody prints is an event. `behind` is the stream itself."""

    def __init__(self, behind: TextIO) -> None:
        self.behind = behind
        self.begun = ""

    def write(self, text: str) -> int:
        *whole, self.begun = (self.begun + text).split("\n")
        for line in whole:
            if line.strip():
                structlog.get_logger().info("printed", text=line)
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.behind.fileno()

    def isatty(self) -> bool:
        return False


def log_stream() -> TextIO:
    """Where lines of the log are written: standard error, also where what is printed there is logged."""
    return sys.stderr.behind if isinstance(sys.stderr, Printed) else sys.stderr


def log_everything() -> None:
    """From now on whatever this process says is an event: what is printed, and what ends it or a thread of it."""
    if not isinstance(sys.stderr, Printed):
        sys.stdout, sys.stderr = Printed(sys.stdout), Printed(sys.stderr)
    log = structlog.get_logger()

    def ended(kind: type[BaseException], fault: BaseException, trace: Any) -> None:
        log.critical("process_failed", exc_info=(kind, fault, trace))

    def thread_ended(left: threading.ExceptHookArgs) -> None:
        if left.exc_value is not None and left.exc_type is not SystemExit:
            name = left.thread.name if left.thread else ""
            log.error("thread_failed", thread=name, exc_info=(left.exc_type, left.exc_value, left.exc_traceback))

    sys.excepthook, threading.excepthook = ended, thread_ended
    logging.captureWarnings(True)
