"""People made in the shell: the same rules as at sign-up, and no mail to confirm."""

import secrets
from typing import cast

import click
from flask import current_app
from flask_security import Security
from flask_security.mail_util import EmailValidateException
from flask_security.utils import hash_password
from sqlalchemy import select

from enferno.commands.frame import Refused
from enferno.database import now
from enferno.extensions import db
from enferno.user.models import SUPERADMIN, Role, User, normal_address
from enferno.user.security import datastore

__all__ = ["checked_password", "find", "fresh_password", "make", "role_named", "say_password"]


def make(email: str, password: str, name: str = "") -> User:
    """A person who may sign in at once: whoever has the shell vouches for the address. Flushed, not committed."""
    address = checked_address(email)
    if datastore.find_user(email=address) is not None:
        raise Refused(f"{address} has an account already. For a new password run: flask reset -e {address}")
    hashed = hash_password(checked_password(password, email=address))
    user = datastore.create_user(email=address, name=name, password=hashed, confirmed_at=now(), active=True)
    db.session.flush()
    return cast(User, user)


def find(email: str) -> User:
    user = datastore.find_user(email=email)
    if user is None:
        raise Refused(f"Nobody has the address {normal_address(email)}.")
    return user


def security() -> Security:
    """Flask-Security as this application has set it up, with the rules of its sign-up."""
    return cast(Security, current_app.extensions["security"])


def checked_address(email: str) -> str:
    try:
        return normal_address(security().mail_util.validate(email))
    except EmailValidateException:
        raise Refused(f"{email} is no e-mail address.") from None


def checked_password(password: str, email: str) -> str:
    """The password in its normal form.

    Raises:
        Refused: it would be refused at sign-up too; the line says why and does not repeat it.
    """
    faults, normal = security().password_util.validate(password, True, email=email)
    if faults:
        raise Refused("The password cannot be taken: " + " ".join(map(str, faults)))
    return normal


def fresh_password() -> str:
    """96 random bits, in groups that can be read aloud."""
    return "-".join(secrets.token_hex(3) for _ in range(4))


def given_or_fresh(_context: click.Context, _option: click.Parameter, value: str | None) -> str:
    """The callback of -p: what was given, or a new password, remembered so that it can be said once."""
    if value is not None:
        return value
    return Fresh(fresh_password())


class Fresh(str):
    """A password that was made here, and so has to be told."""

    __slots__ = ()


def say_password(password: str) -> None:
    """Show a password that nobody knows yet; one that was given is not repeated."""
    if isinstance(password, Fresh):
        click.echo(f"Password (shown this once): {password}")


def role_named(name: str) -> Role:
    """The role of the whole installation called `name`; the operator's is made when it is first needed."""
    role = datastore.find_role(name)
    if role is None and name == SUPERADMIN:
        role = datastore.create_role(name=SUPERADMIN, description="Runs this installation")
    if role is not None:
        return cast(Role, role)
    known = sorted({SUPERADMIN, *db.session.scalars(select(Role.name))})
    raise Refused(f"There is no role {name}. Known: {', '.join(known)}.")
