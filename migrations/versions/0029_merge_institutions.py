"""Let an institution that is recorded twice lead to the one that stays, or be told from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add where an institution leads to, what was moved there, and pairs that are no duplicates."""
    with op.batch_alter_table("institutions") as batch:
        batch.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("moved", sa.JSON(), server_default="{}", nullable=False))
        batch.create_index("ix_institutions_merged_into_id", ["merged_into_id"])
        batch.create_foreign_key(
            batch.f("fk_institutions_merged_into_id"), "institutions", ["merged_into_id"], ["id"]
        )
        batch.create_check_constraint(
            op.f("ck_institutions_leads_to_another"), "merged_into_id <> id"
        )
    op.create_table(
        "institution_namesakes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by_id", sa.Integer(), nullable=False),
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "one_id < other_id", name=op.f("ck_institution_namesakes_each_pair_once")
        ),
        sa.ForeignKeyConstraint(
            ["one_id"], ["institutions.id"], name=op.f("fk_institution_namesakes_one_id")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["institutions.id"], name=op.f("fk_institution_namesakes_other_id")
        ),
        sa.ForeignKeyConstraint(
            ["told_by_id"], ["users.id"], name=op.f("fk_institution_namesakes_told_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution_namesakes")),
    )
    op.create_index(
        "uq_institution_namesakes_pair",
        "institution_namesakes",
        ["one_id", "other_id"],
        unique=True,
    )
    op.create_index(
        op.f("ix_institution_namesakes_other_id"), "institution_namesakes", ["other_id"]
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("institution_namesakes")
    with op.batch_alter_table("institutions") as batch:
        batch.drop_constraint(op.f("ck_institutions_leads_to_another"), type_="check")
        batch.drop_constraint(batch.f("fk_institutions_merged_into_id"), type_="foreignkey")
        batch.drop_index("ix_institutions_merged_into_id")
        batch.drop_column("moved")
        batch.drop_column("merged_into_id")
