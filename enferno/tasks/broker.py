"""Celery's settings: what is taken from the broker is done at least once, and nothing waits long for the broker."""

from typing import Any

from celery import Celery

from enferno.settings import Settings
from enferno.tasks.clock import SCHEDULE

__all__ = ["broker_connection"]


def broker_connection(settings: Settings) -> Celery:
    celery = Celery("readykit", set_as_current=False, changes={})
    celery.conf.update(options(settings))
    return celery


def options(settings: Settings) -> dict[str, Any]:
    return {
        "broker_url": settings.celery_broker_url,
        "broker_connection_timeout": 1,
        "broker_connection_retry_on_startup": True,
        "broker_transport_options": transport_options(settings.celery_broker_url),
        "task_default_queue": "readykit",
        # Nothing but JSON is read: a pickle in the queue could run code (ASVS 1.5.2).
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        # A task is acknowledged when it is done, and handed to another worker when its own was killed.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "task_soft_time_limit": 270,
        "task_time_limit": 300,
        "task_publish_retry": False,
        "worker_hijack_root_logger": False,
        "beat_schedule": {
            entry.task: {"task": entry.task, "schedule": entry.seconds, "args": (None, "[[], {}]")}
            for entry in SCHEDULE
        },
        "beat_schedule_filename": str(settings.instance_path / "celerybeat-schedule"),
    }


# Who sends does not try again: the task is done in this process instead. Kombu would sleep for two seconds first.
AT_ONCE = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}


def transport_options(url: str) -> dict[str, Any]:
    """Redis: no word is waited for longer than a second; a task that nobody acknowledged for longer than any may last
    is somebody else's again."""
    if not url.startswith(("redis", "unix")):
        return AT_ONCE
    return {"socket_connect_timeout": 1, "socket_timeout": 1, "visibility_timeout": 600} | AT_ONCE
