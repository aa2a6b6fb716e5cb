"""An application that is disposed of leaves no thread behind that works on."""

import threading
from dataclasses import replace

from enferno.app import create_app
from enferno.extensions import db
from enferno.tasks import maintenance
from tests.support import databases

begun, go_on = threading.Event(), threading.Event()


def names():
    return {thread.name for thread in threading.enumerate() if thread.name.startswith(("clock", "task"))}


def test_closing_ends_the_clock_the_tasks_and_what_would_be_tried_again(settings):
    @maintenance(retries=5)
    def fail_after_a_while() -> None:
        begun.set()
        go_on.wait(10)
        raise LookupError

    app = create_app(replace(settings, env="development"))
    try:
        app.test_client().get("/healthz")
        with app.app_context():
            fail_after_a_while.queue()
            db.session.commit()
        assert begun.wait(10)
        assert {"clock"} < names()
        go_on.set()
    finally:
        databases.dispose(app)
    assert not names()
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer) and thread.is_alive()]
