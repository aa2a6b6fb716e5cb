"""A host name that is not ours is refused on every port, and costs the log one line."""

import json

import pytest

from deploy.healthy import ask
from tests.deploy.stack import HOST, Stack

OTHERS = ["evil.example.net", f"{HOST}.evil.example.net", "127.0.0.1", "localhost", "app.example.com@evil.example.net"]


@pytest.mark.parametrize("host", OTHERS)
def test_port_80_sends_nobody_to_a_host_that_is_not_ours(served: Stack, host: str) -> None:
    """A16."""
    answer = served.ask("/pricing", Host=host, plain=True)
    assert answer.status == 400
    assert answer.headers["Location"] is None
    assert "evil" not in answer.text


@pytest.mark.parametrize("host", [HOST, HOST.upper(), f"{HOST}:80"])
def test_port_80_sends_everybody_else_to_the_configured_one(served: Stack, host: str) -> None:
    """A16."""
    answer = served.ask("/pricing?a=b%20c&d=%0d%0aX-Evil:1", Host=host, plain=True)
    assert (answer.status, answer.headers["Location"]) == (308, f"https://{HOST}/pricing?a=b%20c&d=%0d%0aX-Evil:1")


@pytest.mark.parametrize("path", ["//evil.example.net/", "/%0d%0aX-Evil:1", "/\\evil.example.net", "/a%3fb"])
def test_a_path_does_not_change_where_it_leads(served: Stack, path: str) -> None:
    """A16."""
    answer = served.ask(path, plain=True)
    assert answer.status == 308
    assert answer.headers["Location"].startswith(f"https://{HOST}/")
    assert answer.headers["X-Evil"] is None


def test_the_first_line_cannot_name_another_host(served: Stack) -> None:
    """A16: a request with a whole URL in it."""
    said = f"GET http://evil.example.net/ HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()
    for plain in (True, False):
        answer = served.say(said, plain=plain)
        assert answer.startswith(b"HTTP/1.1 400"), answer
        assert b"Location" not in answer


@pytest.mark.parametrize("host", ["evil.example.net", "localhost", "a b", "[::1", "evil.example.net:x", "x" * 5000])
def test_an_unknown_host_is_one_line_at_info(served: Stack, host: str) -> None:
    """A17: scanners ask for such names all day, and each left a traceback at the level of errors. Asked without nginx,
    which refuses some of them itself."""
    for path in ("/", "/login", "/api/v1/me", "/nothing-here"):
        before = len(served.website.log)
        answer = ask(served.door, path, host)
        assert answer.startswith(b"HTTP/1.1 400"), answer
        (entry,) = map(json.loads, served.website.log[before:].splitlines())
        assert (entry["level"], entry["event"], entry["status"]) == ("info", "request", 400)
        assert entry["unknown_host"] == host[:100]


def test_its_answer_is_a_whole_page(served: Stack) -> None:
    """A17: what failed was the page that should have said it."""
    answer = served.ask("/", Host="evil.example.net")
    assert answer.status == 400
    assert '"page":"errors/error"' in answer.text
    assert "evil" not in answer.text
