"""The shell: `flask …`, one module a command. docs/commands.md shows each of them at work."""

from flask import Flask

from enferno.commands.add_role import add_role
from enferno.commands.billing import billing
from enferno.commands.create import create
from enferno.commands.create_db import create_db
from enferno.commands.demo import demo
from enferno.commands.doctor import doctor
from enferno.commands.i18n import i18n
from enferno.commands.install import install
from enferno.commands.reset import reset
from enferno.commands.routes import routes, take_over
from enferno.commands.tick import tick

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    """Register the commands."""
    for command in (create_db, install, create, reset, add_role, i18n, demo, routes, doctor, billing, tick):
        app.cli.add_command(command)
    take_over()
