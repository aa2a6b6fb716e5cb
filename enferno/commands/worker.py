"""`flask worker` and `flask beat`: Celery's, for this application. What follows goes to Celery."""

import os
import sys

import click
from flask.cli import with_appcontext

from enferno.commands.frame import Refused
from enferno.settings import ROOT, current_settings

__all__ = ["beat", "worker"]

options = click.argument("options", nargs=-1, type=click.UNPROCESSED)
TO_CELERY = {"ignore_unknown_options": True}


@click.command("worker", context_settings=TO_CELERY)
@options
@with_appcontext
def worker(options: tuple[str, ...]) -> None:
    """Do the tasks that are queued. OPTIONS are Celery's, such as --concurrency 2."""
    become("worker", "a worker", *options)


@click.command("beat", context_settings=TO_CELERY)
@options
@with_appcontext
def beat(options: tuple[str, ...]) -> None:
    """Queue what is due by the clock; one for the whole installation. OPTIONS are Celery's."""
    become("beat", "beat", *options)


def become(which: str, name: str, *options: str) -> None:
    """Turn this process into Celery's, which takes its signals and ends with its exit code."""
    if not current_settings().celery_broker_url:
        raise Refused(
            f"CELERY_BROKER_URL is empty: tasks are done by the process that queues them, and {name} has nothing to do."
            " For a queue write CELERY_BROKER_URL=redis://localhost:6379/1 into .env."
        )
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "celery", "-A", "enferno.tasks", which, *options])  # noqa: S606
