"""Take the pictures of every page: phone and desktop, light and dark, from a demo workspace made for it.

    .venv/bin/python -m scripts.screenshots            all of them, into docs/screenshots/
    .venv/bin/python -m scripts.screenshots home users only these

It makes an application with a database of its own, so it needs and changes nothing but the pictures.
"""

import argparse
import base64
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.cli import ScriptInfo
from playwright.sync_api import Page
from sqlalchemy import select

from enferno.app import create_app
from enferno.extensions import db
from enferno.settings import ROOT, Settings
from enferno.user.models import User
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


def settle(page: Page) -> None:
    """The page has mounted, its data are there and nothing moves any more."""
    page.wait_for_selector("html[data-ready]")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(400)


def write(converter: Page, png: bytes, path: Path, width: int, quality: float = 0.8) -> None:
    words = converter.evaluate(TO_WEBP, [base64.b64encode(png).decode(), width, quality])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(words))


def take(wanted: list[str]) -> int:
    taken = 0
    with demo_application() as (app, address), chromium_running() as chromium:
        cookies: dict[str, Any] = {"": []}
        cookies |= {who: [cookie_of(app, sign_in(app, who), address)] for who in (MEMBER, OPERATOR)}
        converter = chromium.new_page()
        for shot in SHOTS:
            if wanted and shot.name not in wanted:
                continue
            for size in ("desktop", "phone"):
                for scheme in ("light", "dark"):
                    with open_page(chromium, address, width=size, scheme=scheme, cookies=cookies[shot.who]) as page:
                        page.goto(shot.path)
                        settle(page)
                        png = page.screenshot()
                    width = 1280 if size == "desktop" else 390
                    write(converter, png, PICTURES / f"{shot.name}-{size}-{scheme}.webp", width)
                    if shot.name == "home" and size == "desktop":
                        write(converter, png, SHOWN / f"home-{scheme}.webp", 1280, quality=0.85)
                    taken += 1
        converter.close()
    return taken


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"only these: {', '.join(shot.name for shot in SHOTS)}")
    names = parser.parse_args().names
    unknown = set(names) - {shot.name for shot in SHOTS}
    if unknown:
        parser.error(f"there is no picture called {', '.join(sorted(unknown))}")
    print(f"{take(names)} pictures in {PICTURES.relative_to(ROOT)}/")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
