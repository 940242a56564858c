"""Keep what became of suggestions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of what became of suggestions."""
    op.create_table(
        "suggestion_outcomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "type",
                "journalist",
                "outlet",
                "date",
                "place",
                "account",
                "response",
                "act",
                name="suggestion_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("end", sa.Integer(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column(
            "verdict",
            sa.Enum(
                "accepted",
                "changed",
                "refused",
                "added",
                name="suggestion_verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("record_ref", sa.String(length=14), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.CheckConstraint(
            '(start IS NULL) = ("end" IS NULL) AND (start IS NULL OR start < "end")',
            name=op.f("ck_suggestion_outcomes_words_in_place"),
        ),
        sa.CheckConstraint(
            "(verdict = 'added') = (score IS NULL) AND score BETWEEN 0 AND 100",
            name=op.f("ck_suggestion_outcomes_only_suggestions_have_scores"),
        ),
        sa.ForeignKeyConstraint(
            ["article_id", "team_id", "visibility"],
            ["articles.id", "articles.team_id", "articles.visibility"],
            name=op.f("fk_suggestion_outcomes_article_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_suggestion_outcomes_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_outcomes")),
    )
    op.create_index(
        op.f("ix_suggestion_outcomes_article_id"),
        "suggestion_outcomes",
        ["article_id"],
        unique=False,
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("suggestion_outcomes")
