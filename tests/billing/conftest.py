"""An application that sells through Stripe or Chargebee, and the provider that it talks to.

Every test that asks for `shop` runs at both, on both databases; `only("stripe")` keeps it to one.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from enferno.settings import Settings
from tests.billing.shops import SHOPS, Shop
from tests.support import databases
from tests.support.world import World


@pytest.fixture(params=list(SHOPS))
def selling(request: pytest.FixtureRequest) -> type[Shop]:
    return SHOPS[request.param]


@pytest.fixture
def provider(selling: type[Shop]) -> Iterator[Any]:
    with selling.opened() as account:
        yield account


@pytest.fixture
def settings(database: databases.Database, tmp_path: Path, selling: type[Shop], provider: Any) -> Settings:
    return databases.settings_for(database, tmp_path, **selling.settings(provider))


@pytest.fixture
def shop(app: Flask, world: World, selling: type[Shop], provider: Any) -> Shop:
    return selling(app, world, provider)
