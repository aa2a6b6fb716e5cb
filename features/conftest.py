"""The features' tests have what the kit's tests have: `app`, `world`, `browser`, `outside`, on both databases."""

from tests.conftest import *  # noqa: F403
