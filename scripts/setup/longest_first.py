"""A pytest plugin: the files that take longest begin first, so that no worker is left alone with one in the end."""

from pathlib import Path

import pytest

__all__ = ["LONGEST"]

# As measured, a minute or more each; the order of the others is that of their names.
LONGEST = (
    "tests/billing/test_lives_at_stripe.py",
    "tests/billing/test_lives_at_chargebee.py",
    "tests/isolation/test_soak.py",
    "tests/isolation/test_state_machine.py",
    "tests/setup/test_newcomer.py",
    "tests/faults/test_backup.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    rank = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(Path(item.path).relative_to(config.rootpath).as_posix(), len(rank)))
