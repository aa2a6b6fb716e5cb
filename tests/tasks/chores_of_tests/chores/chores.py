"""Each leaves a file in a folder when it begins, so that a test in another process sees it."""

import os
import time
from pathlib import Path

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
