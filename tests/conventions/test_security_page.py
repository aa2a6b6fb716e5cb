"""docs/security.md claims nothing that no test shows."""

import ast
import re

import pytest

from tests.conventions.source import ROOT

PAGE = ROOT / "docs" / "security.md"
STATES = {"met", "partly", "coming", "not applicable", "product's job"}
TEST = re.compile(r"`((?:tests|features)/[\w/]+\.py)::(test_\w+)`")


@pytest.fixture(scope="module")
def rows():
    lines = re.findall(r"^\| (?!item|---)([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]*) ?\|$", PAGE.read_text(), re.MULTILINE)
    return [tuple(cell.strip() for cell in line) for line in lines]


def test_every_test_that_the_page_names_exists():
    named = TEST.findall(PAGE.read_text())
    assert len(named) >= 80
    missing = [f"{file}::{name}" for file, name in named if name not in names_in(file)]
    assert missing == [], "Name the test that shows it now, or say that it is not met"


def names_in(file):
    path = ROOT / file
    if not path.exists():
        return set()
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def test_what_is_said_to_be_met_names_a_test(rows):
    assert len(rows) >= 60
    assert {state for _, _, state, _ in rows} <= STATES
    assert [item for item, _, state, tests in rows if state in {"met", "partly"} and not TEST.search(tests)] == []


def test_what_is_not_met_names_none(rows):
    assert [item for item, _, state, tests in rows if state not in {"met", "partly"} and TEST.search(tests)] == []
