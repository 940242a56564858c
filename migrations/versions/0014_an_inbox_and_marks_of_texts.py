"""Add the inbox, and marks by which nearly the same text is found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

# As the code makes them now, whenever this runs: marks made in another way would find nothing.
from tracker.articles.rules import text_fingerprints

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# Articles whose texts are in memory at a time.
READ_AT_ONCE = 200


def upgrade() -> None:
    """Add the inbox and the marks, and make those of the articles that are there."""
    _add_marks()
    op.create_table(
        "intake_items",
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column(
            "unread_reason",
            sa.Enum(
                "kind",
                "too_large",
                "too_long",
                "timeout",
                "binary",
                "encrypted",
                "unreadable",
                "empty",
                name="unread_reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "taken",
                "unreadable",
                "logged",
                "adds_source",
                "out_of_scope",
                name="inbox_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
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
        *_checks(),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_intake_items_article_id")
        ),
        *(
            sa.ForeignKeyConstraint([name], ["users.id"], name=op.f(f"fk_intake_items_{name}"))
            for name in ("ended_by_id", "recorded_by_id", "revised_by_id", "taken_by_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_intake_items_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_items")),
        sa.UniqueConstraint("article_id", name=op.f("uq_intake_items_article_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_intake_items_ref")),
    )
    op.create_index("ix_intake_items_page", "intake_items", ["recorded_at", "ref"])
    op.create_index("ix_intake_items_state", "intake_items", ["state", "recorded_at", "ref"])
    for column in ("sha256", "taken_by_id", "team_id"):
        op.create_index(op.f(f"ix_intake_items_{column}"), "intake_items", [column])


def _checks() -> list[sa.CheckConstraint]:
    ended = "state IN ('logged', 'adds_source', 'out_of_scope')"
    checks = {
        "inbox_of_one_team": "visibility = 'restricted'",
        "article_or_content": "(article_id IS NULL) = (content IS NOT NULL) "
        "AND (content IS NULL) = (unread_reason IS NULL)",
        "content_at_most_10_mb": "content IS NULL OR length(content) <= 10485760",
        "ended_by_somebody": f"({ended}) = (ended_at IS NOT NULL) "
        "AND (ended_at IS NULL) = (ended_by_id IS NULL)",
        "taken_by_somebody": "state <> 'taken' OR taken_by_id IS NOT NULL",
        "waiting_for_anybody": "state NOT IN ('received', 'unreadable') "
        "OR (taken_by_id IS NULL AND (state = 'received') = (article_id IS NOT NULL))",
        "logged_from_an_article": "state NOT IN ('logged', 'adds_source') "
        "OR article_id IS NOT NULL",
        "reason_given": "state <> 'out_of_scope' OR reason <> ''",
    }
    return [
        sa.CheckConstraint(words, name=op.f(f"ck_intake_items_{name}"))
        for name, words in checks.items()
    ]


def _add_marks() -> None:
    marks = op.create_table(
        "article_marks",
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["article_id", "team_id", "visibility"],
            ["articles.id", "articles.team_id", "articles.visibility"],
            name=op.f("fk_article_marks_article_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", "mark", name=op.f("pk_article_marks")),
    )
    op.create_index("ix_article_marks_mark_article_id", "article_marks", ["mark", "article_id"])
    articles = sa.table(
        "articles", *(sa.column(name) for name in ("id", "team_id", "visibility", "text"))
    )
    connection, last = op.get_bind(), 0
    page = sa.select(articles).order_by(articles.c.id).limit(READ_AT_ONCE)
    while found := connection.execute(page.where(articles.c.id > last)).all():
        rows = [
            {
                "article_id": one.id,
                "team_id": one.team_id,
                "visibility": one.visibility,
                "mark": mark,
            }
            for one in found
            for mark in text_fingerprints(one.text)
        ]
        if rows:
            op.bulk_insert(marks, rows)
        last = found[-1].id


def downgrade() -> None:
    """Undo it."""
    op.drop_table("intake_items")

    op.drop_table("article_marks")
