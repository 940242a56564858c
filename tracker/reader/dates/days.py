"""The days that a date phrase means, also with a missing year or relative to another date."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.reader.dates.phrases import DateLexicon
from tracker.when import (
    DAYS_OF_MONTH_PART,
    DECEMBER,
    MONTHS_IN_YEAR,
    MONTHS_OF_YEAR_PART,
    ONE_DAY,
    SEASON_MONTHS,
    SEASON_WORDS,
    Precision,
)

DAYS_IN_WEEK = 7
# The most that "several weeks" may mean.
MAX_COUNT_OF_SEVERAL = 6
# A day without a year ("5 May") is in the year of publication if that makes it at most this many
# days later than publication, else in the year before.
MAX_FUTURE_DAYS = 75
MONTHS_IN_HALF_YEAR = 6
MONTHS_IN_QUARTER = 3


@dataclass(frozen=True)
class DayRange:
    """The days between which something happened, both included."""

    earliest: date
    latest: date
    precision: Precision


@dataclass
class DateAnchors:
    """The dates from which relative and incomplete date phrases are counted: the date of
    publication, and the years and days that the text named before the phrase.
    """

    published: date | None
    # A year that applies to the whole text ("2019 Country Reports"), and one mentioned just before.
    text_year: int | None = None
    last_named_year: int | None = None
    # The single day named last so far, from which "the next day" is counted.
    last_named_day: date | None = None


@dataclass(frozen=True)
class DatePhrase:
    """A date phrase of a text. `slots`: the words of the text for each part of the phrase, such as
    {"day": "5", "month": "may"}; `lexicon`: says which number or key such a word means; `anchors`:
    the dates from which the phrase is counted.
    """

    slots: dict[str, str]
    lexicon: DateLexicon
    anchors: DateAnchors

    def get_number(self, slot: str) -> int:
        """Return the number that a part of the phrase means, 0 without this part. `slot`: the name
        of the part: "month", which is 5 for "may".
        """
        word = self.slots.get(slot)
        if not word:
            return 0
        if word[:1].isdigit() and slot.rstrip("23") in ("day", "year", "n", "figures"):
            return int("".join(sign for sign in word if sign.isdigit()))
        return int(self.lexicon.get_key(slot.rstrip("23"), word))

    def get_key(self, slot: str) -> str:
        """Return what `dates.toml` calls the words of a part of the phrase: "early" for "the
        beginning of". `slot`: the name of the part, such as "part" or "unit".
        """
        return self.lexicon.get_key(slot.rstrip("23"), self.slots[slot])

    def has_slot(self, slot: str) -> bool:
        """Return whether the phrase has a part, such as "year"."""
        return bool(self.slots.get(slot))

    def get_month(self, slot: str = "month") -> int:
        """Return the number of the month in the phrase, from its name (in the part `slot`) or
        digits.
        """
        return self.get_number(slot) or self.get_number("figures")

    def infer_year(self, month: int, day: int) -> int | None:
        """Return the year for a month and day: the year in the phrase, else the year that the dates
        in `anchors` suggest, None if unknown.
        """
        if self.has_slot("year") or self.has_slot("year2"):
            return self.get_number("year") or self.get_number("year2")
        published = self.anchors.published
        if self.has_slot("yearsago"):
            base = (
                published.year
                if published
                else self.anchors.text_year or self.anchors.last_named_year
            )
            return base - self.get_number("yearsago") if base else None
        if self.anchors.last_named_year or self.anchors.text_year:
            return self.anchors.last_named_year or self.anchors.text_year
        if published is None:
            return None
        ahead = (_last_valid_day(published.year, month, day) - published).days
        return published.year - 1 if ahead > MAX_FUTURE_DAYS else published.year


def add_months(day: date, months: int) -> date:
    """Return the day a number of months later, or earlier if `months` is negative."""
    month = day.year * MONTHS_IN_YEAR + day.month - 1 + months
    return _last_valid_day(month // MONTHS_IN_YEAR, month % MONTHS_IN_YEAR + 1, day.day)


def _last_valid_day(year: int, month: int, day: int) -> date:
    """Return the day, or the last day of the month if the month is shorter."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def month_bounds(year: int, month: int) -> tuple[date, date]:
    """Return the first and the last day of a month."""
    return date(year, month, 1), _last_valid_day(year, month, 31)


def _resolve_day(phrase: DatePhrase) -> list[DayRange]:
    """Return the day of "5 May 2025", none if the year is unknown."""
    day, month = phrase.get_number("day"), phrase.get_month()
    year = phrase.infer_year(month, day)
    return [single_day_range(date(year, month, day))] if year else []


def single_day_range(day: date) -> DayRange:
    """Return a range of one day."""
    return DayRange(day, day, Precision.DAY)


def period_between(first: date, last: date) -> list[DayRange]:
    """Return the period between two days as a list, empty if the second comes first."""
    return [DayRange(first, last, Precision.RANGE)] if first <= last else []


def _resolve_days(phrase: DatePhrase) -> list[DayRange]:
    """Return the period of "5 to 9 May", also across two months or years."""
    last_month = phrase.get_number("month2") or phrase.get_month()
    year = phrase.infer_year(last_month, phrase.get_number("day2"))
    if not year:
        return []
    first_year = (
        phrase.get_number("year") if phrase.has_slot("year2") and phrase.has_slot("year") else year
    )
    if phrase.has_slot("year2"):
        year = phrase.get_number("year2")
    first = date(first_year, phrase.get_month(), phrase.get_number("day"))
    last = date(year, last_month, phrase.get_number("day2"))
    return period_between(first if first <= last else add_months(first, -MONTHS_IN_YEAR), last)


def _resolve_listed_days(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "5, 6 and 9 May", each as its own range."""
    month = phrase.get_month()
    year = phrase.infer_year(month, phrase.get_number("day"))
    days = [phrase.get_number(slot) for slot in ("day", "day2", "day3") if phrase.has_slot(slot)]
    return [single_day_range(date(year, month, day)) for day in days] if year else []


def _resolve_night_before(phrase: DatePhrase) -> list[DayRange]:
    """Return the two days of the night before a day: "the night to 5 May"."""
    return [
        part
        for one in _resolve_day(phrase)
        for part in period_between(one.earliest - ONE_DAY, one.latest)
    ]


def _resolve_night_after(phrase: DatePhrase) -> list[DayRange]:
    """Return the two days of the night that begins on a day: "the night of 5 May"."""
    return [
        part
        for one in _resolve_day(phrase)
        for part in period_between(one.earliest, one.latest + ONE_DAY)
    ]


def _resolve_month(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "May 2025"."""
    month = phrase.get_month()
    year = phrase.infer_year(month, 1)
    return [DayRange(*month_bounds(year, month), Precision.MONTH)] if year else []


def _resolve_months(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "May to July 2025"."""
    first, last = phrase.get_month(), phrase.get_number("month2")
    year = phrase.infer_year(last, 1)
    if not year:
        return []
    last_year = phrase.get_number("year2") or year
    first_year = (
        phrase.get_number("year")
        if phrase.has_slot("year2") and phrase.has_slot("year")
        else last_year
    )
    start = month_bounds(first_year, first)[0]
    end = month_bounds(last_year, last)[1]
    return period_between(start if start <= end else add_months(start, -MONTHS_IN_YEAR), end)


def _resolve_part_of_month(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "early May"."""
    month = phrase.get_month()
    first, last = DAYS_OF_MONTH_PART[phrase.get_key("part")]
    year = phrase.infer_year(month, first)
    return (
        period_between(date(year, month, first), _last_valid_day(year, month, last)) if year else []
    )


def _period_of_months(phrase: DatePhrase, first: int, last: int) -> list[DayRange]:
    """Return the period from month `first` to month `last` of the phrase's year."""
    year = phrase.infer_year(first, 1)
    return period_between(date(year, first, 1), month_bounds(year, last)[1]) if year else []


def _resolve_part_of_year(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "early 2025"."""
    return _period_of_months(phrase, *MONTHS_OF_YEAR_PART[phrase.get_key("part")])


def _resolve_quarter(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "the second quarter of 2025"."""
    last = phrase.get_number("quarter") * MONTHS_IN_QUARTER
    return _period_of_months(phrase, last - MONTHS_IN_QUARTER + 1, last)


def _resolve_half_year(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "the first half of 2025"."""
    last = phrase.get_number("half") * MONTHS_IN_HALF_YEAR
    return _period_of_months(phrase, last - MONTHS_IN_HALF_YEAR + 1, last)


def _resolve_season(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "summer 2025"."""
    month = SEASON_MONTHS[SEASON_WORDS[phrase.get_key("season")]]
    year = phrase.infer_year(month, 1)
    if not year:
        return []
    # "In winter 2025", said before December, is the one that began the year before.
    published = phrase.anchors.published
    if month == DECEMBER and published and date(year, month, 1) > published:
        year -= 1
    start = date(year, month, 1)
    return [DayRange(start, add_months(start, MONTHS_IN_QUARTER) - ONE_DAY, Precision.SEASON)]


def _resolve_year(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "2025"."""
    year = phrase.infer_year(1, 1)
    return [DayRange(date(year, 1, 1), date(year, DECEMBER, 31), Precision.YEAR)] if year else []


def _resolve_years(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "2023 to 2025"."""
    return period_between(
        date(phrase.get_number("year"), 1, 1), date(phrase.get_number("year2"), DECEMBER, 31)
    )


# For each kind of date phrase (a heading of `dates.toml`) that is a date by itself, such as "5
# May", the function that returns the days of such a phrase.
ABSOLUTE_DATE_RESOLVERS: dict[str, Callable[[DatePhrase], list[DayRange]]] = {
    "day": _resolve_day,
    "days": _resolve_days,
    "listed": _resolve_listed_days,
    "night": _resolve_night_before,
    "night_of": _resolve_night_after,
    "month": _resolve_month,
    "months": _resolve_months,
    "part_of_month": _resolve_part_of_month,
    "year": _resolve_year,
    "part_of_year": _resolve_part_of_year,
    "quarter": _resolve_quarter,
    "half": _resolve_half_year,
    "season": _resolve_season,
    "years": _resolve_years,
}


def _resolve_weekday(phrase: DatePhrase) -> list[DayRange]:
    """Return the day of "on Monday"."""
    return [single_day_range(day) for day in _find_weekday(phrase, 0)]


def _resolve_last_weekday(phrase: DatePhrase) -> list[DayRange]:
    """Return the day of "last Monday"."""
    return [single_day_range(day) for day in _find_weekday(phrase, 1)]


def _resolve_night_before_weekday(phrase: DatePhrase) -> list[DayRange]:
    """Return the two days of "the night to Monday"."""
    return [part for day in _find_weekday(phrase, 0) for part in period_between(day - ONE_DAY, day)]


def _resolve_night_after_weekday(phrase: DatePhrase) -> list[DayRange]:
    """Return the two days of "Monday night"."""
    return [part for day in _find_weekday(phrase, 0) for part in period_between(day, day + ONE_DAY)]


def _find_weekday(phrase: DatePhrase, min_days: int) -> list[date]:
    """Return the day that a weekday means, as a list of one, or [] if unknown: the last such day at
    least `min_days` before publication. If the text named a day over a week before publication, or
    publication is unknown, it is the first such weekday from the day named last on.
    """
    wanted = phrase.get_number("weekday") - 1
    latest, published = phrase.anchors.last_named_day, phrase.anchors.published
    if latest and (published is None or (published - latest).days > DAYS_IN_WEEK):
        return [latest + timedelta((wanted - latest.weekday()) % DAYS_IN_WEEK)]
    if published is None:
        return []
    back = (published.weekday() - wanted) % DAYS_IN_WEEK
    return [published - timedelta(back if back >= min_days else back + DAYS_IN_WEEK)]


def _resolve_days_ago(phrase: DatePhrase) -> list[DayRange]:
    """Return the day of "yesterday", "today" and the like. `phrase.slots["fixed"]` is the number of
    days before publication.
    """
    published = phrase.anchors.published
    return (
        [single_day_range(published - timedelta(int(phrase.slots["fixed"])))] if published else []
    )


def _resolve_years_ago(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "last year" or "this year". `phrase.slots["fixed"]` is the number of years
    before the year of publication.
    """
    published, back = phrase.anchors.published, int(phrase.slots["fixed"])
    base = published.year if published else phrase.anchors.text_year
    if base is None:
        return []
    year = base - back
    if published and not back:
        return period_between(date(year, 1, 1), published)
    return [DayRange(date(year, 1, 1), date(year, DECEMBER, 31), Precision.YEAR)]


def _resolve_last_night(phrase: DatePhrase) -> list[DayRange]:
    """Return the two days of "last night"."""
    published = phrase.anchors.published
    return period_between(published - ONE_DAY, published) if published else []


def _resolve_units_ago(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "three weeks ago", counted from publication."""
    return _resolve_units_before(phrase, phrase.anchors.published)


def _resolve_units_earlier(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "two days earlier", counted from the day named last before the phrase,
    else from publication.
    """
    latest = phrase.anchors.last_named_day or phrase.anchors.published
    if latest and not phrase.has_slot("unit"):
        return [single_day_range(latest - ONE_DAY)]
    return _resolve_units_before(phrase, latest)


def _resolve_units_before(phrase: DatePhrase, day: date | None) -> list[DayRange]:
    """Return the days that are the phrase's number of weeks, months or other units before `day`."""
    if day is None or not phrase.has_slot("unit"):
        return []
    unit, most = phrase.get_key("unit"), _unit_count(phrase)
    if phrase.has_slot("n") and not phrase.get_number("n"):
        return period_between(
            _shift_by_unit(day, unit, -MAX_COUNT_OF_SEVERAL), _shift_by_unit(day, unit, -2)
        )
    there = _shift_by_unit(day, unit, -most)
    if unit == "day":
        return [single_day_range(there)]
    if unit == "week":
        return period_between(
            there - timedelta(DAYS_IN_WEEK // 2), there + timedelta(DAYS_IN_WEEK // 2)
        )
    if unit == "year":
        return [DayRange(date(there.year, 1, 1), date(there.year, 12, 31), Precision.APPROXIMATE)]
    return [DayRange(*month_bounds(there.year, there.month), Precision.APPROXIMATE)]


def _resolve_units_later(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "two days later", counted from the day named last before the phrase."""
    latest = phrase.anchors.last_named_day
    if latest is None or phrase.get_key("unit") not in ("day", "week"):
        return []
    there = _shift_by_unit(latest, phrase.get_key("unit"), _unit_count(phrase))
    if phrase.get_key("unit") == "day" and _unit_count(phrase) and phrase.get_number("n") != 0:
        return [single_day_range(there)]
    return period_between(
        latest + ONE_DAY, max(there + timedelta(DAYS_IN_WEEK // 2), latest + ONE_DAY)
    )


def _resolve_next_day(phrase: DatePhrase) -> list[DayRange]:
    """Return the day of "the next day", counted from the day named last before the phrase."""
    latest = phrase.anchors.last_named_day
    return [single_day_range(latest + ONE_DAY)] if latest else []


def _unit_count(phrase: DatePhrase) -> int:
    """Return the number in a phrase: 3 for "three weeks", 6 for "several weeks"."""
    return phrase.get_number("n") or (
        MAX_COUNT_OF_SEVERAL if phrase.has_slot("n") else phrase.get_number("ordinal") or 1
    )


def _shift_by_unit(day: date, unit: str, count: int) -> date:
    """Return the day `count` units later or earlier; `unit` is a key such as "week", "halfyear"."""
    if unit in ("day", "week"):
        return day + timedelta(count * (DAYS_IN_WEEK if unit == "week" else 1))
    return add_months(
        day, count * {"month": 1, "halfyear": MONTHS_IN_HALF_YEAR, "year": DECEMBER}[unit]
    )


def _resolve_last_unit(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "last week", "last month" or "last year"."""
    published = phrase.anchors.published
    if published is None:
        return []
    unit = phrase.get_key("unit")
    if unit == "year":
        year = published.year - 1
        return [DayRange(date(year, 1, 1), date(year, DECEMBER, 31), Precision.YEAR)]
    if unit == "month":
        first = add_months(published, -1)
        return [DayRange(*month_bounds(first.year, first.month), Precision.MONTH)]
    if unit == "week":
        monday = published - timedelta(published.weekday() + DAYS_IN_WEEK)
        return period_between(monday, monday + timedelta(DAYS_IN_WEEK - 1))
    return []


def _resolve_current_unit(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "this month" up to publication."""
    published = phrase.anchors.published
    # "С начала года" and "жыл басынан бері" may have their unit without a slot: the year.
    unit = phrase.get_key("unit") if phrase.has_slot("unit") else "year"
    if published is None or unit == "day":
        return []
    first = {
        "week": published - timedelta(published.weekday()),
        "month": published.replace(day=1),
    }.get(unit, date(published.year, 1, 1))
    return period_between(first, published)


def _resolve_past_units(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "in the past three weeks" up to publication."""
    published = phrase.anchors.published
    if published is None:
        return []
    # "In recent times" has no unit: some months.
    unit = phrase.get_key("unit") if phrase.has_slot("unit") else "month"
    count = _unit_count(phrase) if phrase.has_slot("unit") else MAX_COUNT_OF_SEVERAL
    return period_between(_shift_by_unit(published, unit, -count), published)


def _resolve_weekend(phrase: DatePhrase) -> list[DayRange]:
    """Return the days of "at the weekend"."""
    published = phrase.anchors.published
    if published is None:
        return []
    # On a Sunday "the weekend" is the one that is ending.
    sunday = published - timedelta((published.weekday() + 1) % DAYS_IN_WEEK)
    return period_between(sunday - ONE_DAY, sunday)


# For each kind of date phrase (a heading of `dates.toml`) that is counted from another date, such
# as "yesterday", the function that returns the days of such a phrase.
RELATIVE_DATE_RESOLVERS: dict[str, Callable[[DatePhrase], list[DayRange]]] = {
    "weekday": _resolve_weekday,
    "last_weekday": _resolve_last_weekday,
    "weekday_night": _resolve_night_before_weekday,
    "weekday_night_of": _resolve_night_after_weekday,
    "days_ago": _resolve_days_ago,
    "nights": _resolve_last_night,
    "ago": _resolve_units_ago,
    "years_back": _resolve_years_ago,
    "earlier": _resolve_units_earlier,
    "later": _resolve_units_later,
    "next_day": _resolve_next_day,
    "last": _resolve_last_unit,
    "this": _resolve_current_unit,
    "past_n": _resolve_past_units,
    "weekend": _resolve_weekend,
}
