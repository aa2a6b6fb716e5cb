"""Where lines of the log end up."""

from contextlib import suppress

import structlog

__all__ = ["SteadyLogger"]


class SteadyLogger(structlog.PrintLogger):
    """Writes lines, or does not: nobody is refused because the disk behind the log is full (cases/faults, 13)."""

    def msg(self, message: str) -> None:
        """Write a line if there is room for it."""
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = fatal = failure = err = error = critical = exception = msg
