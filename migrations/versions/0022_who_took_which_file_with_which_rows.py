"""Keep who took which file, with which rows in it, and for whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the ledger."""
    op.create_table(
        "export_recipients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_export_recipients_name_not_empty")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_recipients")),
        sa.UniqueConstraint("name", name=op.f("uq_export_recipients_name")),
    )
    ref = sa.String(length=14).with_variant(sa.String(length=14, collation="C"), "postgresql")
    kinds = sa.Enum(
        "incidents", "published", "package",
        name="export_kind", native_enum=False, create_constraint=True, length=40,
    )  # fmt: skip
    profiles = sa.Enum(
        "internal", "partner", "public",
        name="profile", native_enum=False, create_constraint=True, length=40,
    )  # fmt: skip
    op.create_table(
        "export_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", ref, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("kind", kinds, nullable=False),
        sa.Column("profile", profiles, nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (sha256 = '')", name=op.f("ck_export_runs_ended_with_a_digest")
        ),
        sa.CheckConstraint("rows >= 0", name=op.f("ck_export_runs_rows_counted")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_export_runs_by_id")),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["export_recipients.id"], name=op.f("fk_export_runs_recipient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_runs")),
        sa.UniqueConstraint("ref", name=op.f("uq_export_runs_ref")),
    )
    op.create_index("ix_export_runs_page", "export_runs", ["began_at", "ref"], unique=False)
    for column in ("by_id", "question", "recipient_id"):
        op.create_index(op.f(f"ix_export_runs_{column}"), "export_runs", [column], unique=False)
    op.create_table(
        "exported_rows",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("ref", ref, nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["export_runs.id"], name=op.f("fk_exported_rows_run_id")
        ),
        sa.PrimaryKeyConstraint("run_id", "ref", name=op.f("pk_exported_rows")),
    )
    op.create_index(op.f("ix_exported_rows_ref"), "exported_rows", ["ref"], unique=False)


def downgrade() -> None:
    """Undo it."""
    for table in ("exported_rows", "export_runs", "export_recipients"):
        op.drop_table(table)
