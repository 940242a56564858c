"""Say of each source when its address was last checked, and what was found there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the day and the result of the last check."""
    with op.batch_alter_table("articles") as batch:
        batch.add_column(sa.Column("checked_on", sa.Date(), nullable=True))
        batch.add_column(
            sa.Column(
                "check_result",
                sa.Enum(
                    "same",
                    "changed",
                    "gone",
                    "blocked",
                    "unreachable",
                    name="check_result",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                nullable=True,
            )
        )
        batch.create_check_constraint(
            op.f("ck_articles_check_has_a_result"),
            "(checked_on IS NULL) = (check_result IS NULL)",
        )


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("articles") as batch:
        batch.drop_constraint(op.f("ck_articles_check_has_a_result"), type_="check")
        batch.drop_constraint(op.f("ck_articles_check_result"), type_="check")
        batch.drop_column("check_result")
        batch.drop_column("checked_on")
