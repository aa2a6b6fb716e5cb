"""Old and new code serve at the same time while a release goes out, so a migration only ever adds (cases/faults, 18).

What is in the way is taken out by a later release, when no code that needs it runs any more; CONTRACTS names it then.
"""

import ast
from pathlib import Path

import pytest

from enferno.features import migration_folders
from tests.conventions.source import ROOT

# "revision": "the release since which no code has used what it takes away"
CONTRACTS: dict[str, str] = {}
TAKES_AWAY = {"drop_column", "drop_table", "rename_table", "alter_column"}
MIGRATIONS = [
    file
    for folder in (ROOT / "migrations" / "versions", *migration_folders(ROOT / "features"))
    for file in sorted(folder.glob("*.py"))
]


def faults(source: str) -> list[str]:
    """What `upgrade` does that code of the release before would trip over, one line each."""
    tree = ast.parse(source)
    upgrade = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "upgrade")
    calls = [node for node in ast.walk(upgrade) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    found = [f"line {call.lineno}: {call.func.attr}" for call in calls if call.func.attr in TAKES_AWAY]
    for call in (call for call in calls if call.func.attr == "add_column"):
        column = call.args[1] if len(call.args) > 1 else None
        given = {word.arg: word.value for word in column.keywords} if isinstance(column, ast.Call) else {}
        needed = isinstance(given.get("nullable"), ast.Constant) and given["nullable"].value is False
        if needed and "server_default" not in given:
            found.append(f"line {call.lineno}: a column that old code does not fill; give it a server_default")
    return found


@pytest.mark.parametrize("file", MIGRATIONS, ids=lambda file: file.stem)
def test_a_migration_takes_nothing_away_that_the_code_before_it_uses(file: Path) -> None:
    if file.stem not in CONTRACTS:
        assert faults(file.read_text()) == [], f"{file.name}: add now, take away a release later, and write it here"


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ('op.drop_column("users", "name")', 1),
        ('op.alter_column("users", "name", nullable=False)', 1),
        ('op.add_column("users", sa.Column("a", sa.Text(), nullable=False))', 1),
        ('op.add_column("users", sa.Column("a", sa.Text(), nullable=False, server_default=""))', 0),
        ('op.add_column("users", sa.Column("a", sa.Text(), nullable=True))', 0),
        ('op.create_table("more", sa.Column("a", sa.Text(), nullable=False))', 0),
    ],
)
def test_what_old_code_trips_over_is_found(line: str, counts: int) -> None:
    assert len(faults(f"def upgrade():\n    {line}\n\n\ndef downgrade():\n    op.drop_table('more')\n")) == counts
