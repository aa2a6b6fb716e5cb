"""`render_page`: Jinja renders the head, one block of JSON and the mount point; Vue does the rest."""

import datetime as dt
import enum
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import structlog
from flask import Flask, Response, current_app, g, get_flashed_messages, make_response, render_template, request
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from pydantic import BaseModel

from enferno.pages.assets import Assets
from enferno.pages.compiler import TemplateError
from enferno.pages.headers import csp_nonce
from enferno.pages.sources import REST

log = structlog.get_logger()

EXTENSION = "pages"
THEMES = ("system", "light", "dark")

# What a page finds in its data even when nobody provides it.
EMPTY: dict[str, Any] = {
    "user": None,
    "workspace": None,
    "workspaces": [],
    "allowed": [],
    "nav": [],
    "urls": {},
}

# Loaded only by pages that use them, and by which components one can tell.
EXTRA_SCRIPTS = {"kit-chart": "vendor/chart.js/chart.umd.min.js"}

Provider = Callable[[], dict[str, Any]]


def asset(name: str) -> str:
    """The content-hashed address of a static file: `asset("css/kit.css")`."""
    assets: Assets = current_app.extensions[EXTENSION].assets
    return assets.url(name)


def page_context(app: Flask, provider: Provider) -> Provider:
    """Add to every page's data: the provider returns some of user, workspace, workspaces, allowed, nav, urls, …"""
    app.extensions[EXTENSION].providers.append(provider)
    return provider


def render_page(
    name: str,
    title: str = "",
    data: Any = None,
    layout: str | None = None,
    status: int = 200,
    **more: Any,
) -> Response:
    """The page `name` (its template and script) in a layout: "public", "app" or "superadmin".

    `data` is whatever the page needs; Pydantic models, dates, UUIDs and decimals may be in it. Raises
    TemplateError when the template is broken and NoSuchPage when there is none.
    """
    layout = layout or _layout_of(name)
    block = page_block(name, title, data, layout, status) | more
    components = current_app.extensions[EXTENSION].assets.components(name)
    html = render_template(
        "shell.html",
        title=title,
        layout=layout,
        block=block,
        json_block=json_block(block),
        nonce=csp_nonce(),
        scripts=[_script for component, _script in EXTRA_SCRIPTS.items() if component in components],
        all_of_vuetify=bool(components & REST),
        words=_words(block["locale"]),
    )
    return make_response(html, status)


def render_error(*, status: int, code: str, title: str, detail: str = "") -> Response:
    """The page of an error, in the dress of the others; a bare one when even that cannot be made."""
    data = {"status": status, "code": code, "detail": detail}
    try:
        return render_page("errors/error", title=title, data=data, layout="public", status=status)
    except Exception:
        log.exception("error_page_failed", status=status)
        html = render_template(
            "errors/plain.html",
            title=title,
            detail=detail,
            status=status,
            nonce=csp_nonce(),
            request_id=_quoted(status),
        )
        return make_response(html, status)


def page_block(name: str, title: str, data: Any, layout: str, status: int) -> dict[str, Any]:
    """Everything that the script of a page starts from."""
    block = EMPTY | {
        "page": name,
        "title": title,
        "layout": layout,
        "status": status,
        "data": {} if data is None else data,
        "app_name": current_app.config.get("APP_NAME", "ReadyKit"),
        "locale": str(get_locale() or "en").replace("_", "-"),
        "theme": _theme(),
        "request_id": _quoted(status),
        "csrf": generate_csrf(),
        "flash": _flashes(),
    }
    for provider in current_app.extensions[EXTENSION].providers:
        block |= _provided(provider, status)
    return block


def _quoted(status: int) -> str:
    """The id that somebody may quote. Two 404s for different reasons must be alike to the byte: they have none."""
    return "" if status == 404 else str(g.get("request_id", ""))


def _provided(provider: Provider, status: int) -> dict[str, Any]:
    """What a provider adds. The page that tells of a failure must not fail for the same reason."""
    try:
        return provider()
    except Exception:
        if status < 500:
            raise
        return {}


def json_block(block: dict[str, Any]) -> Markup:
    """JSON that can stand inside `<script>`: no `<`, `>`, `&`, no line separators of JavaScript."""
    text = json.dumps(block, default=plain, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&'\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704


def plain(value: Any) -> Any:
    """The JSON form of what JSON does not know: models, times in ISO 8601, lazy translations."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, UUID | Decimal) or hasattr(value, "_get_current_object") or hasattr(value, "_func"):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be part of a page's data")


def template_error_page(error: TemplateError) -> tuple[str, int]:
    """For developers: the file, the line and what Vue's compiler says about it."""
    return render_template("errors/template.html", error=error, nonce=csp_nonce()), 500


def _layout_of(name: str) -> str:
    room = name.partition("/")[0]
    return {"superadmin": "superadmin", "public": "public", "errors": "public"}.get(room, "app")


def _flashes() -> list[dict[str, str]]:
    """What the last request left to be said. A page fetched ahead may never be seen, so it does not take them."""
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        return []
    said = cast(list[tuple[str, str]], get_flashed_messages(with_categories=True))
    return [{"category": kind, "message": text} for kind, text in said]


def _theme() -> str:
    chosen = request.cookies.get("theme", "system")
    return chosen if chosen in THEMES else "system"


def _words(locale: str) -> str | None:
    try:
        return asset(f"words/{locale}.js")
    except LookupError:
        return None
