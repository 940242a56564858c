"""Let users follow lists of incidents by their filter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; nobody follows a list yet."""
    op.create_table(
        "followed_filters",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("query", sa.String(length=500), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_followed_filters_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "query", name=op.f("pk_followed_filters")),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("followed_filters")
