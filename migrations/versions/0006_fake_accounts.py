"""Add fake accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add fake accounts."""
    op.create_table(
        "fake_accounts",
        sa.Column(
            "kind",
            sa.Enum(
                "profile",
                "channel",
                "group",
                "website",
                "phone_number",
                "email",
                "advert",
                "document",
                "app",
                name="account_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "identified",
            sa.Enum(
                "yes",
                "no",
                "unknown",
                name="identified",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("accounts_at_least", sa.Integer(), nullable=True),
        sa.Column("platform_id", sa.Integer(), nullable=True),
        sa.Column("handle", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("displayed_name", sa.String(length=200), nullable=False),
        sa.Column("spreads", sa.Text(), nullable=False),
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
        sa.CheckConstraint(
            "accounts_at_least IS NULL OR (identified = 'no' AND accounts_at_least >= 1)",
            name=op.f("ck_fake_accounts_several_only_unidentified"),
        ),
        sa.CheckConstraint("handle NOT LIKE '@%'", name=op.f("ck_fake_accounts_handle_without_at")),
        sa.CheckConstraint(
            "identified <> 'yes' OR handle <> '' OR url <> '' OR displayed_name <> ''",
            name=op.f("ck_fake_accounts_identified_by_something"),
        ),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR "
            "(approved_by_id <> recorded_by_id AND approved_by_id <> revised_by_id)",
            name=op.f("ck_fake_accounts_second_person"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["users.id"], name=op.f("fk_fake_accounts_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["terms.id"], name=op.f("fk_fake_accounts_platform_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_fake_accounts_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["revised_by_id"], ["users.id"], name=op.f("fk_fake_accounts_revised_by_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_fake_accounts_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fake_accounts")),
        sa.UniqueConstraint(
            "id", "team_id", "visibility", name=op.f("uq_fake_accounts_id_team_id_visibility")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_fake_accounts_ref")),
    )
    op.create_index(op.f("ix_fake_accounts_handle"), "fake_accounts", ["handle"], unique=False)
    op.create_index("ix_fake_accounts_page", "fake_accounts", ["recorded_at", "ref"], unique=False)
    op.create_index(
        op.f("ix_fake_accounts_platform_id"), "fake_accounts", ["platform_id"], unique=False
    )
    op.create_index(op.f("ix_fake_accounts_state"), "fake_accounts", ["state"], unique=False)
    op.create_index(op.f("ix_fake_accounts_team_id"), "fake_accounts", ["team_id"], unique=False)

    op.create_table(
        "account_impersonations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("journalist_id", sa.Integer(), nullable=True),
        sa.Column("outlet_id", sa.Integer(), nullable=True),
        sa.Column("institution_id", sa.Integer(), nullable=True),
        sa.Column("official", sa.String(length=200), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.CheckConstraint(
            "journalist_id IS NOT NULL OR outlet_id IS NOT NULL "
            "OR institution_id IS NOT NULL OR official <> ''",
            name=op.f("ck_account_impersonations_somebody_is_meant"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "team_id", "visibility"],
            ["fake_accounts.id", "fake_accounts.team_id", "fake_accounts.visibility"],
            name=op.f("fk_account_impersonations_account_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institutions.id"],
            name=op.f("fk_account_impersonations_institution_id"),
        ),
        sa.ForeignKeyConstraint(
            ["journalist_id"],
            ["journalists.id"],
            name=op.f("fk_account_impersonations_journalist_id"),
        ),
        sa.ForeignKeyConstraint(
            ["outlet_id"], ["outlets.id"], name=op.f("fk_account_impersonations_outlet_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_impersonations")),
    )
    op.create_index(
        op.f("ix_account_impersonations_account_id"),
        "account_impersonations",
        ["account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_account_impersonations_institution_id"),
        "account_impersonations",
        ["institution_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_account_impersonations_journalist_id"),
        "account_impersonations",
        ["journalist_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_account_impersonations_outlet_id"),
        "account_impersonations",
        ["outlet_id"],
        unique=False,
    )

    op.create_table(
        "account_successions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column(
            "certainty",
            sa.Enum(
                "confirmed",
                "likely",
                "possible",
                name="succession_certainty",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "basis",
            sa.Enum(
                "same_name",
                "same_photograph",
                "same_text",
                "handle_pattern",
                "admitted",
                name="succession_basis",
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
        sa.CheckConstraint(
            "account_id <> successor_id", name=op.f("ck_account_successions_another_account")
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "team_id", "visibility"],
            ["fake_accounts.id", "fake_accounts.team_id", "fake_accounts.visibility"],
            name=op.f("fk_account_successions_account_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["fake_accounts.id"], name=op.f("fk_account_successions_successor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_successions")),
    )
    op.create_index(
        op.f("ix_account_successions_account_id"),
        "account_successions",
        ["account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_account_successions_successor_id"),
        "account_successions",
        ["successor_id"],
        unique=False,
    )
    op.create_index(
        "uq_account_successions_pair",
        "account_successions",
        ["account_id", "successor_id"],
        unique=True,
    )

    op.create_table(
        "account_citations",
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
            name=op.f("ck_account_citations_words_in_place"),
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_account_citations_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id", "team_id", "visibility"],
            ["fake_accounts.id", "fake_accounts.team_id", "fake_accounts.visibility"],
            name=op.f("fk_account_citations_record_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_citations")),
    )
    op.create_index(
        op.f("ix_account_citations_article_id"), "account_citations", ["article_id"], unique=False
    )
    op.create_index(
        op.f("ix_account_citations_record_id"), "account_citations", ["record_id"], unique=False
    )

    op.create_table(
        "fake_account_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column(
            "event",
            sa.Enum(
                "first_seen",
                "reported_to_platform",
                "reported_to_authority",
                "block_ordered",
                "blocked",
                "suspended",
                "removed_by_platform",
                "removed_by_owner",
                "restored",
                "seen_again",
                "checked_active",
                "checked_gone",
                name="account_event",
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
            "earliest <= latest", name=op.f("ck_fake_account_events_earliest_before_latest")
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "team_id", "visibility"],
            ["fake_accounts.id", "fake_accounts.team_id", "fake_accounts.visibility"],
            name=op.f("fk_fake_account_events_account_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_fake_account_events_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institutions.id"],
            name=op.f("fk_fake_account_events_institution_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fake_account_events")),
    )
    op.create_index(
        op.f("ix_fake_account_events_account_id"),
        "fake_account_events",
        ["account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fake_account_events_article_id"),
        "fake_account_events",
        ["article_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fake_account_events_institution_id"),
        "fake_account_events",
        ["institution_id"],
        unique=False,
    )

    op.create_table(
        "incident_accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "team_id", "visibility"],
            ["fake_accounts.id", "fake_accounts.team_id", "fake_accounts.visibility"],
            name=op.f("fk_incident_accounts_account_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_incident_accounts_incident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_accounts")),
    )
    op.create_index(
        op.f("ix_incident_accounts_account_id"), "incident_accounts", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix_incident_accounts_incident_id"), "incident_accounts", ["incident_id"], unique=False
    )
    op.create_index(
        "uq_incident_accounts_pair", "incident_accounts", ["account_id", "incident_id"], unique=True
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("incident_accounts")

    op.drop_table("fake_account_events")

    op.drop_table("account_citations")

    op.drop_table("account_successions")

    op.drop_table("account_impersonations")

    op.drop_table("fake_accounts")
