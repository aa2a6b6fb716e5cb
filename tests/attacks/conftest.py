"""The server shape, started once for all attacks (tests/deploy/stack.py)."""

from collections.abc import Iterator

import pytest

from tests.deploy.stack import Stack, stack


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack(tmp_path_factory.mktemp("stack")) as running:
        yield running
