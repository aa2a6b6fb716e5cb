"""How a way into another workspace is tried, and what may come of it.

    @filtered(["oak A", "yew A"])
    def select_an_entity(o): ...               gives exactly what A has

    @refused(UnscopedStatement, "Add `Tree.workspace_id == current_workspace.id`")
    def core_select(o): ...                    raises, says what to write, and nothing has reached the cursor

    @like_absent
    def get_by_id(o, id): ...                  does for B's id what it does for an id that nobody has

Each is run in A, with rows of the same shape in B, and B's rows are compared from outside afterwards.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Connection, event

from enferno.extensions import db
from enferno.tenancy import TenancyError, in_workspace
from tests.isolation.orchard import Side, rows

__all__ = ["Orchards", "Way", "Ways"]


@dataclass
class Orchards:
    """The two workspaces, `a` and `b`, and a connection that sees both from outside."""

    app: Flask
    outside: Connection
    a: Side
    b: Side
    through: list[str] = field(default_factory=list)

    @property
    def session(self) -> Any:
        return db.session

    @property
    def kind(self) -> str:
        return self.outside.dialect.name

    def of_b(self) -> dict[str, Any]:
        return rows(self.outside, self.b.workspace)

    def of_a(self) -> dict[str, Any]:
        return rows(self.outside, self.a.workspace)

    def now(self) -> None:
        """What follows is the way in itself; what came before was getting ready for it."""
        self.through.clear()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note the statements that come through to the tables of workspaces."""

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if "SAVEPOINT" not in statement and " workspaces" not in statement:
                self.through.append(statement)

        event.listen(db.engine, "after_cursor_execute", note)
        self.through.clear()
        try:
            yield
        finally:
            event.remove(db.engine, "after_cursor_execute", note)


@dataclass
class Way:
    """A way in and what must come of it."""

    name: str
    go: Callable[..., Any]
    check: Callable[["Way", Orchards], None]

    def try_in_a(self, orchards: Orchards) -> None:
        before = orchards.of_b()
        self.check(self, orchards)
        assert orchards.of_b() == before

    def try_without_a_workspace(self, orchards: Orchards) -> None:
        """Where no workspace is current, every way is refused before it reaches a row."""
        before = orchards.of_b()
        takes_id = self.go.__code__.co_argcount == 2
        with pytest.raises(TenancyError) as refusal, orchards.watching():
            self.go(orchards, orchards.b.oak) if takes_id else self.go(orchards)
        db.session.rollback()
        assert orchards.through == []
        assert re.search("in_workspace|unscoped|workspace_id", str(refusal.value))
        assert orchards.of_b() == before


class Ways:
    """Collects the ways of one test module."""

    def __init__(self) -> None:
        self.all: list[Way] = []

    def filtered(self, expected: Any) -> Callable[..., Any]:
        def check(way: Way, o: Orchards) -> None:
            with in_workspace(o.a.workspace):
                assert way.go(o) == expected

        return self._collect(check)

    def refused(self, kind: type[Exception], says: str) -> Callable[..., Any]:
        def check(way: Way, o: Orchards) -> None:
            with pytest.raises(kind) as refusal, in_workspace(o.a.workspace), o.watching():
                way.go(o)
            assert says in str(refusal.value), refusal.value
            assert o.through == []

        return self._collect(check)

    @property
    def like_absent(self) -> Callable[..., Any]:
        def check(way: Way, o: Orchards) -> None:
            assert outcome(way, o, o.b.oak) == outcome(way, o, uuid4())

        return self._collect(check)

    def _collect(self, check: Callable[[Way, Orchards], None]) -> Callable[..., Any]:
        def collect(go: Callable[..., Any]) -> Callable[..., Any]:
            self.all.append(Way(go.__name__, go, check))
            return go

        return collect

    def each(self) -> Any:
        return pytest.mark.parametrize("way", self.all, ids=lambda way: way.name)


def outcome(way: Way, o: Orchards, id: UUID) -> str:
    """What comes of it, without the id itself."""
    try:
        with in_workspace(o.a.workspace):
            found = repr(way.go(o, id))
    except Exception as refusal:
        found = f"{type(refusal).__name__}: {refusal}"
    return found.replace(str(id), "<id>").replace(id.hex, "<id>")
