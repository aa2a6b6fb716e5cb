"""The shell, run in this process on each database."""

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask

Shell = Callable[..., Result]


@pytest.fixture
def shell(app: Flask) -> Shell:
    """`shell("create", "-e", "ana@example.com")`, as typed after `flask`."""

    def run(*words: str) -> Result:
        return app.test_cli_runner().invoke(args=list(words))

    return run


def lines(output: str) -> dict[str, tuple[str, str]]:
    """What `flask doctor` said: part -> (level, text), the first line of each part."""
    found = {}
    for line in output.splitlines():
        level, part, rest = line.split(maxsplit=2)
        found.setdefault(part, (level, rest))
    return found
