"""Keep what somebody chose for a file under a name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLE = "export_choices"


def upgrade() -> None:
    """Add the table of choices."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f(f"ck_{TABLE}_name_not_empty")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{TABLE}_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("user_id", "name", name=op.f(f"uq_{TABLE}_user_id_name")),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table(TABLE)
