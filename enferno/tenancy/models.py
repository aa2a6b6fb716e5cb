"""What makes a table belong to a workspace, and how one such table refers to another.

The primary key is (workspace_id, id). So the ORM's identity, and with it every UPDATE, DELETE, refresh and merge of a
row, carries the workspace; and a foreign key between two such tables cannot name a row of another workspace, because
it is composite: (workspace_id, x_id) -> (workspace_id, id).
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, Table, Uuid, and_, event, inspect
from sqlalchemy.orm import Mapped, backref, foreign, mapped_column, relationship, remote, validates

from enferno.database import Base, new_id
from enferno.tenancy.errors import CrossWorkspace
from enferno.tenancy.scope import current_scope

__all__ = ["WorkspaceScoped", "belongs_to", "link_table"]


def _current_id() -> UUID | None:
    scope = current_scope()
    return None if scope.unscoped else scope.workspace_id


class WorkspaceScoped:
    """A model whose rows belong to one workspace: `class Project(WorkspaceScoped, db.Model)`."""

    workspace_id: Mapped[UUID] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True, default=_current_id, sort_order=-20
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-19)

    def __init_subclass__(cls, **options: Any) -> None:
        if "__mapper__" in cls.__dict__:
            raise TypeError(f"Write `class {cls.__name__}(WorkspaceScoped, db.Model)`: WorkspaceScoped comes first.")
        for name, marker in list(cls.__dict__.items()):
            if isinstance(marker, _BelongsTo):
                marker.apply(cls, name)
        super().__init_subclass__(**options)

    @validates("workspace_id")
    def _keep_workspace(self, _key: str, value: UUID) -> UUID:
        state = inspect(self)
        old = state.identity[0] if state.identity else self.__dict__.get("workspace_id")  # type: ignore[union-attr]
        if old is not None and value != old:
            raise CrossWorkspace(
                f"{type(self).__name__} belongs to workspace {old} and cannot move to {value}. "
                "Copy its values into a new row inside `with in_workspace(other): ...`."
            )
        scope = current_scope()
        if not scope.unscoped and scope.workspace_id is not None and value != scope.workspace_id:
            raise CrossWorkspace(
                f"A {type(self).__name__} for workspace {value} was made while {scope.workspace_id} is current. "
                "Leave workspace_id out (the current one is filled in), or write `with in_workspace(other): ...`."
            )
        return value


@event.listens_for(WorkspaceScoped, "init", propagate=True)
def _fill_in_key(_target: WorkspaceScoped, _args: Any, values: dict[str, Any]) -> None:
    values.setdefault("id", new_id())
    scope = current_scope()
    if scope.workspace_id is not None and not scope.unscoped:
        values.setdefault("workspace_id", scope.workspace_id)


def belongs_to(
    target: str | type,
    *,
    ondelete: str | None = None,
    nullable: bool | None = None,
    backref: str | None = None,
    table: str | None = None,
    index: bool = True,
) -> Any:
    """A reference from one scoped model to another, in one line: `project = belongs_to("Project")`.

    Makes the column `project_id`, the composite foreign key, an index on it, and the relationship `project`.

    `ondelete`: None refuses to delete a row that is still referred to; "CASCADE" deletes this row with it, in the
    database; "SET NULL" empties `project_id` when the other is deleted through the session (a database action would
    empty workspace_id as well). `backref` names the collection on the other model. `table` is only needed when the
    other model is declared later.
    """
    if ondelete not in (None, "CASCADE", "SET NULL"):
        raise ValueError('ondelete is None, "CASCADE" or "SET NULL"')
    optional = ondelete == "SET NULL" if nullable is None else nullable
    if ondelete == "SET NULL" and not optional:
        raise ValueError("SET NULL needs a nullable reference")
    return _BelongsTo(target, ondelete, optional, backref, table, index)


@dataclass(frozen=True)
class _BelongsTo:
    target: str | type
    ondelete: str | None
    nullable: bool
    collection: str | None
    table: str | None
    index: bool

    def apply(self, cls: Any, name: str) -> None:
        column = f"{name}_id"
        table = self._table(cls)
        setattr(cls, column, mapped_column(Uuid, nullable=self.nullable))
        key = ForeignKeyConstraint(
            ["workspace_id", column],
            [f"{table}.workspace_id", f"{table}.id"],
            ondelete="CASCADE" if self.ondelete == "CASCADE" else None,
        )
        extra = (key, Index(None, "workspace_id", column)) if self.index else (key,)
        cls.__table_args__ = _with_table_args(cls, extra)
        setattr(cls, name, self._relationship(cls, name, column))

    def _table(self, cls: Any) -> str:
        if self.table:
            return self.table
        if not isinstance(self.target, str):
            return self.target.__table__.name  # type: ignore[attr-defined]
        if self.target == cls.__name__:
            return cls.__tablename__
        known = cls.registry._class_registry.get(self.target)
        if known is None:
            raise TypeError(
                f"{cls.__name__} refers to {self.target}, which is not declared yet. Import it above, or name the "
                f'table: belongs_to("{self.target}", table="...").'
            )
        return known.__table__.name

    def _relationship(self, cls: Any, name: str, column: str) -> Any:
        def join() -> Any:
            # Only x_id is marked foreign: workspace_id is compared, and never written through a relationship.
            other = self._class(cls)
            return and_(
                cls.workspace_id == remote(other.workspace_id), foreign(getattr(cls, column)) == remote(other.id)
            )

        return relationship(
            self.target if isinstance(self.target, type) else lambda: self._class(cls),
            primaryjoin=join,
            backref=self._backref(cls, name),
        )

    def _class(self, cls: Any) -> Any:
        if isinstance(self.target, type):
            return self.target
        return cls.registry._class_registry[self.target]

    def _backref(self, cls: Any, name: str) -> Any:
        if self.ondelete == "SET NULL":
            return backref(self.collection or f"_{cls.__tablename__}_by_{name}")
        # "all" leaves it to the database to delete what refers to the row, or to refuse, as the foreign key says.
        return self.collection and backref(self.collection, passive_deletes="all")


def _with_table_args(cls: Any, extra: tuple[Any, ...]) -> tuple[Any, ...]:
    given = cls.__dict__.get("__table_args__", ())
    if isinstance(given, dict):
        return (*extra, given)
    if given and isinstance(given[-1], dict):
        return (*given[:-1], *extra, given[-1])
    return (*given, *extra)


def link_table(name: str, /, **ends: str) -> Table:
    """The table between two scoped models: `link_table("task_tags", task="tasks", tag="tags")`.

    Use it as `tags = relationship("Tag", secondary=task_tags)`; the composite keys say the rest.
    """
    columns = [Column("workspace_id", Uuid, primary_key=True)]
    keys = []
    for end, table in ends.items():
        columns.append(Column(f"{end}_id", Uuid, primary_key=True))
        keys.append(
            ForeignKeyConstraint(
                ["workspace_id", f"{end}_id"], [f"{table}.workspace_id", f"{table}.id"], ondelete="CASCADE"
            )
        )
    later = [Index(None, "workspace_id", f"{end}_id") for end in list(ends)[1:]]
    return Table(name, Base.metadata, *columns, *keys, *later)
