"""Let a journalist or outlet that stands twice on record lead to the one that stays."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = ("journalists", "outlets")


def upgrade() -> None:
    """Add where each leads to, and what was moved there."""
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
            batch.add_column(sa.Column("moved", sa.JSON(), server_default="{}", nullable=False))
            batch.create_index(f"ix_{table}_merged_into_id", ["merged_into_id"])
            batch.create_foreign_key(
                batch.f(f"fk_{table}_merged_into_id"), table, ["merged_into_id"], ["id"]
            )
            batch.create_check_constraint(
                op.f(f"ck_{table}_leads_to_another"), "merged_into_id <> id"
            )


def downgrade() -> None:
    """Undo it."""
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_leads_to_another"), type_="check")
            batch.drop_constraint(batch.f(f"fk_{table}_merged_into_id"), type_="foreignkey")
            batch.drop_index(f"ix_{table}_merged_into_id")
            batch.drop_column("moved")
            batch.drop_column("merged_into_id")
