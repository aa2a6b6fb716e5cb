"""Every line of the billing contract is tried at both providers on both databases, or it is said why not."""

import pytest

from tests.billing.cases import BEGIN, CASES, DATABASES, DOES_NOT_APPLY, END, PAGE, PROVIDERS, collected, drawn


@pytest.fixture(scope="module")
def found():
    return collected()


def test_every_line_is_tried_at_both_providers(found):
    applying = {(number, provider) for number in CASES for provider in PROVIDERS} - set(DOES_NOT_APPLY)
    assert sorted(applying - set(found)) == [], "name a test `test_case_<number>_...` that takes the fixture `shop`"


def test_what_does_not_apply_is_not_tried(found):
    assert sorted(set(DOES_NOT_APPLY) & set(found)) == [], "take the line out of DOES_NOT_APPLY"


def test_each_test_of_a_line_runs_on_both_databases_or_needs_none(found):
    one_sided = [
        (name, provider)
        for (_, provider), tests in found.items()
        for name, databases in tests.items()
        if databases not in ({""}, set(DATABASES))
    ]
    assert one_sided == []


def test_no_test_names_a_line_that_there_is_not(found):
    assert {number for number, _ in found} <= set(CASES)


def test_the_page_shows_the_lines_as_the_tests_try_them(found):
    shown = PAGE.read_text().split(BEGIN)[1].split(END)[0]
    assert shown == drawn(found), "python -m tests.billing.cases --write"
