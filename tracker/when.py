"""Dates as sources give them: an interval with its precision, parsing, formatting and EDTF."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NoReturn

OPEN_START = date(1, 1, 1)
# A typing error ("0225") is likelier than an event before newspapers had telephones.
EARLIEST_YEAR = 1900
LONGEST_TYPED = 60  # characters
DECEMBER = 12
ONE_DAY = timedelta(days=1)


class Precision(StrEnum):
    """How precisely a date is known; `exact` is a day for which the source gives an hour too."""

    EXACT = "exact"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    SEASON = "season"
    RANGE = "range"
    APPROXIMATE = "approximate"
    BEFORE = "before"
    AFTER = "after"
    UNKNOWN = "unknown"


class WhenReason(StrEnum):
    """The reason why a text is not a date."""

    NOT_UNDERSTOOD = "not_understood"
    AMBIGUOUS = "ambiguous"
    NO_SUCH_DAY = "no_such_day"
    TOO_EARLY = "too_early"
    REVERSED = "reversed"
    IN_THE_FUTURE = "in_the_future"


MESSAGES = {
    WhenReason.NOT_UNDERSTOOD: "This is not a date that can be read; type 4 March 2025, "
    "2025-03-04, March 2025, 2025, Dec 2024 – Jun 2025, about May 2025, before May 2025 or after "
    "May 2025.",
    WhenReason.AMBIGUOUS: "This may be one of several days; type 5 June 2025 or 2025-06-05.",
    WhenReason.NO_SUCH_DAY: "There is no such day in the calendar.",
    WhenReason.TOO_EARLY: f"The year must be {EARLIEST_YEAR} or later.",
    WhenReason.REVERSED: "The end lies before the beginning.",
    WhenReason.IN_THE_FUTURE: "This lies after the day on which it was known.",
}


class WhenError(ValueError):
    """A text that is not a date; `args[0]` says why in English."""

    def __init__(self, reason: WhenReason) -> None:
        super().__init__(MESSAGES[reason])
        self.reason = reason


# Precisions for which EDTF gives both ends, and those with an unknown start.
BOUNDED_PRECISIONS = frozenset({Precision.RANGE, Precision.AFTER})
OPEN_PRECISIONS = frozenset({Precision.BEFORE, Precision.UNKNOWN})


@dataclass(frozen=True, slots=True)
class When:
    """The days within which something happened, both included, and the precision."""

    earliest: date
    latest: date
    precision: Precision
    as_stated: str = ""

    def __post_init__(self) -> None:
        """Check the invariant on which searching and sorting rely."""
        if self.earliest > self.latest:
            raise ValueError(MESSAGES[WhenReason.REVERSED])


# EDTF numbers the seasons of a year from 21; each begins in the month given here.
SEASON_MONTHS = {21: 3, 22: 6, 23: 9, 24: 12}
SEASON_WORDS = {
    "spring": 21, "summer": 22, "autumn": 23, "fall": 23, "winter": 24,
    "весна": 21, "лето": 22, "осень": 23, "зима": 24,
    "весной": 21, "летом": 22, "осенью": 23, "зимой": 24,
    "көктем": 21, "жаз": 22, "күз": 23, "қыс": 24,
}  # fmt: skip

YEAR_PATTERN = re.compile(r"[0-9]{4}")
MONTH_OR_SEASON_PATTERN = re.compile(r"([0-9]{4})-([0-9]{2})")
DAY_PATTERN = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
DAY_FIRST_PATTERN = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
NAMED_SEASON_PATTERN = re.compile(
    rf"(?:({'|'.join(SEASON_WORDS)}) ([0-9]{{4}})|([0-9]{{4}}) ({'|'.join(SEASON_WORDS)}))"
)
# The names of each month in English, Russian and Kazakh, with their case endings.
MONTH_PATTERNS = [
    re.compile(r"(?:jan(?:uary)?|янв(?:ар[ьяе])?|қаң(?:тар\w{0,4})?)\.?"),
    re.compile(r"(?:feb(?:ruary)?|фев(?:р(?:ал[ьяе])?)?|ақп(?:ан\w{0,4})?)\.?"),
    re.compile(r"(?:mar(?:ch)?|мар(?:т[ае]?)?|нау(?:рыз\w{0,4})?)\.?"),
    re.compile(r"(?:apr(?:il)?|апр(?:ел[ьяе])?|сәу(?:ір\w{0,4})?)\.?"),
    re.compile(r"(?:may|ма[йяе]|мам(?:ыр\w{0,4})?)\.?"),
    re.compile(r"(?:june?|июн[ьяе]?|мау(?:сым\w{0,4})?)\.?"),
    re.compile(r"(?:july?|июл[ьяе]?|шіл(?:де\w{0,4})?)\.?"),
    re.compile(r"(?:aug(?:ust)?|авг(?:уст[ае]?)?|там(?:ыз\w{0,4})?)\.?"),
    re.compile(r"(?:sept?(?:ember)?|сент?(?:ябр[ьяе])?|қыр(?:күйе[кг]\w{0,4})?)\.?"),
    re.compile(r"(?:oct(?:ober)?|окт(?:ябр[ьяе])?|қаз(?:ан\w{0,4})?)\.?"),
    re.compile(r"(?:nov(?:ember)?|ноя(?:б(?:р[ьяе])?)?|қар(?:аша\w{0,4})?)\.?"),
    re.compile(r"(?:dec(?:ember)?|дек(?:абр[ьяе])?|жел(?:тоқсан\w{0,4})?)\.?"),
]
WORD_REGEX = r"([^\W\d_]{3,16}\.?)"
# "16 May 2025", "May 2025"; "May 16, 2025"; and "2025 16 May", as in Kazakh.
DAY_MONTH_YEAR_PATTERN = re.compile(
    rf"(?:([0-9]{{1,2}})(?:st|nd|rd|th)? (?:of )?)?{WORD_REGEX},? ([0-9]{{4}})"
)
MONTH_DAY_YEAR_PATTERN = re.compile(rf"{WORD_REGEX} ([0-9]{{1,2}})(?:st|nd|rd|th)?,? ([0-9]{{4}})")
YEAR_DAY_MONTH_PATTERN = re.compile(rf"([0-9]{{4}}),? (?:([0-9]{{1,2}}) )?{WORD_REGEX}")
# After a year: "2025 г.", "2025 жылғы".
MONTH_OF_YEAR_PATTERN = re.compile(r"(?<=[0-9]{4}) ?(?:г\.|год[ау]?|ж\.|жыл(?:ы|ғы|дың)?)(?!\w)")
# Ambiguous: which number is the month, or which year it is.
NUMBERS_ALONE_PATTERN = re.compile(
    r"[0-9]{1,2}[-/][0-9]{1,2}[-/][0-9]{4}|[0-9]{1,2}([./-])[0-9]{1,2}\1[0-9]{2}"
)
DAY_FIRST_WITH_SLASHES_PATTERN = re.compile(r"([0-9]{1,2})([/-])([0-9]{1,2})\2([0-9]{4})")
NO_YEAR_PATTERN = re.compile(rf"(?:[0-9]{{1,2}} )?{WORD_REGEX}(?: [0-9]{{1,2}})?")
BEFORE_PATTERN = re.compile(r"(?:before|до) (.+)|(.+?)(?:-?[гғкқ][ае])? дейін")
AFTER_PATTERN = re.compile(r"(?:after|после) (.+)|(.+?)(?:-?[дтн][ае]н)? кейін")
ABOUT_PATTERN = re.compile(r"(?:about|около|примерно|шамамен) (.+)|(.+?) ?~")
# Between the ends of a range: "2024-12/2025-06", "Dec 2024 – Jun 2025", with any dash.
BETWEEN_DATES_PATTERN = re.compile(r"/| ?[–—] ?| - ")


def parse_when(text: str, *, latest_possible_date: date, as_stated: str = "") -> When:
    """Parse a date as people write it.

    Nothing may be after `latest_possible_date`, which cuts an open end.

    Raises `WhenError`. An empty text is an unknown date.
    """
    words = " ".join(text.split()).casefold()
    if len(words) > LONGEST_TYPED:
        _raise_error(WhenReason.NOT_UNDERSTOOD)
    earliest, latest, precision = _read(words, latest_possible_date)
    return When(earliest, latest, precision, as_stated)


def _read(words: str, latest_possible_date: date) -> tuple[date, date, Precision]:
    if not words:
        return OPEN_START, latest_possible_date, Precision.UNKNOWN
    if match := BEFORE_PATTERN.fullmatch(words):
        first, _last, _precision = _parse_simple_date(match[1] or match[2])
        return OPEN_START, min(first - ONE_DAY, latest_possible_date), Precision.BEFORE
    if match := AFTER_PATTERN.fullmatch(words):
        _first, last, _precision = _parse_simple_date(match[1] or match[2])
        if last >= latest_possible_date:
            _raise_error(WhenReason.IN_THE_FUTURE)
        return last + ONE_DAY, latest_possible_date, Precision.AFTER
    if len(BETWEEN_DATES_PATTERN.findall(words)) == 1:
        start, end = BETWEEN_DATES_PATTERN.split(words)
        first, _first_end, _precision = _parse_simple_date(start.strip())
        start_of_last, last, _precision = _parse_simple_date(end.strip())
        if last < first:
            _raise_error(WhenReason.REVERSED)
        return (
            first,
            _clip_to_latest(max(first, start_of_last), last, latest_possible_date),
            Precision.RANGE,
        )
    if match := ABOUT_PATTERN.fullmatch(words):
        first, last, _precision = _parse_simple_date(match[1] or match[2])
        return first, _clip_to_latest(first, last, latest_possible_date), Precision.APPROXIMATE
    first, last, precision = _parse_simple_date(words)
    return first, _clip_to_latest(first, last, latest_possible_date), precision


def _parse_simple_date(words: str) -> tuple[date, date, Precision]:
    """Parse a year, month, season or day."""
    words = MONTH_OF_YEAR_PATTERN.sub("", words)
    if match := NAMED_SEASON_PATTERN.fullmatch(words):
        return _season(int(match[2] or match[3]), SEASON_WORDS[match[1] or match[4]])
    if YEAR_PATTERN.fullmatch(words):
        return _date(int(words), 1, 1), _date(int(words), DECEMBER, 31), Precision.YEAR
    if match := MONTH_OR_SEASON_PATTERN.fullmatch(words):
        year, month = int(match[1]), int(match[2])
        if month in SEASON_MONTHS:
            return _season(year, month)
        return _date(year, month, 1), _end_of_month(year, month), Precision.MONTH
    if match := DAY_PATTERN.fullmatch(words):
        day = _date(int(match[1]), int(match[2]), int(match[3]))
    elif match := DAY_FIRST_PATTERN.fullmatch(words):
        day = _date(int(match[3]), int(match[2]), int(match[1]))
    else:
        return _parse_written_date(words)
    return day, day, Precision.DAY


def _parse_written_date(words: str) -> tuple[date, date, Precision]:
    """Parse a month or a day as people write it; raise WhenError if it is ambiguous."""
    for pattern, places in (
        (DAY_MONTH_YEAR_PATTERN, (3, 2, 1)),
        (MONTH_DAY_YEAR_PATTERN, (3, 1, 2)),
        (YEAR_DAY_MONTH_PATTERN, (1, 3, 2)),
    ):  # fmt: skip
        match = pattern.fullmatch(words)
        if match and (month := _month_named(match[places[1]])):
            year, day = int(match[places[0]]), match[places[2]]
            if day is None:
                return _date(year, month, 1), _end_of_month(year, month), Precision.MONTH
            return (_date(year, month, int(day)),) * 2 + (Precision.DAY,)
    match = DAY_FIRST_WITH_SLASHES_PATTERN.fullmatch(words)
    if match and int(match[1]) > DECEMBER >= int(match[3]):
        return (_date(int(match[4]), int(match[3]), int(match[1])),) * 2 + (Precision.DAY,)
    match = NO_YEAR_PATTERN.fullmatch(words)
    is_of_several = NUMBERS_ALONE_PATTERN.fullmatch(words) or (match and _month_named(match[1]))
    raise WhenError(WhenReason.AMBIGUOUS if is_of_several else WhenReason.NOT_UNDERSTOOD)


def _month_named(word: str) -> int:
    """Return the number of a month by its name, 0 for any other word."""
    found = (number for number, month in enumerate(MONTH_PATTERNS, 1) if month.fullmatch(word))
    return next(found, 0)


def _season(year: int, code: int) -> tuple[date, date, Precision]:
    """Return the three months of a season; winter continues in the next year."""
    start = _date(year, SEASON_MONTHS[code], 1)
    end_year, end_month = (year + 1, 2) if start.month == DECEMBER else (year, start.month + 2)
    return start, _end_of_month(end_year, end_month), Precision.SEASON


def _date(year: int, month: int, day: int) -> date:
    if year < EARLIEST_YEAR:
        _raise_error(WhenReason.TOO_EARLY)
    try:
        return date(year, month, day)
    except ValueError:
        _raise_error(WhenReason.NO_SUCH_DAY)


def _end_of_month(year: int, month: int) -> date:
    return _date(year, month, monthrange(year, month)[1])


def _clip_to_latest(first: date, last: date, latest_possible_date: date) -> date:
    if first > latest_possible_date:
        _raise_error(WhenReason.IN_THE_FUTURE)
    return min(last, latest_possible_date)


def _raise_error(reason: WhenReason) -> NoReturn:
    raise WhenError(reason) from None


def format_when(when: When) -> str:
    """Return a date in the form in which a person would enter it."""
    match when.precision:
        case Precision.UNKNOWN:
            return ""
        case Precision.BEFORE:
            return "before " + _start(when.latest + ONE_DAY)
        case Precision.AFTER:
            return "after " + _end(when.earliest - ONE_DAY)
        case Precision.RANGE:
            return _range(when)
        case Precision.APPROXIMATE:
            return _approximate(when)
        case _:
            return _simple_form(when)


def _simple_form(when: When) -> str:
    """Return the text of a year, month, season or day, given by its first day."""
    match when.precision:
        case Precision.YEAR:
            return _year(when.earliest)
        case Precision.MONTH:
            return _month(when.earliest)
        case Precision.SEASON:
            return _season_code(when.earliest)
        case _:
            return when.earliest.isoformat()


def _year(day: date) -> str:
    return day.isoformat()[:4]


def _month(day: date) -> str:
    return day.isoformat()[:7]


def _season_code(first: date) -> str:
    return f"{_year(first)}-{20 + first.month // 3}"


def _approximate(when: When) -> str:
    """Return the widest unit that the interval fills, ignoring where it was cut."""
    first, last = when.earliest, when.latest
    if first == last or first.day != 1:
        return f"{first.isoformat()}~"
    if (first.year, first.month) == (last.year, last.month):
        return _month(first) + "~"
    return (_year(first) if first.month == 1 else _season_code(first)) + "~"


def _range(when: When) -> str:
    first, last = when.earliest, when.latest
    if first.day == 1 and _is_end_of_month(last):
        if first.month == 1 and last.month == DECEMBER and first.year != last.year:
            return f"{_year(first)}/{_year(last)}"
        return f"{_month(first)}/{_month(last)}"
    return f"{first.isoformat()}/{last.isoformat()}"


def _start(day: date) -> str:
    """Return the shortest text of the unit that begins on this day."""
    if day.day != 1:
        return day.isoformat()
    return _year(day) if day.month == 1 else _month(day)


def _end(day: date) -> str:
    """Return the shortest text of the unit that ends on this day."""
    if not _is_end_of_month(day):
        return day.isoformat()
    return _year(day) if day.month == DECEMBER else _month(day)


def _is_end_of_month(day: date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]


def edtf(when: When, *, extent: str = "once", ongoing: bool = False) -> str:
    """Return the date as EDTF: `[a..b]` for one event between two days, `a/b` for a period.

    An open start is `..`; an ongoing period ends in `/..`. `extent` is once, repeated or lasting.
    """
    bounded, open_start = when.precision in BOUNDED_PRECISIONS, when.precision in OPEN_PRECISIONS
    if not bounded and not open_start:
        first = (
            _approximate(when) if when.precision == Precision.APPROXIMATE else _simple_form(when)
        )
        return f"{first}/.." if ongoing else first
    first, last = (".." if open_start else when.earliest.isoformat()), when.latest.isoformat()
    if when.precision == Precision.RANGE:
        first, last = _range(when).split("/")
    if ongoing:
        return f"{first}/.."
    if extent != "once":
        return f"{first}/{last}"
    return f"[{'' if open_start else first}..{last}]"


def overlaps(when: When, earliest: date | None, latest: date | None) -> bool:
    """Return whether a day of `when` is between two days, either of which may be missing."""
    return (earliest is None or when.latest >= earliest) and (
        latest is None or when.earliest <= latest
    )


def day_count(when: When) -> int:
    """Return the number of days of the interval, both ends included."""
    return (when.latest - when.earliest).days + 1
