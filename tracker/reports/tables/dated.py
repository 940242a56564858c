"""Columns that several tables have: when it was, and where a record stands."""

from __future__ import annotations

from tracker.reports.tables.shape import Column, code, day, kept, moment, words
from tracker.review.codes import EditorialState, RetractReason
from tracker.when import Precision


def dated(*, outside: bool = True) -> tuple[Column, ...]:
    """Return when something was: never more exact than its source."""
    return (
        day(
            "earliest",
            "The first day on which it may have been; 0001-01-01: open.",
            outside=outside,
        ),
        day("latest", "The last day on which it may have been.", outside=outside),
        code("precision", Precision, "How closely the date is known.", outside=outside),
        words("as_stated", "The date in the words of the source."),
    )


def reviewed() -> tuple[Column, ...]:
    """Return where a record stands, who keeps it, and who in the house sees it."""
    return (
        code("state", EditorialState, "Where it stands between being typed and being published."),
        code("retract_reason", RetractReason, "Why it no longer counts."),
        words("review_note", "What a second person wrote about it."),
        moment("approved_at", "When a second person approved it, in UTC."),
        *kept(),
    )
