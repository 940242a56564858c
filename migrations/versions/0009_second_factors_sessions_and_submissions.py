"""Add second factors, what is known of sessions, and submissions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add second factors, what is known of sessions, and submissions."""
    op.create_table(
        "audit_values_confidential",
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("commitment", name=op.f("pk_audit_values_confidential")),
    )

    op.create_index(
        "ix_audit_values_confidential_subject", "audit_values_confidential", ["subject"]
    )

    op.create_table(
        "sign_in_failures",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_failures")),
    )

    op.create_index("ix_sign_in_failures_last_at", "sign_in_failures", ["last_at"])

    op.create_table(
        "known_devices",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_known_devices_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_known_devices")),
    )

    op.create_index("ix_known_devices_user_id", "known_devices", ["user_id"])

    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_codes")),
    )

    op.create_index("ix_recovery_codes_user_id", "recovery_codes", ["user_id"])

    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_second_factors_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factors")),
    )

    op.create_table(
        "submissions",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("location", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_submissions_user_id")),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_submissions")),
    )

    op.create_index("ix_submissions_at", "submissions", ["at"])
    op.create_index("ix_submissions_user_id", "submissions", ["user_id"])

    # Not as a batch: a rebuilt table would lose the triggers that guard the trail.
    op.add_column("audit_events", sa.Column("row_digest", sa.String(length=64), nullable=True))

    with op.batch_alter_table("sessions") as batch:
        batch.add_column(sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(
            sa.Column("device", sa.String(length=80), server_default="", nullable=False)
        )


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("sessions") as batch:
        batch.drop_column("device")
        batch.drop_column("second_factor_at")
        batch.drop_column("verified_at")

    op.drop_column("audit_events", "row_digest")

    op.drop_table("submissions")

    op.drop_table("second_factors")

    op.drop_table("recovery_codes")

    op.drop_table("known_devices")

    op.drop_table("sign_in_failures")

    op.drop_table("audit_values_confidential")
