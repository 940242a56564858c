"""Add official responses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add official responses."""
    op.create_table(
        "responses",
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("official", sa.String(length=200), nullable=False),
        sa.Column("office", sa.String(length=200), nullable=False),
        sa.Column(
            "standing",
            sa.Enum(
                "responsible_state",
                "other_state",
                "intergovernmental",
                "platform",
                "other",
                name="standing",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "stance",
            sa.Enum(
                "condemns",
                "acknowledges",
                "acknowledges_denies_responsibility",
                "alternative_explanation",
                "procedural",
                "denies",
                "deflects",
                "blames_target",
                "threatens",
                "mixed",
                "unclear",
                name="stance",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "answers_scope",
            sa.Enum(
                "incidents",
                "case",
                "situation",
                name="answer_scope",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "in_review",
                "returned",
                "approved",
                "published",
                "retracted",
                name="editorial_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("review_note", sa.String(length=2000), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
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
        sa.CheckConstraint(
            "approved_by_id IS NULL OR "
            "(approved_by_id <> recorded_by_id AND approved_by_id <> revised_by_id)",
            name=op.f("ck_responses_second_person"),
        ),
        sa.CheckConstraint("earliest <= latest", name=op.f("ck_responses_earliest_before_latest")),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["users.id"], name=op.f("fk_responses_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_responses_institution_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_responses_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["revised_by_id"], ["users.id"], name=op.f("fk_responses_revised_by_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_responses_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responses")),
        sa.UniqueConstraint(
            "id", "team_id", "visibility", name=op.f("uq_responses_id_team_id_visibility")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_responses_ref")),
    )
    op.create_index(
        op.f("ix_responses_institution_id"), "responses", ["institution_id"], unique=False
    )
    op.create_index("ix_responses_recorded", "responses", ["recorded_at", "ref"], unique=False)
    op.create_index("ix_responses_page", "responses", ["latest", "earliest", "ref"], unique=False)
    op.create_index(op.f("ix_responses_state"), "responses", ["state"], unique=False)
    op.create_index(op.f("ix_responses_team_id"), "responses", ["team_id"], unique=False)

    op.create_table(
        "response_acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "statement",
                "condemnation",
                "acknowledgement",
                "apology",
                "denial",
                "no_comment",
                "no_reply",
                "pledge",
                "complaint_registered",
                "referral",
                "investigation_announced",
                "information_request",
                "countermeasure",
                "investigation_opened",
                "investigation_refused",
                "investigation_suspended",
                "investigation_closed",
                "suspect",
                "arrest",
                "charge",
                "trial",
                "verdict",
                "disciplinary",
                "protection_offered",
                "protection_given",
                "measure_reversed",
                "blocking_ordered",
                "blocked",
                "takedown",
                "formal_reply",
                name="act_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "is_substantive",
            sa.Enum(
                "yes",
                "no",
                "unknown",
                name="is_substantive",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column(
            "quote_is",
            sa.Enum(
                "direct",
                "reported",
                "translated",
                name="quote_is",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("acting_institution_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.CheckConstraint(
            "is_substantive IN ('yes', 'no')", name=op.f("ck_response_acts_substantive_or_not")
        ),
        sa.ForeignKeyConstraint(
            ["acting_institution_id"],
            ["institutions.id"],
            name=op.f("fk_response_acts_acting_institution_id"),
        ),
        sa.ForeignKeyConstraint(
            ["response_id", "team_id", "visibility"],
            ["responses.id", "responses.team_id", "responses.visibility"],
            name=op.f("fk_response_acts_response_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_acts")),
    )
    op.create_index(
        op.f("ix_response_acts_acting_institution_id"),
        "response_acts",
        ["acting_institution_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_response_acts_response_id"), "response_acts", ["response_id"], unique=False
    )

    op.create_table(
        "response_citations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("end", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column(
            "bearing",
            sa.Enum(
                "supports",
                "contradicts",
                "mentions",
                name="bearing",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.CheckConstraint(
            "quote <> '' AND ((start IS NULL) = (\"end\" IS NULL)) "
            'AND (start IS NULL OR start < "end")',
            name=op.f("ck_response_citations_words_in_place"),
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_response_citations_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id", "team_id", "visibility"],
            ["responses.id", "responses.team_id", "responses.visibility"],
            name=op.f("fk_response_citations_record_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_citations")),
    )
    op.create_index(
        op.f("ix_response_citations_article_id"), "response_citations", ["article_id"], unique=False
    )
    op.create_index(
        op.f("ix_response_citations_record_id"), "response_citations", ["record_id"], unique=False
    )

    op.create_table(
        "response_stances",
        sa.Column("response_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "stance",
            sa.Enum(
                "condemns",
                "acknowledges",
                "acknowledges_denies_responsibility",
                "alternative_explanation",
                "procedural",
                "denies",
                "deflects",
                "blames_target",
                "threatens",
                "mixed",
                "unclear",
                name="stance",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["response_id", "team_id", "visibility"],
            ["responses.id", "responses.team_id", "responses.visibility"],
            name=op.f("fk_response_stances_response_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("response_id", "stance", name=op.f("pk_response_stances")),
    )
    op.create_table(
        "response_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_response_answers_incident_id")
        ),
        sa.ForeignKeyConstraint(
            ["response_id", "team_id", "visibility"],
            ["responses.id", "responses.team_id", "responses.visibility"],
            name=op.f("fk_response_answers_response_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_answers")),
    )
    op.create_index(
        op.f("ix_response_answers_incident_id"), "response_answers", ["incident_id"], unique=False
    )
    op.create_index(
        op.f("ix_response_answers_response_id"), "response_answers", ["response_id"], unique=False
    )
    op.create_index(
        "uq_response_answers_pair", "response_answers", ["response_id", "incident_id"], unique=True
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("response_answers")
    op.drop_table("response_stances")

    op.drop_table("response_citations")

    op.drop_table("response_acts")

    op.drop_table("responses")
