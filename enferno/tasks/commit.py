"""Effects go out after the commit: a rolled back request has sent nothing and queued nothing."""

from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from enferno.extensions import db

__all__ = ["after_commit", "effects_waiting"]

log = structlog.get_logger()
Effect = Callable[[], Any]

WAITING, READY = "effects_waiting", "effects_ready"


def after_commit(effect: Effect) -> None:
    """Call `effect` once the current transaction is committed; never if it is rolled back.

    It is called outside of any transaction and may use the database. What it raises is logged and changes nothing
    for whoever committed, so an effect that must not get lost is a row that somebody tries again.
    """
    session = db.session()
    if not session.in_transaction():
        # Nothing was asked of the database yet. Without a transaction a rollback would pass the effect by.
        session.begin()
    savepoint = session.get_nested_transaction()
    session.info.setdefault(WAITING, []).append((savepoint, effect))


def effects_waiting() -> int:
    """How many effects the commit of the current transaction would have, as far as it has come."""
    return len(db.session.info.get(WAITING, ()))


@event.listens_for(Session, "after_commit")
def release(session: Session) -> None:
    """Fires for savepoints too, whose effects go on waiting for the commit around them."""
    if session.get_nested_transaction() is None and WAITING in session.info:
        session.info[READY] = [effect for _, effect in session.info.pop(WAITING)]


@event.listens_for(Session, "after_soft_rollback")
def drop(session: Session, rolled_back: SessionTransaction) -> None:
    if WAITING not in session.info:
        return
    if rolled_back.nested:
        waiting = session.info[WAITING]
        session.info[WAITING] = [(at, effect) for at, effect in waiting if not inside(at, rolled_back)]
    else:
        del session.info[WAITING]


def inside(savepoint: SessionTransaction | None, rolled_back: SessionTransaction) -> bool:
    while savepoint is not None:
        if savepoint is rolled_back:
            return True
        savepoint = savepoint.parent
    return False


@event.listens_for(Session, "after_transaction_end")
def call(session: Session, ended: SessionTransaction) -> None:
    """The connection is back in the pool here, so an effect cannot deadlock with the transaction it waited for."""
    if ended.parent is not None:
        return
    for effect in session.info.pop(READY, []):
        try:
            effect()
        except Exception:
            log.exception("effect_failed", effect=getattr(effect, "__qualname__", repr(effect)))
