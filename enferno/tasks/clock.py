"""What happens by itself: the table that Celery's beat reads, and the thread that reads it without a broker."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from enferno.tasks.task import Message

__all__ = ["SCHEDULE", "Clock"]

log = structlog.get_logger()


@dataclass(frozen=True)
class Entry:
    """A task without arguments, and how many seconds lie between its starts."""

    task: str
    seconds: float


SCHEDULE = (
    Entry("enferno.mail.delivery.drain_mail", 60),
    Entry("enferno.billing.inbox.drain_billing", 30),
    Entry("enferno.billing.closing.close_orphaned_accounts", 300),
    Entry("enferno.billing.reminders.remind_of_trials", 3600),
    Entry("enferno.billing.seats.follow_members_everywhere", 86_400),
    Entry("enferno.billing.reconcile.reconcile_daily", 86_400),
    Entry("enferno.billing.purge.purge_billing", 86_400),
    Entry("enferno.tasks.housekeeping.purge_ended_sessions", 3600),
    Entry("enferno.tasks.housekeeping.purge_sent_mail", 3600),
    Entry("enferno.tasks.housekeeping.purge_unconfirmed_accounts", 3600),
)

FIRST_SECONDS = 300


class Clock(threading.Thread):
    """Queues what is due, for as long as the process lives. Several processes may do so: the tasks bear repetition."""

    def __init__(self, send: Callable[[Message], None], schedule: tuple[Entry, ...] = SCHEDULE) -> None:
        super().__init__(name="clock", daemon=True)
        self.send = send
        # Soon for the first time: a process that is started anew every day would never reach what is daily.
        self.due = {entry: time.monotonic() + min(entry.seconds, FIRST_SECONDS) for entry in schedule}
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(max(0.0, min(self.due.values()) - time.monotonic())):
            if not threading.main_thread().is_alive():
                return  # The process is on its way out and takes no more work.
            self.tick()

    def stop(self) -> None:
        self.stopped.set()
        self.join()

    def tick(self) -> None:
        for entry, moment in self.due.items():
            if moment <= time.monotonic():
                self.due[entry] = time.monotonic() + entry.seconds
                try:
                    self.send(Message(entry.task, None, "[[], {}]"))
                except Exception:
                    # A clock that stops for one entry would stop for all, and nobody would hear of it.
                    log.exception("clock_failed", task=entry.task)
