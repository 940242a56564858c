"""Add journalists outlets and institutions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add journalists outlets and institutions."""
    op.create_table(
        "institutions",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "sort_key",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "ministry",
                "police",
                "security_service",
                "prosecutor",
                "court",
                "regulator",
                "local_executive",
                "parliament",
                "presidency",
                "military",
                "intergovernmental",
                "platform",
                "other",
                name="institution_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "level",
            sa.Enum(
                "national",
                "regional",
                "local",
                "international",
                name="institution_level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("country", sa.String(length=2), nullable=True),
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
        sa.CheckConstraint("name <> ''", name=op.f("ck_institutions_name_not_empty")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_institutions_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["revised_by_id"], ["users.id"], name=op.f("fk_institutions_revised_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institutions")),
        sa.UniqueConstraint("ref", name=op.f("uq_institutions_ref")),
    )
    op.create_index(op.f("ix_institutions_country"), "institutions", ["country"], unique=False)
    op.create_index(op.f("ix_institutions_sort_key"), "institutions", ["sort_key"], unique=False)

    op.create_table(
        "journalists",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "sort_key",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "staff",
                "freelance",
                "blogger",
                "editor",
                "media_worker",
                "former",
                name="journalist_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "gender",
            sa.Enum(
                "woman",
                "man",
                "other",
                "unknown",
                name="gender",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_journalists_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["revised_by_id"], ["users.id"], name=op.f("fk_journalists_revised_by_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_journalists_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journalists")),
        sa.UniqueConstraint(
            "id", "team_id", "visibility", name=op.f("uq_journalists_id_team_id_visibility")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_journalists_ref")),
    )
    op.create_index(op.f("ix_journalists_country"), "journalists", ["country"], unique=False)
    op.create_index(op.f("ix_journalists_sort_key"), "journalists", ["sort_key"], unique=False)
    op.create_index(op.f("ix_journalists_team_id"), "journalists", ["team_id"], unique=False)

    op.create_table(
        "outlets",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "sort_key",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("domains", sa.Text(), nullable=False),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.Column(
            "reliability",
            sa.Enum(
                "very_credible",
                "quite_credible",
                "credible",
                "not_sure",
                "not_credible",
                name="reliability",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("notes", sa.Text(), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_outlets_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["revised_by_id"], ["users.id"], name=op.f("fk_outlets_revised_by_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_outlets_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outlets")),
        sa.UniqueConstraint(
            "id", "team_id", "visibility", name=op.f("uq_outlets_id_team_id_visibility")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_outlets_ref")),
    )
    op.create_index(op.f("ix_outlets_country"), "outlets", ["country"], unique=False)
    op.create_index(op.f("ix_outlets_sort_key"), "outlets", ["sort_key"], unique=False)
    op.create_index(op.f("ix_outlets_team_id"), "outlets", ["team_id"], unique=False)

    op.create_table(
        "affiliations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("journalist_id", sa.Integer(), nullable=False),
        sa.Column("outlet_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.String(length=120), nullable=False),
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
            "earliest <= latest", name=op.f("ck_affiliations_earliest_before_latest")
        ),
        sa.ForeignKeyConstraint(
            ["journalist_id", "team_id", "visibility"],
            ["journalists.id", "journalists.team_id", "journalists.visibility"],
            name=op.f("fk_affiliations_journalist_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["outlet_id"], ["outlets.id"], name=op.f("fk_affiliations_outlet_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_affiliations")),
    )
    op.create_index(
        op.f("ix_affiliations_journalist_id"), "affiliations", ["journalist_id"], unique=False
    )
    op.create_index(op.f("ix_affiliations_outlet_id"), "affiliations", ["outlet_id"], unique=False)

    op.create_table(
        "institution_names",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bearer_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "legal",
                "pen_name",
                "transliteration",
                "former",
                "other",
                name="name_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "script",
            sa.Enum(
                "latin",
                "cyrillic",
                name="script",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("matching_key", sa.String(length=400), nullable=False),
        sa.Column("loose_key", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["bearer_id"], ["institutions.id"], name=op.f("fk_institution_names_bearer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution_names")),
    )
    op.create_index(
        op.f("ix_institution_names_bearer_id"), "institution_names", ["bearer_id"], unique=False
    )
    op.create_index(
        op.f("ix_institution_names_loose_key"), "institution_names", ["loose_key"], unique=False
    )
    op.create_index(
        op.f("ix_institution_names_matching_key"),
        "institution_names",
        ["matching_key"],
        unique=False,
    )

    op.create_table(
        "journalist_names",
        sa.Column("bearer_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "legal",
                "pen_name",
                "transliteration",
                "former",
                "other",
                name="name_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "script",
            sa.Enum(
                "latin",
                "cyrillic",
                name="script",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("matching_key", sa.String(length=400), nullable=False),
        sa.Column("loose_key", sa.String(length=400), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["bearer_id", "team_id", "visibility"],
            ["journalists.id", "journalists.team_id", "journalists.visibility"],
            name=op.f("fk_journalist_names_bearer_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journalist_names")),
    )
    op.create_index(
        op.f("ix_journalist_names_bearer_id"), "journalist_names", ["bearer_id"], unique=False
    )
    op.create_index(
        op.f("ix_journalist_names_loose_key"), "journalist_names", ["loose_key"], unique=False
    )
    op.create_index(
        op.f("ix_journalist_names_matching_key"), "journalist_names", ["matching_key"], unique=False
    )

    op.create_table(
        "journalist_references",
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
            ["journalists.id", "journalists.team_id", "journalists.visibility"],
            name=op.f("fk_journalist_references_record_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journalist_references")),
    )
    op.create_index(
        op.f("ix_journalist_references_record_id"),
        "journalist_references",
        ["record_id"],
        unique=False,
    )

    op.create_table(
        "outlet_names",
        sa.Column("bearer_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "legal",
                "pen_name",
                "transliteration",
                "former",
                "other",
                name="name_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "script",
            sa.Enum(
                "latin",
                "cyrillic",
                name="script",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("matching_key", sa.String(length=400), nullable=False),
        sa.Column("loose_key", sa.String(length=400), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["bearer_id", "team_id", "visibility"],
            ["outlets.id", "outlets.team_id", "outlets.visibility"],
            name=op.f("fk_outlet_names_bearer_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outlet_names")),
    )
    op.create_index(op.f("ix_outlet_names_bearer_id"), "outlet_names", ["bearer_id"], unique=False)
    op.create_index(op.f("ix_outlet_names_loose_key"), "outlet_names", ["loose_key"], unique=False)
    op.create_index(
        op.f("ix_outlet_names_matching_key"), "outlet_names", ["matching_key"], unique=False
    )

    op.create_table(
        "outlet_references",
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
            ["outlets.id", "outlets.team_id", "outlets.visibility"],
            name=op.f("fk_outlet_references_record_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outlet_references")),
    )
    op.create_index(
        op.f("ix_outlet_references_record_id"), "outlet_references", ["record_id"], unique=False
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("outlet_references")

    op.drop_table("outlet_names")

    op.drop_table("journalist_references")

    op.drop_table("journalist_names")

    op.drop_table("institution_names")

    op.drop_table("affiliations")

    op.drop_table("outlets")

    op.drop_table("journalists")

    op.drop_table("institutions")
