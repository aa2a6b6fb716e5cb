"""What a page of the documentation claims: its blocks of code, its links, the names it mentions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from enferno.settings import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# A block may stand in a list, and is then indented. Behind its language may stand a word about how it is proved.
FENCE = re.compile(
    r"^(?P<indent> *)```(?P<kind>\w*) *(?P<note>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
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
    note: str = ""

    @property
    def where(self) -> str:
        return f"{name(self.page)}:{self.line}"

    @property
    def commands(self) -> list[str]:
        return [command for _, command in self.placed_commands]

    @property
    def placed_commands(self) -> list[tuple[str, str]]:
        """The lines of a shell block with their places, continued ones joined, comments left out."""
        found, begun = [], ""
        for number, line in enumerate(self.text.splitlines(), self.line):
            begun += line.removesuffix("\\")
            if line.endswith("\\"):
                continue
            if begun.strip() and not begun.lstrip().startswith("#"):
                found.append((f"{name(self.page)}:{number}", begun.strip()))
            begun = ""
        return found


def all_blocks() -> list[Block]:
    return [block for page in PAGES for block in blocks(page)]


def blocks(page: Path, kind: str | None = None) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page,
            match["kind"],
            dedent(match["text"]),
            text.count("\n", 0, match.start("text")) + 1,
            match["note"].strip(),
        )
        for match in FENCE.finditer(text)
        if kind in (None, match["kind"])
    ]


def prose(page: Path) -> str:
    """The page without its blocks, whose lines are left empty."""
    return FENCE.sub(lambda found: "\n" * found[0].count("\n"), page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[str]:
    yield from (match["target"] for match in LINK.finditer(prose(page)))


def anchors(page: Path) -> set[str]:
    """The fragments that headings get, as GitHub makes them."""
    titles = [match["title"] for match in HEADING.finditer(prose(page))]
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def code_words(page: Path) -> Iterator[str]:
    yield from (word for _, word in placed_words(page))


def placed_words(page: Path) -> Iterator[tuple[str, str]]:
    """What is written as code within the text, each with its place."""
    text = prose(page)
    for match in CODE.finditer(text):
        yield f"{name(page)}:{text.count(chr(10), 0, match.start()) + 1}", match[1]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()
