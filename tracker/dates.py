"""A date as a source gives it, in words: "4 June 2025", "about May 2025", "date unknown"."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from babel.dates import format_date

from tracker.i18n import _, language
from tracker.when import typed

if TYPE_CHECKING:
    from tracker.when import When

SPRING, SUMMER, AUTUMN, WINTER = 21, 22, 23, 24
DAY = "d MMMM y"
# A month by itself ("июнь 2025"), and one that a preposition governs ("до июня 2025").
MONTH_ALONE, MONTH_GOVERNED = "LLLL y", "MMMM y"
# Kazakh puts the year first.
KAZAKH = {DAY: "y 'ж'. d MMMM", MONTH_ALONE: "y 'ж'. MMMM", MONTH_GOVERNED: "y 'ж'. MMMM"}
PART = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")


def when_words(when: When) -> str:
    """Return a date in the viewer's language, as exactly as it is known and no more."""
    text = typed(when)
    if not text:
        return str(_("date unknown"))
    if text.startswith("before "):
        return str(_("before %(date)s", date=_part(text.removeprefix("before "), MONTH_GOVERNED)))
    if text.startswith("after "):
        return str(_("after %(date)s", date=_part(text.removeprefix("after "), MONTH_GOVERNED)))
    if text.endswith("~"):
        return str(_("about %(date)s", date=_part(text.removesuffix("~"), MONTH_ALONE)))
    return " – ".join(_part(part, MONTH_ALONE) for part in text.split("/"))


def day_words(day: date) -> str:
    """Return a day in the viewer's language."""
    return _formatted(day, DAY)


def _part(text: str, month_pattern: str) -> str:
    """Return a year, season, month or day, written as one types it, in words."""
    match = PART.fullmatch(text)
    assert match is not None  # noqa: S101 (`typed` writes nothing else)
    year, month, day = match.groups()
    if month is None:
        return year
    if int(month) >= SPRING:
        return _season(int(year), int(month))
    if day is None:
        return _formatted(date(int(year), int(month), 1), month_pattern)
    return day_words(date(int(year), int(month), int(day)))


def _formatted(day: date, pattern: str) -> str:
    code = language()
    words: str = format_date(day, KAZAKH[pattern] if code == "kk" else pattern, locale=code)
    return words


def _season(year: int, code: int) -> str:
    words = {
        SPRING: _("spring %(year)s", year=year),
        SUMMER: _("summer %(year)s", year=year),
        AUTUMN: _("autumn %(year)s", year=year),
        WINTER: _("winter %(year)s/%(next)s", year=year, next=year + 1),
    }
    return str(words[code])
