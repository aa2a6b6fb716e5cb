"""People made in the shell: the same rules as at sign-up, and no mail to confirm."""

from typing import cast

import click
from flask_security.utils import hash_password
from sqlalchemy import select

from enferno.commands.frame import Refused
from enferno.database import now
from enferno.extensions import db
from enferno.names import cleaned
from enferno.user.addresses import normal_address, read_address
from enferno.user.administration import checked_password, generate_password, superadmin_role
from enferno.user.models import SUPERADMIN, Role, User
from enferno.user.security import datastore

__all__ = ["find", "given_or_fresh", "make", "role_named", "say_password"]


def make(email: str, password: str, name: str = "") -> User:
    """A person who may sign in at once: whoever has the shell vouches for the address. Flushed, not committed."""
    address, name = checked_address(email), checked_name(name)
    if datastore.find_user(email=address) is not None:
        raise Refused(f"{address} has an account already. For a new password run: flask reset -e {address}")
    hashed = hash_password(checked_password(password, email=address, name=name))
    user = datastore.create_user(email=address, name=name, password=hashed, confirmed_at=now(), active=True)
    db.session.flush()
    return user


def find(email: str) -> User:
    user = datastore.find_user(email=email)
    if user is None:
        raise Refused(f"Nobody has the address {normal_address(email)}.")
    return user


def checked_address(email: str) -> str:
    try:
        return read_address(email)
    except ValueError:
        raise Refused(f"{email} is no e-mail address.") from None


def checked_name(name: str) -> str:
    try:
        return str(cleaned(name))
    except ValueError as fault:
        raise Refused(f"name: {fault}") from None


def given_or_fresh(_context: click.Context, _option: click.Parameter, value: str | None) -> str:
    """The callback of -p: what was given, or a new password, remembered so that it can be said once."""
    if value is not None:
        return value
    return Fresh(generate_password())


class Fresh(str):
    """A password that was made here, and so has to be told."""

    __slots__ = ()


def say_password(password: str) -> None:
    """Show a password that nobody knows yet; one that was given is not repeated."""
    if isinstance(password, Fresh):
        click.echo(f"Password (shown this once): {password}")


def role_named(name: str) -> Role:
    """The role of the whole installation called `name`; the operator's is made when it is first needed."""
    role = superadmin_role() if name == SUPERADMIN else datastore.find_role(name)
    if role is not None:
        return cast(Role, role)
    known = sorted({SUPERADMIN, *db.session.scalars(select(Role.name))})
    raise Refused(f"There is no role {name}. Known: {', '.join(known)}.")
