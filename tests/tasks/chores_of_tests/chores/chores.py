"""Each leaves a file in a folder when it begins, so that a test in another process sees it."""

import logging
import os
import sys
import threading
import time
import warnings
from pathlib import Path

import structlog

from enferno.tasks import task
from enferno.tenancy import current_workspace


def begin(folder: str) -> int:
    """Note the try; gives its number."""
    (Path(folder) / f"try-{time.monotonic_ns()}").write_text(str(os.getpid()))
    return len(list(Path(folder).glob("try-*")))


@task
def rename_slowly(folder: str, name: str) -> None:
    """Rename the workspace, not before the test allows it."""
    begin(folder)
    current_workspace.rename(name)
    while not (Path(folder) / "go").exists():
        time.sleep(0.05)


@task(retries=1)
def fail_once(folder: str, name: str) -> None:
    if begin(folder) == 1:
        raise RuntimeError("not yet")
    current_workspace.rename(name)


@task
def say_all(word: str) -> None:
    """Say the word in every way in which a program speaks, and stumble over it in the end."""
    structlog.get_logger().info("said_by_structlog", word=word)
    logging.getLogger("chores").error("said by logging: %s", word)
    warnings.warn(f"said as a warning: {word}", RuntimeWarning, stacklevel=1)
    print(f"printed: {word}\nand on")
    print(f"printed as an error: {word}", file=sys.stderr)
    thread = threading.Thread(target=stumble, args=[f"said by a thread: {word}"])
    thread.start()
    thread.join()
    stumble(f"said by an exception: {word}\nover two lines")


def stumble(word: str) -> None:
    raise RuntimeError(word)
