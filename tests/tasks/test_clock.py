"""What happens by itself without a broker: queued when it is due, and one trouble does not stop the rest."""

import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from enferno.app import create_app
from enferno.settings import Settings
from enferno.tasks.clock import SCHEDULE, Clock, Entry
from enferno.tasks.task import TASKS, Message

SOON, LATER = Entry("soon", 60), Entry("later", 3600)


def test_an_entry_is_sent_when_it_is_due_and_again_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    moment = [0.0]
    monkeypatch.setattr("enferno.tasks.clock.time", SimpleNamespace(monotonic=lambda: moment[0]))
    clock = Clock(lambda message: sent.append(message.name), (SOON, LATER))
    clock.tick()
    assert sent == []
    moment[0] = 60
    clock.tick()
    clock.tick()
    assert sent == ["soon"]
    moment[0] = 240
    clock.tick()
    assert sent == ["soon", "soon"]


def test_what_is_rare_is_sent_soon_after_the_start_and_then_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    moment = [0.0]
    monkeypatch.setattr("enferno.tasks.clock.time", SimpleNamespace(monotonic=lambda: moment[0]))
    clock = Clock(lambda message: sent.append(message.name), (LATER,))
    for moment[0] in (299, 300, 300 + 3599, 300 + 3600):
        clock.tick()
        sent.append("-")
    assert sent == ["-", "later", "-", "-", "later", "-"]


def test_what_cannot_be_sent_does_not_keep_the_others() -> None:
    sent: list[str] = []

    def send(message: Message) -> None:
        if message.name == "soon":
            raise RuntimeError("no thread for it")
        sent.append(message.name)

    clock = Clock(send, (SOON, LATER))
    clock.due = dict.fromkeys(clock.due, time.monotonic())
    clock.tick()
    assert sent == ["later"]


def test_everything_on_the_schedule_is_a_task(tmp_path: Path) -> None:
    create_app(Settings(env="testing", secret_key="x" * 40, security_password_salt="x" * 40, instance_path=tmp_path))

    assert {entry.task for entry in SCHEDULE} <= set(TASKS)
