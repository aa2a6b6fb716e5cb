"""The application that the pages of the documentation speak of."""

import pytest
from flask import Flask

from enferno.app import create_app
from enferno.settings import Settings
from tests.support.databases import KEY, SALT


@pytest.fixture(scope="package")
def clone_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application as a clone has it, whose routes, commands, permissions and plans the pages may name."""
    folder = tmp_path_factory.mktemp("clone")
    return create_app(
        Settings(
            env="development", secret_key=KEY, security_password_salt=SALT, instance_path=folder, log_level="ERROR"
        )
    )
