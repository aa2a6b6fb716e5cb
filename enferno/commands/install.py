"""`flask install`: the first superadmin of a new installation."""

import click
from sqlalchemy import Select, select

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
    """Make the first superadmin, unless there is one."""
    if if_empty and anybody():
        return
    if present := db.session.scalar(superadmins().limit(1)):
        say_who_is_there(present, email)
        return
    if email is None and isinstance(password, accounts.Fresh):
        password = accounts.Fresh(credentials.account("superadmin", SUPERADMIN_EMAIL)["password"])
    user = first_superadmin(email, password)
    click.echo(f"{user.email} can sign in and is the superadmin.")
    accounts.say_password(password)
    if email is None:
        credentials.keep(superadmin={"email": user.email, "password": password})


def superadmins() -> Select[str]:
    """The addresses of those who run this installation, whoever was first in front."""
    return select(User.email).where(User.roles.any(Role.name == SUPERADMIN)).order_by(User.created_at)


def say_who_is_there(present: str, email: str | None) -> None:
    click.echo(f"{present} is the superadmin already: nothing was changed.")
    if credentials.written(credentials.place()).get("superadmin", {}).get("email") == present:
        click.echo(f"The password that was made for it is in {credentials.place()}.")
    else:
        click.echo(f"For a new password: flask reset -e {present}")
    if email and email.strip().lower() != present.lower():
        click.echo(f"For another superadmin: flask create -e {email} --super-admin")


def first_superadmin(email: str | None, password: str) -> User:
    if email is None and current_settings().is_production:
        raise Refused("Name the superadmin's address: flask install -e EMAIL")
    user = accounts.make(email or SUPERADMIN_EMAIL, password)
    user.roles.append(accounts.role_named(SUPERADMIN))
    return user


def anybody() -> bool:
    return db.session.scalar(select(User.id).limit(1)) is not None
