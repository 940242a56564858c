"""The model of terms of open taxonomies; terms are retired, never deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import PUBLIC, Base, UTCDateTime, text_enum
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import term_definition


class Term(Base):
    """A term of a taxonomy: its code, labels, definition, rank and external ids (`crosswalk`)."""

    __tablename__ = "terms"
    __table_args__ = (
        UniqueConstraint("term_set", "code"),
        CheckConstraint("label_en <> ''", name="label_not_empty"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=PUBLIC)
    term_set: Mapped[TermSet] = mapped_column(text_enum(TermSet), info=PUBLIC)
    code: Mapped[str] = mapped_column(String(60), info=PUBLIC)
    # Of several types, the one with the lowest rank is proposed as the primary type. A rank is not
    # a measure of severity.
    rank: Mapped[int] = mapped_column(Integer, info=PUBLIC)
    label_en: Mapped[str] = mapped_column(String(160), info=PUBLIC)
    label_ru: Mapped[str] = mapped_column(String(160), info=PUBLIC)
    label_kk: Mapped[str] = mapped_column(String(160), info=PUBLIC)
    definition: Mapped[str] = mapped_column(Text, default="", info=PUBLIC)
    country: Mapped[str | None] = mapped_column(String(2), info=PUBLIC)
    crosswalk: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, info=PUBLIC)
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PUBLIC)
    version: Mapped[int] = mapped_column(Integer, nullable=False, info=PUBLIC)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads it from the class)

    def label_in(self, language: str) -> str:
        """Return the label of the term in a language, in English if it has none."""
        return {"ru": self.label_ru, "kk": self.label_kk}.get(language) or self.label_en

    def definition_in(self, language: str) -> str:
        """Return the definition of the term: in this language if it is as shipped, else as it was
        edited.
        """
        return term_definition(self.term_set, self.code, self.definition, language)

    @property
    def name(self) -> str:
        """The name of the term in the audit log: its set and code."""
        return f"{self.term_set}:{self.code}"
