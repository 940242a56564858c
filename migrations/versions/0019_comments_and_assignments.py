"""Let those who work on a record say something of it, and ask each other to do something."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# Each table of comments, and that of the records on which they hang.
OWNERS = {
    "appeal_comments": "appeals",
    "case_comments": "cases",
    "fake_account_comments": "fake_accounts",
    "incident_comments": "incidents",
    "proceeding_comments": "proceedings",
    "response_comments": "responses",
}
INDEXED = ("assigned_to_id", "record_id", "written_by_id")


def upgrade() -> None:
    """Add a table of comments for each kind of record."""
    for table, owner in OWNERS.items():
        _create(table, owner)
        for column in INDEXED:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _create(table: str, owner: str) -> None:
    people = ("written_by_id", "assigned_to_id", "done_by_id")
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(words = '') = (taken_back_at IS NOT NULL)",
            name=op.f(f"ck_{table}_words_or_taken_back"),
        ),
        sa.CheckConstraint(
            "assigned_to_id IS NOT NULL OR (due_on IS NULL AND done_at IS NULL)",
            name=op.f(f"ck_{table}_asked_of_somebody"),
        ),
        sa.CheckConstraint(
            "(done_at IS NULL) = (done_by_id IS NULL)", name=op.f(f"ck_{table}_done_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["record_id", "team_id", "visibility"],
            [f"{owner}.id", f"{owner}.team_id", f"{owner}.visibility"],
            name=op.f(f"fk_{table}_record_id"),
            onupdate="CASCADE",
        ),
        *(
            sa.ForeignKeyConstraint([column], ["users.id"], name=op.f(f"fk_{table}_{column}"))
            for column in people
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    """Undo it."""
    for table in OWNERS:
        for column in INDEXED:
            op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
        op.drop_table(table)
