"""Keep the figures of open cases, once for each group of readers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; it is filled at the next start, or by `flask figures check --repair`."""
    op.create_table(
        "case_figures",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "visibility",
            sa.Enum(
                "internal",
                "restricted",
                name="visibility",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "step",
            sa.Enum(
                "no_response",
                "statements_only",
                "investigation_announced",
                "investigation_registered",
                "suspects_or_charges",
                "trial",
                "full_justice",
                "partial_justice",
                "complete_impunity",
                "closed_without_result",
                "justice_disputed",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("public_earliest", sa.Date(), nullable=True),
        sa.Column("public_latest", sa.Date(), nullable=True),
        sa.Column("public_ref", sa.String(length=14), nullable=False),
        sa.Column("is_silent", sa.Boolean(), nullable=False),
        sa.Column("is_unanswered", sa.Boolean(), nullable=False),
        sa.Column("claims_answer", sa.Boolean(), nullable=False),
        sa.Column("last_latest", sa.Date(), nullable=True),
        sa.Column("last_earliest", sa.Date(), nullable=True),
        sa.Column("last_ref", sa.String(length=14), nullable=False),
        sa.Column("records", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["cases.id"],
            name=op.f("fk_case_figures_case_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("case_id", "team_id", "visibility", name=op.f("pk_case_figures")),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("case_figures")
