"""`flask demo`: a workspace with people and some weeks of history, to look around in."""

import click

from enferno.commands import accounts, credentials, options
from enferno.commands.demo_customers import furnish_customers
from enferno.commands.demo_story import PEOPLE, WORKSPACE, furnish
from enferno.commands.frame import Refused, command
from enferno.commands.install import SUPERADMIN_EMAIL, anybody, first_superadmin
from enferno.settings import current_settings
from enferno.user.administration import generate_password
from enferno.user.security import datastore

__all__ = ["demo"]


@command("demo")
@options.if_empty
def demo(if_empty: bool) -> None:
    """Make a demo workspace with people in it, and a superadmin where there is none."""
    if if_empty and anybody():
        return
    if current_settings().is_production:
        raise Refused("Demo people have no place in production. The first superadmin: flask install -e EMAIL")
    if datastore.find_user(email=PEOPLE[0].email) is not None:
        raise Refused(f"{PEOPLE[0].name} is here already. For a new password: flask reset -e {PEOPLE[0].email}")
    signs_in = {}
    if datastore.find_user(email=SUPERADMIN_EMAIL) is None:
        signs_in["superadmin"] = credentials.account("superadmin", SUPERADMIN_EMAIL)
        first_superadmin(**signs_in["superadmin"])
    people = [accounts.make(person.email, generate_password(), person.name) for person in PEOPLE[1:]]
    signs_in["member"] = credentials.account("member", PEOPLE[0].email)
    furnish([accounts.make(**signs_in["member"], name=PEOPLE[0].name), *people])
    furnish_customers()
    credentials.keep(**signs_in)
    click.echo(f"The workspace {WORKSPACE} is furnished. Sign in (passwords are shown this once) as")
    for kind, account in signs_in.items():
        click.echo(f"  {kind:<10}  {account['email']}  {account['password']}")
