"""`flask install`: the first superadmin of a new installation."""

import click
from sqlalchemy import select

from enferno.commands import accounts, credentials, options
from enferno.commands.frame import Refused, command
from enferno.extensions import db
from enferno.settings import current_settings
from enferno.user.models import SUPERADMIN, Role, User

__all__ = ["SUPERADMIN_EMAIL", "anybody", "first_superadmin", "install"]

SUPERADMIN_EMAIL = "superadmin@example.com"


@command("install")
@click.option("-e", "--email", help=f"The superadmin's address; in development {SUPERADMIN_EMAIL} without it.")
@options.password
@options.if_empty
def install(email: str | None, password: str, if_empty: bool) -> None:
    """Make the first superadmin."""
    if if_empty and anybody():
        return
    if db.session.scalar(select(User.id).where(User.roles.any(Role.name == SUPERADMIN)).limit(1)):
        raise Refused("There is a superadmin already. For another run: flask create -e EMAIL --super-admin")
    if email is None and isinstance(password, accounts.Fresh):
        password = accounts.Fresh(credentials.account("superadmin", SUPERADMIN_EMAIL)["password"])
    user = first_superadmin(email, password)
    click.echo(f"{user.email} can sign in and is the superadmin.")
    accounts.say_password(password)
    if email is None:
        credentials.keep(superadmin={"email": user.email, "password": password})


def first_superadmin(email: str | None, password: str) -> User:
    if email is None and current_settings().is_production:
        raise Refused("Name the superadmin's address: flask install -e EMAIL")
    user = accounts.make(email or SUPERADMIN_EMAIL, password)
    user.roles.append(accounts.role_named(SUPERADMIN))
    return user


def anybody() -> bool:
    return db.session.scalar(select(User.id).limit(1)) is not None
