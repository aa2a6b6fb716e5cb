"""`flask add-role`: a role over the whole installation."""

import click

from enferno.commands import accounts, options
from enferno.commands.frame import command

__all__ = ["add_role"]


@command("add-role")
@options.email
@click.option("-r", "--role", required=True, help="The role's name, such as superadmin.")
def add_role(email: str, role: str) -> None:
    """Give a person a role over the whole installation; roles in a workspace are given on its members page."""
    user, found = accounts.find(email), accounts.role_named(role)
    if found in user.roles:
        click.echo(f"{user.email} has the role {found.name} already.")
        return
    user.roles.append(found)
    # As on the operator's page: who may do more signs in anew.
    user.revoke_access()
    click.echo(f"{user.email} has the role {found.name} now.")
