"""Holding rows, so that what was read of them is still true when it is acted upon."""

from typing import Any

from sqlalchemy import select, update

from enferno.extensions import db

__all__ = ["hold"]


def hold(model: Any, *conditions: Any) -> None:
    """Let nobody else change these rows, or refer to them anew, until this transaction ends. Waits for who holds them.

    PostgreSQL locks the rows, in the order of their ids so that no two deadlock. SQLite locks no rows, but has one
    writer at a time: a write that changes nothing makes that one us. Read what you act upon afterwards.
    """
    if db.session.get_bind().dialect.name == "sqlite":
        write = update(model).where(*conditions).values(id=model.id)
        db.session.execute(write.execution_options(synchronize_session=False))
    else:
        db.session.execute(select(model.id).where(*conditions).order_by(model.id).with_for_update()).all()
