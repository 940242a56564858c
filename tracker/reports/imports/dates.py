"""Dates as other people's files write them; a column decides whether day or month comes first."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from tracker.reports.imports.codes import DayOrder
from tracker.when import EARLIEST_YEAR, Precision

if TYPE_CHECKING:
    from collections.abc import Iterable

Days = tuple[date, date, Precision]
MONTHS = (
    "jan янв қаң", "feb фев ақп", "mar мар нау", "apr апр сәу", "may мая май мам", "jun июн мау",
    "jul июл шіл", "aug авг там", "sep сен қыр", "oct окт қаз", "nov ноя қар", "dec дек жел",
)  # fmt: skip
NUMBER_OF = {start: number for number, starts in enumerate(MONTHS, 1) for start in starts.split()}
ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[t ]\d{1,2}:\d{2}.*)?", re.ASCII)
YEAR = re.compile(r"(\d{4})(?: (?:г|год|года|ж|жыл)\.?)?", re.ASCII)
NUMBERS = re.compile(
    r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?: (?:г\.?|\d{1,2}:\d{2}.*))?", re.ASCII
)
YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})(?: .*)?", re.ASCII)
MONTH_OF_YEAR = re.compile(r"(\d{1,2})[./](\d{4})", re.ASCII)
NAMED = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)? )?([^\W\d_]{3,})\.?(?: (\d{1,2})(?:st|nd|rd|th)?)?"
    r",? (\d{4})(?: (?:г|год|года)\.?)?"
)
SERIAL = re.compile(r"\d{5}", re.ASCII)
# Day 1 of Excel, counted with the leap day that 1900 did not have.
EXCEL_START = date(1899, 12, 30)
LAST_MONTH = 12
# A year of two digits is of this century up to here.
CENTURY, PIVOT = 2000, 69


class DateError(ValueError):
    """The cell is no date, or may be two: `is_ambiguous`."""

    def __init__(self, *, is_ambiguous: bool = False) -> None:
        super().__init__("no date")
        self.is_ambiguous = is_ambiguous


def order_shown(cells: Iterable[str]) -> DayOrder:
    """Return which of day and month comes first in a column, where one number alone decides."""
    firsts, seconds = False, False
    for cell in cells:
        if match := NUMBERS.fullmatch(" ".join(cell.split())):
            firsts = firsts or int(match[1]) > LAST_MONTH
            seconds = seconds or int(match[2]) > LAST_MONTH
    if firsts == seconds:
        return DayOrder.AS_SHOWN
    return DayOrder.DAY_FIRST if firsts else DayOrder.MONTH_FIRST


@lru_cache(maxsize=50_000)
def read_date(cell: str, order: DayOrder) -> Days:
    """Return the days that a cell means, and how exactly; raise DateError otherwise."""
    text = " ".join(cell.replace("\u00a0", " ").split()).casefold().rstrip(",;")
    try:
        if match := ISO.fullmatch(text) or YEAR_FIRST.fullmatch(text):
            return _days(int(match[1]), int(match[2]), match[3])
        if match := NUMBERS.fullmatch(text):
            return _numbers(int(match[1]), int(match[2]), match[3], order, text)
        if match := MONTH_OF_YEAR.fullmatch(text):
            return _days(int(match[2]), int(match[1]), None)
        if match := YEAR.fullmatch(text):
            return _year(int(match[1]))
        if match := NAMED.fullmatch(text):
            return _named(match)
        if SERIAL.fullmatch(text):
            day = EXCEL_START + timedelta(days=int(text))
            return day, day, Precision.DAY
    except ValueError as error:
        raise (error if isinstance(error, DateError) else DateError()) from None
    raise DateError


def _named(match: re.Match[str]) -> Days:
    month = next((number for start, number in NUMBER_OF.items() if match[2].startswith(start)), 0)
    if not month or (match[1] and match[3]):
        raise DateError
    return _days(int(match[4]), month, match[1] or match[3])


def _numbers(one: int, other: int, year: str, order: DayOrder, text: str) -> Days:
    full = int(year) if len(year) > 2 else CENTURY + int(year) - 100 * (int(year) > PIVOT)  # noqa: PLR2004 (digits)
    if order is DayOrder.AS_SHOWN:
        # With full stops it is the day, wherever that is written.
        if "." in text or one > LAST_MONTH or one == other:
            order = DayOrder.DAY_FIRST
        elif other > LAST_MONTH:
            order = DayOrder.MONTH_FIRST
        else:
            raise DateError(is_ambiguous=True)
    day, month = (one, other) if order is DayOrder.DAY_FIRST else (other, one)
    return _days(full, month, str(day))


def _days(year: int, month: int, day: str | None) -> Days:
    if year < EARLIEST_YEAR:
        raise DateError
    if day is not None:
        found = date(year, month, int(day))
        return found, found, Precision.DAY
    return date(year, month, 1), date(year, month, monthrange(year, month)[1]), Precision.MONTH


def _year(year: int) -> Days:
    if year < EARLIEST_YEAR:
        raise DateError
    return date(year, 1, 1), date(year, LAST_MONTH, 31), Precision.YEAR
