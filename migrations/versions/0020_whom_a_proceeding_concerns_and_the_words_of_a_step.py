"""Say whom a proceeding concerns, and of which step or event the words of a source speak."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

PARTIES = "proceeding_parties"
# Each table of citations, and that of the dated parts of its record.
PARTS = {"account_citations": "fake_account_events", "proceeding_citations": "proceeding_steps"}


def upgrade() -> None:
    """Add the parties of proceedings, and the part that a citation speaks of."""
    op.create_table(
        PARTIES,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proceeding_id", sa.Integer(), nullable=False),
        sa.Column("journalist_id", sa.Integer(), nullable=True),
        sa.Column("outlet_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(journalist_id IS NULL) <> (outlet_id IS NULL)",
            name=op.f(f"ck_{PARTIES}_one_is_meant"),
        ),
        sa.ForeignKeyConstraint(
            ["journalist_id"], ["journalists.id"], name=op.f(f"fk_{PARTIES}_journalist_id")
        ),
        sa.ForeignKeyConstraint(
            ["outlet_id"], ["outlets.id"], name=op.f(f"fk_{PARTIES}_outlet_id")
        ),
        sa.ForeignKeyConstraint(
            ["proceeding_id", "team_id", "visibility"],
            ["proceedings.id", "proceedings.team_id", "proceedings.visibility"],
            name=op.f(f"fk_{PARTIES}_proceeding_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{PARTIES}")),
    )
    for column in ("journalist_id", "outlet_id", "proceeding_id"):
        op.create_index(op.f(f"ix_{PARTIES}_{column}"), PARTIES, [column], unique=False)
    for bearer in ("journalist", "outlet"):
        op.create_index(
            f"uq_{PARTIES}_{bearer}", PARTIES, ["proceeding_id", f"{bearer}_id"], unique=True
        )
    for table, part in PARTS.items():
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("part_id", sa.Integer(), nullable=True))
            batch.create_index(batch.f(f"ix_{table}_part_id"), ["part_id"])
            batch.create_foreign_key(batch.f(f"fk_{table}_part_id"), part, ["part_id"], ["id"])


def downgrade() -> None:
    """Undo it."""
    for table in PARTS:
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(batch.f(f"fk_{table}_part_id"), type_="foreignkey")
            batch.drop_index(batch.f(f"ix_{table}_part_id"))
            batch.drop_column("part_id")
    op.drop_table(PARTIES)
