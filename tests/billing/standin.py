"""What the stand-ins of the providers share: a server on loopback, what goes wrong with it, and what it remembers.

A stand-in says in `work` how its provider answers; here stands how that answer is asked for, repeated, refused or lost.
"""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qsl, urlsplit

__all__ = ["Answer", "CheckoutClosed", "StandIn", "listening"]

Answer = tuple[int, dict[str, Any]]
Account = TypeVar("Account", bound="StandIn")


class CheckoutClosed(Exception):
    """The customer sees that nothing can be bought here any more: it was paid, or has expired."""


@dataclass
class StandIn:
    """The state of an account at a provider. What tests do to it is what customers and banks would do."""

    # The header that bears an idempotency key, and what a failure says.
    key_header: ClassVar[str]
    failure: ClassVar[dict[str, Any]]

    url: str = ""
    clock: int = field(default_factory=lambda: int(time.time()))
    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    invoices: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    answered: dict[str, Answer] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    # What goes wrong: called with (method, path) before or after the work; the one may give a status in place of an
    # answer, or wait; the other may say "die", and the answer is lost although the work is done.
    before: Callable[[str, str], int | None] = lambda _method, _path: None
    after: Callable[[str, str], str | None] = lambda _method, _path: None
    numbers: Any = field(default_factory=itertools.count)
    lock: Any = field(default_factory=threading.RLock)

    def id(self, prefix: str) -> str:
        return f"{prefix}_{next(self.numbers):06d}"

    def answer(self, method: str, path: str, form: dict[str, str], key: str) -> Answer:
        """Do what is asked, once for each idempotency key; a repetition gets the first answer."""
        with self.lock:
            if key and key in self.answered:
                return self.answered[key]
            status, body = self.work(method, path, form)
            if key and status < 500:
                self.answered[key] = status, body
            return status, body

    def work(self, method: str, path: str, form: dict[str, str]) -> Answer:
        raise NotImplementedError


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    account: StandIn

    def handle_any(self) -> None:
        address = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        form = dict(parse_qsl(address.query)) | dict(
            parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True)
        )
        self.account.requests.append((self.command, address.path))
        refused = self.account.before(self.command, address.path)
        if refused:
            self.write(refused, self.account.failure)
            return
        key = self.headers.get(self.account.key_header, "") if self.command == "POST" else ""
        status, body = self.account.answer(self.command, address.path, form, key)
        if self.account.after(self.command, address.path) == "die":
            self.close_connection = True
            self.connection.close()
            return
        self.write(status, body)

    do_GET = do_POST = do_DELETE = handle_any

    def write(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps({name: value for name, value in body.items() if name != "wanted"}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_words: Any) -> None:
        return


@contextmanager
def listening(account: Account) -> Iterator[Account]:
    """The stand-in on loopback, for the length of a block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"account": account}))
    server.daemon_threads = True
    account.url = f"http://127.0.0.1:{server.server_address[1]}"
    # Looked at often whether to end, since each test ends one.
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield account
    finally:
        server.shutdown()
        server.server_close()
