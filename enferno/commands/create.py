"""`flask create`: one more person."""

import click

from enferno.commands import accounts, options
from enferno.commands.frame import command
from enferno.user.models import SUPERADMIN

__all__ = ["create"]


@command("create")
@options.email
@options.password
@click.option("--super-admin", is_flag=True, help="May run the whole installation.")
def create(email: str, password: str, super_admin: bool) -> None:
    """Make a person who can sign in at once."""
    user = accounts.make(email, password)
    if super_admin:
        user.roles.append(accounts.role_named(SUPERADMIN))
    click.echo(f"{user.email} can sign in{' and is a superadmin' if super_admin else ''}.")
    accounts.say_password(password)
