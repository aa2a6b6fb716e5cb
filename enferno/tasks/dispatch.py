"""Where a task goes: to the broker, or without one to a thread of this process; in tests it is done at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from flask import Flask

from enferno.outage import Outage
from enferno.settings import current_settings
from enferno.tasks.clock import Clock
from enferno.tasks.gather import Gathering, together
from enferno.tasks.task import TASKS, Message, perform

if TYPE_CHECKING:
    from celery import Celery

__all__ = ["Dispatcher", "dispatcher_for"]

log = structlog.get_logger()

LONGEST_PAUSE_SECONDS = 600


class Dispatcher(Protocol):
    def send(self, message: Message) -> None: ...

    def gather(self, name: str, one: Any) -> None:
        """Send it soon, in one message with others like it."""

    def start_clock(self) -> None: ...

    def check(self) -> None:
        """Raise unless what is sent now would reach somebody who does it."""

    def close(self) -> None:
        """End the threads of this process, after what they have begun; nothing is sent any more."""


def dispatcher_for(app: Flask) -> Dispatcher:
    settings = current_settings(app)
    if settings.celery_broker_url:
        # Without a broker nobody waits for Celery to be read.
        from enferno.tasks.broker import broker_connection

        return Broker(app, broker_connection(settings))
    return AtOnce(app) if settings.env == "testing" else InProcess(app)


def pause(tried: int) -> int:
    """Seconds to wait before the next try: 2, 4, 8, ... at most ten minutes."""
    return min(2 ** (tried + 1), LONGEST_PAUSE_SECONDS)


class AtOnce:
    """For tests: done when the commit is, so that a test sees the effect on the next line."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def send(self, message: Message) -> None:
        perform(self.app, message)

    def gather(self, name: str, one: Any) -> None:
        self.send(together(name, [one]))

    def start_clock(self) -> None:
        return

    def check(self) -> None:
        return

    def close(self) -> None:
        return


class InProcess:
    """Without a broker: two threads of this process. What they have not begun is lost with the process.

    So whatever must not get lost is a row as well (a mail, for one), which the clock finds again.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.threads: ThreadPoolExecutor | None = None
        self.clock: Clock | None = None
        self.waiting: set[threading.Timer] = set()
        self.lock = threading.Lock()
        self.gathering = Gathering(self.send)
        self.gather = self.gathering.add

    def send(self, message: Message) -> None:
        with self.lock:
            # Made on first use, hence after a server's fork: threads do not survive one.
            self.threads = self.threads or ThreadPoolExecutor(2, thread_name_prefix="task")
        self.threads.submit(self.attempt, message, 0)

    def attempt(self, message: Message, tried: int) -> None:
        try:
            perform(self.app, message)
        except Exception:
            log.exception("task_failed", task=message.name, tried=tried)
            if tried < TASKS[message.name].retries:
                self.try_again(message, tried + 1)

    def try_again(self, message: Message, tried: int) -> None:
        def attempt() -> None:
            self.attempt(message, tried)
            self.waiting.discard(timer)

        timer = threading.Timer(pause(tried - 1), attempt)
        timer.daemon = True
        self.waiting.add(timer)
        timer.start()

    def start_clock(self) -> None:
        if self.clock is None:
            with self.lock:
                if self.clock is None:
                    self.clock = Clock(self.send)
                    self.clock.start()

    def check(self) -> None:
        return

    def close(self) -> None:
        if self.clock:
            self.clock.stop()
        self.gathering.close()
        if self.threads:
            self.threads.shutdown(cancel_futures=True)
        # Only now: what was still running may have failed, and be waiting for its next try.
        for timer in list(self.waiting):
            timer.cancel()
            timer.join()


class Broker:
    """Celery's broker. Should it not answer within a second, this process does the task itself."""

    def __init__(self, app: Flask, connection: "Celery") -> None:
        from kombu.exceptions import OperationalError

        self.celery = connection
        self.unreachable = (OSError, OperationalError, *connection.connection().connection_errors)
        self.instead = InProcess(app)
        self.away = Outage()
        self.gathering = Gathering(self.send)
        self.gather = self.gathering.add

    def send(self, message: Message) -> None:
        if self.away:
            self.instead.send(message)
            return
        try:
            workspace = str(message.workspace_id) if message.workspace_id else None
            self.celery.send_task(message.name, (workspace, message.arguments), retry=False)
        except self.unreachable as fault:
            self.away.begin()
            log.warning("broker_unreachable", task=message.name, error=type(fault).__name__)
            self.instead.send(message)

    def start_clock(self) -> None:
        """Beat is the clock where there is a broker."""

    def check(self) -> None:
        with self.celery.connection_for_write() as connection:
            connection.connect()

    def close(self) -> None:
        self.gathering.close()
        self.instead.close()
