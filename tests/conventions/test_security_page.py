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


def test_every_test_that_is_named_can_fail():
    """It holds something against what it finds, and nobody has switched it off."""
    idle = []
    for file, name in TEST.findall(PAGE.read_text()):
        for node in ast.walk(ast.parse((ROOT / file).read_text())):
            if isinstance(node, ast.FunctionDef) and node.name == name and not (holds(node) and is_on(node)):
                idle.append(f"{file}::{name}")
    assert idle == [], "Let it assert what the page claims"


def holds(function):
    called = {getattr(node.func, "id", getattr(node.func, "attr", "")) for node in calls(function)}
    judging = {one for one in called if one.startswith(("assert_", "test_", "run_state_machine")) or one in JUDGES}
    return bool(judging) or any(isinstance(node, ast.Assert) for node in ast.walk(function))


JUDGES = {"raises", "expect", "fail", "problem", "faults"}


def is_on(function):
    marks = " ".join(ast.unparse(decorator) for decorator in function.decorator_list)
    return not re.search(r"\b(skip|skipif|xfail)\b", marks)


def calls(function):
    return [node for node in ast.walk(function) if isinstance(node, ast.Call)]
