"""What a page of the documentation claims: its blocks of code, its links, the names it mentions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from enferno.settings import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# A block may stand in a list, and is then indented.
FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>\w*)[^\n]*\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[(?:[^\]]*)\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (?P<title>.+)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block; `line` is where its text begins, so that an error can point there."""

    page: Path
    kind: str
    text: str
    line: int

    @property
    def commands(self) -> list[str]:
        """The lines of a shell block, continued ones joined, comments left out."""
        whole = self.text.replace("\\\n", " ").splitlines()
        return [line.strip() for line in whole if line.strip() and not line.lstrip().startswith("#")]


def blocks(page: Path, kind: str) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, kind, dedent(match["text"]), text.count("\n", 0, match.start("text")) + 1)
        for match in FENCE.finditer(text)
        if match["kind"] == kind
    ]


def kinds(page: Path) -> set[str]:
    return {match["kind"] for match in FENCE.finditer(page.read_text(encoding="utf-8"))}


def prose(page: Path) -> str:
    """The page without its blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[str]:
    yield from (match["target"] for match in LINK.finditer(prose(page)))


def anchors(page: Path) -> set[str]:
    """The fragments that headings get, as GitHub makes them."""
    titles = [match["title"] for match in HEADING.finditer(prose(page))]
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def code_words(page: Path) -> Iterator[str]:
    yield from (match[1] for match in CODE.finditer(prose(page)))


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()
