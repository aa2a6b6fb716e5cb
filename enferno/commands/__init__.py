"""The shell: `flask …`, one module a command. docs/commands.md shows each of them at work."""

from flask import Flask

from enferno.commands import add_role, create, create_db, demo, doctor, i18n, install, reset, routes

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    """Register the commands."""
    for command in (
        create_db.create_db,
        install.install,
        create.create,
        reset.reset,
        add_role.add_role,
        i18n.i18n,
        demo.demo,
        routes.routes,
        doctor.doctor,
    ):
        app.cli.add_command(command)
    routes.take_over()
