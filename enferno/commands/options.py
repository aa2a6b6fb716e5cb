"""Options that several commands take."""

import click

from enferno.commands.accounts import given_or_fresh

__all__ = ["email", "if_empty", "password"]

email = click.option("-e", "--email", required=True, help="The person's address.")
password = click.option(
    "-p", "--password", callback=given_or_fresh, help="The password; without it one is made and shown once."
)
if_empty = click.option("--if-empty", is_flag=True, help="Do nothing where anybody has an account already.")
