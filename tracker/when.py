"""Dates as sources give them: an interval with its precision; parsing, formatting and EDTF."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NoReturn

# The first day of a date whose start is unknown.
OPEN_START = date(1, 1, 1)
# An earlier year is probably a typing error ("0225").
EARLIEST_YEAR = 1900
MAX_DATE_LENGTH = 60  # characters
DECEMBER = MONTHS_IN_YEAR = 12
ONE_DAY = timedelta(days=1)


class Precision(StrEnum):
    """The precision of a date; `exact` is a day for which the source also gives the hour."""

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


class WhenErrorReason(StrEnum):
    """The reason why a text is not a date."""

    NOT_UNDERSTOOD = "not_understood"
    AMBIGUOUS = "ambiguous"
    NO_SUCH_DAY = "no_such_day"
    TOO_EARLY = "too_early"
    REVERSED = "reversed"
    IN_THE_FUTURE = "in_the_future"


# By reason, the message in English.
ERROR_MESSAGES = {
    WhenErrorReason.NOT_UNDERSTOOD: "This is not a date that can be read; type 4 March 2025, "
    "2025-03-04, March 2025, 2025, Dec 2024 – Jun 2025, about May 2025, mid-May 2025, before May "
    "2025 or after May 2025.",
    WhenErrorReason.AMBIGUOUS: "This may be one of several days; type 5 June 2025 or 2025-06-05.",
    WhenErrorReason.NO_SUCH_DAY: "There is no such day in the calendar.",
    WhenErrorReason.TOO_EARLY: f"The year must be {EARLIEST_YEAR} or later.",
    WhenErrorReason.REVERSED: "The end lies before the beginning.",
    WhenErrorReason.IN_THE_FUTURE: "This lies after the day on which it was known.",
}


class WhenError(ValueError):
    """The error for a text that is not a date; `args[0]` is the message in English."""

    def __init__(self, reason: WhenErrorReason) -> None:
        super().__init__(ERROR_MESSAGES[reason])
        self.reason = reason


# Precisions of dates that are written in EDTF with both ends of the interval.
BOUNDED_PRECISIONS = frozenset({Precision.RANGE, Precision.AFTER})
# Precisions with an unknown start.
OPEN_PRECISIONS = frozenset({Precision.BEFORE, Precision.UNKNOWN})


@dataclass(frozen=True, slots=True)
class When:
    """A date as an interval of days, both included, with its precision and the source's words."""

    earliest: date
    latest: date
    precision: Precision
    as_stated: str = ""

    def __post_init__(self) -> None:
        """Check the invariant on which searching and sorting rely."""
        if self.earliest > self.latest:
            raise ValueError(ERROR_MESSAGES[WhenErrorReason.REVERSED])


# EDTF numbers the seasons of a year from 21; each begins in the month given here.
SEASON_MONTHS = {21: 3, 22: 6, 23: 9, 24: 12}
# The words for a season, with its number in EDTF.
SEASON_WORDS = {
    "spring": 21, "summer": 22, "autumn": 23, "fall": 23, "winter": 24,
    "весна": 21, "лето": 22, "осень": 23, "зима": 24,
    "весной": 21, "летом": 22, "осенью": 23, "зимой": 24,
    "көктем": 21, "жаз": 22, "күз": 23, "қыс": 24,
}  # fmt: skip

YEAR_PATTERN = re.compile(r"[0-9]{4}")
# "2025-03"; and "2025-21", the spring of 2025.
MONTH_OR_SEASON_PATTERN = re.compile(r"([0-9]{4})-([0-9]{2})")
ISO_DAY_PATTERN = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
# "4.3.2025".
DAY_FIRST_PATTERN = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
# "spring 2025"; and "2025 көктем", as in Kazakh.
NAMED_SEASON_PATTERN = re.compile(
    rf"(?:({'|'.join(SEASON_WORDS)}) ([0-9]{{4}})|([0-9]{{4}}) ({'|'.join(SEASON_WORDS)}))"
)
# The names of each month in English, Russian and Kazakh, also with endings of grammatical cases.
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
# A word that may name a month, in the patterns below.
WORD_REGEX = r"([^\W\d_]{3,16}\.?)"
# "16 May 2025", "May 2025".
DAY_MONTH_YEAR_PATTERN = re.compile(
    rf"(?:([0-9]{{1,2}})(?:st|nd|rd|th)? (?:of )?)?{WORD_REGEX},? ([0-9]{{4}})"
)
# "May 16, 2025".
MONTH_DAY_YEAR_PATTERN = re.compile(rf"{WORD_REGEX} ([0-9]{{1,2}})(?:st|nd|rd|th)?,? ([0-9]{{4}})")
# "2025 16 May", as in Kazakh.
YEAR_DAY_MONTH_PATTERN = re.compile(rf"([0-9]{{4}}),? (?:([0-9]{{1,2}}) )?{WORD_REGEX}")
# The word for "year" after its number: "2025 г.", "2025 жылғы".
YEAR_WORD_PATTERN = re.compile(r"(?<=[0-9]{4}) ?(?:г\.|год[ау]?|ж\.|жыл(?:ы|ғы|дың)?)(?!\w)")
# Dates of which it is unknown which number is the month, or which year is meant: "5/6/2025".
AMBIGUOUS_NUMBERS_PATTERN = re.compile(
    r"[0-9]{1,2}[-/][0-9]{1,2}[-/][0-9]{4}|[0-9]{1,2}([./-])[0-9]{1,2}\1[0-9]{2}"
)
# "16/5/2025", "16-5-2025".
DAY_FIRST_SEPARATED_PATTERN = re.compile(r"([0-9]{1,2})([/-])([0-9]{1,2})\2([0-9]{4})")
# "May", "16 May", "May 16".
DATE_WITHOUT_YEAR_PATTERN = re.compile(rf"(?:[0-9]{{1,2}} )?{WORD_REGEX}(?: [0-9]{{1,2}})?")
# "before May 2025", in English, Russian or Kazakh.
BEFORE_PATTERN = re.compile(r"(?:before|до) (.+)|(.+?)(?:-?[гғкқ][ае])? дейін")
# "after May 2025", in English, Russian or Kazakh.
AFTER_PATTERN = re.compile(r"(?:after|после) (.+)|(.+?)(?:-?[дтн][ае]н)? кейін")
# "about May 2025", in English, Russian or Kazakh; and "2025-05~", as in EDTF.
ABOUT_PATTERN = re.compile(r"(?:about|около|примерно|шамамен) (.+)|(.+?) ?~")
# First and last day of the parts of a month; a shorter month ends earlier.
DAYS_OF_MONTH_PART = {"early": (1, 10), "mid": (11, 20), "late": (21, 31)}
# First and last month of the parts of a year.
MONTHS_OF_YEAR_PART = {"early": (1, 3), "mid": (5, 8), "late": (10, 12)}
# By part of a month or year, its words before or after it: "mid-May 2025", "2025 мамырдың ортасы".
PATTERNS_OF_PART = {
    "early": re.compile(
        r"(?:early|(?:(?:at )?the )?(?:beginning|start) of|(?:в )?начал[оеа])[ -](.+)"
        r"|(.+?)(?: айының)? бас(?:ы|ында)"
    ),
    "mid": re.compile(
        r"(?:mid|(?:(?:in )?the )?middle of|(?:в )?середин[аеы])[ -](.+)"
        r"|(.+?)(?: айының)? орта(?:сы|сында)"
    ),
    "late": re.compile(
        r"(?:late|(?:(?:at )?the )?end of|(?:в )?кон(?:ец|це|ца))[ -](.+)"
        r"|(.+?)(?: айының)? (?:соң|аяғ)(?:ы|ында)"
    ),
}
# Between the ends of a range: "2024-12/2025-06", "Dec 2024 – Jun 2025", with any dash.
RANGE_SEPARATOR_PATTERN = re.compile(r"/| ?[–—] ?| - ")
# A hyphen between two days of one month: "12-13 May 2025".
DAYS_HYPHEN_PATTERN = re.compile(r"(?<![0-9-])([0-9]{1,2})-(?=[0-9]{1,2} [^\W\d])")
# The end of a range that says what its beginning leaves out: "13 January 2013", "February 2013".
RANGE_END_PATTERN = re.compile(rf"(?:[0-9]{{1,2}} )?({WORD_REGEX} ([0-9]{{4}}))")
# The beginning of a range whose end leaves out its year, as in Kazakh: "2013 12", "2013 12 қаңтар".
RANGE_START_PATTERN = re.compile(rf"([0-9]{{4}})(?: [0-9]{{1,2}})?(?: {WORD_REGEX})?")
# Its end, with the month: "13 қаңтар", "ақпан".
YEARLESS_END_PATTERN = re.compile(rf"(?:[0-9]{{1,2}} )?{WORD_REGEX}")


def parse_when(text: str, *, latest_possible_date: date, as_stated: str = "") -> When:
    """Return the date that a text states in English, Russian, Kazakh or EDTF; "" means an unknown
    date. `latest_possible_date`: the date must not begin later, and an interval without an end ends
    there; `as_stated`: the source's own words for the date. Raise `WhenError` for other texts.
    """
    words = " ".join(text.split()).casefold()
    if len(words) > MAX_DATE_LENGTH:
        _raise_error(WhenErrorReason.NOT_UNDERSTOOD)
    earliest, latest, precision = _parse_interval(words, latest_possible_date)
    return When(earliest, latest, precision, as_stated)


def has_two_dates(text: str) -> bool:
    """Return whether a text that `parse_when` accepts states a range by its first and last date."""
    words = DAYS_HYPHEN_PATTERN.sub(r"\1–", " ".join(text.split()))
    return len(RANGE_SEPARATOR_PATTERN.findall(words)) == 1


def _parse_interval(words: str, latest_possible_date: date) -> tuple[date, date, Precision]:
    """Return the first day, last day and precision of the date that a text states. "" means an
    unknown date; an interval without an end ends at `latest_possible_date`.
    """
    if not words:
        return OPEN_START, latest_possible_date, Precision.UNKNOWN
    if match := BEFORE_PATTERN.fullmatch(words):
        first, _last, _precision = _parse_simple_date(match[1] or match[2])
        return OPEN_START, min(first - ONE_DAY, latest_possible_date), Precision.BEFORE
    if match := AFTER_PATTERN.fullmatch(words):
        _first, last, _precision = _parse_simple_date(match[1] or match[2])
        if last >= latest_possible_date:
            _raise_error(WhenErrorReason.IN_THE_FUTURE)
        return last + ONE_DAY, latest_possible_date, Precision.AFTER
    if has_two_dates(words):
        words = DAYS_HYPHEN_PATTERN.sub(r"\1–", words)
        start, end = _complete_range_ends(*RANGE_SEPARATOR_PATTERN.split(words))
        first, _first_end, _precision = _parse_simple_date(start)
        start_of_last, last, _precision = _parse_simple_date(end)
        if last < first:
            _raise_error(WhenErrorReason.REVERSED)
        return (
            first,
            _clip_last_day(max(first, start_of_last), last, latest_possible_date),
            Precision.RANGE,
        )
    if match := ABOUT_PATTERN.fullmatch(words):
        first, last, precision = _parse_simple_date(match[1] or match[2])
        # A part of a month or year is a range, which is inexact already.
        if precision is not Precision.RANGE:
            precision = Precision.APPROXIMATE
        return first, _clip_last_day(first, last, latest_possible_date), precision
    first, last, precision = _parse_simple_date(words)
    return first, _clip_last_day(first, last, latest_possible_date), precision


def _complete_range_ends(start: str, end: str) -> tuple[str, str]:
    """Return both ends of a range as whole dates: "12" and "13 January 2013" as "12 January 2013"
    and "13 January 2013". An end that lacks nothing is returned as it is.
    """
    start, end = (YEAR_WORD_PATTERN.sub("", one.strip()) for one in (start, end))
    if match := RANGE_END_PATTERN.fullmatch(end):
        if start.isdecimal() and len(start) <= 2:  # noqa: PLR2004 (digits of a day)
            start = f"{start} {match[1]}"
        elif DATE_WITHOUT_YEAR_PATTERN.fullmatch(start):
            start = f"{start} {match[3]}"
    elif (match := RANGE_START_PATTERN.fullmatch(start)) and (
        missing := YEARLESS_END_PATTERN.fullmatch(end)
    ):
        if match[2] is None and start != match[1]:
            start = f"{start} {missing[1]}"
        end = f"{match[1]} {end}"
    return start, end


def _parse_part(words: str) -> tuple[date, date, Precision] | None:
    """Return the first day, last day and precision of a part of a month or year, such as "mid-May
    2025"; None for other texts.
    """
    for part, pattern in PATTERNS_OF_PART.items():
        if match := pattern.fullmatch(words):
            first, last, precision = _parse_simple_date(match[1] or match[2])
            if precision is Precision.MONTH:
                start, end = DAYS_OF_MONTH_PART[part]
                days = first.replace(day=start), last.replace(day=min(end, last.day))
            elif precision is Precision.YEAR:
                start, end = MONTHS_OF_YEAR_PART[part]
                days = first.replace(month=start), _last_day_of_month(last.year, end)
            else:
                _raise_error(WhenErrorReason.NOT_UNDERSTOOD)
            return *days, Precision.RANGE
    return None


def _parse_simple_date(words: str) -> tuple[date, date, Precision]:
    """Return the first day, last day and precision of a year, month, season or day, or of a part of
    a month or year.
    """
    words = YEAR_WORD_PATTERN.sub("", words)
    if match := NAMED_SEASON_PATTERN.fullmatch(words):
        return _season_interval(int(match[2] or match[3]), SEASON_WORDS[match[1] or match[4]])
    if YEAR_PATTERN.fullmatch(words):
        return (
            _valid_date(int(words), 1, 1),
            _valid_date(int(words), DECEMBER, 31),
            Precision.YEAR,
        )
    if match := MONTH_OR_SEASON_PATTERN.fullmatch(words):
        year, month = int(match[1]), int(match[2])
        if month in SEASON_MONTHS:
            return _season_interval(year, month)
        return _valid_date(year, month, 1), _last_day_of_month(year, month), Precision.MONTH
    if match := ISO_DAY_PATTERN.fullmatch(words):
        day = _valid_date(int(match[1]), int(match[2]), int(match[3]))
    elif match := DAY_FIRST_PATTERN.fullmatch(words):
        day = _valid_date(int(match[3]), int(match[2]), int(match[1]))
    else:
        return _parse_written_date(words)
    return day, day, Precision.DAY


def _parse_written_date(words: str) -> tuple[date, date, Precision]:
    """Return the first day, last day and precision of a month or day: March 2025, 16/5/2025; or of
    a part of a month or year. Raise WhenError for any other text, and for an ambiguous one.
    """
    if part := _parse_part(words):
        return part
    for pattern, places in (
        (DAY_MONTH_YEAR_PATTERN, (3, 2, 1)),
        (MONTH_DAY_YEAR_PATTERN, (3, 1, 2)),
        (YEAR_DAY_MONTH_PATTERN, (1, 3, 2)),
    ):  # fmt: skip
        match = pattern.fullmatch(words)
        if match and (month := _month_number(match[places[1]])):
            year, day = int(match[places[0]]), match[places[2]]
            if day is None:
                return (
                    _valid_date(year, month, 1),
                    _last_day_of_month(year, month),
                    Precision.MONTH,
                )
            return (_valid_date(year, month, int(day)),) * 2 + (Precision.DAY,)
    match = DAY_FIRST_SEPARATED_PATTERN.fullmatch(words)
    if match and int(match[1]) > DECEMBER >= int(match[3]):
        return (_valid_date(int(match[4]), int(match[3]), int(match[1])),) * 2 + (Precision.DAY,)
    match = DATE_WITHOUT_YEAR_PATTERN.fullmatch(words)
    is_ambiguous = AMBIGUOUS_NUMBERS_PATTERN.fullmatch(words) or (match and _month_number(match[1]))
    raise WhenError(WhenErrorReason.AMBIGUOUS if is_ambiguous else WhenErrorReason.NOT_UNDERSTOOD)


def _month_number(word: str) -> int:
    """Return the number of the month that a word names, 0 if it names none."""
    found = (number for number, month in enumerate(MONTH_PATTERNS, 1) if month.fullmatch(word))
    return next(found, 0)


def _season_interval(year: int, season: int) -> tuple[date, date, Precision]:
    """Return the first day, last day and precision of a season, given by its number in EDTF.
    Winter ends in February of the next year.
    """
    start = _valid_date(year, SEASON_MONTHS[season], 1)
    end_year, end_month = (year + 1, 2) if start.month == DECEMBER else (year, start.month + 2)
    return start, _last_day_of_month(end_year, end_month), Precision.SEASON


def _valid_date(year: int, month: int, day: int) -> date:
    """Return a day; raise WhenError if there is none, or if it is before `EARLIEST_YEAR`."""
    if year < EARLIEST_YEAR:
        _raise_error(WhenErrorReason.TOO_EARLY)
    try:
        return date(year, month, day)
    except ValueError:
        _raise_error(WhenErrorReason.NO_SUCH_DAY)


def _last_day_of_month(year: int, month: int) -> date:
    """Return the last day of a month; raise WhenError if there is no such month."""
    return _valid_date(year, month, monthrange(year, month)[1])


def _clip_last_day(first: date, last: date, latest_possible_date: date) -> date:
    """Return the last day of an interval, or `latest_possible_date` if it is earlier. Raise
    WhenError if the interval begins after `latest_possible_date`.
    """
    if first > latest_possible_date:
        _raise_error(WhenErrorReason.IN_THE_FUTURE)
    return min(last, latest_possible_date)


def _raise_error(reason: WhenErrorReason) -> NoReturn:
    """Raise WhenError with a reason, without the error that is being handled."""
    raise WhenError(reason) from None


def format_when(when: When) -> str:
    """Return a date as the text from which `parse_when` reads the same interval."""
    match when.precision:
        case Precision.UNKNOWN:
            return ""
        case Precision.BEFORE:
            return "before " + _format_unit_beginning(when.latest + ONE_DAY)
        case Precision.AFTER:
            return "after " + _format_unit_ending(when.earliest - ONE_DAY)
        case Precision.RANGE:
            return _format_range(when)
        case Precision.APPROXIMATE:
            return _format_approximate(when)
        case _:
            return _format_simple(when)


def _format_simple(when: When) -> str:
    """Return the text of a date that is a year, month, season or day."""
    match when.precision:
        case Precision.YEAR:
            return _format_year(when.earliest)
        case Precision.MONTH:
            return _format_month(when.earliest)
        case Precision.SEASON:
            return _format_season(when.earliest)
        case _:
            return when.earliest.isoformat()


def _format_year(day: date) -> str:
    """Return the year of a day as EDTF: 2025."""
    return day.isoformat()[:4]


def _format_month(day: date) -> str:
    """Return the month of a day as EDTF: 2025-03."""
    return day.isoformat()[:7]


def _format_season(first: date) -> str:
    """Return the season that begins on a day as EDTF: 2025-21."""
    return f"{_format_year(first)}-{20 + first.month // 3}"


def _format_approximate(when: When) -> str:
    """Return the text of an approximate date: its day, month, season or year, followed by "~"."""
    first, last = when.earliest, when.latest
    if first == last or first.day != 1:
        return f"{first.isoformat()}~"
    if (first.year, first.month) == (last.year, last.month):
        return _format_month(first) + "~"
    return (_format_year(first) if first.month == 1 else _format_season(first)) + "~"


def _format_range(when: When) -> str:
    """Return the text of a range: two years, months or days, separated by a slash."""
    first, last = when.earliest, when.latest
    if first.day == 1 and _is_last_day_of_month(last):
        if first.month == 1 and last.month == DECEMBER and first.year != last.year:
            return f"{_format_year(first)}/{_format_year(last)}"
        return f"{_format_month(first)}/{_format_month(last)}"
    return f"{first.isoformat()}/{last.isoformat()}"


def _format_unit_beginning(day: date) -> str:
    """Return the longest of year, month and day that begins on a day, in the notation EDTF
    (Extended Date/Time Format): 2025 for 1 January, 2025-03 for 1 March, 2025-03-07 for 7 March.
    """
    if day.day != 1:
        return day.isoformat()
    return _format_year(day) if day.month == 1 else _format_month(day)


def _format_unit_ending(day: date) -> str:
    """Return the longest of year, month and day that ends on a day, in the notation EDTF (Extended
    Date/Time Format): 2025 for 31 December, 2025-03 for 31 March, 2025-03-07 for 7 March.
    """
    if not _is_last_day_of_month(day):
        return day.isoformat()
    return _format_year(day) if day.month == DECEMBER else _format_month(day)


def _is_last_day_of_month(day: date) -> bool:
    """Return whether a day is the last day of its month."""
    return day.day == monthrange(day.year, day.month)[1]


def format_edtf(when: When, *, extent: str = "once", ongoing: bool = False) -> str:
    """Return the date as EDTF: `[a..b]` for one event between two days, `a/b` for a period.
    `extent`: once, repeated or lasting; `ongoing`: the period has no end, and the text ends in
    `/..`. An open start is `..`.
    """
    bounded, open_start = when.precision in BOUNDED_PRECISIONS, when.precision in OPEN_PRECISIONS
    if not bounded and not open_start:
        first = (
            _format_approximate(when)
            if when.precision == Precision.APPROXIMATE
            else _format_simple(when)
        )
        return f"{first}/.." if ongoing else first
    first, last = (".." if open_start else when.earliest.isoformat()), when.latest.isoformat()
    if when.precision == Precision.RANGE:
        first, last = _format_range(when).split("/")
    if ongoing:
        return f"{first}/.."
    if extent != "once":
        return f"{first}/{last}"
    return f"[{'' if open_start else first}..{last}]"


def has_open_start(text: str) -> bool:
    """Return whether a text states a date of which no first day is known, such as "before May 2025"
    or "" for an unknown date.
    """
    words = " ".join(text.split()).casefold()
    return not words or BEFORE_PATTERN.fullmatch(words) is not None


def has_day_between(when: When, earliest: date | None, latest: date | None) -> bool:
    """Return whether a day of the interval is between two days, either of which may be None."""
    return (earliest is None or when.latest >= earliest) and (
        latest is None or when.earliest <= latest
    )


def count_days(when: When) -> int:
    """Return the number of days in the interval, both ends included."""
    return (when.latest - when.earliest).days + 1
