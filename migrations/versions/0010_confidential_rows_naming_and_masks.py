"""Add confidential rows, naming decisions, masks and erasures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# What the confidential rows refer to; each row carries the team of its record.
RECORDS = ("articles", "incidents", "incident_targets", "journalists")


def upgrade() -> None:
    """Add confidential rows, naming decisions, masks and erasures."""
    for table in RECORDS:
        op.create_index(f"uq_{table}_id_team_id", table, ["id", "team_id"], unique=True)
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("journalist_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by_id", sa.Integer(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_erasures_reason_given")),
        sa.CheckConstraint(
            "(agreed_by_id IS NULL) = (agreed_at IS NULL) "
            "AND (agreed_by_id IS NULL OR agreed_by_id <> asked_by_id)",
            name=op.f("ck_erasures_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["agreed_by_id"], ["users.id"], name=op.f("fk_erasures_agreed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["users.id"], name=op.f("fk_erasures_asked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["journalist_id", "team_id", "visibility"],
            ["journalists.id", "journalists.team_id", "journalists.visibility"],
            name=op.f("fk_erasures_journalist_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )

    op.create_index("ix_erasures_journalist_id", "erasures", ["journalist_id"])

    op.create_table(
        "journalists_confidential",
        sa.Column("journalist_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("legal_name", sa.String(length=200), nullable=False),
        sa.Column("home_address", sa.Text(), nullable=False),
        sa.Column("contacts", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["journalist_id", "team_id"],
            ["journalists.id", "journalists.team_id"],
            name=op.f("fk_journalists_confidential_journalist_id"),
        ),
        sa.PrimaryKeyConstraint("journalist_id", name=op.f("pk_journalists_confidential")),
    )

    op.create_table(
        "article_masks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("masked_by_id", sa.Integer(), nullable=False),
        sa.Column("masked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_article_masks_reason_given")),
        sa.CheckConstraint(
            'start >= 0 AND start < "end"', name=op.f("ck_article_masks_masks_something")
        ),
        sa.ForeignKeyConstraint(
            ["article_id", "team_id", "visibility"],
            ["articles.id", "articles.team_id", "articles.visibility"],
            name=op.f("fk_article_masks_article_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["masked_by_id"], ["users.id"], name=op.f("fk_article_masks_masked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_masks")),
    )

    op.create_index("ix_article_masks_article_id", "article_masks", ["article_id"])
    op.create_index("uq_article_masks_id_team_id", "article_masks", ["id", "team_id"], unique=True)

    op.create_table(
        "articles_confidential",
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source_notes", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id", "team_id"],
            ["articles.id", "articles.team_id"],
            name=op.f("fk_articles_confidential_article_id"),
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_articles_confidential")),
    )

    op.create_table(
        "article_masks_confidential",
        sa.Column("mask_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mask_id", "team_id"],
            ["article_masks.id", "article_masks.team_id"],
            name=op.f("fk_article_masks_confidential_mask_id"),
        ),
        sa.PrimaryKeyConstraint("mask_id", name=op.f("pk_article_masks_confidential")),
    )

    op.create_table(
        "incidents_confidential",
        sa.Column("incident_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("witness_names", sa.Text(), nullable=False),
        sa.Column("addresses", sa.Text(), nullable=False),
        sa.Column("contacts", sa.Text(), nullable=False),
        sa.Column("source_notes", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id", "team_id"],
            ["incidents.id", "incidents.team_id"],
            name=op.f("fk_incidents_confidential_incident_id"),
        ),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incidents_confidential")),
    )

    op.create_table(
        "target_namings_confidential",
        sa.Column("target_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "not_asked",
                "public_record",
                "consented",
                "refused",
                "withdrawn",
                name="naming_decision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "scope",
            sa.Enum(
                "partner",
                "public",
                "intergovernmental",
                name="naming_scope",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("how_asked", sa.String(length=500), nullable=False),
        sa.Column(
            "is_written",
            sa.Enum(
                "yes",
                "no",
                "unknown",
                name="is_written",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "is_minor",
            sa.Enum(
                "yes",
                "no",
                "unknown",
                name="is_minor",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(decision = 'consented') = (scope IS NOT NULL)",
            name=op.f("ck_target_namings_confidential_consent_has_a_scope"),
        ),
        sa.ForeignKeyConstraint(
            ["target_id", "team_id"],
            ["incident_targets.id", "incident_targets.team_id"],
            name=op.f("fk_target_namings_confidential_target_id"),
        ),
        sa.PrimaryKeyConstraint("target_id", name=op.f("pk_target_namings_confidential")),
    )

    with op.batch_alter_table("incident_targets") as batch:
        batch.add_column(
            sa.Column(
                "name_reach",
                sa.Enum(
                    "team",
                    "house",
                    "partner",
                    "intergovernmental",
                    "public",
                    name="name_reach",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                server_default="house",
                nullable=False,
            )
        )
        batch.add_column(
            sa.Column("named_as", sa.String(length=200), server_default="", nullable=False)
        )

    with op.batch_alter_table("journalists") as batch:
        batch.add_column(sa.Column("name_closed_on", sa.Date(), nullable=True))
        batch.create_check_constraint(
            op.f("ck_journalists_closed_name_stays_in_team"),
            "name_closed_on IS NULL OR visibility = 'restricted'",
        )


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("journalists") as batch:
        batch.drop_constraint(op.f("ck_journalists_closed_name_stays_in_team"), type_="check")
        batch.drop_column("name_closed_on")

    with op.batch_alter_table("incident_targets") as batch:
        batch.drop_column("named_as")
        batch.drop_constraint(op.f("ck_incident_targets_name_reach"), type_="check")
        batch.drop_column("name_reach")

    op.drop_table("target_namings_confidential")

    op.drop_table("incidents_confidential")

    op.drop_table("article_masks_confidential")

    op.drop_table("articles_confidential")

    op.drop_table("article_masks")

    op.drop_table("journalists_confidential")

    op.drop_table("erasures")
    for table in RECORDS:
        op.drop_index(f"uq_{table}_id_team_id", table)
