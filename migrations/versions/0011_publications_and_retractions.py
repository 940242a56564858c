"""Add publications, retractions and the view for exports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WITH_A_REASON = "(state = 'retracted') = (retract_reason IS NOT NULL)"
# What anybody may have, and all that the export connection can read. An incident that was changed
# since keeps the text that was last approved.
VIEW = """
CREATE VIEW public_export AS
SELECT i.ref, p.revision,
       CASE WHEN p.withdrawn_at IS NOT NULL AND i.state = 'retracted' THEN 'retracted'
            WHEN p.withdrawn_at IS NOT NULL THEN 'withdrawn'
            WHEN i.state = 'published' THEN 'published'
            ELSE 'under_revision' END AS status,
       COALESCE(i.retract_reason, '') AS retract_reason,
       p.title, p.summary_en, p.summary_ru, p.summary_kk, p.sources, p.targets, p.n_journalists,
       p.primary_type, p.types, p.occurred_edtf, p.reported_month, p.country, p.region,
       p.verification, p.published_at
FROM publications p JOIN incidents i ON i.id = p.incident_id
"""


def _reason() -> sa.Column[str]:
    """Return a column of its own for each table."""
    reasons = sa.Enum(
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
    )
    return sa.Column("retract_reason", reasons, nullable=True)


def upgrade() -> None:
    """Add publications, retractions and the view for exports."""
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("summary_ru", sa.Text(), nullable=False),
        sa.Column("summary_kk", sa.Text(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("targets", sa.Text(), nullable=False),
        sa.Column("n_journalists", sa.Integer(), nullable=False),
        sa.Column("primary_type", sa.String(length=60), nullable=False),
        sa.Column("types", sa.String(length=500), nullable=False),
        sa.Column("occurred_edtf", sa.String(length=60), nullable=False),
        sa.Column("reported_month", sa.String(length=7), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", sa.String(length=10), nullable=False),
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
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("internal", "restricted", name="visibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR (title = '' AND summary_en = '' AND summary_ru = '' "
            "AND summary_kk = '' AND targets = '' AND sources = '')",
            name=op.f("ck_publications_withdrawn_says_nothing"),
        ),
        sa.ForeignKeyConstraint(
            ["incident_id", "team_id", "visibility"],
            ["incidents.id", "incidents.team_id", "incidents.visibility"],
            name=op.f("fk_publications_incident_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["users.id"], name=op.f("fk_publications_published_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("incident_id", name=op.f("uq_publications_incident_id")),
    )

    with op.batch_alter_table("fake_accounts") as batch:
        batch.add_column(_reason())
        batch.create_check_constraint(
            op.f("ck_fake_accounts_retracted_for_a_reason"), WITH_A_REASON
        )

    op.execute("ALTER TABLE incidents RENAME COLUMN public_summary TO public_summary_en")
    with op.batch_alter_table("incidents") as batch:
        batch.add_column(
            sa.Column("public_summary_ru", sa.Text(), server_default="", nullable=False)
        )
        batch.add_column(
            sa.Column("public_summary_kk", sa.Text(), server_default="", nullable=False)
        )
        batch.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch.add_column(_reason())
        batch.create_check_constraint(op.f("ck_incidents_retracted_for_a_reason"), WITH_A_REASON)
        batch.create_index("ix_incidents_merged_into_id", ["merged_into_id"])
        batch.create_foreign_key(
            batch.f("fk_incidents_merged_into_id"), "incidents", ["merged_into_id"], ["id"]
        )

    with op.batch_alter_table("responses") as batch:
        batch.add_column(_reason())
        batch.create_check_constraint(op.f("ck_responses_retracted_for_a_reason"), WITH_A_REASON)

    op.execute(VIEW)


def downgrade() -> None:
    """Undo it."""
    op.execute("DROP VIEW public_export")
    with op.batch_alter_table("responses") as batch:
        batch.drop_constraint(op.f("ck_responses_retracted_for_a_reason"), type_="check")
        batch.drop_constraint(op.f("ck_responses_retract_reason"), type_="check")
        batch.drop_column("retract_reason")

    with op.batch_alter_table("incidents") as batch:
        batch.drop_constraint(batch.f("fk_incidents_merged_into_id"), type_="foreignkey")
        batch.drop_index(batch.f("ix_incidents_merged_into_id"))
        batch.drop_constraint(op.f("ck_incidents_retracted_for_a_reason"), type_="check")
        batch.drop_constraint(op.f("ck_incidents_retract_reason"), type_="check")
        batch.drop_column("retract_reason")
        batch.drop_column("merged_into_id")
        batch.drop_column("public_summary_kk")
        batch.drop_column("public_summary_ru")
    op.execute("ALTER TABLE incidents RENAME COLUMN public_summary_en TO public_summary")

    with op.batch_alter_table("fake_accounts") as batch:
        batch.drop_constraint(op.f("ck_fake_accounts_retracted_for_a_reason"), type_="check")
        batch.drop_constraint(op.f("ck_fake_accounts_retract_reason"), type_="check")
        batch.drop_column("retract_reason")

    op.drop_table("publications")
