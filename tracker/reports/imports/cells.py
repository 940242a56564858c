"""Parse cells of imported files: text, lists, dates; pure.

Whether the day or the month comes first in dates is detected for a whole column.
"""

from __future__ import annotations

import html
import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from tracker.i18n import remove_invisible_characters
from tracker.people.matching import name_keys, normalize_name
from tracker.reports.imports.codes import DayOrder, ListSeparator
from tracker.when import (
    EARLIEST_YEAR,
    MONTHS_IN_YEAR,
    NAMED_SEASON_PATTERN,
    Precision,
    parse_when,
)

# The first and the last day of a date, and its precision.
DaysWithPrecision = tuple[date, date, Precision]
# For each month, how its name may begin, in English, Russian and Kazakh.
MONTH_WORDS = (
    "jan янв қаң", "feb фев ақп", "mar мар нау", "apr апр сәу", "may мая май мам", "jun июн мау",
    "jul июл шіл", "aug авг там", "sep сен қыр", "oct окт қаз", "nov ноя қар", "dec дек жел",
)  # fmt: skip
# By the beginning of the name of a month, its number.
MONTH_NUMBER_OF = {
    start: number for number, starts in enumerate(MONTH_WORDS, 1) for start in starts.split()
}
# The weekday before a date, with the space after it, which is removed before the date is parsed.
WEEKDAY_PATTERN = re.compile(
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? "
    r"|(?:пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье),? "
)
# "at 12:30", "12:30:05.5 pm +05:00": a time of day at the end of a date, which is removed before
# the date is parsed.
TIME_PATTERN = re.compile(
    r"(?:,|t)? ?(?:at |в )?\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
    r"(?: ?[ap]\.?m\.?)?(?: ?(?:z|utc|gmt|[+-]\d{2}:?\d{2}))?$"
)
# The word for "year" after its number, in Russian or Kazakh, if it is there.
YEAR_WORD_REGEX = r"(?: ?(?:г|год|года|ж|жыл|жылы|жылғы)\.?)?"
# A word or sign for "about". As a whole word, since "dec." also ends in "c.".
ABOUT_PATTERN = re.compile(
    r"(?<!\w)(?:c\.|ca\.?|circa|about|approximately|around|около|примерно|шамамен) ?|~ ?|\?$"
)
# "2025-06-01", "2025-06"
ISO_DATE_PATTERN = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?", re.ASCII)
# "20250601"
COMPACT_DATE_PATTERN = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})", re.ASCII)
# "2025", "2025 год"
YEAR_PATTERN = re.compile(r"(\d{4})" + YEAR_WORD_REGEX, re.ASCII)
# "03/04/2025", "3.4.25"
NUMERIC_DATE_PATTERN = re.compile(
    r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})" + YEAR_WORD_REGEX, re.ASCII
)
# "2025/06/01", "2025.6.1"
YEAR_FIRST_PATTERN = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})", re.ASCII)
# "06/2025", "6.2025"
MONTH_OF_YEAR_PATTERN = re.compile(r"(\d{1,2})[./](\d{4})", re.ASCII)
# A year and the word for "year" after it, which is removed from the date of a season:
# "весна 2025 года".
SEASON_YEAR_PATTERN = re.compile(r"(\d{4})" + YEAR_WORD_REGEX + r"(?= |$)")
# "30 April 2018", "April 30th, 2018", "апрель 2018 г."
NAMED_MONTH_PATTERN = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[ -])?([^\W\d_]{3,})\.?(?:[ -](\d{1,2})(?:st|nd|rd|th)?)?"
    r"(?:,? |-)(\d{4}|\d{2})" + YEAR_WORD_REGEX
)
# "2018 жылғы 30 сәуір", "2018, April 30"
YEAR_THEN_MONTH_PATTERN = re.compile(
    r"(\d{4})" + YEAR_WORD_REGEX + r",? (?:(\d{1,2}) )?([^\W\d_]{3,})(?: (\d{1,2}))?"
)
# Days of one month, whose month and year are given once: "April 28-30, 2018", "28-30 апреля 2018".
DAYS_OF_MONTH_PATTERN = re.compile(
    r"([^\W\d_]{3,}\.? )?(\d{1,2}) ?[-–—] ?(\d{1,2})((?:,? | )[^-–—/]+)"
)
# What stands between the first and the last date of a period.
PERIOD_SEPARATOR_PATTERN = re.compile(
    r" ?[–—] ?| - | to | until | по |/(?=\d{4}-)| - ?|(?<=\d{4})-(?=\d{1,2}\.)"
)
# A date as Excel stores it: the number of days since `EXCEL_EPOCH`.
EXCEL_SERIAL_PATTERN = re.compile(r"(\d{5})(?:[.,]\d+)?", re.ASCII)
# Day 0 of Excel, one day earlier since it counts a leap day that 1900 did not have.
EXCEL_EPOCH = date(1899, 12, 30)
# The first year of the current century, and the last two-digit year that is in it.
CURRENT_CENTURY, PIVOT_YEAR = 2000, 69
# An HTML tag or declaration, which is removed from texts.
HTML_TAG_PATTERN = re.compile(r"<[!/]?[A-Za-z][^<>]*>")
# Control characters except tab and line feed, and surrogates.
CONTROL_CHARACTER_PATTERN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
# The character of each separator of lists; `NOTHING` has none.
CHARACTER_OF_SEPARATOR = {
    ListSeparator.COMMA: ",", ListSeparator.SEMICOLON: ";", ListSeparator.BAR: "|",
    ListSeparator.LINE: "\n",
}  # fmt: skip
# Placeholders for unknown values, which are not read as names.
UNKNOWN_VALUE_WORDS = frozenset({
    "", "-", "–", "—", "--", "?", "n/a", "na", "none", "null", "unknown", "not known", "unnamed",
    "not available", "unclear", "н/д", "нет", "нет данных", "неизвестно", "неизвестен",
    "не указано", "не указан", "белгісіз", "көрсетілмеген", "жоқ",
    "withheld", "не раскрывается", "айтылмайды",
    "anonymous", "name withheld", "аноним", "анонимно", "имя не указано", "не называть",
})  # fmt: skip
# What is rarely part of the name of one person, but stands between the names of several.
PEOPLE_SEPARATOR_PATTERN = re.compile(r"[;|/&+]| (?:и|and|және) ")
# What stands between the names of several outlets.
OUTLET_SEPARATOR_PATTERN = re.compile(r"[;|]")
# A suffix after a comma, such as "Jr." or "PhD", which belongs to the name before the comma.
NAME_SUFFIX_PATTERN = re.compile(r"(?:jr|sr|ii|iii|iv|md|phd|ph\.d|inc|llc|ltd)\.?", re.IGNORECASE)


def plain_text(cell: str) -> str:
    """Return the text of a cell without HTML, control and invisible characters, in the form NFC."""
    if "<" in cell or "&" in cell:
        cell = html.unescape(HTML_TAG_PATTERN.sub(" ", cell))
    return unicodedata.normalize(
        "NFC", remove_invisible_characters(replace_control_characters(cell, " "))
    )


def replace_control_characters(text: str, replacement: str) -> str:
    """Return a text with control characters and surrogates replaced by `replacement`."""
    return text if text.isprintable() else CONTROL_CHARACTER_PATTERN.sub(replacement, text)


def split_cell(cell: str, separator: ListSeparator) -> tuple[str, ...]:
    """Return the items of a list in one cell. A suffix such as "Jr.", or text in brackets, is not
    an item: it stays part of the name before it.
    """
    if separator not in CHARACTER_OF_SEPARATOR:
        return (word,) if (word := plain_text(cell)) else ()
    found: list[str] = []
    # Lines are always separate items, whatever the separator.
    depth, start, sign = 0, 0, CHARACTER_OF_SEPARATOR[separator]
    for at, letter in enumerate(cell + sign):
        depth += (letter == "(") - (letter == ")")
        if letter in (sign, "\n") and (depth <= 0 or at == len(cell)):
            word, start = plain_text(cell[start:at]), at + 1
            if found and NAME_SUFFIX_PATTERN.fullmatch(word):
                found[-1] += ", " + word
            elif word:
                found.append(word)
    return tuple(found)


def is_filled(cell: str) -> bool:
    """Return whether a cell has a value other than a placeholder for unknown."""
    return plain_text(cell).casefold().strip(" .") not in UNKNOWN_VALUE_WORDS


def normalize_name_or_empty(text: str) -> str:
    """Return a name composed (NFC) and with single spaces; "" for a text without letters or digits,
    or with control or zero-width characters.
    """
    try:
        name = normalize_name(text)
    except ValueError:
        return ""
    return name if name_keys(name)[0] else ""


def is_ambiguous_name(name: str) -> bool:
    """Return whether a text looks like the names of several people, or like no name."""
    return (
        name.islower()
        or PEOPLE_SEPARATOR_PATTERN.search(name) is not None
        or len(split_cell(name, ListSeparator.COMMA)) > 1
    )


def is_ambiguous_outlet(name: str) -> bool:
    """Return whether a text looks like the names of several outlets."""
    return OUTLET_SEPARATOR_PATTERN.search(name) is not None


class DateError(ValueError):
    """A cell is no date; `is_ambiguous`: day and month may be in either order."""

    def __init__(self, *, is_ambiguous: bool = False) -> None:
        super().__init__("no date")
        self.is_ambiguous = is_ambiguous


def detect_day_order(cells: Iterable[str]) -> DayOrder:
    """Return the order of day and month in dates such as 3/25/2025, from cells in which one number
    is greater than 12; `AS_SHOWN` (unknown) if there are none, or if they contradict each other.
    """
    firsts, seconds = False, False
    for cell in set(cells):
        if match := NUMERIC_DATE_PATTERN.fullmatch(
            TIME_PATTERN.sub("", " ".join(cell.split()).casefold())
        ):
            firsts = firsts or int(match[1]) > MONTHS_IN_YEAR
            seconds = seconds or int(match[2]) > MONTHS_IN_YEAR
    if firsts == seconds:
        return DayOrder.AS_SHOWN
    return DayOrder.DAY_FIRST if firsts else DayOrder.MONTH_FIRST


@lru_cache(maxsize=50_000)
def parse_date(cell: str, order: DayOrder) -> DaysWithPrecision:
    """Return the first and last day of a date and its precision; raise DateError for other text."""
    text = " ".join(cell.replace("\u00a0", " ").split()).casefold().rstrip(",;. ")
    plain = ABOUT_PATTERN.sub("", text)
    found = _parse_date_text(plain, order)
    if found is None:
        raise DateError
    return found if plain == text else (found[0], found[1], Precision.APPROXIMATE)


def _parse_date_text(text: str, order: DayOrder) -> DaysWithPrecision | None:
    """Return the days of a date or range of dates in lower case, None for other text.

    Raises DateError for days that do not exist or are ambiguous.
    """
    one = TIME_PATTERN.sub("", WEEKDAY_PATTERN.sub("", text, count=1)).rstrip(",. ")
    try:
        return _parse_single_date(one, order) or _parse_date_range(text, order)
    except ValueError as error:
        raise (error if isinstance(error, DateError) else DateError()) from None


def _parse_single_date(text: str, order: DayOrder) -> DaysWithPrecision | None:  # noqa: PLR0911 (a line a way of writing)
    """Return the days of a text with one date, None for any other text."""
    if (
        match := ISO_DATE_PATTERN.fullmatch(text)
        or YEAR_FIRST_PATTERN.fullmatch(text)
        or COMPACT_DATE_PATTERN.fullmatch(text)
    ):
        return _day_or_month_range(int(match[1]), int(match[2]), match[3])
    if match := NUMERIC_DATE_PATTERN.fullmatch(text):
        return _parse_numeric_date(int(match[1]), int(match[2]), match[3], order, text)
    if match := MONTH_OF_YEAR_PATTERN.fullmatch(text):
        return _day_or_month_range(int(match[2]), int(match[1]), None)
    if match := YEAR_PATTERN.fullmatch(text):
        return _year_range(int(match[1]))
    if NAMED_SEASON_PATTERN.fullmatch(season := SEASON_YEAR_PATTERN.sub(r"\1", text)):
        when = parse_when(season, latest_possible_date=date.max)
        return when.earliest, when.latest, when.precision
    if match := NAMED_MONTH_PATTERN.fullmatch(text):
        return _parse_named_month(match[4], match[2], match[1], match[3])
    if match := YEAR_THEN_MONTH_PATTERN.fullmatch(text):
        return _parse_named_month(match[1], match[3], match[2], match[4])
    if match := EXCEL_SERIAL_PATTERN.fullmatch(text):
        day = EXCEL_EPOCH + timedelta(days=int(match[1]))
        return day, day, Precision.DAY
    return None


def _parse_date_range(text: str, order: DayOrder) -> DaysWithPrecision | None:
    """Return the days from the first to the second date of a range, None for other text."""
    if match := DAYS_OF_MONTH_PATTERN.fullmatch(text):
        month, first, last, rest = match[1] or "", match[2], match[3], match[4]
        pair = [f"{month}{first}{rest}", f"{month}{last}{rest}"]
    else:
        pair = PERIOD_SEPARATOR_PATTERN.split(text)
        if len(pair) == 2 and (year := re.search(r",? \d{4}$", pair[1])):  # noqa: PLR2004 (two)
            # "April 28 - May 2, 2018"
            pair[0] += "" if re.search(r"\d{4}", pair[0]) else year[0]
    if len(pair) != 2:  # noqa: PLR2004 (two)
        return None
    start, end = (
        _parse_single_date(WEEKDAY_PATTERN.sub("", one.strip(), count=1), order) for one in pair
    )
    if start is None or end is None or start[0] > end[1]:
        return None
    return start[0], end[1], Precision.RANGE


def _parse_named_month(year: str, name: str, *days: str | None) -> DaysWithPrecision:
    """Return the days of a month, or one day of the month. `name`: the name of the month; `*days`:
    the number written before this name and the number written after it, each None if missing;
    without a number, the result is the whole month.
    """
    month = next((number for start, number in MONTH_NUMBER_OF.items() if name.startswith(start)), 0)
    if not month or all(days):
        raise DateError
    return _day_or_month_range(_full_year(year), month, next(filter(None, days), None))


def _full_year(year: str) -> int:
    """Return a year from its four or two digits; "69" is 2069, and "70" is 1970."""
    if len(year) > 2:  # noqa: PLR2004 (digits)
        return int(year)
    return CURRENT_CENTURY + int(year) - 100 * (int(year) > PIVOT_YEAR)


def _parse_numeric_date(
    first: int, second: int, year: str, order: DayOrder, text: str
) -> DaysWithPrecision:
    """Return the day of a date such as 3/4/2025. `first`, `second`: day and month, in the given
    `order`; `text`: the date as written. If `order` is unknown, the day comes first in a date with
    full stops, and otherwise a number above 12 must be the day.

    Raises DateError if the order is unknown and each may be the month.
    """
    if order is DayOrder.AS_SHOWN:
        # With full stops the day comes first, in any column.
        if "." in text or first > MONTHS_IN_YEAR or first == second:
            order = DayOrder.DAY_FIRST
        elif second > MONTHS_IN_YEAR:
            order = DayOrder.MONTH_FIRST
        else:
            raise DateError(is_ambiguous=True)
    day, month = (first, second) if order is DayOrder.DAY_FIRST else (second, first)
    return _day_or_month_range(_full_year(year), month, str(day))


def _day_or_month_range(year: int, month: int, day: str | None) -> DaysWithPrecision:
    """Return the days of one day or, without it, of a whole month; raise ValueError if invalid."""
    if year < EARLIEST_YEAR:
        raise DateError
    if day is not None:
        found = date(year, month, int(day))
        return found, found, Precision.DAY
    return date(year, month, 1), date(year, month, monthrange(year, month)[1]), Precision.MONTH


def _year_range(year: int) -> DaysWithPrecision:
    """Return the days of a whole year; raise DateError if it is before `EARLIEST_YEAR`."""
    if year < EARLIEST_YEAR:
        raise DateError
    return date(year, 1, 1), date(year, MONTHS_IN_YEAR, 31), Precision.YEAR
