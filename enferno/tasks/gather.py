"""Many small tasks as one: what comes within a moment is sent together, and whoever adds to it does not wait."""

import threading
from collections.abc import Callable
from typing import Any

import structlog
from kombu.utils.json import dumps

from enferno.tasks.task import Message

__all__ = ["Gathering", "together"]

log = structlog.get_logger()

PAUSE_SECONDS = 0.2
# A task may last 300 seconds, and each of these may wait ten for somebody outside.
MOST = 20


class Gathering:
    """What waits to be sent, a list for each task; a thread sends it a moment after the first was added.

    What a process has not sent when it ends is lost with it. So each has to be a row that the clock finds again.
    """

    def __init__(self, send: Callable[[Message], None]) -> None:
        self.send = send
        self.waiting: dict[str, list[Any]] = {}
        self.timer: threading.Timer | None = None
        self.lock = threading.Lock()

    def add(self, name: str, one: Any) -> None:
        with self.lock:
            self.waiting.setdefault(name, []).append(one)
            if self.timer is None:
                self.timer = threading.Timer(PAUSE_SECONDS, self.flush)
                self.timer.daemon = True
                self.timer.start()

    def flush(self) -> None:
        with self.lock:
            gathered, self.waiting, self.timer = self.waiting, {}, None
        for name, many in gathered.items():
            for start in range(0, len(many), MOST):
                try:
                    self.send(together(name, many[start : start + MOST]))
                except Exception:
                    # What was added after it must not be left out for its sake.
                    log.exception("gathered_not_sent", task=name)

    def close(self) -> None:
        timer = self.timer
        if timer is not None:
            timer.cancel()
            timer.join()


def together(name: str, many: list[Any]) -> Message:
    return Message(name, None, dumps([[many], {}]))
