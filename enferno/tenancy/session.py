"""The session of one workspace: what it reads is filtered, what it writes is checked."""

from typing import Any
from uuid import UUID

from flask.globals import app_ctx
from flask_sqlalchemy.session import Session
from sqlalchemy import Uuid, bindparam, event, inspect
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.orm.util import LoaderCriteriaOption

from enferno.tenancy.errors import CrossWorkspace, NoWorkspace
from enferno.tenancy.models import WorkspaceScoped
from enferno.tenancy.scope import Scope, current_scope, current_unit

__all__ = ["ScopedRegistryKey", "WorkspaceSession"]


class ScopedRegistryKey:
    """Tells `db.session` apart by application context and by unit of work."""

    def __call__(self) -> tuple[int, int]:
        return id(app_ctx._get_current_object()), current_unit()  # type: ignore[attr-defined]


# One parameter and one option for every statement, so that SQLAlchemy's compiled cache always hits. The value is read
# when the statement runs: one built in A and run in B obeys B. It cannot raise here (SQLAlchemy would wrap the
# exception); a missing workspace is refused at the cursor.
CURRENT = bindparam("enferno_workspace_id", callable_=lambda: current_scope().workspace_id, type_=Uuid())


class _OnlyCurrent(LoaderCriteriaOption):
    """The criterion of every statement.

    What registers itself for joined eager loads must be an option that propagates; what SQLAlchemy would hang on every
    loaded object must not. So one hands over to the other. The cache key is a constant, as the criterion is.
    """

    inherit_cache = True

    def get_global_criteria(self, attributes: dict[Any, Any]) -> None:
        FOR_LOADERS.get_global_criteria(attributes)

    def _gen_cache_key(self, anon_map: Any, bindparams: Any) -> tuple[Any, ...]:
        return (_OnlyCurrent,)


def _criterion(kind: type[LoaderCriteriaOption], propagate: bool) -> LoaderCriteriaOption:
    return kind(
        WorkspaceScoped,
        lambda cls: cls.workspace_id == CURRENT,
        include_aliases=True,
        propagate_to_loaders=propagate,
        track_closure_variables=False,
    )


FOR_LOADERS = _criterion(LoaderCriteriaOption, propagate=True)
ONLY_CURRENT = _criterion(_OnlyCurrent, propagate=False)


class WorkspaceSession(Session):
    """Serves one workspace from its first use until it is removed."""

    serves: UUID | None = None

    def claim(self, workspace_id: UUID) -> None:
        """Say that this session serves the workspace; raises `CrossWorkspace` when it serves another."""
        if self.serves is None:
            self.serves = workspace_id
        elif self.serves != workspace_id:
            raise CrossWorkspace(
                f"This session serves workspace {self.serves}, and workspace {workspace_id} is current. An object or a "
                "session was carried from one to the other. Load it again inside the block: `with in_workspace(...)`."
            )

    def scope(self) -> Scope:
        """The current scope, once it is certain that this session may work in it."""
        scope = current_scope()
        if scope.workspace_id is not None and not scope.unscoped:
            self.claim(scope.workspace_id)
        return scope

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        """As SQLAlchemy's, except that the id of a scoped row is enough: the current workspace completes it."""
        mapper = inspect(entity)
        if issubclass(mapper.class_, WorkspaceScoped):
            ident = self._complete(mapper, ident)
        return super().get(entity, ident, **options)

    def _complete(self, mapper: Any, ident: Any) -> tuple[Any, ...]:
        scope = self.scope()
        if scope.workspace_id is None and not scope.unscoped:
            raise NoWorkspace
        name = mapper.class_.__name__
        if isinstance(ident, dict):
            ident = (ident.get("workspace_id", scope.workspace_id), *(ident[k] for k in ident if k != "workspace_id"))
        if not isinstance(ident, (tuple, list)):
            if scope.workspace_id is None or scope.unscoped:
                raise CrossWorkspace(
                    f"Inside unscoped(), {name} needs both halves of its key: session.get({name}, (workspace_id, id))."
                )
            return scope.workspace_id, ident
        if not scope.unscoped and ident[0] != scope.workspace_id:
            raise CrossWorkspace(
                f"{name} {ident[1:]} of workspace {ident[0]} was asked for while {scope.workspace_id} is current. "
                f"Write session.get({name}, id): the current workspace is filled in."
            )
        return tuple(ident)


@event.listens_for(WorkspaceSession, "do_orm_execute")
def _filter(execution: ORMExecuteState) -> None:
    scope = execution.session.scope()  # type: ignore[attr-defined]
    if scope.unscoped or execution.is_column_load:
        return
    statement: Any = execution.statement
    copies = execution.is_insert and getattr(statement, "select", None) is not None
    if execution.is_select or execution.is_update or execution.is_delete or copies:
        execution.statement = statement.options(ONLY_CURRENT)


@event.listens_for(WorkspaceSession, "before_flush")
def _check_flush(session: WorkspaceSession, _context: Any, _instances: Any) -> None:
    scope: Scope | None = None
    for thing in [*session.new, *session.dirty, *session.deleted]:
        if isinstance(thing, WorkspaceScoped):
            scope = scope or session.scope()
            _check_row(thing, scope)


def _check_row(thing: WorkspaceScoped, scope: Scope) -> None:
    state = inspect(thing)
    name = type(thing).__name__
    stored = state.identity[0] if state.identity else None  # type: ignore[union-attr]
    given = thing.__dict__.get("workspace_id", stored)
    if stored is not None and given != stored:
        raise CrossWorkspace(f"{name} was moved from workspace {stored} to {given}. A row never changes its workspace.")
    if scope.unscoped:
        if given is None:
            raise CrossWorkspace(f"Inside unscoped(), a new {name} must name its workspace: {name}(workspace_id=...).")
        return
    if scope.workspace_id is None:
        raise NoWorkspace(f"{name} belongs to a workspace, and no workspace is current.")
    if given is None:
        thing.workspace_id = scope.workspace_id
    elif given != scope.workspace_id:
        raise CrossWorkspace(
            f"{name} of workspace {given} would be written while {scope.workspace_id} is current. "
            "Load or make it inside `with in_workspace(its_workspace): ...`."
        )
