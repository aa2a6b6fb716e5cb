"""Chromium over a running application, with an eye on everything that must not happen on a page.

`Watch` notes console errors, CSP violations, requests to foreign hosts, and requests that failed; `faults()` gives
them. Answers of the API with a 4xx status, and pages with one that a test opened itself, are conversation, not faults.
"""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright
from werkzeug.serving import make_server

__all__ = ["FLAGS", "SIZES", "Watch", "axe", "chromium_running", "cookie_of", "open_page", "serving"]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Named by ./setup.sh test, which looks for one.
PROGRAM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
SERIOUS = {"serious", "critical"}
_running: list[Chromium] = []


@contextmanager
def chromium_running() -> Iterator[Chromium]:
    """The one Chromium of this process, whichever folder of tests asked for it first: Playwright starts only once."""
    if _running:
        yield _running[0]
        return
    with sync_playwright() as playwright:
        _running.append(playwright.chromium.launch(executable_path=PROGRAM, args=FLAGS))
        try:
            yield _running[0]
        finally:
            _running.pop().close()


@contextmanager
def serving(app: Any, port: int = 0) -> Iterator[str]:
    """The application behind a real socket, each request in a thread of its own; gives its address."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, name="served-app", daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Watch:
    """What went wrong on the pages of one browser context, and what of it the test expects."""

    host: str
    seen: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """A fault whose text matches is part of this test."""
        self.forgiven.append(pattern)

    def reset(self) -> None:
        for each in (self.seen, self.forgiven, self.requests):
            each.clear()

    def faults(self) -> list[str]:
        return [fault for fault in self.seen if not any(re.search(each, fault) for each in self.forgiven)]

    def attach(self, context: BrowserContext) -> None:
        context.on("console", self.on_console)
        context.on("weberror", lambda fault: self.seen.append(f"script error: {fault.error}"))
        context.on("request", self.on_request)
        context.on("requestfailed", self.on_failed)
        context.on("response", self.on_response)

    def on_console(self, message: ConsoleMessage) -> None:
        answered = message.text.startswith("Failed to load resource")  # on_response says it better
        if message.type in {"error", "warning"} and not answered:
            self.seen.append(f"console {message.type}: {message.text}")

    def on_request(self, request: Request) -> None:
        self.requests.append(request)
        address = urlsplit(request.url)
        if address.scheme.startswith("http") and address.netloc != self.host:
            self.seen.append(f"foreign host: {request.url}")

    def on_failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left before the answer came
            self.seen.append(f"failed: {request.method} {request.url} ({request.failure})")

    def on_response(self, response: Response) -> None:
        path = urlsplit(response.url).path
        talk = path.startswith("/api/") or response.request.resource_type == "document"
        if response.status >= 500 or (response.status >= 400 and not talk):
            self.seen.append(f"{response.status}: {response.request.method} {path}")


@contextmanager
def open_page(
    chromium: Chromium,
    base_url: str,
    *,
    width: str = "desktop",
    scheme: str = "light",
    cookies: Any = (),
    **options: Any,
) -> Iterator[Page]:
    """A page in a context of its own; `page.watch` is its Watch. Relative addresses go to `base_url`."""
    phone = width == "phone"
    context = chromium.new_context(
        base_url=base_url, viewport=SIZES[width], has_touch=phone, is_mobile=phone, color_scheme=scheme,
        reduced_motion="reduce", locale="en-US", timezone_id="Europe/Berlin", **options,
    )  # fmt: skip
    context.set_default_timeout(30_000)
    if cookies:
        context.add_cookies(list(cookies))
    watch = Watch(urlsplit(base_url).netloc)
    watch.attach(context)
    page = context.new_page()
    page.watch = watch  # type: ignore[attr-defined]
    try:
        yield page
    finally:
        context.close()


def cookie_of(app: Flask, browser: Any, base_url: str) -> dict[str, Any]:
    """The session of a test client (tests.support.client.Browser) as a cookie for Chromium."""
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = browser.client.get_cookie(name)
    return {"name": name, "value": cookie.value, "url": base_url, "httpOnly": True, "sameSite": "Lax"}


def axe(page: Page, context: Any = None) -> None:
    """Fail on every serious or critical finding of axe, with the elements it means."""
    found = Axe().run(page, context=context).response["violations"]
    serious = [finding for finding in found if finding["impact"] in SERIOUS]
    said = [
        f"{finding['id']} ({finding['impact']}): {finding['help']}\n"
        + "\n".join(f"    {node['html'][:200]}\n      {node['failureSummary']}" for node in finding["nodes"][:5])
        for finding in serious
    ]
    assert not serious, f"{page.url}\n" + "\n".join(said)
