"""Which rows exist for you: the current workspace, automatic scope, and the database's own policies.

    class Project(WorkspaceScoped, db.Model):
        name: Mapped[str]

    class Task(WorkspaceScoped, db.Model):
        project = belongs_to("Project", ondelete="CASCADE")

See docs/tenancy.md.
"""

from enferno.tenancy.declarations import insist_on_models
from enferno.tenancy.errors import CrossWorkspace, NoWorkspace, TenancyError, UnscopedStatement
from enferno.tenancy.models import WorkspaceScoped, belongs_to, link_table
from enferno.tenancy.scope import (
    bind_workspace,
    current_workspace,
    current_workspace_id,
    in_workspace,
    serve,
    unscoped,
)
from enferno.tenancy.wall import init_app

__all__ = [
    "CrossWorkspace",
    "NoWorkspace",
    "TenancyError",
    "UnscopedStatement",
    "WorkspaceScoped",
    "belongs_to",
    "bind_workspace",
    "current_workspace",
    "current_workspace_id",
    "in_workspace",
    "init_app",
    "insist_on_models",
    "link_table",
    "serve",
    "unscoped",
]
