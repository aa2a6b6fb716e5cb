"""What stands around every page, in the real application."""

import pytest

from tests.browser.conftest import PageAs, ready
from tests.support.chromium import axe


@pytest.mark.parametrize("width", ["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_page_is_quiet_and_reachable_for_everyone(page_as: PageAs, width: str, scheme: str):
    page = page_as(None, width=width, scheme=scheme)
    page.goto("/login")
    ready(page)
    axe(page)
