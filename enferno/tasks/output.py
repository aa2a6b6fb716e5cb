"""What Celery's programs say, as events of our log: they would write banners, and wrap our lines into theirs.

https://docs.celeryq.dev/en/stable/userguide/signals.html#setup-logging
"""

import json
import logging
import os
from datetime import UTC, datetime
from typing import Any

import structlog
from billiard.util import get_logger as logger_of_processes
from celery import Celery, signals
from celery.apps import beat, worker

from enferno.log_lines import log_everything

__all__ = ["speak_in_events"]

log = structlog.get_logger()

STANDARD_ERROR = 2


class QuietWorker(worker.Worker):
    """Celery's worker, without its banner."""

    def emit_banner(self) -> None:
        log.info("worker_starting", concurrency=self.concurrency)


class QuietBeat(beat.Beat):
    """Celery's clock, without its banner."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"quiet": True})
        log.info("beat_starting")


def speak_in_events(celery: Celery) -> None:
    """Let the worker and beat of this Celery write nothing but events of JSON."""
    log_everything()
    signals.setup_logging.connect(keep_our_logging, weak=False)
    celery.Worker = celery.subclass_with_self(QuietWorker)
    celery.Beat = celery.subclass_with_self(QuietBeat)
    worker.safe_say = say


def keep_our_logging(**_signal: Any) -> None:
    """Being asked for is all: Celery sets up nothing of its own then. The pool's logger would go a way of its own."""
    pool = logger_of_processes()
    pool.propagate = True
    pool.setLevel(logging.WARNING)


def say(message: str, _file: Any = None) -> None:
    """Celery says this from within a handler of signals, where nothing may be waited for: one write, past all locks."""
    line = {"event": message, "level": "info", "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z")}
    os.write(STANDARD_ERROR, f"{json.dumps(line)}\n".encode())
