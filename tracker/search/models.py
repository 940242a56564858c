"""The search index: which records contain which words."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import INTERNAL, Base


class Searchable:
    """A mixin of `Record` for records that can be found by their words."""

    # The paths of the relationships that `search_text` reads, which are loaded for many records at
    # once. A `+` before a path: a record has few rows of it, so they are loaded by a join.
    SEARCH_TEXT_PATHS: ClassVar[str] = ""

    def search_text(self) -> str:
        """Return every word by which this record should be found, in any language."""
        raise NotImplementedError


class SearchEntry(Base):
    """One record in the index: its table and id, and its words. It has no team, as searches select
    from the record's own table, which is limited to what the viewer may see.
    """

    __tablename__ = "search_entries"
    __table_args__ = (
        UniqueConstraint("subject_table", "subject_id"),
        Index("ix_search_entries_words", "words", postgresql_using="gin").ddl_if("postgresql"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    subject_table: Mapped[str] = mapped_column(String(40), info=INTERNAL)
    subject_id: Mapped[int] = mapped_column(Integer, info=INTERNAL)
    # Normalised words: a tsvector on PostgreSQL; on SQLite plain text, which the FTS5 table
    # `search_words` indexes by this row's id (external content, as SQLite before 3.43 needs it).
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"), info=INTERNAL)
