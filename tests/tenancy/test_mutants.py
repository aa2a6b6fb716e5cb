"""The slips of scripts/mutants/catalogue.py can still be made; that each of them dies, the nightly run shows."""

import ast
from pathlib import Path

import pytest

from scripts.mutants.__main__ import mutated
from scripts.mutants.catalogue import MUTANTS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_a_mutant_can_be_made_and_its_tests_exist(mutant):
    original = (ROOT / mutant.file).read_text()
    changed = mutated(mutant, original)
    assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(original))
    assert all((ROOT / name.partition("::")[0]).is_file() for name in mutant.tests.split())


def test_there_are_enough_and_each_has_a_name_of_its_own():
    assert len({one.name for one in MUTANTS}) == len(MUTANTS) >= 15
