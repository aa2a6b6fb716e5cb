"""A9: a request that hangs, or whose client leaves, is written down by uWSGI, nginx and PostgreSQL each in its own way.
None of them writes the token that stood in its address."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from functools import partial

import psycopg
import pytest

from tests.deploy.stack import HOST, Stack, Visitor
from tests.deploy.test_stack import sign_up
from tests.support.servers import until

EMAIL = "hanna@example.com"
CANARY = "canary-in-a-query"


@pytest.fixture(scope="module")
def link(served: Stack) -> str:
    """The path of a link that resets a password, as good as when it was mailed."""
    sign_up(served, EMAIL)
    before = len(mails_to(served))
    Visitor(served).send_form("/reset", email=EMAIL)
    until(lambda: len(mails_to(served)) > before, "the mail with the link")
    mail = message_from_bytes(mails_to(served)[-1].content, policy=policy.default)
    found = re.search(rf"https://{HOST}(/reset/\S+)", mail.get_body(("plain",)).get_content())
    assert found
    return found[1]


def mails_to(served: Stack) -> list:
    return [mail for mail in served.mails.mails if mail.rcpt_tos == [EMAIL]]


@contextmanager
def nothing_is_answered(served: Stack) -> Iterator[None]:
    """For the length of a block every request hangs that asks the database who is who."""
    with psycopg.connect(host=served.postgres.socket, user="postgres", dbname="readykit") as connection:
        connection.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        yield


def stop(served: Stack) -> None:
    served.website.process.terminate()
    served.website.process.wait(60)


def start(served: Stack, *options: str) -> None:
    served.website = served.start_website(*options)
    until(lambda: served.ask("/healthz").status == 200, "the application", 90)


def logs(served: Stack) -> str:
    """Of every part, as long as the tests have run."""
    return "".join(file.read_text(errors="replace") for file in sorted(served.folder.glob("*.log")))


def test_the_token_of_a_client_that_leaves_is_in_no_log(served: Stack, link: str) -> None:
    """A9: uWSGI and nginx write down whom they could not answer."""
    head = f"GET {link} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
    told = logs(served).count("/reset/[hidden]")
    with nothing_is_answered(served):
        for _number in range(4):
            with served.connect() as connection:
                connection.sendall(head)
        until(partial(waiting, served), "the requests in the application")
    until(lambda: logs(served).count("/reset/[hidden]") >= told + 4, "each request in the logs")
    assert link.rpartition("/")[2] not in logs(served)


def waiting(served: Stack) -> bool:
    with psycopg.connect(host=served.postgres.socket, user="postgres", dbname="readykit") as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return connection.execute(query).fetchone() != (0,)


def test_the_token_of_a_request_that_nginx_refuses_is_in_no_log(served: Stack, link: str) -> None:
    """A9: too large, too long, cut off, too many at once, with nobody behind nginx."""
    host = f"Host: {HOST}\r\n"
    for end in (
        f"{host}Content-Length: 99999999\r\n\r\n",
        f"{host}X-Long: {'a' * 9000}\r\n\r\n",
        f"{host}Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        f"{host}X-Y: \0\r\n\r\n",
        f"{host}Content-Length: x\r\n\r\n",
        f"{host}" + "a:\n" * 4000 + "\r\n",
        "\r\n",
    ):
        for plain in (False, True):
            served.say(f"POST {link} HTTP/1.1\r\n{end}".encode(), plain=plain)
    served.say(f"GET https://{HOST}{link} HTTP/1.1\r\n{host}\r\n".encode())
    served.say(f"GET {link} HTTP/1.1\r\n{host}\r\n".encode(), encrypted=False)
    served.say(f"GET {link} HTTP/1.1\r\n{host}\r\n".encode(), plain=True)
    with served.connect() as connection:
        connection.sendall(f"POST {link} HTTP/1.1\r\n{host}Content-Length: 9\r\n\r\nx".encode())
    at_once(served, link, 40)
    served.ask("/login")
    assert link.rpartition("/")[2] not in logs(served)


def at_once(served: Stack, path: str, count: int) -> None:
    threads = [threading.Thread(target=served.ask, args=(path,)) for _number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_token_stays_out_when_the_application_is_away_and_when_it_hangs(served: Stack, link: str) -> None:
    """A9: "HARAKIRI [core 0] 127.0.0.1 - GET /reset/..." had all of it. And about a Unix socket nginx complains at a
    level that is above the one for a port which nobody answers.

    uWSGI is as it is configured, but that a request may last for four seconds instead of thirty.
    """
    stop(served)
    for path in (link, "/login"):
        assert served.ask(path).status == 503
    until(lambda: "connect() to unix:" in served.nginx.log, "an error in nginx's log")
    start(served, "--harakiri", "4")
    with nothing_is_answered(served), served.connect() as connection:
        connection.sendall(f"GET {link}?next={CANARY} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        until(lambda: re.search(r"HARAKIRI.* GET ", served.website.log), "uWSGI to end the request", 30)
    assert "GET /reset/[hidden] since" in served.website.log
    stop(served)
    start(served)
    assert link.rpartition("/")[2] not in logs(served)
    assert CANARY not in logs(served)
    assert served.ask(link).status == 200, "the link was not alive, so nothing was shown"
