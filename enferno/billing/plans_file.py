"""Where something stands in `plans.toml`: the parser gives values without lines, and an author looks for a line."""

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from enferno.author import Place

__all__ = ["Lines", "in_words", "unreadable"]

Path_ = tuple[str | int, ...]
TABLE = re.compile(r"\s*(\[\[?)\s*([\w.\-\"' ]+?)\s*\]\]?\s*(#.*)?$")
KEY = re.compile(r"\s*([\w\-\"']+(?:\s*\.\s*[\w\-\"']+)*)\s*=")


class Lines:
    """The lines of a TOML file by what they set: ("plan", 1, "trial_days") -> its place."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.known: dict[Path_, int] = {}
        counts: dict[Path_, int] = {}
        table: Path_ = ()
        for number, line in enumerate(text.splitlines(), 1):
            if match := TABLE.match(line):
                table = self.table(names(match[2]), match[1] == "[[", counts)
                self.remember(table, number)
            elif match := KEY.match(line):
                self.remember((*table, *names(match[1])), number)

    def table(self, parts: list[str], repeated: bool, counts: dict[Path_, int]) -> Path_:
        """The path of a heading; the parts which are lists mean their latest item."""
        path: Path_ = ()
        for part in parts[:-1]:
            path = (*path, part)
            path = (*path, counts[path] - 1) if path in counts else path
        path = (*path, parts[-1])
        if not repeated:
            return path
        counts[path] = counts.get(path, 0) + 1
        return (*path, counts[path] - 1)

    def remember(self, path: Path_, number: int) -> None:
        for length in range(1, len(path) + 1):
            self.known.setdefault(path[:length], number)

    def place(self, path: Path_) -> Place:
        """The line that sets this, or what it would be a part of."""
        found = next((self.known[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.known), 1)
        return Place(self.path, found)


def names(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]


def unreadable(path: Path, fault: Exception, text: str) -> str:
    """What TOML's own parser says, with the line in front."""
    said = str(fault)
    at = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)", said)
    line = int(at[1]) if at and at[1] else max(len(text.splitlines()), 1)
    said = said[: at.start()] if at else said
    return f'{Place(path, line)}: {said[0].lower()}{said[1:]}: write key = "value", with text in quotes'


def in_words(error: Any, known: dict[str, Any]) -> str:
    """A fault that Pydantic found. `known`: the keys of each kind of table, by the name of its list."""
    path = error["loc"]
    *outer, key = path
    kind = next((part for part in reversed(outer) if part in known), "") if outer else ""
    where = f" of {'.'.join(str(part + 1) if isinstance(part, int) else part for part in outer)}" if outer else ""
    if error["type"] == "extra_forbidden":
        near = get_close_matches(str(key), known[kind], n=1)
        choice = f"did you mean {near[0]}?" if near else f"it takes {', '.join(sorted(known[kind]))}"
        return f"there is no key {key!r}{where}: {choice}"
    if error["type"] == "missing":
        return f"the key {key!r}{where} is missing: write {key} = ..."
    return f"{key!r}{where}: {error['msg'][0].lower()}{error['msg'][1:]}"
