"""Keep who wrote the public summary of an incident, so that somebody else publishes it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Iterator

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

COLUMN, KEY = "summarised_by_id", "fk_incidents_summarised_by_id"


def upgrade() -> None:
    """Add the column; of older summaries it is not known who wrote them."""
    with _without_view(), op.batch_alter_table("incidents") as batch:
        batch.add_column(sa.Column(COLUMN, sa.Integer(), nullable=True))
        batch.create_foreign_key(batch.f(KEY), "users", [COLUMN], ["id"])


def downgrade() -> None:
    """Undo it."""
    with _without_view(), op.batch_alter_table("incidents") as batch:
        batch.drop_constraint(batch.f(KEY), type_="foreignkey")
        batch.drop_column(COLUMN)


@contextmanager
def _without_view() -> Iterator[None]:
    """Take away the view of what is published while SQLite puts a new table in place of the old."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        yield
        return
    of = sa.text("SELECT sql FROM sqlite_master WHERE type = 'view' AND name = 'public_export'")
    made = bind.execute(of).scalar_one()
    op.execute("DROP VIEW public_export")
    yield
    op.execute(sa.text(made))
