"""Ask the application beside us whether it is alive: `python deploy/healthy.py`, for a container's health check.

Over the Unix socket on which nginx finds it (UWSGI_SOCKET), in uWSGI's own protocol, so that no other door is open.
Says the name of BASE_URL, because the application answers to no other. The exit code is 0 when the answer is 200.
"""

import os
import socket
import struct
import sys
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 4


def ask(address: str, path: str, host: str, **more: str) -> bytes:
    """The whole answer to a GET, as it came. Raises OSError where nobody answers.

    `more` are further variables of the request, as uWSGI takes them.
    """
    variables = {
        "REQUEST_METHOD": "GET",
        "REQUEST_URI": path,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": host,
        "SERVER_PORT": "443",
        "REQUEST_SCHEME": "https",
        "HTTP_HOST": host,
        "HTTP_X_FORWARDED_PROTO": "https",
        "REMOTE_ADDR": "127.0.0.1",
        **more,
    }
    parts = (part.encode() for pair in variables.items() for part in pair)
    block = b"".join(struct.pack("<H", len(part)) + part for part in parts)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(TIMEOUT_SECONDS)
        connection.connect(address)
        connection.sendall(struct.pack("<BHB", 0, len(block), 0) + block)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def main(path: str = "/healthz") -> int:
    host = urlsplit(os.environ.get("BASE_URL", "")).netloc or "localhost"
    try:
        status = ask(os.environ["UWSGI_SOCKET"], path, host).split(b"\r\n", 1)[0].split()
    except OSError:
        return 1
    return 0 if status[1:2] == [b"200"] else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
