"""Tasks that tests declare for themselves, forgotten when the test ends."""

from collections.abc import Iterator

import pytest

from enferno.tasks.task import TASKS


@pytest.fixture(autouse=True)
def only_the_applications_tasks() -> Iterator[None]:
    before = set(TASKS)
    yield
    # The application declares its own while it is first imported, perhaps during this test.
    for name in {name for name in TASKS if name.startswith("tests.")} - before:
        del TASKS[name]
