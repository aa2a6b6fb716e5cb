"""The application for a process that serves it or works with it: `flask`, a server, the worker, `./setup.sh run`."""

import sys

import click
from flask import Flask
from flask.cli import routes_command, run_command, shell_command
from flask.helpers import get_debug_flag
from werkzeug.serving import is_running_from_reloader

from enferno.app import create_app
from enferno.environment import served_port
from enferno.running import keep_record, newest_record
from enferno.settings import current_settings
from enferno.unmigrated import insist_on_migrations

__all__ = ["started"]

# Flask has these before it has the application. All others are looked up in it, which asks the same (commands/).
FLASKS_OWN = (run_command, shell_command, routes_command)


def started() -> Flask:
    """The application. What its author or its operator has to mend is shown instead, and the command ends with code 1.

    Under Flask's reloader it does not end: that one waits for the file to be mended. A server is given the exception:
    it takes an exit for an accident, and would start the same process again and again.
    """
    context = click.get_current_context(silent=True)
    try:
        app = create_app()
        if context is None or context.command in FLASKS_OWN:
            insist_on_migrations(app)
        tell_others(app)
    except click.ClickException as fault:
        if is_running_from_reloader():
            return faulty(fault)
        if context is None:
            raise
        fault.show()
        sys.exit(fault.exit_code)
    return app


def tell_others(app: Flask) -> None:
    """Say where `flask run` is, to whoever started it and to the worker, beat and other commands. Once: the reloader's
    parent does it for its child."""
    settings, port = current_settings(app), served_port()
    if port is None or is_running_from_reloader():
        return
    click.echo(f" * Running on {settings.base_url}")
    if settings.env == "development":
        known = newest_record(settings.instance_path) | {"BASE_URL": settings.base_url}
        app.extensions["running"] = keep_record(settings.instance_path, port, known)


def faulty(fault: click.ClickException) -> Flask:
    """What is served until the file is mended. With `--debug` Flask has a page for it, with the traceback."""
    if get_debug_flag():
        raise fault
    fault.show()
    app = Flask("faulty", static_folder=None)
    app.register_error_handler(404, lambda _error: (fault.format_message(), 500, {"Content-Type": "text/plain"}))
    return app
