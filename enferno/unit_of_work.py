"""One commit per request: services flush, the request commits once, and a refusal leaves nothing behind."""

from flask import Flask, Response

from enferno.extensions import db

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    app.after_request(finish)


def finish(response: Response) -> Response:
    """Commit what a successful request did. What a failed one did was undone where its error was answered."""
    if response.status_code < 400:
        db.session.commit()
    else:
        db.session.rollback()
    return response
