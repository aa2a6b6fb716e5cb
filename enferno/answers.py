"""The one place that turns what went wrong into an answer.

Programs get problem details (RFC 9457), people a page. Nothing that a database or a provider said is ever part of it.
"""

import re
import time
from typing import Any, cast

import structlog
from flask import Flask, Response, current_app, g, jsonify, request
from flask.globals import request_ctx
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_limiter import RateLimitExceeded
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from enferno.configuration import own_address
from enferno.database import passes
from enferno.errors import (
    Conflict,
    Error,
    Invalid,
    NotAllowed,
    NotFound,
    Unauthenticated,
    UnsupportedMediaType,
    Words,
)
from enferno.extensions import db, limiter
from enferno.pages import render_error

__all__ = ["answer_error", "init_app", "problem", "undo", "wants_json"]

log = structlog.get_logger()

MOST_OF_A_HOST = 100

TITLES: dict[int, Words] = {
    400: _l("The request could not be read"),
    401: Unauthenticated.title,
    402: _l("Your plan does not include this"),
    403: NotAllowed.title,
    404: NotFound.title,
    405: _l("This address does not take that method"),
    409: Conflict.title,
    413: _l("This is larger than what is taken here"),
    415: UnsupportedMediaType.title,
    422: Invalid.title,
    429: _l("Too many tries; wait a little"),
    500: _l("Something broke on our side"),
    503: _l("This is not available right now; try again in a moment"),
}


def init_app(app: Flask) -> None:
    app.register_error_handler(Error, answer_error)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(SecurityError, answer_host)
    app.register_error_handler(CSRFError, answer_csrf)
    app.register_error_handler(RateLimitExceeded, answer_limit)
    app.register_error_handler(IntegrityError, answer_conflict)
    app.register_error_handler(StaleDataError, answer_conflict)
    app.register_error_handler(DBAPIError, answer_database)
    app.register_error_handler(PoolTimeout, answer_unavailable)
    app.register_error_handler(Exception, answer_unexpected)


def answer_error(error: Error) -> Response:
    return answer(error.status, error.code, error.title, error.detail, error.errors, error.more)


def answer_http(error: HTTPException) -> Response:
    if error.response is not None:
        return cast(Response, error.response)
    status = error.code or 500
    if status < 400:
        return Response(status=status, headers=dict(error.get_headers()))
    response = answer(status, "_".join(re.findall(r"[a-z]+", error.name.lower())))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def answer_host(error: SecurityError) -> Response:
    """A host name that is not ours. Scanners ask for such all day: the line of the request says so, and no other."""
    structlog.contextvars.bind_contextvars(unknown_host=request.headers.get("Host", "")[:MOST_OF_A_HOST])
    # Flask has bound no addresses to this request, and the page that answers leads home and to signing in.
    scheme, host = own_address(current_app)
    request_ctx.url_adapter = current_app.url_map.bind(host, url_scheme=scheme)
    return answer_http(error)


def answer_csrf(_error: CSRFError) -> Response:
    detail = _l("This page was open for too long. Reload it and try again; nothing was changed.")
    return answer(400, "csrf", detail=detail)


def answer_limit(error: RateLimitExceeded) -> Response:
    log.warning("limit_reached", endpoint=request.endpoint, limit=str(error.limit.limit), address=request.remote_addr)
    reached = limiter.current_limit
    seconds = max(1, int(reached.reset_at - time.time())) if reached else 60
    minutes = -(-seconds // 60)
    detail = ngettext("Try again in a minute.", "Try again in %(num)s minutes.", minutes)
    response = answer(429, "too_many_requests", detail=detail)
    response.headers["Retry-After"] = str(seconds)
    return response


def answer_conflict(error: Exception) -> Response:
    log.warning("conflict", error=type(error).__name__)
    return answer(409, "conflict", Conflict.title)


def answer_database(error: DBAPIError) -> Response:
    return answer_unavailable(error.orig or error) if passes(error) else answer_unexpected(error)


def answer_unavailable(error: BaseException) -> Response:
    log.error("database_unavailable", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None))
    # Who asks is not looked up again: the page that tells of it must not wait for the same database once more.
    g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]
    response = answer(503, "unavailable")
    response.headers["Retry-After"] = "5"
    return response


def answer_unexpected(error: Exception) -> Response:
    """A fault of ours: the log has all of it, the caller an apology and the request's id (ASVS 16.5.1)."""
    log.exception("unexpected_error", exc_info=error)
    forget_unreadable_caller()
    return answer(500, "internal_error")


def forget_unreadable_caller() -> None:
    """The page about a failure must not fail because who is signed in cannot be read."""
    undo()
    try:
        getattr(current_user, "locale", None)
    except Exception:
        g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]


def answer(
    status: int,
    code: str,
    title: Words = "",
    detail: Words = "",
    errors: list[dict[str, str]] | None = None,
    more: dict[str, Any] | None = None,
) -> Response:
    """Problem details for programs, a page for people; the transaction, if any, is undone first."""
    undo()
    title = title or TITLES.get(status, TITLES[400])
    if wants_json():
        return problem(status, code, title, detail, errors or [], more)
    response = render_error(status=status, code=code, title=str(title), detail=str(detail))
    return response if isinstance(response, Response) else Response(*response)


def problem(
    status: int,
    code: str,
    title: Words,
    detail: Words = "",
    errors: list[dict[str, str]] | None = None,
    more: dict[str, Any] | None = None,
) -> Response:
    """Problem details (RFC 9457). `errors` names each field at fault.

    The request's id is in the header and not in here, so that two refusals for different reasons that must
    look alike are alike to the byte.
    """
    body: dict[str, Any] = {"type": "about:blank", "title": str(title), "status": status, "code": code}
    if detail:
        body["detail"] = str(detail)
    if errors:
        body["errors"] = errors
    response = jsonify(body | (more or {}))
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def wants_json() -> bool:
    return request.path.startswith(("/api/", "/webhooks/")) or (
        request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def undo() -> None:
    db.session.rollback()
