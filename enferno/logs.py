"""Structured logs: one event a line, with the request's id, person and workspace."""

import logging
import time
from functools import lru_cache
from typing import Any
from uuid import UUID

import structlog
from flask import Flask, Response, g, request
from flask_login import user_logged_in, user_logged_out
from sqlalchemy import inspect
from structlog.typing import EventDict, Processor, WrappedLogger

from enferno.database import new_id
from enferno.links import without_token
from enferno.log_lines import SteadyLogger, log_stream
from enferno.machines import also_for_machines
from enferno.settings import Settings, current_settings

__all__ = ["init_app", "request_id", "writes_json"]

log = structlog.get_logger()

# Names whose values never belong in a log, whatever somebody passes to it (ASVS 16.2.5).
SECRETS = ("password", "secret", "token", "authorization", "cookie", "salt", "csrf")


def init_app(app: Flask) -> None:
    """Set structlog up for this process and give every request an id."""
    settings = current_settings(app)
    renderer: Processor = (
        structlog.processors.JSONRenderer() if writes_json(settings) else structlog.dev.ConsoleRenderer(colors=False)
    )
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.log_level)),
        logger_factory=lambda *_name: SteadyLogger(log_stream()),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(log_stream())
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=renderer))
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    if writes_json(settings):
        logging.captureWarnings(True)
    app.before_request(also_for_machines(begin))
    app.after_request(also_for_machines(finish))
    user_logged_in.connect(note_sign_in, app)
    user_logged_out.connect(note_sign_out, app)


def writes_json(settings: Settings) -> bool:
    return settings.log_format == "json" or (settings.log_format == "auto" and settings.is_production)


def begin() -> None:
    """Name the request. An id from outside is taken only when a proxy that we trust made it."""
    given = request.headers.get("X-Request-ID", "")
    trusted = current_settings().trusted_proxies > 0 and is_uuid(given)
    g.request_id = given if trusted else str(new_id())
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def finish(response: Response) -> Response:
    response.headers["X-Request-ID"] = request_id()
    if request.endpoint not in {"static", "health.alive", "health.ready"}:
        user = identity(g.get("_login_user"))
        log.info(
            "request",
            method=request.method,
            path=path_without_secrets(),
            status=response.status_code,
            duration_ms=round((time.perf_counter() - g.began) * 1000, 1) if "began" in g else None,
            address=request.remote_addr,
            **({"user": user} if user else {}),
        )
    return response


def identity(user: Any) -> str | None:
    """The person's id, without asking the database for what the commit has let go of."""
    state = inspect(user, raiseerr=False)
    return str(state.identity[0]) if state is not None and getattr(state, "identity", None) else None


def path_without_secrets() -> str:
    """The path, but for a token in it (to reset a password, to confirm an address), which would let somebody in."""
    path = without_token(request.path)
    for name, value in (request.view_args or {}).items():
        if is_secret(name):
            path = path.replace(str(value), "[hidden]")
    return path


def note_sign_in(_app: Flask, user: Any, **_more: Any) -> None:
    log.info("signed_in", user=identity(user), address=request.remote_addr)


def note_sign_out(_app: Flask, user: Any, **_more: Any) -> None:
    log.info("signed_out", user=identity(user), address=request.remote_addr)


def request_id() -> str:
    """The id of the request being answered; people quote it, logs carry it."""
    return str(g.get("request_id", "-"))


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@lru_cache(1000)
def is_secret(name: str) -> bool:
    return any(secret in name.lower() for secret in SECRETS)


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for name in event:
        if is_secret(name):
            event[name] = "[hidden]"
    return event
