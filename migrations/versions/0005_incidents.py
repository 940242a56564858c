"""Add incidents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add incidents."""
    op.create_table(
        "incidents",
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("narrative", sa.Text(), nullable=False),
        sa.Column(
            "extent",
            sa.Enum(
                "once",
                "repeated",
                "lasting",
                name="extent",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("occurrences_at_least", sa.Integer(), nullable=True),
        sa.Column(
            "is_ongoing",
            sa.Enum(
                "yes",
                "no",
                "unknown",
                name="is_ongoing",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ongoing_as_of", sa.Date(), nullable=True),
        sa.Column("relative_to_id", sa.Integer(), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column(
            "setting",
            sa.Enum(
                "online",
                "offline",
                "both",
                "unknown",
                name="setting",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "is_gendered",
            sa.Enum(
                "yes",
                "no",
                "unknown",
                name="is_gendered",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "is_coordinated",
            sa.Enum(
                "yes",
                "no",
                "unknown",
                name="is_coordinated",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "is_ai_made",
            sa.Enum(
                "yes",
                "no",
                "unknown",
                name="is_ai_made",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "detention_form",
            sa.Enum(
                "questioning",
                "police_custody",
                "administrative_arrest",
                "remand",
                "house_arrest",
                "imprisonment",
                "psychiatric",
                "not_applicable",
                name="detention_form",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "work_link",
            sa.Enum(
                "confirmed",
                "likely",
                "unclear",
                "unlikely",
                "none",
                name="work_link",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("work_link_said_by", sa.String(length=200), nullable=False),
        sa.Column(
            "verification",
            sa.Enum(
                "confirmed",
                "likely",
                "possible",
                "unlikely",
                "unknown",
                name="verification",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("public_summary", sa.Text(), nullable=False),
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
        sa.CheckConstraint("country <> ''", name=op.f("ck_incidents_country_given")),
        sa.CheckConstraint(
            "occurrences_at_least IS NULL OR (extent = 'repeated' AND occurrences_at_least >= 2)",
            name=op.f("ck_incidents_occurrences_of_a_repeated_one"),
        ),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR "
            "(approved_by_id <> recorded_by_id AND approved_by_id <> revised_by_id)",
            name=op.f("ck_incidents_second_person"),
        ),
        sa.CheckConstraint("earliest <= latest", name=op.f("ck_incidents_earliest_before_latest")),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["users.id"], name=op.f("fk_incidents_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_incidents_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["terms.id"], name=op.f("fk_incidents_region_id")),
        sa.ForeignKeyConstraint(
            ["relative_to_id"], ["articles.id"], name=op.f("fk_incidents_relative_to_id")
        ),
        sa.ForeignKeyConstraint(
            ["revised_by_id"], ["users.id"], name=op.f("fk_incidents_revised_by_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_incidents_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint(
            "id", "team_id", "visibility", name=op.f("uq_incidents_id_team_id_visibility")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_incidents_ref")),
    )
    op.create_index(op.f("ix_incidents_country"), "incidents", ["country"], unique=False)
    op.create_index("ix_incidents_recorded", "incidents", ["recorded_at", "ref"], unique=False)
    op.create_index("ix_incidents_page", "incidents", ["latest", "earliest", "ref"], unique=False)
    op.create_index(op.f("ix_incidents_region_id"), "incidents", ["region_id"], unique=False)
    op.create_index(
        op.f("ix_incidents_relative_to_id"), "incidents", ["relative_to_id"], unique=False
    )
    op.create_index(op.f("ix_incidents_state"), "incidents", ["state"], unique=False)
    op.create_index(op.f("ix_incidents_team_id"), "incidents", ["team_id"], unique=False)
    op.create_index(op.f("ix_incidents_verification"), "incidents", ["verification"], unique=False)

    op.create_table(
        "incident_actors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column(
            "actor_type",
            sa.Enum(
                "police",
                "security_service",
                "prosecutor",
                "court",
                "ministry",
                "local_executive",
                "regulator",
                "military",
                "state_linked",
                "political",
                "business",
                "organised_crime",
                "private_person",
                "online_mob",
                "platform",
                "media",
                "unknown",
                name="actor_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "purported_as",
            sa.Enum(
                "police",
                "security_service",
                "prosecutor",
                "court",
                "ministry",
                "local_executive",
                "regulator",
                "military",
                "state_linked",
                "political",
                "business",
                "organised_crime",
                "private_person",
                "online_mob",
                "platform",
                "media",
                "unknown",
                "bank",
                "courier",
                "platform_support",
                name="purported_as",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "certainty",
            sa.Enum(
                "known",
                "alleged",
                "suspected",
                "unknown",
                name="certainty",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "attributed_by",
            sa.Enum(
                "judgment",
                "charge",
                "authority",
                "target",
                "outlet",
                "document",
                "own_assessment",
                name="attributed_by",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "degree",
            sa.Enum(
                "carried_out",
                "ordered",
                "amplified",
                "enabled",
                "failed_to_protect",
                name="degree",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.CheckConstraint(
            "actor_type = 'unknown' OR attributed_by IS NOT NULL",
            name=op.f("ck_incident_actors_attributed_unless_unknown"),
        ),
        sa.CheckConstraint(
            "name = '' OR attributed_by IS NOT NULL",
            name=op.f("ck_incident_actors_a_name_is_attributed"),
        ),
        sa.ForeignKeyConstraint(
            ["incident_id", "team_id", "visibility"],
            ["incidents.id", "incidents.team_id", "incidents.visibility"],
            name=op.f("fk_incident_actors_incident_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_actors")),
    )
    op.create_index(
        op.f("ix_incident_actors_incident_id"), "incident_actors", ["incident_id"], unique=False
    )

    op.create_table(
        "incident_citations",
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
            name=op.f("ck_incident_citations_words_in_place"),
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_incident_citations_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id", "team_id", "visibility"],
            ["incidents.id", "incidents.team_id", "incidents.visibility"],
            name=op.f("fk_incident_citations_record_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_citations")),
    )
    op.create_index(
        op.f("ix_incident_citations_article_id"), "incident_citations", ["article_id"], unique=False
    )
    op.create_index(
        op.f("ix_incident_citations_record_id"), "incident_citations", ["record_id"], unique=False
    )

    op.create_table(
        "incident_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "follows",
                "part_of",
                "parallel",
                "retaliation_for",
                "same_perpetrator",
                "duplicate_of",
                name="incident_link_kind",
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
            "incident_id <> other_id", name=op.f("ck_incident_links_another_incident")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id", "team_id", "visibility"],
            ["incidents.id", "incidents.team_id", "incidents.visibility"],
            name=op.f("fk_incident_links_incident_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["incidents.id"], name=op.f("fk_incident_links_other_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_links")),
    )
    op.create_index(
        op.f("ix_incident_links_incident_id"), "incident_links", ["incident_id"], unique=False
    )
    op.create_index(
        op.f("ix_incident_links_other_id"), "incident_links", ["other_id"], unique=False
    )
    op.create_index(
        "uq_incident_links_pair", "incident_links", ["incident_id", "other_id", "kind"], unique=True
    )

    op.create_table(
        "incident_references",
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
            ["incidents.id", "incidents.team_id", "incidents.visibility"],
            name=op.f("fk_incident_references_record_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_references")),
    )
    op.create_index(
        op.f("ix_incident_references_record_id"), "incident_references", ["record_id"], unique=False
    )

    op.create_table(
        "incident_targets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "journalist",
                "outlet",
                "unnamed_person",
                "unnamed_group",
                name="target_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("journalist_id", sa.Integer(), nullable=True),
        sa.Column("outlet_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("number_at_least", sa.Integer(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "direct",
                "impersonated",
                "collateral_relative",
                "collateral_neighbour",
                "collateral_colleague",
                "collateral_source",
                "collateral_lawyer",
                name="target_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "basis",
            sa.Enum(
                "named",
                "inferred",
                name="target_basis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("harm", sa.String(length=500), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.CheckConstraint(
            "journalist_id IS NOT NULL OR outlet_id IS NOT NULL OR words <> ''",
            name=op.f("ck_incident_targets_somebody_is_meant"),
        ),
        sa.CheckConstraint(
            "number_at_least IS NULL OR number_at_least >= 1",
            name=op.f("ck_incident_targets_at_least_one"),
        ),
        sa.ForeignKeyConstraint(
            ["incident_id", "team_id", "visibility"],
            ["incidents.id", "incidents.team_id", "incidents.visibility"],
            name=op.f("fk_incident_targets_incident_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["journalist_id"], ["journalists.id"], name=op.f("fk_incident_targets_journalist_id")
        ),
        sa.ForeignKeyConstraint(
            ["outlet_id"], ["outlets.id"], name=op.f("fk_incident_targets_outlet_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_targets")),
        sa.UniqueConstraint(
            "id", "team_id", "visibility", name=op.f("uq_incident_targets_id_team_id_visibility")
        ),
    )
    op.create_index(
        op.f("ix_incident_targets_incident_id"), "incident_targets", ["incident_id"], unique=False
    )
    op.create_index(
        op.f("ix_incident_targets_journalist_id"),
        "incident_targets",
        ["journalist_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_incident_targets_outlet_id"), "incident_targets", ["outlet_id"], unique=False
    )

    op.create_table(
        "incident_types",
        sa.Column("incident_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["incident_id", "team_id", "visibility"],
            ["incidents.id", "incidents.team_id", "incidents.visibility"],
            name=op.f("fk_incident_types_incident_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_incident_types_term_id")),
        sa.PrimaryKeyConstraint("incident_id", "term_id", name=op.f("pk_incident_types")),
    )
    op.create_index(op.f("ix_incident_types_term_id"), "incident_types", ["term_id"], unique=False)

    op.create_table(
        "target_statuses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "questioned",
                "detained",
                "released",
                "house_arrest",
                "remand",
                "imprisoned",
                "psychiatric",
                "exit_ban",
                "injured",
                "hospitalised",
                "left_country",
                "returned",
                "dead",
                name="status_of_target",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("expected_end", sa.Date(), nullable=True),
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
            "earliest <= latest", name=op.f("ck_target_statuses_earliest_before_latest")
        ),
        sa.ForeignKeyConstraint(
            ["target_id", "team_id", "visibility"],
            ["incident_targets.id", "incident_targets.team_id", "incident_targets.visibility"],
            name=op.f("fk_target_statuses_target_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_statuses")),
    )
    op.create_index(
        op.f("ix_target_statuses_target_id"), "target_statuses", ["target_id"], unique=False
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("target_statuses")

    op.drop_table("incident_types")

    op.drop_table("incident_targets")

    op.drop_table("incident_references")

    op.drop_table("incident_links")

    op.drop_table("incident_citations")

    op.drop_table("incident_actors")

    op.drop_table("incidents")
