"""Links that let somebody in appear in no log: not in nginx's, the application's nor uWSGI's (ASVS 16.2.5)."""

import os
import signal
from functools import partial

import pytest

from enferno.links import OPENING
from tests.deploy.stack import HOST, Stack
from tests.support.servers import until

CANARY = "canary-of-a-link"
WAYS = [
    "/{door}/{token}",
    "/{door}/{token}/",
    "/{door}/{token}?next=/{token}",
    "/{door}/{token}/more/{token}",
    "//{door}//{token}",
    "/./{door}/{token}",
    "/%{first:x}{rest}/{token}",
    "/{door}%2f{token}",
]


def links(door: str) -> list[str]:
    return [way.format(door=door, token=CANARY, first=ord(door[0]), rest=door[1:]) for way in WAYS]


def written(served: Stack, request_id: str) -> bool:
    return request_id in served.nginx.log


@pytest.mark.parametrize("door", OPENING)
def test_no_way_of_writing_a_link_gets_its_token_into_a_log(served: Stack, door: str) -> None:
    asked = [
        served.ask(path, method, Referer=f"https://{HOST}/{door}/{CANARY}", Accept="text/html").headers["X-Request-ID"]
        for path in links(door)
        for method in ("GET", "POST", "PUT")
    ]
    for request_id in asked:
        until(partial(written, served, request_id), "the line of nginx")
    assert CANARY not in served.nginx.log
    assert CANARY not in served.website.log
    assert "[hidden]" in served.nginx.log
    assert "[hidden]" in served.website.log


@pytest.mark.parametrize("door", OPENING)
def test_the_page_behind_a_link_does_not_hand_it_on_as_referrer(served: Stack, door: str) -> None:
    """What the page asks for next would name it, and what goes wrong then is logged with that name. The host has to
    stay: over TLS a form without a referrer is refused."""
    for path in (f"/{door}/{CANARY}", f"/{door}/{CANARY}/"):
        assert served.ask(path).headers.get_all("Referrer-Policy") == ["strict-origin"], path


def test_a_link_stays_out_of_the_log_also_when_the_application_is_away(served: Stack) -> None:
    """nginx's log of errors has the first line of the request as it came, and nothing there can be masked."""
    os.kill(served.website.process.pid, signal.SIGTERM)
    served.website.process.wait(60)
    answers = [served.ask(path).status for door in OPENING for path in links(door)]
    assert 503 in answers
    served.ask("/login")
    until(lambda: "while connecting to upstream" in served.nginx.log, "an error in nginx's log")
    assert CANARY not in served.nginx.log
    served.website = served.start_website()
    until(lambda: served.ask("/healthz").status == 200, "the application back", 90)
