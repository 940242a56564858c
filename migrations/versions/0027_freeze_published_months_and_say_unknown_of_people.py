"""Refuse changes of published months; let how somebody works, and a body's level, be unknown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

MONTHS = "published_months"
# A published month is frozen: both databases refuse to change or delete its figures.
SQLITE_REFUSES = """
CREATE TRIGGER IF NOT EXISTS published_months__no_{verb} BEFORE {verb} ON published_months
BEGIN SELECT RAISE(ABORT, 'a published month is never changed'); END
"""
POSTGRESQL_REFUSES = """
CREATE FUNCTION refuse_change_of_month() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a published month is never changed'; END $$;
CREATE TRIGGER published_months__no_change BEFORE UPDATE OR DELETE ON published_months
FOR EACH ROW EXECUTE FUNCTION refuse_change_of_month();
CREATE TRIGGER published_months__no_truncate BEFORE TRUNCATE ON published_months
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_month()
"""
KEY = "ix_incident_references_scheme_identifier"
KINDS = ("staff", "freelance", "blogger", "editor", "media_worker", "former")
LEVELS = ("national", "regional", "local", "international")
SETS = (
    ("journalists", "kind", "journalist_kind", KINDS),
    ("institutions", "level", "institution_level", LEVELS),
)


def upgrade() -> None:
    """Add the triggers, the code `unknown` to both sets, and an index on keys in lists."""
    for table, column, name, codes in SETS:
        _allow(table, column, name, (*codes, "unknown"))
    op.create_index(op.f(KEY), "incident_references", ["scheme", "identifier"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(SQLITE_REFUSES.format(verb=verb))
    else:
        op.execute(POSTGRESQL_REFUSES)


def downgrade() -> None:
    """Undo it."""
    # On SQLite they go with their table: no step may take a trigger from one that stays.
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"DROP TRIGGER {MONTHS}__no_change ON {MONTHS}")
        op.execute(f"DROP TRIGGER {MONTHS}__no_truncate ON {MONTHS}")
        op.execute("DROP FUNCTION refuse_change_of_month()")
    op.drop_index(op.f(KEY), table_name="incident_references")
    for table, column, name, codes in SETS:
        of = sa.table(table, sa.column(column))
        unknown = of.update().where(of.c[column] == "unknown")
        op.execute(unknown.values({column: codes[0]}))
        _allow(table, column, name, codes)


def _allow(table: str, column: str, name: str, codes: tuple[str, ...]) -> None:
    allowed = ", ".join(f"'{code}'" for code in codes)
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        batch.create_check_constraint(op.f(f"ck_{table}_{name}"), f"{column} IN ({allowed})")
