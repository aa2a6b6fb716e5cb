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
