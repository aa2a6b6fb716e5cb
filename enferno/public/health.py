"""Is the process alive; can it serve."""

from collections.abc import Callable

import structlog
from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from enferno.access.guards import open_to_all
from enferno.extensions import db, limiter

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
    """Whether this process can serve: each part by name, without a word about why not."""
    parts = {name: works(check) for name, check in {"database": database}.items()}
    response = jsonify(status="ok" if all(parts.values()) else "unavailable", parts=parts)
    response.status_code = 200 if all(parts.values()) else 503
    return response


def works(check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception as fault:
        log.warning("not_ready", part=check.__name__, error=type(fault).__name__)
        return False
    return True


def database() -> None:
    db.session.execute(text("SELECT 1"))
