"""When beat last sent a task, noted where every process finds it: beat itself answers nobody."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from celery import signals
from flask import Flask

from enferno.database import now
from enferno.extensions import cache

__all__ = ["beat_sent_at", "note_what_is_sent"]

KEY = "beat:sent_at"
REMEMBERED_SECONDS = 86_400


def note_what_is_sent(app: Flask) -> Callable[..., None]:
    """When beat starts: note the moment of whatever it sends from then on."""

    def note(**_signal: Any) -> None:
        with app.app_context():
            cache.set(KEY, now().isoformat(), timeout=REMEMBERED_SECONDS)

    def begin(**_signal: Any) -> None:
        signals.after_task_publish.connect(note, weak=False)

    return begin


def beat_sent_at() -> datetime | None:
    """None where it has sent nothing for a day, or the cache is away."""
    noted = cache.get(KEY)
    return datetime.fromisoformat(noted) if noted else None
