"""Add articles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add articles."""
    op.create_table(
        "articles",
        sa.Column(
            "kind",
            sa.Enum(
                "article",
                "document",
                "screenshot",
                "phone_call",
                "own_knowledge",
                name="source_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("canonical_url", sa.String(length=2000), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("authors", sa.String(length=300), nullable=False),
        sa.Column("publisher_id", sa.Integer(), nullable=True),
        sa.Column("publisher_words", sa.String(length=200), nullable=False),
        sa.Column(
            "language",
            sa.Enum(
                "en",
                "ru",
                "kk",
                "other",
                name="language",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_digest", sa.String(length=64), nullable=False),
        sa.Column("archive_url", sa.String(length=2000), nullable=False),
        sa.Column("captured_on", sa.Date(), nullable=True),
        sa.Column("retrieved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "independence",
            sa.Enum(
                "independent",
                "target_itself",
                "party",
                "repeats_another",
                name="independence",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("repeats_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "ref",
            sa.String(length=14).with_variant(sa.String(length=14, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("revised_by_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum(
                "internal",
                "restricted",
                name="visibility",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("earliest", sa.Date(), nullable=False),
        sa.Column("latest", sa.Date(), nullable=False),
        sa.Column(
            "precision",
            sa.Enum(
                "exact",
                "day",
                "month",
                "year",
                "season",
                "range",
                "approximate",
                "before",
                "after",
                "unknown",
                name="precision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("as_stated", sa.Text(), nullable=False),
        sa.CheckConstraint("title <> ''", name=op.f("ck_articles_title_not_empty")),
        sa.CheckConstraint("earliest <= latest", name=op.f("ck_articles_earliest_before_latest")),
        sa.CheckConstraint("repeats_id <> id", name=op.f("ck_articles_repeats_another")),
        sa.ForeignKeyConstraint(
            ["publisher_id"], ["outlets.id"], name=op.f("fk_articles_publisher_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_articles_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["repeats_id"], ["articles.id"], name=op.f("fk_articles_repeats_id")
        ),
        sa.ForeignKeyConstraint(
            ["revised_by_id"], ["users.id"], name=op.f("fk_articles_revised_by_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_articles_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint(
            "id", "team_id", "visibility", name=op.f("uq_articles_id_team_id_visibility")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_articles_ref")),
    )
    op.create_index("ix_articles_page", "articles", ["latest", "earliest", "ref"], unique=False)
    op.create_index(op.f("ix_articles_publisher_id"), "articles", ["publisher_id"], unique=False)
    op.create_index(op.f("ix_articles_repeats_id"), "articles", ["repeats_id"], unique=False)
    op.create_index(op.f("ix_articles_team_id"), "articles", ["team_id"], unique=False)
    op.create_index(op.f("ix_articles_text_digest"), "articles", ["text_digest"], unique=False)
    op.create_index(
        "uq_articles_team_id_canonical_url", "articles", ["team_id", "canonical_url"], unique=True
    )

    op.create_table(
        "article_originals",
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.CheckConstraint(
            "length(content) <= 10485760", name=op.f("ck_article_originals_at_most_10_mb")
        ),
        sa.ForeignKeyConstraint(
            ["article_id", "team_id", "visibility"],
            ["articles.id", "articles.team_id", "articles.visibility"],
            name=op.f("fk_article_originals_article_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_article_originals")),
    )
    op.create_index(
        op.f("ix_article_originals_sha256"), "article_originals", ["sha256"], unique=False
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("article_originals")

    op.drop_table("articles")
