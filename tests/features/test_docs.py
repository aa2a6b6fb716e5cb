"""docs/features.md shows the code that is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
EXCERPT = re.compile(r"^```py\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXCERPTS = EXCERPT.findall((ROOT / "docs" / "features.md").read_text())
SOURCES = [path.read_text() for path in sorted((ROOT / "features").rglob("*.py"))]


def test_there_are_excerpts():
    assert len(EXCERPTS) > 8


@pytest.mark.parametrize("excerpt", EXCERPTS, ids=lambda excerpt: excerpt.strip().splitlines()[0][:50])
def test_an_excerpt_stands_in_a_feature_as_it_is_shown(excerpt):
    assert any(excerpt in source for source in SOURCES), "docs/features.md and features/ differ: copy the code again"
