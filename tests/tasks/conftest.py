"""Tasks that tests declare for themselves, forgotten when the test ends."""

from collections.abc import Iterator

import pytest

from enferno.tasks.task import TASKS


@pytest.fixture(autouse=True)
def only_the_applications_tasks() -> Iterator[None]:
    known = dict(TASKS)
    yield
    TASKS.clear()
    TASKS.update(known)
