"""One commit per request: services flush, the request commits once, and a refusal leaves nothing behind.

The commit is the last thing that happens inside the dispatch, and not an `after_request` function: when the database
refuses it, the error is answered as every other error is, and nobody reads "saved" about something that was not.
"""

from typing import Any

from flask import Flask, Response
from flask.typing import ResponseReturnValue

from enferno.extensions import db

__all__ = ["CommittingFlask"]


class CommittingFlask(Flask):
    """Flask, with a transaction around what a request does."""

    def dispatch_request(self, *args: Any, **kwargs: Any) -> ResponseReturnValue:
        return finish(self.make_response(super().dispatch_request(*args, **kwargs)))

    def preprocess_request(self, *args: Any, **kwargs: Any) -> ResponseReturnValue | None:
        """A guard may answer in place of the view (a renamed workspace redirects)."""
        answer = super().preprocess_request(*args, **kwargs)
        return None if answer is None else finish(self.make_response(answer))


def finish(response: Response) -> Response:
    """Commit what a successful request did. What a failed one did was undone where its error was answered."""
    if not db.session.registry.has():
        return response
    if response.status_code < 400:
        db.session.commit()
    else:
        db.session.rollback()
    return response
