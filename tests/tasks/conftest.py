"""Tasks that tests declare for themselves, forgotten when the test ends."""

from collections.abc import Iterator

import pytest

from enferno.tasks.task import TASKS


@pytest.fixture(autouse=True)
def only_the_applications_tasks() -> Iterator[None]:
    before = set(TASKS)
    yield
    for name in set(TASKS) - before:
        del TASKS[name]
