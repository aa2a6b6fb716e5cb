"""Where settings come from: the process, below it a development server that runs, below that the file `.env`."""

import os
import re
from collections.abc import Iterable

import click
from click.core import ParameterSource
from dotenv import dotenv_values
from flask.cli import run_command

from enferno.reading import ROOT
from enferno.running import newest_record

__all__ = ["FILE", "environment", "hand_on", "served_port"]

FILE = ROOT / ".env"
# An address in .env that names this machine gives way to the port which a server really has.
THIS_MACHINE = re.compile(r"(http://(localhost|127\.0\.0\.1)(:\d+)?/?)?")


def from_file() -> dict[str, str]:
    return {name: value or "" for name, value in dotenv_values(FILE).items()}


def environment() -> dict[str, str]:
    """All that settings are read from, by name.

    `flask` puts the file into the process before anybody asks; what is the same in both is therefore the file's.
    """
    file = from_file()
    own = {name: value for name, value in os.environ.items() if file.get(name) != value}
    found = file | own
    env = found.get("ENV", "").strip()
    if env == "production":
        return found
    told = newest_record(ROOT / (found.get("INSTANCE_PATH") or "instance")) if env in ("", "development") else {}
    if address := address_of_flask_run():
        told["BASE_URL"] = address
    if not THIS_MACHINE.fullmatch(file.get("BASE_URL", "")):
        told.pop("BASE_URL", None)
    # A variable that is set to nothing has nothing to say against it.
    return file | told | {name: value for name, value in own.items() if value or name not in told}


def hand_on(known: Iterable[str]) -> None:
    """Put what `.env` names beyond the kit's own settings into the process, for the product's features to read.

    In every process, as `flask` does it in its own; a variable that is set there already wins.
    """
    for name, value in from_file().items():
        if name not in known:
            os.environ.setdefault(name, value)


def served_port() -> int | None:
    """The port of `flask run`, in a process that is just that."""
    context = click.get_current_context(silent=True)
    if context is None or context.command is not run_command:
        return None
    port: int = context.params["port"]
    if port == 0:
        raise click.UsageError("Choose a port: links in mails name it, and with 0 it is known too late.", context)
    return port


def address_of_flask_run() -> str | None:
    """Where `flask run` answers: under the name given with -h, or localhost."""
    port = served_port()
    if port is None:
        return None
    context = click.get_current_context()
    host: str = context.params["host"]
    if context.get_parameter_source("host") is ParameterSource.DEFAULT or host in ("0.0.0.0", "::"):  # noqa: S104
        host = "localhost"
    scheme = "https" if context.params["cert"] else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
