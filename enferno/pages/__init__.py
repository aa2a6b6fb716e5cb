"""Pages without a build: static Vue templates compiled in this process, under a strict Content-Security-Policy.

from enferno.pages import render_page

return render_page("portal/members", title=_("Members"), data={"roles": roles})
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from enferno.pages.assets import Assets, AssetServer
from enferno.pages.compiler import TemplateCompiler, TemplateError
from enferno.pages.headers import always_sent, csp_nonce, init_headers
from enferno.pages.shell import EXTENSION, Provider, asset, page_context, render_error, render_page, template_error_page
from enferno.pages.sources import PACKAGE, Built, NoSuchPage, Sources
from enferno.pages.words import word_script

__all__ = [
    "NoSuchPage",
    "Pages",
    "TemplateError",
    "always_sent",
    "asset",
    "csp_nonce",
    "init_app",
    "page_context",
    "publish_all",
    "render_error",
    "render_page",
]

TEMPLATES = Path("cache") / "templates"


@dataclass
class Pages:
    """What the extension keeps for one application."""

    assets: Assets
    providers: list[Provider] = field(default_factory=list)


def init_app(
    app: Flask,
    *,
    production: bool = False,
    features: Path | None = None,
    translations: tuple[Path, ...] = (PACKAGE / "translations",),
) -> None:
    """Bind the pages to an application. In production source files are taken as they are at start."""
    features = features or PACKAGE.parent / "features"
    instance = Path(app.instance_path)
    # An image is built with these, and runs with an instance folder that begins empty.
    ahead = PACKAGE.parent / "instance" / TEMPLATES
    sources = Sources(TemplateCompiler(instance / TEMPLATES, ahead if production else None), features)
    sources.words = lambda locale: _words(translations, locale)
    assets = Assets(sources, instance / "assets", watch=not production)
    app.extensions[EXTENSION] = Pages(assets)
    sources.names["offline.html"] = lambda: _offline(app)
    app.wsgi_app = AssetServer(  # type: ignore[method-assign]
        app.wsgi_app, assets, lambda: _service_worker(app, assets), always_sent(production=production)
    )
    app.jinja_env.globals.update(asset=asset, csp_nonce=csp_nonce)
    init_headers(app, production=production)
    if not production:
        app.register_error_handler(TemplateError, template_error_page)


def publish_all(app: Flask) -> int:
    """Write every static file with its compressed forms; setup and the image build call it. Returns how many."""
    assets: Assets = app.extensions[EXTENSION].assets
    with app.app_context():
        return assets.publish_all()


def _words(translations: tuple[Path, ...], locale: str) -> Built | None:
    name = locale.replace("-", "_")
    return word_script((folder / name / "LC_MESSAGES" / "messages.po" for folder in translations), locale)


def _offline(app: Flask) -> Built:
    """The page that the service worker shows; made without a request, so with nobody's data in it."""
    with app.app_context():
        html = app.jinja_env.get_template("errors/offline.html").render(app_name=app.config.get("APP_NAME", "ReadyKit"))
    return Built(html.encode(), (PACKAGE / "templates" / "errors" / "offline.html",))


def _service_worker(app: Flask, assets: Assets) -> bytes:
    with app.app_context():
        files = [assets.url("offline.html"), assets.url("css/kit.css"), assets.url("js/theme.js")]
    source = (PACKAGE / "static" / "js" / "service-worker.js").read_text(encoding="utf-8")
    return f"const FILES = {json.dumps(files)}\n{source}".encode()
