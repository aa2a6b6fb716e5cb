"""The real application in a real browser.

    def test_a_member_sees_the_members(page_as, world):
        page = page_as("member@acme.example.com", width="phone", scheme="dark")
        page.goto("/w/acme/members")
        ready(page)
        axe(page)

At the end every page must have been quiet: no console error, no CSP violation, no foreign host, no failed request.
What a test provokes on purpose it announces: `page.watch.expect(r"503: GET /api/v1/me")`.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from enferno.settings import Settings
from tests.support import databases
from tests.support.chromium import chromium_running, cookie_of, open_page, serving
from tests.support.client import Browser

expect.set_options(timeout=20_000)  # a busy machine is not a fault of the page

PageAs = Callable[..., Page]


def ready(page: Page) -> Page:
    """Wait until the page's script has mounted."""
    page.wait_for_selector("html[data-ready]")
    return page


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    with chromium_running() as browser:
        yield browser


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compiled templates and compressed files, which are the same for every test: their names are their hashes."""
    return tmp_path_factory.mktemp("compiled")


def share_compiled(instance: Path, compiled: Path) -> Path:
    """An instance folder that takes its compiled files from where they are already."""
    instance.mkdir(parents=True, exist_ok=True)
    for name in ("assets", "cache"):
        (compiled / name).mkdir(exist_ok=True)
        if not (instance / name).exists():
            (instance / name).symlink_to(compiled / name)
    return instance


@pytest.fixture
def database(tmp_path: Path) -> Iterator[databases.Database]:
    """SQLite alone: what differs between databases is tested without a browser."""
    with databases.fresh("sqlite", tmp_path) as found:
        yield found


@pytest.fixture
def settings(database: databases.Database, tmp_path: Path, compiled: Path) -> Settings:
    instance = share_compiled(tmp_path / "instance", compiled)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return databases.settings_for(database, tmp_path, instance_path=instance, base_url=f"http://localhost:{port}")


@pytest.fixture
def live(app: Flask, settings: Settings) -> Iterator[str]:
    """The address of the running application."""
    with serving(app, int(settings.base_url.rpartition(":")[2])) as address:
        yield address


@pytest.fixture
def page_as(app: Flask, world: Any, live: str, chromium: Chromium) -> Iterator[PageAs]:
    """Open a page as somebody of the world, or as nobody: `page_as("owner@acme.example.com", width="phone")`."""
    with ExitStack() as stack:
        opened: list[Page] = []

        def make(email: str | None = None, width: str = "desktop", scheme: str = "light", **options: Any) -> Page:
            cookies = [cookie_of(app, Browser(app).sign_in(email), live)] if email else []
            page = stack.enter_context(
                open_page(chromium, live, width=width, scheme=scheme, cookies=cookies, **options)
            )
            opened.append(page)
            return page

        yield make
        faults = [fault for page in opened for fault in page.watch.faults()]  # type: ignore[attr-defined]
    assert not faults, "\n".join(faults)
