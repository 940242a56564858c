"""Add cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add cases."""
    op.create_table(
        "cases",
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column(
            "lifecycle",
            sa.Enum(
                "open",
                "dormant",
                "closed",
                "reopened",
                name="lifecycle",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "accountability",
            sa.Enum(
                "no_response",
                "statements_only",
                "investigation_announced",
                "investigation_registered",
                "suspects_or_charges",
                "trial",
                "full_justice",
                "partial_justice",
                "complete_impunity",
                "closed_without_result",
                "justice_disputed",
                name="accountability",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("accountability_reason", sa.String(length=500), nullable=False),
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
        sa.CheckConstraint("title <> ''", name=op.f("ck_cases_title_not_empty")),
        sa.ForeignKeyConstraint(["lead_id"], ["users.id"], name=op.f("fk_cases_lead_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_cases_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["revised_by_id"], ["users.id"], name=op.f("fk_cases_revised_by_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_cases_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint(
            "id", "team_id", "visibility", name=op.f("uq_cases_id_team_id_visibility")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_cases_ref")),
    )
    op.create_index(op.f("ix_cases_country"), "cases", ["country"], unique=False)
    op.create_index(op.f("ix_cases_lead_id"), "cases", ["lead_id"], unique=False)
    op.create_index("ix_cases_page", "cases", ["recorded_at", "ref"], unique=False)
    op.create_index(op.f("ix_cases_team_id"), "cases", ["team_id"], unique=False)

    op.create_table(
        "case_accounts",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["fake_accounts.id"], name=op.f("fk_case_accounts_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "team_id", "visibility"],
            ["cases.id", "cases.team_id", "cases.visibility"],
            name=op.f("fk_case_accounts_case_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_accounts")),
    )
    op.create_index(
        op.f("ix_case_accounts_account_id"), "case_accounts", ["account_id"], unique=False
    )
    op.create_index(op.f("ix_case_accounts_case_id"), "case_accounts", ["case_id"], unique=False)
    op.create_index(
        "uq_case_accounts_pair", "case_accounts", ["case_id", "account_id"], unique=True
    )

    op.create_table(
        "case_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "follows",
                "parallel",
                "retaliation_for",
                "same_perpetrator",
                name="case_link_kind",
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
        sa.CheckConstraint("case_id <> other_id", name=op.f("ck_case_links_another_case")),
        sa.ForeignKeyConstraint(
            ["case_id", "team_id", "visibility"],
            ["cases.id", "cases.team_id", "cases.visibility"],
            name=op.f("fk_case_links_case_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(["other_id"], ["cases.id"], name=op.f("fk_case_links_other_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_links")),
    )
    op.create_index(op.f("ix_case_links_case_id"), "case_links", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_links_other_id"), "case_links", ["other_id"], unique=False)
    op.create_index(
        "uq_case_links_pair", "case_links", ["case_id", "other_id", "kind"], unique=True
    )

    op.create_table(
        "case_references",
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("identifier", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["record_id", "team_id", "visibility"],
            ["cases.id", "cases.team_id", "cases.visibility"],
            name=op.f("fk_case_references_record_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_references")),
    )
    op.create_index(
        op.f("ix_case_references_record_id"), "case_references", ["record_id"], unique=False
    )

    op.create_table(
        "case_responses",
        sa.Column("response_id", sa.Integer(), nullable=False),
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
            name=op.f("fk_case_responses_case_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_case_responses_response_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_responses")),
    )
    op.create_index(op.f("ix_case_responses_case_id"), "case_responses", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_case_responses_response_id"), "case_responses", ["response_id"], unique=False
    )
    op.create_index(
        "uq_case_responses_pair", "case_responses", ["case_id", "response_id"], unique=True
    )

    op.create_table(
        "case_incidents",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column(
            "is_home",
            sa.Enum(
                "yes",
                "no",
                "unknown",
                name="is_home",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.CheckConstraint("is_home IN ('yes', 'no')", name=op.f("ck_case_incidents_home_or_not")),
        sa.ForeignKeyConstraint(
            ["case_id", "team_id", "visibility"],
            ["cases.id", "cases.team_id", "cases.visibility"],
            name=op.f("fk_case_incidents_case_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_case_incidents_incident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_incidents")),
    )
    op.create_index(op.f("ix_case_incidents_case_id"), "case_incidents", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_case_incidents_incident_id"), "case_incidents", ["incident_id"], unique=False
    )
    op.create_index(
        "uq_case_incidents_pair", "case_incidents", ["case_id", "incident_id"], unique=True
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("case_incidents")

    op.drop_table("case_responses")

    op.drop_table("case_references")

    op.drop_table("case_links")

    op.drop_table("case_accounts")

    op.drop_table("cases")
