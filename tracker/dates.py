"""Dates and spans as text in the viewer's language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Protocol

from babel.dates import format_date

from tracker.i18n import DAY_PATTERN, KAZAKH_DAY_PATTERN, _, language, ngettext
from tracker.when import OPEN_START, When, format_when

DECEMBER = 12
SPRING, SUMMER, AUTUMN, WINTER = 21, 22, 23, 24
# A month by itself ("июнь 2025"), and after a preposition ("до июня 2025").
MONTH_ALONE, MONTH_GOVERNED = "LLLL y", "MMMM y"
KAZAKH_PATTERN_OF = {
    DAY_PATTERN: KAZAKH_DAY_PATTERN,
    MONTH_ALONE: "y 'ж'. MMMM",
    MONTH_GOVERNED: "y 'ж'. MMMM",
}
EDTF_PART_PATTERN = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")


@dataclass(frozen=True, slots=True)
class Span:
    """A number of days between bounds; `at_most` is None if the start is unknown.

    `is_known` is False if the event that ended it has no date: then the bounds only say by when it
    was known.
    """

    at_least: int
    at_most: int | None
    is_known: bool = True

    @property
    def says_anything(self) -> bool:
        """Return whether the bounds say anything: "at least 0 days" does not."""
        return self.is_known and (self.at_most is not None or self.at_least > 0)


@dataclass(frozen=True, slots=True)
class Months:
    """Consecutive months, as the first days of the first and of the last."""

    first: date
    last: date

    def __str__(self) -> str:
        """Return the text for addresses and inputs: `2025-06`, or `2025-06/2025-08`."""
        ends = [self.first] if self.first == self.last else [self.first, self.last]
        return "/".join(day.isoformat()[: len("2025-06")] for day in ends)

    @property
    def after(self) -> date:
        """Return the first day after these months."""
        return next_month(self.last)

    def before(self) -> Months:
        """Return the same number of months directly before these."""
        first, last = (day.year * DECEMBER + day.month for day in (self.first, self.last))
        earlier = months_until(self.first - timedelta(days=1), last - first + 1)
        return Months(earlier[0], earlier[-1])

    def in_words(self) -> str:
        """Return the months in the viewer's language."""
        ends = [self.first] if self.first == self.last else [self.first, self.last]
        return " – ".join(map(month_words, ends))


class DayRange(Protocol):
    """A day known between bounds; an open start is `OPEN_START`."""

    @property
    def earliest(self) -> date:
        """Return the first possible day."""

    @property
    def latest(self) -> date:
        """Return the last possible day."""


def span_between(
    begun: DayRange, ended: DayRange | None, today: date, *, is_dated: bool = True
) -> Span:
    """Return the days from one day to another, or to today; `is_dated`: the end has a date."""
    first, last = (ended.earliest, ended.latest) if ended else (today, today)
    most = None if begun.earliest == OPEN_START else _days(begun.earliest, last)
    return Span(_days(begun.latest, first), most, is_known=is_dated)


def when_words(when: When) -> str:
    """Return a date in the viewer's language, exactly as precise as it is known."""
    text = format_when(when)
    if not text:
        return str(_("date unknown"))
    if text.startswith("before "):
        return str(
            _(
                "before %(date)s",
                date=_edtf_part_words(text.removeprefix("before "), MONTH_GOVERNED),
            )
        )
    if text.startswith("after "):
        return str(
            _("after %(date)s", date=_edtf_part_words(text.removeprefix("after "), MONTH_GOVERNED))
        )
    if text.endswith("~"):
        return str(_("about %(date)s", date=_edtf_part_words(text.removesuffix("~"), MONTH_ALONE)))
    return " – ".join(_edtf_part_words(part, MONTH_ALONE) for part in text.split("/"))


def day_words(day: date) -> str:
    """Return a day in the viewer's language."""
    return _formatted(day, DAY_PATTERN)


def month_words(first: date) -> str:
    """Return a month with its year, given its first day."""
    return _formatted(first, MONTH_ALONE)


def next_month(first: date) -> date:
    """Return the first day of the next month, given the first day of a month."""
    if first.month == DECEMBER:
        return date(first.year + 1, 1, 1)
    return first.replace(month=first.month + 1)


def months_until(day: date, number: int) -> list[date]:
    """Return the first days of so many months, the last being the month of `day`."""
    last = day.year * DECEMBER + day.month - 1
    return [
        date(place // DECEMBER, place % DECEMBER + 1, 1)
        for place in range(last - number + 1, last + 1)
    ]


def bounds_words(earliest: date, latest: date) -> str:
    """Return a day between bounds: "4 June 2025", "June 2025", "between … and …", "by …"."""
    last = day_words(latest)
    if earliest == latest:
        return last
    if earliest == OPEN_START:
        return str(_("by %(day)s", day=last))
    if earliest.day == 1 and latest + timedelta(days=1) == next_month(earliest):
        return month_words(earliest)
    return str(_("between %(first)s and %(last)s", first=day_words(earliest), last=last))


def span_words(span: Span) -> str:
    """Return a span: "17 days", "17 to 30 days", "at least 17 days", "not known"."""
    if not span.says_anything:
        return str(_("not known"))
    if span.at_most is None:
        return str(ngettext("at least %(num)d day", "at least %(num)d days", span.at_least))
    if span.at_least == span.at_most:
        return str(ngettext("%(num)d day", "%(num)d days", span.at_most))
    least = span.at_least
    return str(
        ngettext("%(least)d to %(num)d day", "%(least)d to %(num)d days", span.at_most, least=least)
    )


def _days(first: date, last: date) -> int:
    return max((last - first).days, 0)


def _edtf_part_words(text: str, month_pattern: str) -> str:
    """Return the words for a year, season, month or day given as EDTF."""
    match = EDTF_PART_PATTERN.fullmatch(text)
    assert match is not None  # noqa: S101 (`format_when` writes nothing else)
    year, month, day = match.groups()
    if month is None:
        return year
    if int(month) >= SPRING:
        return _season(int(year), int(month))
    if day is None:
        return _formatted(date(int(year), int(month), 1), month_pattern)
    return day_words(date(int(year), int(month), int(day)))


def _formatted(day: date, pattern: str) -> str:
    return _formatted_in(language(), day, pattern)


# A list has a hundred days, and the next page many of the same.
@lru_cache(maxsize=4096)
def _formatted_in(code: str, day: date, pattern: str) -> str:
    words: str = format_date(
        day, KAZAKH_PATTERN_OF[pattern] if code == "kk" else pattern, locale=code
    )
    return words


def _season(year: int, code: int) -> str:
    words = {
        SPRING: _("spring %(year)s", year=year),
        SUMMER: _("summer %(year)s", year=year),
        AUTUMN: _("autumn %(year)s", year=year),
        WINTER: _("winter %(year)s/%(next)s", year=year, next=year + 1),
    }
    return str(words[code])
