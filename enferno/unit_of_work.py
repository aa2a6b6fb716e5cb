"""One commit per request: services flush, the request commits once, and a refusal leaves nothing behind.

The commit is the last thing that happens inside the dispatch, and not an `after_request` function: when the database
refuses it, the error is answered as every other error is, and nobody reads "saved" about something that was not.

A streamed response goes on working after that. Its parts are made in the request's own context and session, and what
they write is committed after the last one.
"""

from collections.abc import Iterable, Iterator
from contextvars import copy_context
from typing import Any

import structlog
from flask import Flask, Response
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import ProgrammingError, ResourceClosedError

from enferno.extensions import db
from enferno.tenancy.scope import end_sessions, lay_aside, take_up

__all__ = ["CommittingFlask"]

log = structlog.get_logger()

OPENED_TOO_EARLY = (
    "What a view reads with yield_per ends with its transaction, which is before the first part: run the statement "
    "inside the generator."
)


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
    if db.session.registry.has():
        if response.status_code < 400:
            db.session.commit()
        else:
            db.session.rollback()
    if response.is_streamed and not response.direct_passthrough:
        response.response = Stream(response.response)  # type: ignore[arg-type]
    return response


class Stream:
    """The parts of a streamed response, each made where its view ran: the same request, caller, workspace and session.

    Flask takes all of that down before the server asks for the first part.
    """

    def __init__(self, parts: Iterable[Any]) -> None:
        self.given = parts
        self.parts = iter(parts)
        self.context = copy_context()
        self.sessions = lay_aside(db)
        self.ended = False

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return self.context.run(self.next)

    def next(self) -> Any:
        if self.ended:
            raise StopIteration
        take_up(db, self.sessions)
        try:
            return self.next_part()
        except StopIteration:
            self.end()
            raise
        except BaseException as fault:
            if isinstance(fault, (ProgrammingError, ResourceClosedError)):
                fault.add_note(OPENED_TOO_EARLY)
            # The answer has begun, so there is no other one to give: the server cuts it off.
            log.exception("stream_failed")
            self.end()
            raise

    def next_part(self) -> Any:
        try:
            return next(self.parts)
        except StopIteration:
            if db.session.registry.has():
                db.session.commit()
            raise

    def close(self) -> None:
        """The server is done with it, at the end or because the reader went away: what is not committed is undone."""
        self.context.run(self.end)

    def end(self) -> None:
        if self.ended:
            return
        self.ended = True
        take_up(db, self.sessions)
        try:
            for parts in (self.parts, self.given):
                if hasattr(parts, "close"):
                    parts.close()
        finally:
            end_sessions(db)
