"""billing

Revision ID: 2026_11_21_billing
Revises: 2026_11_20_kit
Create Date: 2026-11-21 11:06:40.832860+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from enferno.database import UTCDateTime
from enferno.tenancy.policies import grant, protect, unprotect

revision: str = "2026_11_21_billing"
down_revision: str | Sequence[str] | None = "2026_11_20_kit"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "billing_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("customer_id", sa.String(length=120), nullable=False),
        sa.Column("named_workspace", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UTCDateTime(), nullable=False),
        sa.Column("last_error", sa.String(length=80), nullable=True),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_events")),
        sa.UniqueConstraint("provider", "event_id", name=op.f("uq_billing_events_provider_event_id")),
    )
    op.create_index(op.f("ix_billing_events_received_at"), "billing_events", ["received_at"], unique=False)
    op.create_index(
        op.f("ix_billing_events_state_next_try_at"), "billing_events", ["state", "next_try_at"], unique=False
    )
    op.create_table(
        "billing_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("customer_id", sa.String(length=120), nullable=False),
        sa.Column("account_of_id", sa.Uuid(), nullable=True),
        sa.Column("trial_claimed_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_of_id"],
            ["workspaces.id"],
            name=op.f("fk_billing_accounts_account_of_id_workspaces"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_accounts")),
        sa.UniqueConstraint("provider", "account_of_id", name=op.f("uq_billing_accounts_provider_account_of_id")),
        sa.UniqueConstraint("provider", "customer_id", name=op.f("uq_billing_accounts_provider_customer_id")),
    )
    op.create_table(
        "checkouts",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("plan", sa.String(length=40), nullable=False),
        sa.Column("interval", sa.String(length=10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("trial_days", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(length=255), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_checkouts_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_checkouts")),
        sa.UniqueConstraint("workspace_id", "session_id", name=op.f("uq_checkouts_workspace_id_session_id")),
    )
    op.create_index(
        op.f("ix_checkouts_workspace_id_created_at"), "checkouts", ["workspace_id", "created_at"], unique=False
    )
    op.create_table(
        "subscriptions",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("customer_id", sa.String(length=120), nullable=False),
        sa.Column("subscription_id", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("plan", sa.String(length=40), nullable=False),
        sa.Column("interval", sa.String(length=10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("trial_ends_at", UTCDateTime(), nullable=True),
        sa.Column("period_ends_at", UTCDateTime(), nullable=True),
        sa.Column("cancel_at", UTCDateTime(), nullable=True),
        sa.Column("grace_until", UTCDateTime(), nullable=True),
        sa.Column("reminded_days", sa.Integer(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_unpaid", sa.Boolean(), nullable=False),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.Column("synced_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_subscriptions_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("workspace_id", name=op.f("uq_subscriptions_workspace_id")),
    )
    op.create_index(op.f("ix_subscriptions_state"), "subscriptions", ["state"], unique=False)
    op.create_table(
        "local_books",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ahead_seconds", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_books")),
    )
    op.create_table(
        "local_customers",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("card", sa.String(length=20), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_customers")),
    )
    op.create_table(
        "local_deliveries",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("customer_id", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_deliveries")),
    )
    op.create_index(op.f("ix_local_deliveries_created_at"), "local_deliveries", ["created_at"], unique=False)
    op.create_table(
        "local_invoices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.String(length=60), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid", sa.Boolean(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["local_customers.id"],
            name=op.f("fk_local_invoices_customer_id_local_customers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_invoices")),
    )
    op.create_index(op.f("ix_local_invoices_customer_id_at"), "local_invoices", ["customer_id", "at"], unique=False)
    op.create_table(
        "local_sessions",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("customer_id", sa.String(length=60), nullable=False),
        sa.Column("plan", sa.String(length=40), nullable=False),
        sa.Column("interval", sa.String(length=10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("trial_days", sa.Integer(), nullable=False),
        sa.Column("named_workspace", sa.String(length=60), nullable=False),
        sa.Column("success_url", sa.String(length=500), nullable=False),
        sa.Column("cancel_url", sa.String(length=500), nullable=False),
        sa.Column("subscription_id", sa.String(length=60), nullable=True),
        sa.Column("expired_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["local_customers.id"],
            name=op.f("fk_local_sessions_customer_id_local_customers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_sessions")),
    )
    op.create_table(
        "local_subscriptions",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("customer_id", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("plan", sa.String(length=40), nullable=False),
        sa.Column("interval", sa.String(length=10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("period_started_at", UTCDateTime(), nullable=False),
        sa.Column("period_ends_at", UTCDateTime(), nullable=False),
        sa.Column("trial_ends_at", UTCDateTime(), nullable=True),
        sa.Column("cancel_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["local_customers.id"],
            name=op.f("fk_local_subscriptions_customer_id_local_customers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_subscriptions")),
    )
    op.create_index(op.f("ix_local_subscriptions_customer_id"), "local_subscriptions", ["customer_id"], unique=False)
    grant(
        "billing_accounts",
        "billing_events",
        "local_books",
        "local_customers",
        "local_deliveries",
        "local_invoices",
        "local_sessions",
        "local_subscriptions",
    )
    protect("subscriptions", "checkouts")


def downgrade() -> None:
    unprotect("subscriptions", "checkouts")
    op.drop_index(op.f("ix_local_subscriptions_customer_id"), table_name="local_subscriptions")
    op.drop_table("local_subscriptions")
    op.drop_table("local_sessions")
    op.drop_index(op.f("ix_local_invoices_customer_id_at"), table_name="local_invoices")
    op.drop_table("local_invoices")
    op.drop_index(op.f("ix_local_deliveries_created_at"), table_name="local_deliveries")
    op.drop_table("local_deliveries")
    op.drop_table("local_customers")
    op.drop_table("local_books")
    op.drop_index(op.f("ix_subscriptions_state"), table_name="subscriptions")
    op.drop_table("subscriptions")
    op.drop_index(op.f("ix_checkouts_workspace_id_created_at"), table_name="checkouts")
    op.drop_table("checkouts")
    op.drop_table("billing_accounts")
    op.drop_index(op.f("ix_billing_events_state_next_try_at"), table_name="billing_events")
    op.drop_index(op.f("ix_billing_events_received_at"), table_name="billing_events")
    op.drop_table("billing_events")
