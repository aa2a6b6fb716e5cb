"""`flask tick`: the clock for installations without a broker, called by cron."""

import time
from pathlib import Path

import click
from flask import current_app

from enferno.commands.frame import command
from enferno.settings import current_settings
from enferno.tasks.clock import SCHEDULE
from enferno.tasks.task import TASKS

__all__ = ["tick"]


@command("tick")
@click.option("--all", "everything", is_flag=True, help="Run what is not due yet as well.")
def tick(everything: bool) -> None:
    """Run what is due: mails, billing events, reminders, the daily rounds. For cron, once a minute."""
    folder = current_settings(current_app).instance_path / "clock"
    folder.mkdir(parents=True, exist_ok=True)
    for entry in SCHEDULE:
        last = folder / entry.task.rpartition(".")[2]
        if everything or is_due(last, entry.seconds):
            # Noted before it runs: one that fails is logged and comes again with its next turn, not with every tick.
            last.touch()
            TASKS[entry.task].perform(None, [], {})
            click.echo(f"Ran {entry.task.rpartition('.')[2]}")


def is_due(last: Path, seconds: float) -> bool:
    """Whether its turn has come; cron is never exact, so a little early is on time."""
    return not last.exists() or time.time() - last.stat().st_mtime >= seconds * 0.75
