"""Add proceedings and their steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = (
    "case_proceedings",
    "proceeding_citations",
    "proceeding_incidents",
    "proceeding_steps",
    "proceedings",
)


def upgrade() -> None:
    """Add proceedings and their steps."""
    op.create_table(
        "proceedings",
        sa.Column(
            "direction",
            sa.Enum(
                "against_perpetrators",
                "against_target",
                "by_target",
                name="proceeding_direction",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "criminal",
                "administrative",
                "civil",
                "judicial_review",
                "other",
                name="proceeding_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=True),
        sa.Column("legal_basis", sa.String(length=500), nullable=False),
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
        sa.CheckConstraint(
            "(state = 'retracted') = (retract_reason IS NOT NULL)",
            name=op.f("ck_proceedings_retracted_for_a_reason"),
        ),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR "
            "(approved_by_id <> recorded_by_id AND approved_by_id <> revised_by_id)",
            name=op.f("ck_proceedings_second_person"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["users.id"], name=op.f("fk_proceedings_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_proceedings_institution_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_proceedings_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["revised_by_id"], ["users.id"], name=op.f("fk_proceedings_revised_by_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_proceedings_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proceedings")),
        sa.UniqueConstraint(
            "id", "team_id", "visibility", name=op.f("uq_proceedings_id_team_id_visibility")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_proceedings_ref")),
    )
    op.create_index(op.f("ix_proceedings_country"), "proceedings", ["country"], unique=False)
    op.create_index(
        "ix_proceedings_direction", "proceedings", ["direction", "recorded_at", "ref"], unique=False
    )
    op.create_index(
        op.f("ix_proceedings_institution_id"), "proceedings", ["institution_id"], unique=False
    )
    op.create_index(op.f("ix_proceedings_number"), "proceedings", ["number"], unique=False)
    op.create_index("ix_proceedings_page", "proceedings", ["recorded_at", "ref"], unique=False)
    op.create_index(op.f("ix_proceedings_state"), "proceedings", ["state"], unique=False)
    op.create_index(op.f("ix_proceedings_team_id"), "proceedings", ["team_id"], unique=False)
    op.create_table(
        "case_proceedings",
        sa.Column("proceeding_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "team_id", "visibility"],
            ["cases.id", "cases.team_id", "cases.visibility"],
            name=op.f("fk_case_proceedings_case_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["proceeding_id"], ["proceedings.id"], name=op.f("fk_case_proceedings_proceeding_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_proceedings")),
    )
    op.create_index(
        op.f("ix_case_proceedings_case_id"), "case_proceedings", ["case_id"], unique=False
    )
    op.create_index(
        op.f("ix_case_proceedings_proceeding_id"),
        "case_proceedings",
        ["proceeding_id"],
        unique=False,
    )
    op.create_index(
        "uq_case_proceedings_pair", "case_proceedings", ["case_id", "proceeding_id"], unique=True
    )
    op.create_table(
        "proceeding_citations",
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
            name=op.f("ck_proceeding_citations_words_in_place"),
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_proceeding_citations_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id", "team_id", "visibility"],
            ["proceedings.id", "proceedings.team_id", "proceedings.visibility"],
            name=op.f("fk_proceeding_citations_record_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proceeding_citations")),
    )
    op.create_index(
        op.f("ix_proceeding_citations_article_id"),
        "proceeding_citations",
        ["article_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_proceeding_citations_record_id"),
        "proceeding_citations",
        ["record_id"],
        unique=False,
    )
    op.create_table(
        "proceeding_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proceeding_id", sa.Integer(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "filed",
                "registered",
                "refused",
                "opened",
                "searched",
                "restraint_imposed",
                "restraint_changed",
                "restraint_lifted",
                "suspended",
                "closed",
                "suspect_identified",
                "arrested",
                "charged",
                "trial",
                "verdict",
                "sentence",
                "appeal",
                "quashed",
                "compulsory_treatment",
                name="step_of_proceeding",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("institution_id", sa.Integer(), nullable=True),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
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
            "earliest <= latest", name=op.f("ck_proceeding_steps_earliest_before_latest")
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_proceeding_steps_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_proceeding_steps_institution_id")
        ),
        sa.ForeignKeyConstraint(
            ["proceeding_id", "team_id", "visibility"],
            ["proceedings.id", "proceedings.team_id", "proceedings.visibility"],
            name=op.f("fk_proceeding_steps_proceeding_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proceeding_steps")),
    )
    op.create_index(
        op.f("ix_proceeding_steps_article_id"), "proceeding_steps", ["article_id"], unique=False
    )
    op.create_index(
        op.f("ix_proceeding_steps_institution_id"),
        "proceeding_steps",
        ["institution_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_proceeding_steps_proceeding_id"),
        "proceeding_steps",
        ["proceeding_id"],
        unique=False,
    )
    op.create_index(op.f("ix_proceeding_steps_step"), "proceeding_steps", ["step"], unique=False)
    op.create_table(
        "proceeding_incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proceeding_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_proceeding_incidents_incident_id")
        ),
        sa.ForeignKeyConstraint(
            ["proceeding_id", "team_id", "visibility"],
            ["proceedings.id", "proceedings.team_id", "proceedings.visibility"],
            name=op.f("fk_proceeding_incidents_proceeding_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proceeding_incidents")),
    )
    op.create_index(
        op.f("ix_proceeding_incidents_incident_id"),
        "proceeding_incidents",
        ["incident_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_proceeding_incidents_proceeding_id"),
        "proceeding_incidents",
        ["proceeding_id"],
        unique=False,
    )
    op.create_index(
        "uq_proceeding_incidents_pair",
        "proceeding_incidents",
        ["proceeding_id", "incident_id"],
        unique=True,
    )


def downgrade() -> None:
    """Undo it."""
    for table in TABLES:
        op.drop_table(table)
