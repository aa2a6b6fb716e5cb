"""Work that waits for the commit and needs no visitor: queued to Celery, or done in this process without a broker.

    @task
    def recount(project_id: UUID) -> None: ...

    recount.queue(current_workspace.id, project.id)

`celery -A enferno.tasks worker` and `celery -A enferno.tasks beat` take what is queued. See docs/tasks.md.
"""

from typing import Any

import click
from flask import Flask

from enferno.machines import also_for_machines
from enferno.tasks.commit import after_commit
from enferno.tasks.dispatch import dispatcher_for
from enferno.tasks.task import maintenance, task

__all__ = ["after_commit", "init_app", "maintenance", "task"]


def init_app(app: Flask) -> None:
    from enferno.tasks import housekeeping  # noqa: F401  its tasks are known from now on

    dispatcher = app.extensions["tasks"] = dispatcher_for(app)
    # Only a request shows that this process serves: a migration or a shell shall not begin to send mails.
    app.before_request(also_for_machines(lambda: dispatcher.start_clock()))


def __getattr__(name: str) -> Any:
    """`celery -A enferno.tasks` asks for `app`, and nobody else does: the application is built at that moment."""
    if name == "app":
        from enferno.tasks.worker import worker_app

        try:
            return worker_app()
        except click.ClickException as refusal:
            # Celery would show a traceback, and its own help below it.
            raise SystemExit(f"Error: {refusal.format_message()}") from None
    raise AttributeError(name)
