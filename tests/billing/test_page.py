"""docs/billing.md shows the states and the test cards as the code has them."""

import re

from enferno.billing.providers.local.models import CARDS
from enferno.billing.states import State, changes_between
from enferno.settings import ROOT
from tests.billing.living import SHARES, TOTAL

PAGE = ROOT / "docs" / "billing.md"
BEGIN, END = "<!-- drawn by tests/billing/test_page.py -->\n", "\n<!-- end -->"
WHAT_CARDS_DO = {
    "works": "works, now and at every renewal",
    "declined": "is declined",
    "fails_at_renewal": "works now and fails at the renewal",
    "needs_confirmation": "asks for a confirmation first",
}


def states_drawn() -> str:
    """What is announced when the state of a line becomes that of a column."""
    lines = ["| from, to | " + " | ".join(f"`{state}`" for state in State) + " |", "|---" * (len(State) + 1) + "|"]
    for before in State:
        words = [(changes_between(before, after) or "·").replace("_", " ") for after in State]
        lines.append(f"| `{before}` | " + " | ".join(words) + " |")
    return "\n".join(lines)


def cards_drawn() -> str:
    return "\n".join(f"| {number} | {WHAT_CARDS_DO[card]} |" for card, number in CARDS.items())


def test_the_page_shows_the_states_as_the_code_has_them():
    shown = re.search(f"{re.escape(BEGIN)}(.*?){re.escape(END)}", PAGE.read_text(), re.DOTALL)
    assert shown
    assert shown[1] == states_drawn(), f"write this into docs/billing.md:\n{states_drawn()}"


def test_the_page_shows_the_cards_as_the_code_has_them():
    assert cards_drawn() in PAGE.read_text(), f"write this into docs/billing.md:\n{cards_drawn()}"


def test_the_page_says_how_many_lives_are_lived():
    at_postgres = sum(share for (_, kind), share in SHARES.items() if kind == "postgresql")
    assert sum(SHARES.values()) == 100
    assert (
        f"{TOTAL:,} lives are lived, in the nightly run 10,000; half of them "
        f"at each provider, {at_postgres} in a hundred on PostgreSQL"
    ) in " ".join(PAGE.read_text().split())
