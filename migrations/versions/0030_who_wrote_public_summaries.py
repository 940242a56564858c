"""Keep who wrote the public summary of an incident, so that somebody else publishes it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

COLUMN, KEY = "summarised_by_id", "fk_incidents_summarised_by_id"


def upgrade() -> None:
    """Add the column; of older summaries it is not known who wrote them."""
    with op.batch_alter_table("incidents") as batch:
        batch.add_column(sa.Column(COLUMN, sa.Integer(), nullable=True))
        batch.create_foreign_key(batch.f(KEY), "users", [COLUMN], ["id"])


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("incidents") as batch:
        batch.drop_constraint(batch.f(KEY), type_="foreignkey")
        batch.drop_column(COLUMN)
