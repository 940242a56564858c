"""Give entries of the audit log a MAC and the id of its key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns; entries that are there already have neither."""
    op.add_column("audit_events", sa.Column("mac", sa.String(length=64), nullable=True))
    op.add_column("audit_events", sa.Column("key_id", sa.String(length=16), nullable=True))


def downgrade() -> None:
    """Undo it."""
    op.drop_column("audit_events", "key_id")
    op.drop_column("audit_events", "mac")
