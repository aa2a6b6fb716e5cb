"""projects

Revision ID: 2026_11_20_projects
Revises:
Create Date: 2026-11-20 21:10:00+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from enferno.database import UTCDateTime
from enferno.tenancy.policies import protect, unprotect

revision: str = "2026_11_20_projects"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = ("projects",)
depends_on: str | Sequence[str] | None = ("2026_11_20_kit",)


def upgrade() -> None:
    op.create_table(
        "projects",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "owner_id"],
            ["memberships.workspace_id", "memberships.id"],
            name=op.f("fk_projects_workspace_id_owner_id_memberships"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_projects_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_projects")),
    )
    op.create_index(op.f("ix_projects_workspace_id_created_at"), "projects", ["workspace_id", "created_at"])
    op.create_index(op.f("ix_projects_workspace_id_name"), "projects", ["workspace_id", "name"])
    op.create_index(op.f("ix_projects_workspace_id_owner_id"), "projects", ["workspace_id", "owner_id"])
    protect("projects")


def downgrade() -> None:
    unprotect("projects")
    op.drop_table("projects")
