"""Add vocabulary and search."""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add vocabulary and search."""
    op.create_table(
        "search_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_table", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column(
            "words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entries")),
        sa.UniqueConstraint(
            "subject_table", "subject_id", name=op.f("uq_search_entries_subject_table_subject_id")
        ),
    )

    op.create_table(
        "terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "term_set",
            sa.Enum(
                "incident_type",
                "platform",
                "region",
                "topic",
                name="term_set",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("label_en", sa.String(length=160), nullable=False),
        sa.Column("label_ru", sa.String(length=160), nullable=False),
        sa.Column("label_kk", sa.String(length=160), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("crosswalk", sa.JSON(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("label_en <> ''", name=op.f("ck_terms_label_not_empty")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("term_set", "code", name=op.f("uq_terms_term_set_code")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            "ix_search_entries_words", "search_entries", ["words"], postgresql_using="gin"
        )
        return
    # External content: the words lie in search_entries alone, the index holds their tokens.
    op.execute(
        "CREATE VIRTUAL TABLE search_words USING fts5(words, content='search_entries', "
        "content_rowid='id', tokenize='unicode61 remove_diacritics 0')"
    )
    if sqlite3.sqlite_version_info >= (3, 42, 0):
        # Otherwise tokens of deleted words stay on disk until their segment is merged.
        op.execute("INSERT INTO search_words (search_words, rank) VALUES ('secure-delete', 1)")


def downgrade() -> None:
    """Undo it."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_words")
    op.drop_table("terms")

    op.drop_table("search_entries")
