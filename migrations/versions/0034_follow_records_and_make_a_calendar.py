"""Let users follow records instead of cases alone, and make secret addresses of calendars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

REF = sa.String(length=14).with_variant(sa.String(length=14, collation="C"), "postgresql")


def upgrade() -> None:
    """Add both tables; whoever marked a case as read follows it from then on."""
    op.create_table(
        "follows",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ref", REF, nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_follows_user_id")),
        sa.PrimaryKeyConstraint("user_id", "ref", name=op.f("pk_follows")),
    )
    op.create_table(
        "calendar_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_calendar_links_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_calendar_links")),
        sa.UniqueConstraint("user_id", name=op.f("uq_calendar_links_user_id")),
    )
    op.execute(
        "INSERT INTO follows (user_id, ref, read_at) "
        "SELECT l.user_id, c.ref, l.looked_at FROM case_looks l JOIN cases c ON c.id = l.case_id"
    )
    op.drop_table("case_looks")


def downgrade() -> None:
    """Undo it; only followed cases are remembered."""
    op.create_table(
        "case_looks",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "team_id", "visibility"],
            ["cases.id", "cases.team_id", "cases.visibility"],
            name=op.f("fk_case_looks_case_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_case_looks_user_id")),
        sa.PrimaryKeyConstraint("user_id", "case_id", name=op.f("pk_case_looks")),
    )
    op.create_index(op.f("ix_case_looks_case_id"), "case_looks", ["case_id"], unique=False)
    op.execute(
        "INSERT INTO case_looks (user_id, case_id, looked_at, team_id, visibility) "
        "SELECT f.user_id, c.id, f.read_at, c.team_id, c.visibility "
        "FROM follows f JOIN cases c ON c.ref = f.ref"
    )
    op.drop_table("calendar_links")
    op.drop_table("follows")
