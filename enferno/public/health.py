"""Is the process alive; can it serve."""

from collections.abc import Callable

import structlog
from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import text

from enferno.access.guards import open_to_all
from enferno.extensions import cache, db, limiter

health = Blueprint("health", __name__)
log = structlog.get_logger()


@health.get("/healthz")
@open_to_all
@limiter.exempt
def alive() -> Response:
    """The process answers. It asks nobody else, so that a database's trouble does not restart every process."""
    return jsonify(status="ok")


@health.get("/readyz")
@open_to_all
@limiter.exempt
def ready() -> Response:
    """Whether this process can serve: each part by name, without a word about why not.

    Only the database decides. Without a cache or a broker the application goes on, slower, so taking it out of
    service would make a small trouble a large one; what is missing is named nevertheless.
    """
    parts = {"database": state(database), "cache": state(cached), "tasks": state(tasks)}
    serves = parts["database"] == "ok"
    response = jsonify(status="ok" if serves else "unavailable", parts=parts)
    response.status_code = 200 if serves else 503
    return response


def state(check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as fault:
        log.warning("not_ready", part=check.__name__, error=type(fault).__name__)
        return "unavailable"
    return "ok"


def database() -> None:
    try:
        db.session.execute(text("SELECT 1"))
    finally:
        db.session.rollback()


def cached() -> None:
    """Whether Redis answers; without one the cache is this process's memory."""
    ping = getattr(cache.cache, "ping", None)
    if ping is not None:
        ping()


def tasks() -> None:
    """Whether tasks can be handed to a worker; without a broker they are done in this process."""
    current_app.extensions["tasks"].check()
