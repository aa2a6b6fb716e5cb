"""The shell: `flask …`, one module a command. docs/commands.md shows each of them at work."""

import click
from flask import Flask
from flask.cli import AppGroup, ScriptInfo

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
from enferno.commands.worker import beat, worker
from enferno.unmigrated import insist_on_migrations

__all__ = ["init_app"]


# What makes migrations and applies them has to run where one is missing.
BEFORE_MIGRATIONS = ("db", "create-db")


class Commands(AppGroup):
    """The application's commands. With a model that has no migration they say so instead of running."""

    # `--help` asks for each of them.
    looked = False

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in BEFORE_MIGRATIONS and not self.looked:
            insist_on_migrations(ctx.ensure_object(ScriptInfo).load_app())
            self.looked = True
        return super().get_command(ctx, name)


def init_app(app: Flask) -> None:
    """Register the commands."""
    for command in (
        create_db,
        install,
        create,
        reset,
        add_role,
        i18n,
        demo,
        routes,
        doctor,
        billing,
        tick,
        worker,
        beat,
    ):
        app.cli.add_command(command)
    app.cli = Commands(app.cli.name, commands=app.cli.commands)
    take_over()
