"""What the first page costs over the wire, and what the pages after it still fetch."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page

from enferno.pages import publish_all
from tests.browser.conftest import PageAs, ready

MOST = 300_000  # bytes, compressed, headers included

FIRST_PAGES = [
    ("/", None),
    ("/login", None),
    ("/w/acme/", "owner@acme.example.com"),
    ("/w/acme/members", "owner@acme.example.com"),
    ("/superadmin/users", "root@example.com"),
]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of this module's own: published ahead with the best compression, as setup and the image build do it."""
    return tmp_path_factory.mktemp("published")


@pytest.fixture
def app(app: Flask) -> Flask:
    publish_all(app)
    return app


@dataclass
class Traffic:
    """What came over the wire, by path, in bytes; what the cache had is not in it."""

    fetched: dict[str, int] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    cached: set[str] = field(default_factory=set)

    def total(self) -> int:
        return sum(self.fetched.values())

    def table(self) -> str:
        lines = sorted(self.fetched.items(), key=lambda item: -item[1])
        return "\n".join(f"{size:>8,}  {path}" for path, size in lines)


@contextmanager
def listening(page: Page) -> Iterator[Traffic]:
    traffic = Traffic()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def answered(event: dict[str, Any]) -> None:
        path = urlsplit(event["response"]["url"]).path
        traffic.paths[event["requestId"]] = path
        if event["response"].get("fromDiskCache") or event["response"].get("fromPrefetchCache"):
            traffic.cached.add(event["requestId"])

    def finished(event: dict[str, Any]) -> None:
        known = traffic.paths.get(event["requestId"])
        if known and event["requestId"] not in traffic.cached:
            traffic.fetched[known] = traffic.fetched.get(known, 0) + int(event["encodedDataLength"])

    def from_memory(event: dict[str, Any]) -> None:
        traffic.cached.add(event["requestId"])

    session.on("Network.responseReceived", answered)
    session.on("Network.loadingFinished", finished)
    session.on("Network.requestServedFromCache", from_memory)
    yield traffic
    page.wait_for_load_state("networkidle")
    session.detach()


@pytest.mark.parametrize(("path", "email"), FIRST_PAGES)
def test_a_first_page_weighs_little_and_asks_nobody_else(page_as: PageAs, path: str, email: str | None):
    page = page_as(email)
    with listening(page) as traffic:
        page.goto(path)
        ready(page)
    print(f"{path}: {traffic.total():,} bytes\n{traffic.table()}")
    assert traffic.total() <= MOST, f"{traffic.total():,} bytes\n{traffic.table()}"


def test_later_pages_bring_only_their_own_script(page_as: PageAs):
    page = page_as("owner@acme.example.com")
    page.goto("/w/acme/")
    ready(page)
    page.wait_for_load_state("networkidle")
    with listening(page) as traffic:
        page.goto("/w/acme/members")
        ready(page)
    fetched = [path for path in traffic.fetched if path.startswith("/assets/")]
    assert all(path.startswith("/assets/pages/") for path in fetched), traffic.table()
    assert traffic.total() <= 20_000, traffic.table()
