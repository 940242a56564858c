"""Keep the figures of a month as they were when it was published, and what is written about it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLE = "published_months"
TEXTS = "monthly_texts"


def upgrade() -> None:
    """Add the tables of published months and of texts."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["users.id"], name=op.f(f"fk_{TABLE}_published_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("month", "country", name=op.f(f"uq_{TABLE}_month_country")),
    )
    op.create_table(
        TEXTS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("on_incidents", sa.Text(), nullable=False),
        sa.Column("on_responses", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f(f"fk_{TEXTS}_team_id")),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["users.id"], name=op.f(f"fk_{TEXTS}_written_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TEXTS}")),
        sa.UniqueConstraint("month", "country", name=op.f(f"uq_{TEXTS}_month_country")),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table(TEXTS)
    op.drop_table(TABLE)
