"""`flask demo`: a workspace with people and some weeks of history, to look around in."""

import click

from enferno.commands import options
from enferno.commands.frame import command

__all__ = ["demo"]


@command("demo")
@options.if_empty
def demo(if_empty: bool) -> None:
    """Make a superadmin and a demo workspace."""
    click.echo("")
