"""What comes in crowds is sent together, and whoever adds to it waits for nobody."""

import threading

from kombu.utils.json import loads

from enferno.tasks import gather
from enferno.tasks.gather import MOST, Gathering
from tests.support.servers import until


def sent_of(messages):
    return [(message.name, loads(message.arguments)[0][0]) for message in messages]


def test_what_is_gathered_within_a_moment_is_one_message_for_each_task():
    sent = []
    gathering = Gathering(sent.append)
    for name, one in (("a", 1), ("b", 2), ("a", 3)):
        gathering.add(name, one)
    until(lambda: len(sent) == 2, "what was gathered")
    assert sent_of(sent) == [("a", [1, 3]), ("b", [2])]


def test_a_message_is_never_longer_than_a_task_may_last():
    sent = []
    gathering = Gathering(sent.append)
    for one in range(MOST + 1):
        gathering.add("a", one)
    until(lambda: len(sent) == 2, "what was gathered")
    assert sent_of(sent) == [("a", list(range(MOST))), ("a", [MOST])]


def test_whoever_adds_does_not_wait_while_something_is_being_sent():
    sent, go_on = [], threading.Event()
    gathering = Gathering(lambda message: (go_on.wait(10), sent.append(message)))
    gathering.add("a", 1)
    until(lambda: gathering.timer is None, "what was gathered")
    gathering.add("a", 2)
    assert sent == []
    go_on.set()
    until(lambda: len(sent) == 2, "what was gathered")
    assert sent_of(sent) == [("a", [1]), ("a", [2])]


def test_what_cannot_be_sent_takes_nothing_else_with_it():
    sent = []

    def send(message):
        if message.name == "a":
            raise RuntimeError("no")
        sent.append(message)

    gathering = Gathering(send)
    gathering.add("a", 1)
    gathering.add("b", 2)
    until(lambda: sent, "what was gathered")
    assert sent_of(sent) == [("b", [2])]


def test_nothing_is_sent_any_more_by_what_was_closed(monkeypatch):
    monkeypatch.setattr(gather, "PAUSE_SECONDS", 60)
    sent = []
    gathering = Gathering(sent.append)
    gathering.add("a", 1)
    timer = gathering.timer
    gathering.close()
    assert not timer.is_alive()
    assert sent == []
