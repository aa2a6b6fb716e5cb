"""Faults of the product's author: a sentence each, with the file, the line and what to write there.

    raise AuthorFault(f"{place_of(view)}: notes.show declares no guard: write @signed_in under its route")

What starts the application shows the sentence and ends with code 1 (enferno/start.py): `flask`, `./setup.sh run`, the
worker and beat. The traceback is for `--debug`.
"""

import inspect
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import click
from flask.helpers import get_debug_flag
from sqlalchemy.exc import OperationalError, ProgrammingError

from enferno.reading import ROOT

__all__ = ["AuthorFault", "Place", "blaming", "place_of", "place_of_text"]


@dataclass(frozen=True)
class Place:
    """A line of a file, written as editors and terminals take it: `features/notes/api.py:12`."""

    file: Path
    line: int = 1

    def __str__(self) -> str:
        file = self.file.relative_to(ROOT) if self.file.is_relative_to(ROOT) else self.file
        return f"{file}:{self.line}"


class AuthorFault(click.ClickException):
    """What was written does not make a working application; each of `faults` begins with its place."""

    def __init__(self, *faults: str) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(faults))

    def show(self, file: IO[Any] | None = None) -> None:
        if get_debug_flag():
            traceback.print_exception(self, file=file)
        super().show(file)


@contextmanager
def blaming(folder: Path, otherwise: Place | None = None) -> Iterator[None]:
    """What is raised in here on a line of `folder` is a fault of its author, and is told with that line.

    `otherwise`: the place to name when no line of the folder was reached; without it such an exception is the kit's own
    and passes on.
    """
    try:
        yield
    except (click.ClickException, OperationalError, ProgrammingError):
        # What a database refuses, the commands put into words without its own, which may repeat what was written.
        raise
    except Exception as fault:
        place = where_it_happened(fault, folder) or otherwise
        if place is None:
            raise
        raise AuthorFault(f"{place}: {in_words(fault)}") from fault


def where_it_happened(fault: BaseException, folder: Path) -> Place | None:
    """The last line of `folder` on the way to the exception."""
    if isinstance(fault, SyntaxError) and fault.filename and Path(fault.filename).is_relative_to(folder):
        return Place(Path(fault.filename), fault.lineno or 1)
    lines = [(Path(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(fault.__traceback__)]
    return next((Place(file, line) for file, line in reversed(lines) if file.is_relative_to(folder)), None)


def in_words(fault: BaseException) -> str:
    if isinstance(fault, SyntaxError):
        return f"{fault.msg}: mend this line, or the one above it"
    if isinstance(fault, ModuleNotFoundError):
        return f"{fault}: mend the name, or add the package as docs/dependencies.md says"
    if isinstance(fault, ImportError):
        # "from 'x' (/path/to/x.py)": the module is enough.
        return f"{str(fault).partition(' (')[0]}: mend the name"
    said = " ".join(str(fault).split())
    return f"{type(fault).__name__}: {said}" if said else type(fault).__name__


def place_of(thing: Any, text: str = "") -> Place:
    """Where a function or a class is written; with `text`, the line of the class which holds it."""
    thing = inspect.unwrap(getattr(thing, "view_class", thing))
    try:
        file = Path(inspect.getsourcefile(thing) or inspect.getfile(thing))
        lines, first = inspect.getsourcelines(thing)
    except (OSError, TypeError):
        module = sys.modules.get(getattr(thing, "__module__", ""), None)
        return Place(Path(getattr(module, "__file__", None) or os.devnull))
    found = next((number for number, line in enumerate(lines) if text and text in line), 0)
    return Place(file, max(first, 1) + found)


def place_of_text(folder: Path, text: str) -> Place:
    """The first line below `folder` that has `text` as a literal; the folder itself where none has."""
    for file in sorted(folder.rglob("*.py")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if f'"{text}"' in line or f"'{text}'" in line:
                return Place(file, number)
    return Place(folder)
