"""Keep up to when somebody has seen a case, and find the ends that are expected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

EXPECTED_END = "ix_target_statuses_expected_end"


def upgrade() -> None:
    """Add the table of looks, and an index on what is expected to end."""
    op.create_table(
        "case_looks",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "team_id", "visibility"],
            ["cases.id", "cases.team_id", "cases.visibility"],
            name=op.f("fk_case_looks_case_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_case_looks_user_id")),
        sa.PrimaryKeyConstraint("user_id", "case_id", name=op.f("pk_case_looks")),
    )
    op.create_index(op.f("ix_case_looks_case_id"), "case_looks", ["case_id"], unique=False)
    op.create_index(EXPECTED_END, "target_statuses", ["expected_end"], unique=False)


def downgrade() -> None:
    """Undo it."""
    op.drop_index(EXPECTED_END, table_name="target_statuses")
    op.drop_table("case_looks")
