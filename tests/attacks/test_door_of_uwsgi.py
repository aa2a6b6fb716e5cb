"""What speaks to uWSGI directly: nobody but nginx can, and uWSGI runs for nobody what is not the application."""

import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.healthy import ask
from tests.deploy.stack import HOST, Stack
from tests.support.servers import ROOT

# uWSGI's servers for HTTP, as an option, in the environment, in YAML or in a command.
SERVERS_FOR_HTTP = re.compile(
    r"(?:http11|https?|fastcgi|scgi|puwsgi|suwsgi|raw)[-_]?socket|uwsgi[-_]https?\b|--https?\b", re.I
)
WHERE_IT_LISTENS = re.compile(r"UWSGI_SOCKET[=:]\s*(\S+)")
DEPLOYED = sorted(
    file
    for pattern in ("deploy/**/*", "docs/**/*.md", "nginx/**/*", "Dockerfile", "docker-compose.yml", ".env-sample")
    for file in ROOT.glob(pattern)
    if file.is_file() and "__pycache__" not in file.parts
)
EVIL = """
from pathlib import Path
Path(__file__).with_suffix(".ran").touch()
def application(environ, start_response):
    start_response("200 OK", [])
    return [b"evil"]
"""


def test_no_server_for_http_but_nginx_is_offered() -> None:
    """A7: uWSGI's HTTP/1.1 server takes a chunked body for the next request of a connection that a proxy reuses. Use
    the Unix socket, with nginx in front."""
    assert len(DEPLOYED) > 20
    for file in DEPLOYED:
        found = SERVERS_FOR_HTTP.search(file.read_text(errors="replace"))
        assert found is None, f"{file.relative_to(ROOT)}: take {found[0]} out"  # type: ignore[index]


@pytest.mark.parametrize(
    "line", ["UWSGI_HTTP11_SOCKET: :80", "http-socket = :80", "uwsgi --http :80", "UWSGI_HTTP=:80"]
)
def test_such_a_server_would_be_found(line: str) -> None:
    """A7."""
    assert SERVERS_FOR_HTTP.search(line)


def test_the_application_is_offered_on_a_unix_socket_and_nowhere_else() -> None:
    """A8: whoever reaches uWSGI's port is the proxy that it believes."""
    named = [found for file in DEPLOYED for found in WHERE_IT_LISTENS.findall(file.read_text(errors="replace"))]
    assert len(named) >= 2
    assert set(named) == {"/run/readykit/website.sock"}
    assert "/run/readykit/website.sock" in (ROOT / "nginx" / "upstream.conf").read_text()


def test_only_the_applications_user_and_group_may_open_the_socket(served: Stack) -> None:
    """A8."""
    found = os.stat(served.door)
    assert stat.S_ISSOCK(found.st_mode)
    assert stat.S_IMODE(found.st_mode) == 0o660


def test_somebody_else_is_not_let_in(served: Stack) -> None:
    """A8: the folder is open in this test, so that it is the socket alone that refuses. Without root nobody becomes
    somebody else; then it is what the socket allows that is looked at."""
    if os.geteuid() != 0:
        assert os.stat(served.door).st_mode & stat.S_IRWXO == 0
        return
    script = "import os, socket, sys; os.setgroups([]); os.setgid(65534); os.setuid(65534); " + (
        "socket.socket(socket.AF_UNIX).connect('website.sock')"
    )
    folder = Path(served.door).parent
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert "PermissionError" in done.stderr


def test_uwsgi_listens_on_no_port(served: Stack) -> None:
    """A7, A8: neither for its own protocol nor for HTTP, not even on loopback."""
    assert listening_ports(served.website.process.pid) == set()
    assert listening_ports(served.nginx.process.pid), "the test does not see any port at all"


def listening_ports(process: int) -> set[int]:
    """The TCP ports on which a process listens."""
    files = list(Path(f"/proc/{process}/fd").iterdir())
    inodes = {link[8:-1] for link in map(os.readlink, files) if link.startswith("socket:[")}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in inodes:
                found.add(int(words[1].rpartition(":")[2], 16))
    return found


@pytest.mark.parametrize(
    "more",
    [
        {"UWSGI_FILE": "{folder}/evil.py"},
        {"UWSGI_FILE": "{folder}/evil.py", "UWSGI_APPID": "one"},
        {"UWSGI_FILE": "{folder}/evil.py", "SCRIPT_NAME": "/two"},
        {"UWSGI_SCRIPT": "evil", "UWSGI_CHDIR": "{folder}", "UWSGI_APPID": "three"},
        {"UWSGI_MODULE": "evil", "UWSGI_CHDIR": "{folder}", "UWSGI_APPID": "four"},
    ],
    ids=["file", "file-and-id", "file-and-mount", "script", "module"],
)
def test_a_packet_that_names_a_file_does_not_run_it(served: Stack, more: dict[str, str], tmp_path: Path) -> None:
    """A8: not even from where nginx speaks."""
    (tmp_path / "evil.py").write_text(EVIL)
    answer = ask(served.door, "/healthz", HOST, **{k: v.format(folder=tmp_path) for k, v in more.items()})
    assert b"evil" not in answer
    assert not (tmp_path / "evil.ran").exists()
    assert ask(served.door, "/healthz", HOST).startswith(b"HTTP/1.1 200")


def test_a_header_does_not_become_a_word_to_uwsgi(served: Stack, tmp_path: Path) -> None:
    """A8: through nginx, whatever it is called, a header is a header of HTTP."""
    (tmp_path / "evil.py").write_text(EVIL)
    for name in ("UWSGI_FILE", "UWSGI-FILE", "UWSGI_APPID", "SCRIPT_NAME", "REMOTE_USER"):
        answer = served.ask("/healthz", **{name: str(tmp_path / "evil.py")})
        assert (answer.status, b"evil" in answer.body) == (200, False)
    assert not (tmp_path / "evil.ran").exists()


def test_half_sent_headers_stop_nobody_else(served: Stack) -> None:
    """A7: eight of them stopped everything, because each held a thread of the application. nginx holds them now."""
    held: list[socket.socket] = []
    try:
        for _number in range(32):
            held.append(served.connect())
            held[-1].sendall(f"GET /login HTTP/1.1\r\nHost: {HOST}\r\nX-Half: ".encode())
        assert served.ask("/login").status == 200
    finally:
        for connection in held:
            connection.close()


def test_a_chunked_body_is_never_the_next_request(served: Stack) -> None:
    """A7: on one connection, kept open as a proxy would, each request gets the answer to itself."""
    hidden = f"GET /healthz?smuggled HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
    chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (len(hidden), hidden)
    chunked = f"POST /login HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + chunk
    last = f"GET /nothing-here HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()
    answers = served.say(chunked * 3 + last, until_closed=True)
    assert re.findall(rb"HTTP/1\.1 (\d{3}) ", answers) == [b"400", b"400", b"400", b"404"]
