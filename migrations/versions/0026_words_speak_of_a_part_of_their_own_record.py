"""Let the words of a source speak of a step or event of their own record alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# Each table of citations; that of the dated parts of its record, and how those call the record.
PARTS = {
    "account_citations": ("fake_account_events", "account_id"),
    "proceeding_citations": ("proceeding_steps", "proceeding_id"),
}


def upgrade() -> None:
    """Point to the part together with its record; what pointed elsewhere speaks of no part."""
    for name, (parts, owner) in PARTS.items():
        citing = sa.table(name, sa.column("part_id"), sa.column("record_id"))
        of = sa.table(parts, sa.column("id"), sa.column(owner))
        own = sa.select(of.c.id).where(of.c[owner] == citing.c.record_id)
        elsewhere = citing.c.part_id.is_not(None) & citing.c.part_id.not_in(own)
        op.execute(sa.update(citing).where(elsewhere).values(part_id=None))
        op.create_index(f"uq_{parts}_id_{owner}", parts, ["id", owner], unique=True)
        with op.batch_alter_table(name) as batch:
            batch.drop_constraint(batch.f(f"fk_{name}_part_id"), type_="foreignkey")
            batch.create_foreign_key(
                batch.f(f"fk_{name}_part_id"), parts, ["part_id", "record_id"], ["id", owner]
            )


def downgrade() -> None:
    """Undo it."""
    for name, (parts, owner) in PARTS.items():
        with op.batch_alter_table(name) as batch:
            batch.drop_constraint(batch.f(f"fk_{name}_part_id"), type_="foreignkey")
            batch.create_foreign_key(batch.f(f"fk_{name}_part_id"), parts, ["part_id"], ["id"])
        op.drop_index(f"uq_{parts}_id_{owner}", parts)
