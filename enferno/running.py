"""What the development servers that run now were started with: where they answer, and a database that a flag brought.

Each keeps a file in instance/running/, named by its port and locked for as long as it lives, so that one which was
killed leaves nothing that is believed. `./setup.sh` writes it too, before anything is installed, so nothing is imported
but Python's own.
"""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import IO

__all__ = ["keep_record", "newest_record"]

FOLDER = "running"


def keep_record(instance: Path, port: int, settings: dict[str, str]) -> IO[str] | None:
    """Tell the other processes of this installation of a server, until what this gives is closed or this one ends."""
    if os.name != "posix":
        return None
    import fcntl

    folder = instance / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in folder.glob("*.json"):
        if not is_held(one):
            one.unlink(missing_ok=True)
    # Locked before it has its name: nobody finds it and takes it for one that was left behind.
    unnamed = folder / f".{port}"
    record = os.fdopen(os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w")
    fcntl.flock(record, fcntl.LOCK_EX)
    json.dump(settings, record)
    record.flush()
    unnamed.replace(folder / f"{port}.json")
    return record


def newest_record(instance: Path) -> dict[str, str]:
    """The settings of the server that was started last, of those that still run; empty without one."""
    if os.name != "posix":
        return {}
    with suppress(OSError):
        records = [one for one in (instance / FOLDER).glob("*.json") if is_held(one)]
        if records:
            found: dict[str, str] = json.loads(max(records, key=lambda one: one.stat().st_mtime_ns).read_text())
            return found
    return {}


def is_held(file: Path) -> bool:
    """Whether the process that wrote it lives."""
    import fcntl

    try:
        with file.open() as record:
            fcntl.flock(record, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
