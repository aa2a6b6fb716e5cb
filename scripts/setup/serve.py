"""Runs inside .venv: bring the database up to date and, given a socket, serve on it until told to stop.

All of it in one process, because importing the application is most of what a start costs.
"""

import argparse
import contextlib
import os
import signal
import socket
import sys
import threading
from typing import NoReturn

import click
from flask import Flask
from flask.cli import ScriptInfo
from werkzeug.debug import DebuggedApplication
from werkzeug.serving import WSGIRequestHandler, make_server

from enferno import start
from enferno.pages import publish_all
from scripts.setup import TOLD


class Handler(WSGIRequestHandler):
    """Keeps connections open, and leaves the log to the application, which writes one line a request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", type=int)
    parser.add_argument("--no-demo", action="store_true")
    choices = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app = started()
    for command in (["create-db"], ["install" if choices.no_demo else "demo", "--if-empty"]):
        if not flask(app, command):
            return TOLD
    if choices.socket is not None:
        threading.Thread(target=leave_with_the_parent, daemon=True).start()
        serve(app, choices.socket)
    return 0


def started() -> Flask:
    try:
        return start.started()
    except click.ClickException as fault:
        fault.show()
        sys.exit(TOLD)


def flask(app: Flask, words: list[str]) -> bool:
    """Run `flask words...` in this process, silent unless it fails."""
    result = app.test_cli_runner().invoke(args=words, obj=ScriptInfo(create_app=lambda: app))
    if result.exit_code:
        print(result.output.strip(), file=sys.stderr)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
    return result.exit_code == 0


def serve(app: Flask, number: int) -> None:
    with socket.socket(fileno=number) as listener:
        port = listener.getsockname()[1]
        served = DebuggedApplication(app, evalex=True) if app.debug else app
        server = make_server("127.0.0.1", port, served, threaded=True, request_handler=Handler, fd=number)
        os.write(int(os.environ["READY_FD"]), b"ready\n")
        threading.Thread(target=publish_ahead, args=(app,), daemon=True).start()
        server.serve_forever()


def publish_ahead(app: Flask) -> None:
    """Compress the static files while the box is being read; a page that does not compile says so when it is opened."""
    with contextlib.suppress(Exception):
        publish_all(app)


def leave_with_the_parent() -> NoReturn:
    """The parent holds the other end of our standard input; it closes when the parent is no more.

    Read without Python's buffer, whose lock would be held by this thread when the process wants to leave.
    """
    while os.read(0, 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
