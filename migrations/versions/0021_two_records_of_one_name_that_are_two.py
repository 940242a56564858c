"""Keep of two records of one name that they are two people, or two outlets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# Each table of pairs, and that of the records.
OWNERS = {"journalist_namesakes": "journalists", "outlet_namesakes": "outlets"}


def upgrade() -> None:
    """Add a table of pairs for journalists and one for outlets."""
    for table, owner in OWNERS.items():
        op.create_table(
            table,
            sa.Column("one_id", sa.Integer(), nullable=False),
            sa.Column("other_id", sa.Integer(), nullable=False),
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("told_by_id", sa.Integer(), nullable=False),
            sa.Column("team_id", sa.Integer(), nullable=False),
            sa.Column(
                "visibility",
                sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
                nullable=False,
            ),
            sa.CheckConstraint("one_id < other_id", name=op.f(f"ck_{table}_each_pair_once")),
            sa.ForeignKeyConstraint(
                ["one_id", "team_id", "visibility"],
                [f"{owner}.id", f"{owner}.team_id", f"{owner}.visibility"],
                name=op.f(f"fk_{table}_one_id"),
                onupdate="CASCADE",
            ),
            sa.ForeignKeyConstraint(
                ["other_id"], [f"{owner}.id"], name=op.f(f"fk_{table}_other_id")
            ),
            sa.ForeignKeyConstraint(
                ["told_by_id"], ["users.id"], name=op.f(f"fk_{table}_told_by_id")
            ),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_other_id"), table, ["other_id"], unique=False)
        op.create_index(f"uq_{table}_pair", table, ["one_id", "other_id"], unique=True)


def downgrade() -> None:
    """Undo it."""
    for table in OWNERS:
        op.drop_table(table)
