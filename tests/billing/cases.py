"""Which lines of the billing contract are tried at which provider, read off the names of the tests that run.

    python -m tests.billing.cases --write      puts the table into docs/billing.md

`test_case_6_...[sqlite-stripe]` tries line 6 at Stripe on SQLite. A test without a provider in its brackets runs at
whichever is chosen and counts for neither; one without a database needs none.
"""

import os
import re
import subprocess
import sys
from collections import defaultdict

from enferno.settings import ROOT

__all__ = ["CASES", "DOES_NOT_APPLY", "PROVIDERS", "collected", "drawn"]

PROVIDERS, DATABASES = ("stripe", "chargebee"), ("sqlite", "postgresql")
PAGE = ROOT / "docs" / "billing.md"
BEGIN, END = "<!-- drawn by tests/billing/cases.py -->\n", "<!-- end of the cases -->"

CASES = {
    1: "a signature that is missing, empty, garbage or another's; a body changed by a byte",
    2: "a timestamp five minutes off, in either direction",
    3: "a provider without its secrets, or without a tolerance",
    4: "two secrets while one is rolled",
    5: "the same event twice in a row",
    6: "the same event twenty times at once",
    7: "two events about the same thing",
    8: "a process killed at each of six points",
    9: "no database on receipt",
    10: "no broker on receipt",
    11: "a provider that answers late",
    12: "four events in all 24 orders",
    13: "news that it is active after news that it ended",
    14: "an event about a customer whom nobody knows",
    15: "a checkout whose payment is pending",
    16: "a customer who never comes back",
    17: "a customer who comes back early, and ten times",
    18: "another workspace's checkout",
    19: "metadata that is missing, foreign, of a workspace that is gone, or no id",
    20: "the first failed payment",
    21: "the grace over, the charge given up, or a cancellation",
    22: "a payment that comes through after all",
    23: "an old subscription that ends beside a newer one",
    24: "an unknown kind, an unknown status, a newer API version",
    25: "a live event on a test deployment, and the reverse",
    26: "a provider that refuses, fails, or does not answer in time",
    27: "an answer that is lost after the provider did it",
    28: "days of missed events",
    29: "a customer deleted; paused, resumed, trial ending, refund, dispute",
    30: "basic authentication that is wrong or missing; an older resource version",
    31: "a workspace, or the account of its owner, deleted",
    32: "a second checkout of a workspace that pays",
    33: "one trial for life; none for who pays; two requests at once; an error meanwhile",
    34: "members who come and go",
}
DOES_NOT_APPLY = {
    (1, "chargebee"): "it signs nothing; what stands for a signature is line 30",
    (2, "chargebee"): "its webhooks bear no signed time",
    (25, "chargebee"): "a test site and a live one are two sites, each with a login and a key of its own",
    (30, "stripe"): "it signs: lines 1 and 2; it has no resource version, so every event is re-read: line 13",
}


def collected() -> dict[tuple[int, str], dict[str, set[str]]]:
    """By line and provider: the names of the tests, each with the databases that it runs on ("" where it has none)."""
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "tests/billing"],
        cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "TEST_DATABASES": ",".join(DATABASES)},
    )  # fmt: skip
    found: dict[tuple[int, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, numbers, words in re.findall(r"::(test_cases?_((?:\d+_)(?:and_\d+_)?)\w+)(?:\[(.*)\])?", ran.stdout):
        given = words.split("-")
        database = next((each for each in DATABASES if each in given), "")
        for provider in (each for each in PROVIDERS if each in given):
            for number in re.findall(r"\d+", numbers):
                found[int(number), provider][name].add(database)
    return found


def drawn(found: dict[tuple[int, str], dict[str, set[str]]]) -> str:
    """The table of docs/billing.md: how many tests try each line at each provider, or why none does."""
    lines = ["| line | what happens | Stripe | Chargebee |", "|---|---|---|---|"]
    for number, words in CASES.items():
        cells = [told(number, provider, found) for provider in PROVIDERS]
        lines.append(f"| {number} | {words} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def told(number: int, provider: str, found: dict[tuple[int, str], dict[str, set[str]]]) -> str:
    names = found.get((number, provider), {})
    return DOES_NOT_APPLY.get((number, provider)) or str(len(names))


def write() -> None:
    text = PAGE.read_text()
    before, rest = text.split(BEGIN)
    PAGE.write_text(before + BEGIN + drawn(collected()) + END + rest.split(END)[1])


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    write()
