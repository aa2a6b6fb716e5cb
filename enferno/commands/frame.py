"""What all commands share: they commit their own work, and a refusal is one line and an exit code."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from enferno.errors import Error
from enferno.extensions import db

__all__ = ["Refused", "command"]

Refused = click.ClickException
Function = Callable[..., Any]


def command(name: str) -> Callable[[Function], click.Command]:
    """A `flask` command: in the application's context, one transaction, committed at the end.

    A refusal (`Refused`, or an `Error` of the domain) undoes everything and ends with its sentence and code 1.
    """
    return lambda function: click.command(name)(with_appcontext(in_one_transaction(function)))


def in_one_transaction(function: Function) -> Function:
    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
            db.session.commit()
        except Error as refusal:
            raise Refused(sentence(refusal)) from None
        except (OperationalError, ProgrammingError) as fault:
            raise Refused(database_fault(fault)) from None
        finally:
            db.session.rollback()

    return run


def sentence(refusal: Error) -> str:
    """What a refusal says, the faults of its fields first."""
    faults = [f"{error['field']}: {error['message']}" for error in refusal.errors]
    return "; ".join(faults) or str(refusal.detail or refusal.title)


def database_fault(fault: OperationalError | ProgrammingError) -> str:
    """The kind of fault and the remedy; the database's own words may repeat what was written."""
    told = str(fault.orig).lower()
    if "no such table" in told or "no such column" in told or "does not exist" in told:
        return "The database is not at its newest migration. Run: flask create-db"
    if "locked" in told:
        return "The database is locked by another process: wait for it, or stop it."
    return f"The database cannot be used ({type(fault.orig).__name__}). Run: flask doctor"
