"""`flask doctor`: what works, what does not, and what to do about it."""

import click
from flask.cli import with_appcontext

__all__ = ["doctor"]


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Check the installation, a line for each part; the exit code is 1 when something fails."""
