"""Scoped tables of every shape, for the walls to be tried on: parent and child, links, inheritance, a unique name.

They live in a metadata of their own, so that the kit's migrations have nothing to do with them.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, ForeignKeyConstraint, MetaData, String, UniqueConstraint, func, select
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column, registry, relationship

from enferno.database import NAMING_CONVENTION, Base, new_id
from enferno.tenancy import WorkspaceScoped, belongs_to, link_table
from enferno.tenancy.policies import statements
from enferno.workspace.models import Workspace

__all__ = ["Crate", "Fruit", "Orchard", "Pear", "Quince", "Side", "Tag", "Tree", "build", "plant", "rows", "tree_tags"]


class Rural(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    registry = registry(metadata=metadata)


Workspace.__table__.to_metadata(Rural.metadata)


class Orchard(WorkspaceScoped, Rural):
    __tablename__ = "orchards"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    name: Mapped[str] = mapped_column(String(60))


class Tag(WorkspaceScoped, Rural):
    __tablename__ = "tags"

    name: Mapped[str] = mapped_column(String(60))


class Tree(WorkspaceScoped, Rural):
    __tablename__ = "trees"

    name: Mapped[str] = mapped_column(String(60))
    height: Mapped[int] = mapped_column(default=0)
    orchard = belongs_to(Orchard, ondelete="CASCADE", backref="trees")
    graft = belongs_to("Tree", ondelete="SET NULL")

    tags: Mapped[list[Tag]] = relationship(secondary=lambda: tree_tags)

    @hybrid_property
    def tallest(self) -> int:
        """The height of the tallest tree of all: its SQL says nothing about workspaces."""
        return self.height

    @tallest.inplace.expression
    @classmethod
    def _tallest(cls) -> Any:
        return select(func.max(cls.height)).scalar_subquery()


class Crate(WorkspaceScoped, Rural):
    """Counts trees in a column_property that says nothing about workspaces."""

    __tablename__ = "crates"

    name: Mapped[str] = mapped_column(String(60))
    trees_in_all = column_property(select(func.count(Tree.id)).scalar_subquery())


class Fruit(WorkspaceScoped, Rural):
    __tablename__ = "fruits"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "fruit"}

    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(60))


class Pear(Fruit):
    __mapper_args__ = {"polymorphic_identity": "pear"}


class Quince(Fruit):
    """Kept in two tables, joined by the whole key."""

    __tablename__ = "quinces"
    __table_args__ = (ForeignKeyConstraint(["workspace_id", "id"], ["fruits.workspace_id", "fruits.id"]),)
    __mapper_args__ = {"polymorphic_identity": "quince"}

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    sourness: Mapped[int] = mapped_column(default=0)


# link_table() belongs to the product's metadata; this one moves to ours.
_links = link_table("tree_tags", tree="trees", tag="tags")
tree_tags = _links.to_metadata(Rural.metadata)
Base.metadata.remove(_links)

TABLES = ("tree_tags", "trees", "tags", "orchards", "crates", "quinces", "fruits")


@dataclass
class Side:
    """What is planted in one workspace. Names end with the workspace's letter, heights tell the two apart."""

    letter: str
    workspace: UUID = field(default_factory=new_id)
    orchard: UUID = field(default_factory=new_id)
    oak: UUID = field(default_factory=new_id)
    yew: UUID = field(default_factory=new_id)
    tag: UUID = field(default_factory=new_id)

    def heights(self) -> tuple[int, int]:
        return (1, 2) if self.letter == "A" else (1000, 2000)


def build(owner: Connection) -> None:
    """Make the tables, as their owner and with the wall around each, as a migration would."""
    Rural.metadata.create_all(owner, tables=[Rural.metadata.tables[name] for name in reversed(TABLES)])
    if owner.dialect.name == "postgresql":
        for name in TABLES:
            for statement in statements(name):
                owner.exec_driver_sql(statement)
    owner.commit()


def plant(outside: Connection, *sides: Side) -> None:
    """Put the same rows into every workspace, whatever was there before."""
    for name in TABLES:
        outside.execute(Rural.metadata.tables[name].delete())
    for side in sides:
        key = {"workspace_id": side.workspace}
        oak, yew = side.heights()
        given: dict[str, list[dict[str, Any]]] = {
            "orchards": [{"id": side.orchard, "name": f"orchard {side.letter}"}],
            "tags": [{"id": side.tag, "name": f"tag {side.letter}"}],
            "trees": [
                {"id": side.oak, "name": f"oak {side.letter}", "height": oak, "orchard_id": side.orchard},
                {"id": side.yew, "name": f"yew {side.letter}", "height": yew, "orchard_id": side.orchard},
            ],
            "tree_tags": [{"tree_id": side.oak, "tag_id": side.tag}],
            "crates": [{"id": side.oak, "name": f"crate {side.letter}"}],
            "fruits": [
                {"id": side.oak, "kind": "fruit", "name": f"fig {side.letter}"},
                {"id": side.yew, "kind": "pear", "name": f"pear {side.letter}"},
                {"id": side.tag, "kind": "quince", "name": f"quince {side.letter}"},
            ],
            "quinces": [{"id": side.tag, "sourness": oak}],
        }
        for name, values in given.items():
            outside.execute(Rural.metadata.tables[name].insert(), [key | value for value in values])
    outside.commit()


def rows(outside: Connection, workspace_id: UUID) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that is stored for a workspace."""
    found = {}
    for name in TABLES:
        table = Rural.metadata.tables[name]
        query = select(table).where(table.c.workspace_id == workspace_id)
        found[name] = sorted((tuple(row) for row in outside.execute(query)), key=repr)
    outside.rollback()
    return found
