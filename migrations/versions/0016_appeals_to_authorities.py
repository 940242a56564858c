"""Add appeals to authorities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add appeals to authorities."""
    op.create_table(
        "appeals",
        sa.Column(
            "sender_kind",
            sa.Enum(
                "target",
                "outlet",
                "lawyer",
                "we",
                "other_ngo",
                "intergovernmental",
                name="appeal_sender",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sender", sa.String(length=200), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "police_report",
                "letter",
                "information_request",
                "public_statement",
                "un",
                "osce",
                "coe",
                "court",
                name="appeal_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "pending",
                "answered",
                "referred",
                "no_reply",
                name="appeal_outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("response_id", sa.Integer(), nullable=True),
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
        sa.Column(
            "retract_reason",
            sa.Enum(
                "not_journalist",
                "not_work_related",
                "did_not_happen",
                "duplicate",
                "coding_error",
                "withdrawn",
                "legal",
                name="retract_reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
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
            "(state = 'retracted') = (retract_reason IS NOT NULL)",
            name=op.f("ck_appeals_retracted_for_a_reason"),
        ),
        sa.CheckConstraint(
            "response_id IS NULL OR outcome IN ('answered', 'referred')",
            name=op.f("ck_appeals_response_is_an_outcome"),
        ),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR "
            "(approved_by_id <> recorded_by_id AND approved_by_id <> revised_by_id)",
            name=op.f("ck_appeals_second_person"),
        ),
        sa.CheckConstraint("due_on >= earliest", name=op.f("ck_appeals_due_after_sent")),
        sa.CheckConstraint("earliest <= latest", name=op.f("ck_appeals_earliest_before_latest")),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["users.id"], name=op.f("fk_appeals_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_appeals_institution_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_appeals_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_appeals_response_id")
        ),
        sa.ForeignKeyConstraint(
            ["revised_by_id"], ["users.id"], name=op.f("fk_appeals_revised_by_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_appeals_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint(
            "id", "team_id", "visibility", name=op.f("uq_appeals_id_team_id_visibility")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_appeals_ref")),
    )
    op.create_index(op.f("ix_appeals_due_on"), "appeals", ["due_on"], unique=False)
    op.create_index(op.f("ix_appeals_institution_id"), "appeals", ["institution_id"], unique=False)
    op.create_index("ix_appeals_page", "appeals", ["latest", "earliest", "ref"], unique=False)
    op.create_index("ix_appeals_recorded", "appeals", ["recorded_at", "ref"], unique=False)
    op.create_index(op.f("ix_appeals_response_id"), "appeals", ["response_id"], unique=False)
    op.create_index(op.f("ix_appeals_state"), "appeals", ["state"], unique=False)
    op.create_index(op.f("ix_appeals_team_id"), "appeals", ["team_id"], unique=False)

    op.create_table(
        "appeal_citations",
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
            name=op.f("ck_appeal_citations_words_in_place"),
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_appeal_citations_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id", "team_id", "visibility"],
            ["appeals.id", "appeals.team_id", "appeals.visibility"],
            name=op.f("fk_appeal_citations_record_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_citations")),
    )
    op.create_index(
        op.f("ix_appeal_citations_article_id"), "appeal_citations", ["article_id"], unique=False
    )
    op.create_index(
        op.f("ix_appeal_citations_record_id"), "appeal_citations", ["record_id"], unique=False
    )

    op.create_table(
        "appeal_incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["appeal_id", "team_id", "visibility"],
            ["appeals.id", "appeals.team_id", "appeals.visibility"],
            name=op.f("fk_appeal_incidents_appeal_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_appeal_incidents_incident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_incidents")),
    )
    op.create_index(
        op.f("ix_appeal_incidents_appeal_id"), "appeal_incidents", ["appeal_id"], unique=False
    )
    op.create_index(
        op.f("ix_appeal_incidents_incident_id"), "appeal_incidents", ["incident_id"], unique=False
    )
    op.create_index(
        "uq_appeal_incidents_pair", "appeal_incidents", ["appeal_id", "incident_id"], unique=True
    )

    op.create_table(
        "case_appeals",
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["appeals.id"], name=op.f("fk_case_appeals_appeal_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "team_id", "visibility"],
            ["cases.id", "cases.team_id", "cases.visibility"],
            name=op.f("fk_case_appeals_case_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_appeals")),
    )
    op.create_index(op.f("ix_case_appeals_appeal_id"), "case_appeals", ["appeal_id"], unique=False)
    op.create_index(op.f("ix_case_appeals_case_id"), "case_appeals", ["case_id"], unique=False)
    op.create_index("uq_case_appeals_pair", "case_appeals", ["case_id", "appeal_id"], unique=True)


def downgrade() -> None:
    """Undo it."""
    op.drop_table("case_appeals")

    op.drop_table("appeal_incidents")

    op.drop_table("appeal_citations")

    op.drop_table("appeals")
