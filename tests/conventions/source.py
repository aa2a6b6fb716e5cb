"""The source as the conventions read it: every module of the kit and of the product, with its syntax tree."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["ROOT", "imports", "modules", "room_of", "texts", "tree"]

ROOT = Path(__file__).resolve().parents[2]
GENERATED = {"vendor", "__pycache__", "node_modules"}


@cache
def modules(*folders: str) -> tuple[Path, ...]:
    """Every Python file below the folders, tests of features left out."""
    return tuple(path for path in texts(".py", *folders) if "tests" not in path.relative_to(ROOT).parts)


def texts(suffix: str, *folders: str) -> Iterator[Path]:
    for folder in folders or ("enferno", "features"):
        for path in sorted((ROOT / folder).rglob(f"*{suffix}")):
            if not GENERATED & set(path.parts):
                yield path


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a module imports, wherever in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(path: Path) -> str:
    """The room of the kit that a module is in: "user" for `enferno/user/models.py`, "app" for `enferno/app.py`."""
    parts = path.relative_to(ROOT / "enferno").parts
    return parts[0].removesuffix(".py")
