"""the application may read which migrations were applied

Revision ID: 2026_11_28_readable_version
Revises: 2026_11_21_billing
Create Date: 2026-11-28 09:55:00.000000+00:00
"""

from collections.abc import Sequence

from enferno.tenancy.policies import grant

revision: str = "2026_11_28_readable_version"
down_revision: str | Sequence[str] | None = "2026_11_21_billing"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    grant("alembic_version", rights="SELECT")


def downgrade() -> None:
    """What may be read may go on being read: older code does not mind."""
