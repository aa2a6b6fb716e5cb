"""Structured logs: one event a line, with the request's id, person and workspace."""

import logging
import sys
from uuid import UUID

import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict, WrappedLogger

from enferno.database import new_id
from enferno.settings import current_settings

__all__ = ["init_app", "request_id"]

log = structlog.get_logger()

# Names whose values never belong in a log, whatever somebody passes to it (ASVS 16.2.5).
SECRETS = ("password", "secret", "token", "authorization", "cookie", "salt", "csrf")


def init_app(app: Flask) -> None:
    """Set structlog up for this process and give every request an id."""
    settings = current_settings(app)
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and settings.is_production)
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.log_level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=renderer))
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    app.before_request(begin)
    app.after_request(finish)


def begin() -> None:
    """Name the request. An id from outside is taken only when a proxy that we trust made it."""
    given = request.headers.get("X-Request-ID", "")
    trusted = current_settings().trusted_proxies > 0 and is_uuid(given)
    g.request_id = given if trusted else str(new_id())
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def finish(response: Response) -> Response:
    response.headers["X-Request-ID"] = request_id()
    if request.endpoint not in {"static", "health.alive", "health.ready"}:
        log.info("request", method=request.method, path=path_without_secrets(), status=response.status_code)
    return response


def path_without_secrets() -> str:
    """The address that was asked for; what opens an account, such as the token of a link in a mail, is left out."""
    path = request.path
    for name, value in (request.view_args or {}).items():
        if any(secret in name for secret in SECRETS):
            path = path.replace(str(value), "[hidden]")
    return path


def request_id() -> str:
    """The id of the request being answered; people quote it, logs carry it."""
    return str(g.get("request_id", "-"))


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for name in event:
        if any(secret in name.lower() for secret in SECRETS):
            event[name] = "[hidden]"
    return event
