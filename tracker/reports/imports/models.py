"""The models of imported files: their rows, mappings, and resulting incidents."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.articles.models import Article
from tracker.db import INTERNAL, Base, text_enum
from tracker.incidents.models import Incident, IncidentRowMixin
from tracker.records import Record
from tracker.reports.imports.codes import ImportState, RowFate
from tracker.scoping import ScopedRecord, owner_foreign_key, owner_unique_key


class ImportBatch(Record, ScopedRecord, Base):
    """An uploaded file to import; only the team that uploaded it can read it."""

    __tablename__ = "import_batches"
    __table_args__ = (
        owner_unique_key(),
        Index("ix_import_batches_page", "recorded_at", "ref"),
        CheckConstraint("visibility = 'restricted'", name="import_of_one_team"),
        CheckConstraint("row_count >= 1", name="has_rows"),
        CheckConstraint(
            "(state IN ('taken', 'undone')) = (article_id IS NOT NULL)", name="taken_as_a_source"
        ),
    )
    PREFIX = "IMP"
    ENDPOINT = "imports"

    file_name: Mapped[str] = mapped_column(String(200), info=INTERNAL)
    sha256: Mapped[str] = mapped_column(String(64), index=True, info=INTERNAL)
    # How the bytes were read, as detected or as set.
    encoding: Mapped[str] = mapped_column(String(40), info=INTERNAL)
    separator: Mapped[str] = mapped_column(String(4), default="", info=INTERNAL)
    header: Mapped[list[str]] = mapped_column(JSON, info=INTERNAL | {"audited": "digest"})
    row_count: Mapped[int] = mapped_column(info=INTERNAL)
    state: Mapped[ImportState] = mapped_column(
        text_enum(ImportState), default=ImportState.RECEIVED, info=INTERNAL
    )
    # The mapping of its columns, see `mapping.py`.
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, info=INTERNAL)
    # The result of the last check; an import checks again.
    found: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True, info=INTERNAL)
    # The file as the source that its incidents cite, once they are created.
    article_id: Mapped[int | None] = mapped_column(
        ForeignKey("articles.id"), unique=True, info=INTERNAL
    )

    article: Mapped[Article | None] = relationship()

    @property
    def heading(self) -> str:
        """The name of the file, as the heading of its page."""
        return self.file_name


class ImportRow(IncidentRowMixin, Base):
    """A row of an imported file with its original cells, and the incident that was created from it
    or is the same as it.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        owner_foreign_key("import_batches", "batch_id"),
        CheckConstraint("(fate = 'waiting') = (incident_id IS NULL)", name="fate_has_an_incident"),
    )

    batch_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=INTERNAL)
    # As in a spreadsheet: the header is 1.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=INTERNAL)
    cells: Mapped[list[str]] = mapped_column(JSON, info=INTERNAL)
    fate: Mapped[RowFate] = mapped_column(
        text_enum(RowFate), default=RowFate.WAITING, info=INTERNAL
    )
    incident_id: Mapped[int | None] = mapped_column(
        ForeignKey("incidents.id"), index=True, info=INTERNAL
    )

    batch: Mapped[ImportBatch] = relationship()
    incident: Mapped[Incident | None] = relationship()


class ImportMapping(ScopedRecord, Base):
    """A mapping of columns that a team saved for files of one kind."""

    __tablename__ = "import_mappings"
    __table_args__ = (Index("uq_import_mappings_team_id_name", "team_id", "name", unique=True),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    name: Mapped[str] = mapped_column(String(80), info=INTERNAL)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, info=INTERNAL)
