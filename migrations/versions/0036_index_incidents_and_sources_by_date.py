"""Add indexes from which the months of incidents are counted without reading their rows."""

from __future__ import annotations

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two indexes of citations, and the columns of scoping to two others."""
    op.drop_index("ix_incidents_recorded", "incidents")
    op.create_index(
        "ix_incidents_recorded", "incidents", ["recorded_at", "ref", "visibility", "team_id"]
    )
    op.drop_index("ix_articles_page", "articles")
    op.create_index(
        "ix_articles_page", "articles", ["latest", "earliest", "ref", "visibility", "team_id"]
    )
    op.create_index(
        "ix_incident_citations_sources",
        "incident_citations",
        ["record_id", "article_id", "visibility", "team_id"],
    )
    op.create_index(
        "ix_incident_citations_cited",
        "incident_citations",
        ["article_id", "record_id", "visibility", "team_id"],
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_incident_citations_cited", "incident_citations")
    op.drop_index("ix_incident_citations_sources", "incident_citations")
    op.drop_index("ix_articles_page", "articles")
    op.create_index("ix_articles_page", "articles", ["latest", "earliest", "ref"])
    op.drop_index("ix_incidents_recorded", "incidents")
    op.create_index("ix_incidents_recorded", "incidents", ["recorded_at", "ref"])
