"""A10: what one client sends, and does not finish sending, costs nginx little memory and a bounded part of the disk."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from enferno.uploads import BODY_LIMIT
from tests.deploy.stack import HOST, Stack
from tests.deploy.test_killed import children
from tests.support.servers import ROOT, until

MB = 1024 * 1024
LIMITS = (ROOT / "nginx" / "limits.conf").read_text()
SITE = (ROOT / "nginx" / "site.conf").read_text()
UPLOADS = SITE.partition("location ~ /uploads$ {")[2].partition("}")[0]
UNITS = {"k": 1024, "m": MB}


def size(text: str, name: str) -> int:
    found = re.search(rf"^\s*{name} (?:\d+ )?(\d+)([km]);", text, re.M)
    assert found, name
    return int(found[1]) * UNITS[found[2]]


def most(text: str, zone: str) -> int:
    found = re.search(rf"limit_conn {zone} (\d+);", text)
    assert found, zone
    return int(found[1])


@contextmanager
def unfinished(
    served: Stack, path: str, size: int, count: int, declared: int = 0, patience: float = 0.05
) -> Iterator[list[bytes]]:
    """So many requests that have sent `size` bytes of their body and keep quiet; gives what was answered at once."""
    held: list[socket.socket] = []
    length = declared or size + 1000
    try:
        for _number in range(count):
            connection = served.connect()
            held.append(connection)
            connection.sendall(f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {length}\r\n\r\n".encode())
            connection.sendall(b"x" * size)
        yield [said(connection, patience) for connection in held]
    finally:
        for connection in held:
            connection.close()


def said(connection: socket.socket, seconds: float) -> bytes:
    """What nginx has answered by now: nothing, as long as it waits for the rest."""
    connection.settimeout(seconds)
    try:
        return connection.recv(65536)
    except TimeoutError:
        return b""


def memory(served: Stack) -> int:
    """What nginx's processes hold for themselves, in bytes."""
    total = 0
    for process in {served.nginx.process.pid, *children(served.nginx.process.pid)}:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
        total += sum(int(kb) * 1024 for kb in re.findall(r"^Private_(?:Dirty|Clean): +(\d+) kB", text, re.M))
    return total


def kept_on_disk(served: Stack) -> int:
    """What unfinished bodies take; nginx keeps the files open after it has taken their names away."""
    total = 0
    folder = str(served.folder / "nginx" / "temp")
    for process in children(served.nginx.process.pid):
        for link in Path(f"/proc/{process}/fd").iterdir():
            try:
                if str(link.readlink()).startswith(folder):
                    total += link.stat().st_size
            except OSError:
                continue
    return total


@pytest.mark.parametrize("path", ["/", "/login", "/api/v1/me", "/webhooks/stripe", "/assets/x", "/nothing-here"])
def test_nobody_begins_a_large_upload_where_none_is_taken(served: Stack, path: str) -> None:
    """A10: 15.5 MB to any address were taken, and kept."""
    head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {int(15.5 * MB)}\r\n\r\n".encode()
    assert served.say(head).startswith(b"HTTP/1.1 413")


def test_nor_without_saying_how_large_it_is(served: Stack) -> None:
    """A10."""
    head = f"POST /login HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode()
    answer = served.say(head + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 20)
    assert answer.startswith(b"HTTP/1.1 413")


def test_what_is_not_finished_lies_on_the_disk_and_not_in_memory(served: Stack) -> None:
    """A10: nine of them took 140 MB."""
    served.ask("/login")
    before = memory(served)
    with unfinished(served, "/login", 15 * 65536, 40) as answers:
        assert set(answers) == {b""}
        until(lambda: kept_on_disk(served) > 30 * MB, "the bodies on the disk")
        assert memory(served) - before < 12 * MB
    until(lambda: kept_on_disk(served) == 0, "the disk free again")


def test_one_client_cannot_fill_the_disk_where_uploads_are_taken(served: Stack) -> None:
    """A10: no more than four at once."""
    with unfinished(served, "/w/acme/uploads", 0, 9, declared=15 * MB, patience=1) as answers:
        assert answers[:4] == [b""] * 4
        for answer in answers[4:]:
            assert answer.startswith(b"HTTP/1.1 429")
            assert b"Retry-After" in answer
    until(lambda: served.ask("/w/acme/uploads", "POST", b"x").status != 429, "room for the next")


def test_all_clients_together_stay_below_what_there_is() -> None:
    """A10: the limits of nginx, multiplied, against the memory that docker-compose.yml gives and 1 GB of disk."""
    website = (ROOT / "nginx" / "website.conf").read_text()
    connections = most(website, "of_all")
    answer = size(website, "uwsgi_buffer_size") + 4 * size(website, "uwsgi_buffers")
    each = size(LIMITS, "client_body_buffer_size") + 2 * size(LIMITS, "large_client_header_buffers") + answer
    zones = sum(int(mb) * MB for mb in re.findall(r"zone=\w+:(\d+)m", LIMITS))
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["nginx"]
    assert connections * each + zones < 0.75 * 256 * MB
    assert service["deploy"]["resources"]["limits"]["memory"] == "256M"
    on_disk = connections * size(LIMITS, "client_max_body_size")
    uploads = most(UPLOADS, "uploads_of_all") * size(UPLOADS, "client_max_body_size")
    assert on_disk + uploads < 1.3 * 1024 * MB
    assert most(UPLOADS, "uploads_of_a_client") * 4 < most(UPLOADS, "uploads_of_all")


def test_what_waits_on_the_disk_is_no_memory_in_a_container() -> None:
    """A10: a tmpfs counts as memory of the container, and was what filled it."""
    document = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    nginx = document["services"]["nginx"]
    folders = set(re.findall(r"^\s+\w+_temp_path (\w+)/", (ROOT / "nginx" / "nginx.conf").read_text(), re.M))
    assert folders == {"temp"}
    assert "nginx-temp:/srv/nginx/temp" in nginx["volumes"]
    assert not [mount for mount in nginx["tmpfs"] if "/temp" in mount]
    website = document["services"]["website"]
    assert "TMPDIR=/var/tmp" in (ROOT / "Dockerfile").read_text(), "where uWSGI keeps bodies (post-buffering)"
    assert "website-temp:/var/tmp" in website["volumes"]
    assert {
        document["volumes"][name] is not None and not document["volumes"][name]
        for name in ("nginx-temp", "website-temp")
    } == {True}


def test_the_application_explains_what_is_a_little_too_large() -> None:
    """A10: nginx's limit is above the application's, and by little."""
    assert BODY_LIMIT < size(LIMITS, "client_max_body_size") < BODY_LIMIT * 1.1


def test_an_office_behind_one_address_is_not_refused(served: Stack) -> None:
    """A10: sixty people who open a page at the same moment, and all of its files."""
    open_at_once: list[socket.socket] = []
    try:
        for _number in range(60):
            open_at_once.append(served.connect())
        for connection in open_at_once:
            connection.sendall(f"GET /login HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        assert {connection.recv(12) for connection in open_at_once} == {b"HTTP/1.1 200"}
    finally:
        for connection in open_at_once:
            connection.close()


def test_the_network_counts_and_not_the_address_where_there_are_plenty() -> None:
    """A10: of an IPv6 address the first 64 bits; an IPv4 address inside one is itself. The map of nginx, on the bytes
    that nginx gives it."""
    block = LIMITS.partition("map $binary_remote_addr $client {")[2].partition("}\n")[0]
    patterns = [
        re.compile(text.encode().decode("unicode_escape").encode("latin-1"))
        for text in re.findall(r'"~(.+?)" \$1;', block)
    ]
    assert len(patterns) == 2

    def client(address: str) -> bytes:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        packed = socket.inet_pton(family, address)
        found = next((match for pattern in patterns if (match := pattern.match(packed))), None)
        return found[1] if found else packed

    assert client("2001:db8:1:2::1") == client("2001:db8:1:2:ffff::9") != client("2001:db8:1:3::1")
    assert client("::ffff:203.0.113.5") == client("203.0.113.5") != client("203.0.113.6")
    assert client("2001:db8:a0a:a0a::") != client("2001:db8:a0a:a0b::"), "a line end among the bytes"
