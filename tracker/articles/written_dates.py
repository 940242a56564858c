"""Find dates in texts in English, Russian and Kazakh, and resolve dates without a year."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import NamedTuple

from tracker.articles.boilerplate import load_word_list
from tracker.when import MONTHS_IN_YEAR

# The first and the last year of dates that are recognised.
EARLIEST_YEAR, LATEST_YEAR = 1990, 2099
DAYS_IN_WEEK = 7
# Any leap year: 29 February is a date.
LEAP_YEAR = 2024
# Within this many years the same date falls on the same weekday only once.
MAX_YEARS_BACK = 5
# Within this many years every date exists at least once, also 29 February.
MAX_YEARS_BETWEEN_LEAP_DAYS = 8


class WrittenDate(NamedTuple):
    """A date in a text, and the offsets where it is written."""

    start: int
    end: int
    day: date


class YearlessDate(NamedTuple):
    """A date without a year in a text, and the offsets where it is written."""

    start: int
    end: int
    month: int
    day: int


# A date in numbers: 2025-05-16, 16.05.2025.
NUMERIC_DATE_PATTERN = re.compile(
    r"(?<![\d.])(?:(?P<y1>\d{4})[-./](?P<m1>\d{1,2})[-./](?P<d1>\d{1,2})"
    r"|(?P<d2>\d{1,2})[./-](?P<m2>\d{1,2})[./-](?P<y2>\d{4}))(?![\d])"
)


def find_dates(text: str) -> list[WrittenDate]:
    """Return the dates with a year in a text, in order."""
    found = [
        WrittenDate(match.start(), match.end(), day)
        for pattern in (NUMERIC_DATE_PATTERN, _worded_date_pattern())
        for match in pattern.finditer(text)
        if (
            day := _parse_date_groups(
                {name: value for name, value in match.groupdict().items() if value}
            )
        )
    ]
    return sorted(found)


def is_month_name(word: str) -> bool:
    """Return whether a word is the name of a month in any of the languages."""
    return any(month.fullmatch(word) for month in _month_patterns())


def find_yearless_dates(text: str) -> list[YearlessDate]:
    """Return the dates in a text that have a month in words and no year, in order."""
    dated = [range(one.start, one.end) for one in find_dates(text)]
    found = []
    for match in _yearless_date_pattern().finditer(text):
        day, name = match["d1"] or match["d2"], match["n1"] or match["n2"]
        number = _month_number(name)
        is_day = 1 <= int(day) <= monthrange(LEAP_YEAR, number)[1]
        if is_day and not any(match.start() in one for one in dated):
            found.append(YearlessDate(match.start(), match.end(), number, int(day)))
    return found


def is_yearless(written: str | None) -> bool:
    """Return whether a publication date has no year, such as "--05-16"."""
    return bool(written and written.startswith("--"))


def resolve_publication_day(
    written: str | None, text: str, *, today: date
) -> tuple[date | None, bool]:
    """Return the day of publication, None if unknown, and whether its year is assumed. `written` is
    an ISO day, or "--05-16" without a year: then the year follows from a date with a weekday in
    `text`, or else is assumed, so that the day is the last such day up to `today`.
    """
    if not written:
        return None, False
    if not is_yearless(written):
        return date.fromisoformat(written), False
    month, day = int(written[2:4]), int(written[5:7])
    named = next((one for one in _iter_dates_with_weekday(text, today) if one), None)
    if named:
        years = (named.year, named.year + 1)
        after = [one for year in years if (one := _date_or_none(year, month, day)) and one >= named]
        if after and after[0] <= today:
            return after[0], False
    recent = range(today.year, today.year - MAX_YEARS_BETWEEN_LEAP_DAYS - 1, -1)
    past = (one for year in recent if (one := _date_or_none(year, month, day)) and one <= today)
    return next(past, None), True


def _iter_dates_with_weekday(text: str, today: date) -> Iterator[date | None]:
    """Yield each date in a text that has a weekday and no year, in the latest year in which it is
    not after `today` and falls on this weekday. Yield None for it if there is no such year among
    the last `MAX_YEARS_BACK`.
    """
    for match in _weekday_date_pattern().finditer(text):
        parts = {name: value for name, value in match.groupdict().items() if value}
        day = next(int(value) for name, value in parts.items() if name.startswith("d"))
        month = _month_number(next(value for name, value in parts.items() if name.startswith("n")))
        named = next(value for name, value in parts.items() if name.startswith("w"))
        weekday = next(
            place for place, one in enumerate(_weekday_patterns()) if one.fullmatch(named)
        )
        years = range(today.year, today.year - MAX_YEARS_BACK, -1)
        days = (one for year in years if (one := _date_or_none(year, month, day)) and one <= today)
        yield next((one for one in days if one.weekday() == weekday), None)


def _date_or_none(year: int, month: int, day: int) -> date | None:
    """Return a date, None if there is no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


@cache
def _month_patterns() -> tuple[re.Pattern[str], ...]:
    """Return a pattern for the names of each month in all languages."""
    return _word_patterns("months", MONTHS_IN_YEAR)


@cache
def _weekday_patterns() -> tuple[re.Pattern[str], ...]:
    """Return a pattern for the names of each weekday in all languages, Monday first."""
    return _word_patterns("weekdays", DAYS_IN_WEEK)


def _word_patterns(list_name: str, count: int) -> tuple[re.Pattern[str], ...]:
    """Return `count` patterns: the first matches the first word in the list of each language, and
    so on. `list_name`: the name of these lists, each of which has `count` words in the same order.
    """
    names: list[list[str]] = [[] for _ in range(count)]
    for place, words in enumerate(load_word_list(list_name)):
        names[place % count] += [re.escape(word).replace(r"\*", r"\w*") for word in words.split()]
    return tuple(re.compile("(?:" + "|".join(some) + ")", re.IGNORECASE) for some in names)


def _month_number(name: str) -> int:
    """Return the number of a month from 1, by its name in any of the languages."""
    bare = name.rstrip(".")
    return next(place for place, one in enumerate(_month_patterns(), 1) if one.fullmatch(bare))


def _day_and_month_regex(first_group_number: int) -> str:
    """Return a regex for "4 June", "June 4th", "4-маусым", its groups numbered from
    `first_group_number`.
    """
    month = "|".join(pattern.pattern for pattern in _month_patterns())
    return (
        rf"(?P<d{first_group_number}>\b\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of\b)?[\s-]{{1,3}}"
        rf"(?P<n{first_group_number}>\b(?:{month})\b\.?)"
        rf"|(?P<n{first_group_number + 1}>\b(?:{month})\b\.?)\s{{1,3}}"
        rf"(?P<d{first_group_number + 1}>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:.]\d)"
    )


@cache
def _yearless_date_pattern() -> re.Pattern[str]:
    """Return the pattern of a date with the month in words and no year."""
    return re.compile(_day_and_month_regex(1), re.IGNORECASE)


@cache
def _weekday_date_pattern() -> re.Pattern[str]:
    """Return the pattern of a date with its weekday and no year."""
    weekday = "|".join(pattern.pattern for pattern in _weekday_patterns())
    return re.compile(
        rf"\b(?P<w1>{weekday})\b,?\s(?:{_day_and_month_regex(1)})(?!,?\s(?:19|20)\d\d)"
        rf"|(?:{_day_and_month_regex(3)}),?\s\(?(?P<w3>{weekday})\b",
        re.IGNORECASE,
    )


@cache
def _worded_date_pattern() -> re.Pattern[str]:
    """Return the pattern of a date with the month in words and a year."""
    month = "|".join(pattern.pattern for pattern in _month_patterns())

    def named(number: int) -> str:
        return rf"(?P<n{number}>\b(?:{month})\b\.?)"

    year = r"(?P<y{}>(?:19|20)\d\d)\b"
    return re.compile(
        # 2025 жылғы 4 маусым, 2025 ж. 4 маусым
        rf"\b{year.format(3)}\s*(?:жыл\w*|ж\.?|year)?[\s,]*(?P<d3>\d{{1,2}})[\s-]*{named(3)}"
        # 4 June 2025, 4-маусым, 2025, 2 қазан, 2025 ж., the 4th of June, 2025, 4 июня 2025 г.
        r"|\b(?P<d4>\d{1,2})(?:st|nd|rd|th)?\s*-?\s*(?:of\s+)?"
        rf"{named(4)}[\s,]*{year.format(4)}(?:\s*(?:г\.|года|год|ж\.|жыл\w*))?"
        # June 4, 2025; June 4th 2025
        rf"|{named(5)}\s+(?P<d5>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{year.format(5)}",
        re.IGNORECASE,
    )


def _parse_date_groups(parts: dict[str, str]) -> date | None:
    """Return the date in a match of a date pattern, None if there is no such day, or it is not from
    EARLIEST_YEAR to LATEST_YEAR. `parts`: the matched texts by group name: `y` for the year, `m`
    for the number or `n` for the name of the month, `d` for the day, each with the same digit.
    """
    number = next(name[1] for name in parts)
    year, day = int(parts["y" + number]), int(parts["d" + number])
    named = parts.get("n" + number)
    month = _month_number(named) if named else int(parts["m" + number])
    # Day first, unless impossible: 05/12/2025, but 12/25/2025 is Christmas.
    if month > MONTHS_IN_YEAR >= day and number == "2":
        day, month = month, day
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if EARLIEST_YEAR <= year <= LATEST_YEAR else None
