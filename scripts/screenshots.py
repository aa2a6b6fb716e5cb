"""Take the pictures of every page: phone and desktop, light and dark, from a demo workspace made for it.

    .venv/bin/python -m scripts.screenshots            all of them, into docs/screenshots/
    .venv/bin/python -m scripts.screenshots home users only these
    .venv/bin/python -m scripts.screenshots bills      the life of a subscription: every name that begins so

It makes an application with a database of its own, so it needs and changes nothing but the pictures.
"""

import argparse
import base64
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.cli import ScriptInfo
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from sqlalchemy import select

from enferno.app import create_app
from enferno.extensions import db
from enferno.settings import ROOT, Settings
from enferno.user.models import User
from scripts.bill_story import COLLEAGUE, CUSTOMER, TURNS, Story, add_example_page
from tests.support.chromium import chromium_running, cookie_of, open_page, serving
from tests.support.client import Browser
from tests.support.databases import KEY, SALT

PICTURES = ROOT / "docs" / "screenshots"
# The landing page shows the product itself.
SHOWN = ROOT / "enferno" / "static" / "img"
MEMBER, OPERATOR = "maya@fernhill.example", "superadmin@example.com"
WORKSPACE = "/w/fernhill-studio/"


@dataclass(frozen=True)
class Shot:
    """A page, as somebody sees it or, without `who`, as anybody does."""

    name: str
    path: str
    who: str = ""


SHOTS = (
    Shot("landing", "/"),
    Shot("pricing", "/pricing"),
    Shot("sign-in", "/login"),
    Shot("sign-up", "/register"),
    Shot("forgot-password", "/reset"),
    Shot("check-your-mail", "/check-your-mail"),
    Shot("not-found", "/there/is/nothing/here"),
    Shot("api", "/api/v1/docs"),
    Shot("home", WORKSPACE, MEMBER),
    Shot("projects", f"{WORKSPACE}projects", MEMBER),
    Shot("members", f"{WORKSPACE}members", MEMBER),
    Shot("activity", f"{WORKSPACE}activity", MEMBER),
    Shot("billing", f"{WORKSPACE}billing", MEMBER),
    Shot("settings", f"{WORKSPACE}settings", MEMBER),
    Shot("profile", "/account/profile", MEMBER),
    Shot("security", "/account/security", MEMBER),
    Shot("superadmin-overview", "/superadmin/", OPERATOR),
    Shot("superadmin-users", "/superadmin/users", OPERATOR),
    Shot("superadmin-workspaces", "/superadmin/workspaces", OPERATOR),
    Shot("superadmin-activity", "/superadmin/activity", OPERATOR),
    Shot("superadmin-billing", "/superadmin/billing", OPERATOR),
    Shot("superadmin-billing-events", "/superadmin/billing/events", OPERATOR),
)

EVERY_WAY = [(size, scheme) for size in ("desktop", "phone") for scheme in ("light", "dark")]
# The turns of a story are many: a wide light picture and a narrow dark one of each say enough.
IN_A_STORY = [("desktop", "light"), ("phone", "dark")]

# Chromium can write WebP itself, so nobody needs an image library for this.
TO_WEBP = """async ([png, width, quality]) => {
  const picture = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob())
  const height = Math.round(picture.height * width / picture.width)
  const canvas = new OffscreenCanvas(width, height)
  canvas.getContext('2d').drawImage(picture, 0, 0, width, height)
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/webp', quality })).arrayBuffer())
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}"""


@contextmanager
def demo_application() -> Iterator[tuple[Flask, str]]:
    """An application with a demo workspace, and its address."""
    with tempfile.TemporaryDirectory(prefix="readykit-screenshots-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        settings = Settings(
            env="testing", secret_key=KEY, security_password_salt=SALT, billing_provider="local",
            base_url=f"http://localhost:{port}", instance_path=Path(folder), log_level="ERROR",
        )  # fmt: skip
        app = create_app(settings)
        add_example_page(app)
        for words in (["create-db"], ["demo"]):
            done = app.test_cli_runner().invoke(args=words, obj=ScriptInfo(create_app=lambda: app))
            if done.exit_code:
                sys.exit(f"flask {' '.join(words)} failed: {done.output}")
        with serving(app, port) as address:
            yield app, address


def sign_in(app: Flask, who: str) -> Browser:
    with app.app_context():
        db.session.scalars(select(User).where(User.email == who)).one()
    return Browser(app).sign_in(who)


def settle(page: Page, path: str) -> None:
    """The page has mounted, its data are there and nothing moves any more."""
    if not path.startswith("/dev/"):
        page.wait_for_selector("html[data-ready]")
    if "checkout=" not in path:
        page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(400)


def write(converter: Page, png: bytes, path: Path, width: int, quality: float = 0.8) -> None:
    words = converter.evaluate(TO_WEBP, [base64.b64encode(png).decode(), width, quality])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(words))


@dataclass
class Camera:
    """Chromium over the demo application, signed in as whoever is asked for."""

    app: Flask
    address: str
    chromium: Chromium
    converter: Page
    taken: int = 0

    def __post_init__(self) -> None:
        people = (MEMBER, OPERATOR, CUSTOMER, COLLEAGUE)
        self.cookies: dict[str, Any] = {"": []}
        self.cookies |= {who: [cookie_of(self.app, sign_in(self.app, who), self.address)] for who in people}

    def take(
        self, name: str, path: str, who: str, ways: list[tuple[str, str]], act: Callable[[Page], None] | None = None
    ) -> None:
        for size, scheme in ways:
            cookies = self.cookies[who]
            with open_page(self.chromium, self.address, width=size, scheme=scheme, cookies=cookies) as page:
                page.goto(path)
                settle(page, path)
                if act is not None:
                    act(page)
                    settle(page, path)
                png = page.screenshot()
            width = 1280 if size == "desktop" else 390
            write(self.converter, png, PICTURES / f"{name}-{size}-{scheme}.webp", width)
            if name == "home" and size == "desktop":
                write(self.converter, png, SHOWN / f"home-{scheme}.webp", 1280, quality=0.85)
            self.taken += 1


def take(wanted: set[str]) -> int:
    with demo_application() as (app, address), chromium_running() as chromium:
        camera = Camera(app, address, chromium, chromium.new_page())
        for shot in SHOTS:
            if shot.name in wanted:
                camera.take(shot.name, shot.path, shot.who, EVERY_WAY)
        tell(Story(app), camera, wanted)
        camera.converter.close()
    return camera.taken


def tell(story: Story, camera: Camera, wanted: set[str]) -> None:
    """The life of a subscription, in its order, as far as the last picture that is wanted of it."""
    left = {turn.name for turn in TURNS} & wanted
    for turn in TURNS:
        if not left:
            return
        if turn.before is not None:
            turn.before(story)
        if turn.name in left:
            left.remove(turn.name)
            path = turn.path if isinstance(turn.path, str) else turn.path(story)
            camera.take(turn.name, path, turn.who, IN_A_STORY, turn.act)


def named(words: list[str]) -> set[str]:
    """The pictures of these names, or of names that begin so; all of them where nothing is said."""
    names = [one.name for one in (*SHOTS, *TURNS)]
    if not words:
        return set(names)
    found = {word: [name for name in names if name == word or name.startswith(f"{word}-")] for word in words}
    unknown = [word for word, those in found.items() if not those]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"there is no picture called {', '.join(unknown)}; there are {', '.join(names)}"
        )
    return {name for those in found.values() for name in those}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="only these, or those that begin so")
    try:
        wanted = named(parser.parse_args().names)
    except argparse.ArgumentTypeError as fault:
        parser.error(str(fault))
    print(f"{take(wanted)} pictures in {PICTURES.relative_to(ROOT)}/")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
