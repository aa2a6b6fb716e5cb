"""A19: headers that are too long are refused by nginx, in words, and whatever nginx takes uWSGI takes as well."""

import json

import pytest

from tests.deploy.stack import HOST, Stack

KB = 1024


def request(path: str, headers: list[str]) -> bytes:
    lines = [f"GET {path} HTTP/1.1", f"Host: {HOST}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode()


def status(answer: bytes) -> int:
    return int(answer.split()[1])


def of_size(total: int, each: int) -> list[str]:
    return [f"X-{number:04}: {'a' * (each - 10)}" for number in range(total // each)]


@pytest.mark.parametrize("total", [33, 40, 48, 56, 63, 64, 65, 100])
@pytest.mark.parametrize("each", [1000, 4000, 8000])
def test_too_much_in_all_is_431(served: Stack, total: int, each: int) -> None:
    """A19: 33 to 64 kB were "not available right now"."""
    answer = served.say(request("/login", of_size(total * KB, each)))
    assert status(answer) == 431
    assert b"too long" in answer


def test_one_that_is_too_long_is_431(served: Stack) -> None:
    """A19."""
    for length in (9, 16, 33, 64):
        assert status(served.say(request("/login", [f"Cookie: a={'b' * length * KB}"]))) == 431


def test_programs_are_told_as_programs(served: Stack) -> None:
    """A19."""
    answer = served.say(request("/api/v1/me", of_size(40 * KB, 4000)))
    body = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (status(answer), body["status"], body["code"]) == (431, 431, "request_header_fields_too_large")


@pytest.mark.parametrize("count", [100, 128, 129, 200, 400, 900, 1200, 2400, 5000])
def test_many_short_ones_reach_the_application_or_are_431(served: Stack, count: int) -> None:
    """A19: uWSGI counts them too, and takes a hundred by default. Each grows on its way there, since nginx writes HTTP_
    before its name and the lengths of both: the shortest to three times what it was."""
    shortest = f"GET /login HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n".encode() + b"a:\n" * count + b"\r\n"
    found = status(served.say(shortest))
    assert found == 200 if count <= 900 else found in (200, 431)


def test_what_is_usual_gets_through(served: Stack) -> None:
    """A19: two cookies of the size that browsers take, a long address and what a browser says of itself."""
    cookies = "; ".join(f"{name}={'c' * 3500}" for name in ("one", "two"))
    headers = [f"Cookie: {cookies}", "Accept-Language: en", f"User-Agent: {'Mozilla ' * 30}"]
    assert status(served.say(request(f"/login?next=/{'n' * 4000}", headers))) == 200
