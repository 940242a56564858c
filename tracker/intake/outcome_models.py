"""What became of each suggestion, so that the rules behind them can be judged and bettered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker import clock
from tracker.db import INTERNAL, Base, UTCDateTime, choice
from tracker.intake.codes import SuggestionKind, SuggestionVerdict
from tracker.records import REF_LENGTH
from tracker.scoping import Follows, follows


class SuggestionOutcome(Follows, Base):
    """One suggestion that a person accepted, changed or refused, or what was missing and added.

    No words are copied: `start`/`end` point into the article's text, where a passage may be masked
    later. `code` is a code alone (a type, a kind of act or account), `score` a percentage, and
    `record_ref` "" where nothing was recorded, or nothing that everybody sees who sees the article.
    """

    __tablename__ = "suggestion_outcomes"
    __table_args__ = (
        follows("articles", "article_id"),
        CheckConstraint(
            '(start IS NULL) = ("end" IS NULL) AND (start IS NULL OR start < "end")',
            name="words_in_place",
        ),
        CheckConstraint(
            "(verdict = 'added') = (score IS NULL) AND score BETWEEN 0 AND 100",
            name="only_suggestions_have_scores",
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    article_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    kind: Mapped[SuggestionKind] = mapped_column(choice(SuggestionKind), info=INTERNAL)
    code: Mapped[str] = mapped_column(String(60), default="", info=INTERNAL)
    start: Mapped[int | None] = mapped_column(info=INTERNAL)
    end: Mapped[int | None] = mapped_column(info=INTERNAL)
    score: Mapped[int | None] = mapped_column(info=INTERNAL)
    verdict: Mapped[SuggestionVerdict] = mapped_column(choice(SuggestionVerdict), info=INTERNAL)
    record_ref: Mapped[str] = mapped_column(String(REF_LENGTH), default="", info=INTERNAL)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"), info=INTERNAL)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, info=INTERNAL)
