"""A4: whatever anyone may ask for costs about as much as a page, or is limited."""

import itertools
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest

from enferno.access.guards import open_to_all, provider_signed
from enferno.extensions import limiter
from tests.isolation.interface import Targets
from tests.support.stage import Stage, stage_on
from tests.support.visitor import Visitor, block_of, link_in, mails_of
from tests.support.world import PASSWORD, make_person

ADA, NEW = "ada@example.com", "nora@new.example.com"
# What is dearer than so many landing pages keeps a processor busy for others to wait; a password hashed is about ten.
DEAR = 5
# So often may anyone ask for what is dear, before there is an end of it.
ENOUGH = 110
OPEN = {str(open_to_all), str(provider_signed)}


@pytest.fixture(scope="module")
def standing_stage(tmp_path_factory) -> Iterator[Stage]:
    with stage_on("sqlite", tmp_path_factory.mktemp("stage")) as found:
        yield found


@pytest.fixture
def app(stage):
    shutil.rmtree(stage.app.extensions["settings"].instance_path / "outbox", ignore_errors=True)
    make_person(stage.app, ADA)
    return stage.app


@pytest.fixture
def links(app) -> dict[str, str]:
    """Links that are good: of a reset, and of a sign-up that waits to be confirmed."""
    visitor = Visitor(app)
    visitor.submit("/reset", email=ADA)
    visitor.sign_up(NEW)
    found = {"/reset/": link_in(mails_of(app, ADA)[0], "/reset/"), "/confirm/": link_in(mails_of(app, NEW)[0], "/conf")}
    with app.app_context():
        limiter.reset()
    return found


def seconds(ask: Any, times: int = 4) -> float:
    """Of this thread's processor, at the best of a few tries."""
    took = []
    for _ in range(times):
        began = time.thread_time()
        ask()
        took.append(time.thread_time() - began)
    return min(took)


def asking(stage: Stage, links: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """Every open door with whatever it takes: good links, good forms with a wrong password, a body of a megabyte."""
    targets = Targets(stage)
    for route in targets.routes:
        if route.guard not in OPEN or route.is_of_this_machine:
            continue
        path = next((link for part, link in links.items() if route.path == f"{part}{{token}}"), None)
        path = path or targets.path(route, None, stage.world.acme)
        if route.method != "POST":
            visitor = Visitor(stage.app)
            yield str(route), lambda v=visitor, p=path, m=route.method: v.client.open(p, method=m, **v.base)
            continue
        for name, form in FORMS.items():
            visitor = Visitor(stage.app)
            token = visitor.csrf()
            yield f"{route} {name}", lambda v=visitor, p=path, t=token, f=form: v.submit(p, t, **f())
        headers = {"Stripe-Signature": f"t={int(time.time())},v1=00", "Authorization": "Basic eDp5"}
        for content_type, body in BODIES.items():
            sent = {"data": body, "content_type": content_type, "headers": headers}
            yield f"{route} {content_type}", lambda p=path, s=sent: stage.app.test_client().post(p, **s)


NUMBERS = itertools.count()
FORMS: dict[str, Any] = {
    "unknown": lambda: {"email": f"p{next(NUMBERS)}@example.com", "name": "Nora", "password": "a weak one"},
    "known": lambda: {"email": ADA, "name": "Nora", "password": "qwerty123456"},
    "new": lambda: {"email": f"p{next(NUMBERS)}@example.com", "name": "Nora", "password": PASSWORD},
    "long": lambda: {"email": "é" * 1_999, "name": "ab1 " * 499, "password": "é" * 1_999, "next": "/" * 1_999},
}
BODIES = {
    "application/json": b"[" * 990_000,
    "application/x-www-form-urlencoded": b"email=" + b"%C3%A9" * 160_000,
    "multipart/form-data; boundary=b": b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\n' + b"a" * 950_000,
}


def test_an_open_door_costs_about_a_page_or_is_limited(stage, app, links):
    """A4: 215 ms of processor for every opening of a link, without an end, made everyone else wait a second."""
    visitor = Visitor(app)
    visitor.get("/")
    page = seconds(lambda: visitor.get("/"), 20)
    dear, tried = {}, 0
    for name, ask in asking(stage, links):
        with app.app_context():
            limiter.reset()
        ask()
        cost, tried = seconds(ask) / page, tried + 1
        if cost > DEAR and not any(ask().status_code == 429 for _ in range(ENOUGH)):
            dear[name] = round(cost, 1)
    assert dear == {}, f"in landing pages of {page * 1000:.1f} ms"
    assert tried >= 40


@pytest.mark.parametrize("part", ["/reset/", "/confirm/"])
def test_a_link_is_opened_a_hundred_times_in_a_quarter_of_an_hour(app, links, part):
    """A4: however cheap it is; who has one mailbox and a loop need not open it more often."""
    visitor = Visitor(app)
    answers = [visitor.get(links[part]).status_code for _ in range(101)]
    assert answers == [200] * 100 + [429]
    assert Visitor(app, "198.51.100.7").get(links[part]).status_code == 200


def test_a_link_that_confirms_is_used_twenty_times_an_hour(app, links):
    """A4: as one that resets; whatever it is that is tried as a token."""
    visitor = Visitor(app)
    answers = [visitor.submit("/confirm/no-token").status_code for _ in range(21)]
    assert answers == [302] * 20 + [429]


def test_a_sign_up_that_is_refused_counts_as_well(app):
    """A4: each look at a password costs, whether it is taken or not."""
    visitor = Visitor(app)
    token = block_of(visitor.get("/"))["csrf"]
    answers = [visitor.submit("/register", token, email=NEW, name="", password="").status_code for _ in range(101)]
    assert answers == [200] * 100 + [429]
