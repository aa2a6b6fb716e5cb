"""A12: the security headers stand on every answer, whoever gives it: application, server of its files, nginx."""

from email import message_from_bytes, policy
from email.message import Message

import pytest

from deploy.healthy import ask
from enferno.pages.headers import ALWAYS, HSTS
from tests.deploy.stack import HOST, Stack

WANTED = ALWAYS | {"Strict-Transport-Security": HSTS}
END = f"Host: {HOST}\r\nConnection: close\r\n\r\n".encode()


def line(words: str, *headers: str) -> bytes:
    return "\r\n".join([words, *headers, ""]).encode() + END


# What is sent, and what nginx or the application says to it.
PROVOCATIONS: dict[str, tuple[bytes, int]] = {
    "a page": (line("GET / HTTP/1.1"), 200),
    "a page of old": (line("GET / HTTP/1.0"), 200),
    "no such page": (line("GET /nothing-here HTTP/1.1"), 404),
    "no such thing in the interface": (line("GET /api/v1/nothing HTTP/1.1"), 404),
    "not signed in": (line("GET /api/v1/me HTTP/1.1"), 401),
    "another method": (line("PURGE / HTTP/1.1"), 405),
    "no form token": (line("POST /login HTTP/1.1", "Content-Length: 0"), 400),
    "health": (line("GET /healthz HTTP/1.1"), 200),
    "the service worker": (line("GET /service-worker.js HTTP/1.1"), 200),
    "a missing asset": (line("GET /assets/css/nothing.0123456789ab.css HTTP/1.1"), 404),
    "the folder of assets": (line("GET /assets/ HTTP/1.1"), 404),
    "a compressed form": (line("GET /assets/css/kit.css.br HTTP/1.1"), 404),
    "a page of nginx by name": (line("GET /unavailable.html HTTP/1.1"), 404),
    "TRACE": (line("TRACE / HTTP/1.1"), 405),
    "another host": (b"GET / HTTP/1.1\r\nHost: evil.example.net\r\nConnection: close\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (line("GET / HTTP/1.1", f"Host: {HOST}"), 400),
    "no HTTP": (b"\x16\x03\x01 nonsense\r\n\r\n", 400),
    "no method": (line("g=t / HTTP/1.1"), 400),
    "CONNECT": (line("CONNECT elsewhere:443 HTTP/1.1"), 400),
    "NUL in the address": (line("GET /a%00b HTTP/1.1"), 400),
    "a length that is none": (line("POST /login HTTP/1.1", "Content-Length: many"), 400),
    "two lengths": (line("POST /login HTTP/1.1", "Content-Length: 3", "Transfer-Encoding: chunked"), 400),
    "a chunk that is none": (line("POST /login HTTP/1.1", "Transfer-Encoding: chunked") + b"zz\r\n", 400),
    "a long address": (line(f"GET /{'a' * 9000} HTTP/1.1"), 414),
    "a long header": (line("GET / HTTP/1.1", f"X-Long: {'a' * 9000}"), 431),
    "many headers": (line("GET / HTTP/1.1", *(f"X-{n}: {'a' * 4000}" for n in range(16))), 431),
    "a large body": (line("POST /login HTTP/1.1", "Content-Length: 99999999"), 413),
    "a large body for the interface": (line("PATCH /api/v1/me HTTP/1.1", "Content-Length: 99999999"), 413),
    "an unknown coding": (line("POST /login HTTP/1.1", "Transfer-Encoding: gzip"), 501),
    "another version": (line("GET / HTTP/3.0"), 505),
}


def parsed(answer: bytes) -> tuple[int, Message]:
    status, _, rest = answer.partition(b"\r\n")
    return int(status.split()[1]), message_from_bytes(rest.partition(b"\r\n\r\n")[0], policy=policy.HTTP)


def assert_hardened(headers: Message) -> None:
    assert {name: headers.get_all(name) for name in WANTED} == {name: [value] for name, value in WANTED.items()}
    if headers.get_content_type() == "text/html":
        assert len(headers.get_all("Content-Security-Policy") or []) == 1
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers.get_all("X-Frame-Options") == ["DENY"]


@pytest.mark.parametrize("name", PROVOCATIONS)
def test_whatever_is_said_over_tls_carries_the_headers(served: Stack, name: str) -> None:
    """A12."""
    words, expected = PROVOCATIONS[name]
    status, headers = parsed(served.say(words))
    assert status == expected
    assert_hardened(headers)


@pytest.mark.parametrize(
    "name", ["a page", "another host", "no HTTP", "a long address", "many headers", "a large body"]
)
def test_whatever_is_said_on_port_80_carries_the_headers(served: Stack, name: str) -> None:
    """A12: browsers heed some of them over plain http as well."""
    _status, headers = parsed(served.say(PROVOCATIONS[name][0], plain=True))
    assert_hardened(headers)


def test_plain_http_on_the_port_of_tls_is_answered_with_them(served: Stack) -> None:
    """A12."""
    status, headers = parsed(served.say(PROVOCATIONS["a page"][0], encrypted=False))
    assert status == 400
    assert_hardened(headers)


def test_a_file_and_an_unchanged_file_carry_them(served: Stack) -> None:
    """A12."""
    path = next((served.instance / "assets" / "css").glob("kit.*.css")).name
    status, headers = parsed(served.say(line(f"GET /assets/css/{path} HTTP/1.1")))
    assert status == 200
    assert_hardened(headers)
    unchanged = served.say(line(f"GET /assets/css/{path} HTTP/1.1", f"If-None-Match: {headers['ETag']}"))
    assert parsed(unchanged)[0] == 304
    assert_hardened(parsed(unchanged)[1])


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PURGE"])
@pytest.mark.parametrize(
    "path", ["/service-worker.js", "/assets/nothing.css", "file", "/", "/nothing-here", "/api/v1/me"]
)
def test_the_application_alone_sends_them_too(served: Stack, path: str, method: str) -> None:
    """A12: nginx adds what is missing, so the application is asked without it."""
    if path == "file":
        path = f"/assets/css/{next((served.instance / 'assets' / 'css').glob('kit.*.css')).name}"
    _status, headers = parsed(ask(served.door, path, HOST, REQUEST_METHOD=method))
    assert_hardened(headers)


def test_a_view_may_still_say_otherwise(served: Stack) -> None:
    """A12: what nginx adds is not added a second time, nor in place of what the application has said."""
    answer = served.ask("/reset/nothing-here")
    assert answer.headers.get_all("Referrer-Policy") == ["strict-origin"]
