"""Lives of subscriptions at Stripe: whatever happens in whatever order, the mirror ends as the provider's truth, and
nothing is given away. How many, and how they are drawn: tests/billing/living.py.
"""

from collections.abc import Iterator

import pytest

from tests.billing.lives import Ground
from tests.billing.living import CHUNKS, ground_of, live
from tests.conftest import DATABASES


@pytest.fixture(params=DATABASES, scope="module")
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Ground]]:
    with ground_of("stripe", request.param, tmp_path_factory.mktemp("lives")) as found:
        yield request.param, found


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_life_ends_as_stripe_says_and_is_never_given_what_was_not_paid(
    ground: tuple[str, Ground], chunk: int
) -> None:
    kind, found = ground
    live(found, "stripe", kind, chunk)
