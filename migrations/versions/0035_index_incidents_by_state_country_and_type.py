"""Add indexes of incidents by state, and for counting them by country and by primary type."""

from __future__ import annotations

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both new ones, and columns to the index of countries."""
    op.create_index("ix_incidents_team_state", "incidents", ["team_id", "state"])
    op.drop_index("ix_incidents_country", "incidents")
    op.create_index(
        "ix_incidents_country", "incidents", ["country", "state", "visibility", "team_id"]
    )
    op.create_index(
        "ix_incident_types_rank",
        "incident_types",
        ["incident_id", "rank", "term_id", "visibility", "team_id"],
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_incident_types_rank", "incident_types")
    op.drop_index("ix_incidents_country", "incidents")
    op.create_index("ix_incidents_country", "incidents", ["country"])
    op.drop_index("ix_incidents_team_state", "incidents")
