"""Every way out of the walls is on a list that people have read: tests/tenancy/unscoped_uses.txt."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LISTED = Path(__file__).with_name("unscoped_uses.txt")
FOLDERS = ("enferno", "features", "migrations", "scripts")


def uses_in(source: str, name: str) -> Iterator[str]:
    tree = ast.parse(source)
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or called(node) != "unscoped":
            continue
        given = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "reason"), None)
        if isinstance(given, ast.Constant):
            yield f"{name}: {given.value}"
        elif isinstance(given, ast.Name) and given.id in constants:
            yield f"{name}: {constants[given.id]}"
        else:
            yield f"{name}: line {node.lineno} gives no reason that can be read here; write it as a string"


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def uses() -> set[str]:
    found = set()
    for folder in FOLDERS:
        for file in (ROOT / folder).rglob("*.py"):
            if "tests" not in file.parts and ROOT / "enferno/tenancy" not in file.parents:
                found |= set(uses_in(file.read_text(), file.relative_to(ROOT).as_posix()))
    return found


def listed() -> set[str]:
    return {line for line in LISTED.read_text().splitlines() if line and not line.startswith("#")}


def test_every_use_of_unscoped_has_been_reviewed():
    new = "\n".join(sorted(uses() - listed()))
    assert not new, f"Read these again as an attacker would; then add them to {LISTED.relative_to(ROOT)}:\n{new}"


def test_the_list_names_no_use_that_is_gone():
    gone = "\n".join(sorted(listed() - uses()))
    assert not gone, f"Take these out of {LISTED.relative_to(ROOT)}:\n{gone}"


def test_a_use_is_found_however_it_is_written():
    source = "WHY = 'b'\nunscoped('a')\ntenancy.unscoped(WHY)\nunscoped(reason='c')\nunscoped(x)\n"
    found = sorted(uses_in(source, "f.py"))
    assert found[:3] == ["f.py: a", "f.py: b", "f.py: c"]
    assert "line 5" in found[3]
