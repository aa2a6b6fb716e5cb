"""One application for all tests of a module, set back before each."""

import pytest
from flask import Flask

from tests.support.stage import Stage
from tests.support.world import World


@pytest.fixture
def app(stage: Stage) -> Flask:
    return stage.app


@pytest.fixture
def world(stage: Stage) -> World:
    return stage.world
