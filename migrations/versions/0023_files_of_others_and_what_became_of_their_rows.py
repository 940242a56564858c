"""Take in files of others: each row as it came, what it is read as, and the incident it became."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def _visibility(*, check: bool) -> sa.Column[str]:
    kind = sa.Enum(
        "internal", "restricted",
        name="visibility", native_enum=False, create_constraint=check, length=40,
    )  # fmt: skip
    return sa.Column("visibility", kind, nullable=False)


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Add the three tables."""
    _create_batches()
    _create_rows()
    _create_mappings()


def _create_batches() -> None:
    op.create_table(
        "import_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "ref",
            sa.String(14).with_variant(sa.String(14, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("revised_by_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("encoding", sa.String(40), nullable=False),
        sa.Column("separator", sa.String(4), nullable=False),
        sa.Column("header", sa.JSON(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            _codes("import_state", "received", "checked", "taken", "undone"),
            nullable=False,
        ),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=False),
        _visibility(check=True),
        sa.CheckConstraint(
            "visibility = 'restricted'", name=op.f("ck_import_batches_import_of_one_team")
        ),
        sa.CheckConstraint("row_count >= 1", name=op.f("ck_import_batches_has_rows")),
        sa.CheckConstraint(
            "(state IN ('taken', 'undone')) = (article_id IS NOT NULL)",
            name=op.f("ck_import_batches_taken_as_a_source"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [key], name=op.f(f"fk_import_batches_{column}"))
            for column, key in (
                ("article_id", "articles.id"), ("team_id", "teams.id"),
                ("recorded_by_id", "users.id"), ("revised_by_id", "users.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batches")),
        sa.UniqueConstraint("ref", name=op.f("uq_import_batches_ref")),
        sa.UniqueConstraint("article_id", name=op.f("uq_import_batches_article_id")),
        sa.UniqueConstraint(
            "id",
            "team_id",
            "visibility",
            name=op.f("uq_import_batches_id_team_id_visibility"),
        ),
    )  # fmt: skip
    op.create_index("ix_import_batches_page", "import_batches", ["recorded_at", "ref"])
    for column in ("sha256", "team_id"):
        op.create_index(op.f(f"ix_import_batches_{column}"), "import_batches", [column])


def _create_rows() -> None:
    op.create_table(
        "import_rows",
        sa.Column("batch_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("fate", _codes("row_fate", "waiting", "made", "known"), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=False),
        _visibility(check=False),
        sa.CheckConstraint(
            "(fate = 'waiting') = (incident_id IS NULL)",
            name=op.f("ck_import_rows_fate_has_an_incident"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id", "team_id", "visibility"],
            ["import_batches.id", "import_batches.team_id", "import_batches.visibility"],
            name=op.f("fk_import_rows_batch_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_import_rows_incident_id")
        ),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_import_rows")),
    )
    op.create_index(op.f("ix_import_rows_incident_id"), "import_rows", ["incident_id"])


def _create_mappings() -> None:
    op.create_table(
        "import_mappings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        _visibility(check=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_import_mappings_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mappings")),
    )
    op.create_index(op.f("ix_import_mappings_team_id"), "import_mappings", ["team_id"])
    op.create_index(
        "uq_import_mappings_team_id_name", "import_mappings", ["team_id", "name"], unique=True
    )


def downgrade() -> None:
    """Undo it."""
    for table in ("import_mappings", "import_rows", "import_batches"):
        op.drop_table(table)
