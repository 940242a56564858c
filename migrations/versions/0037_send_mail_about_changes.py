"""Let users get mail when something changed in what they follow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; nobody gets mail yet."""
    op.create_table(
        "mail_notices",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mail_notices_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_mail_notices")),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("mail_notices")
