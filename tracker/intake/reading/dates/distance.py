"""The days that are said by their distance: from the publication, or from what was told before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tracker.intake.reading.dates.calendar import (
    HALF_YEAR,
    Said,
    Span,
    between,
    month_days,
    one_day,
    shifted,
)
from tracker.when import DECEMBER, ONE_DAY, Precision

if TYPE_CHECKING:
    from collections.abc import Callable

WEEK = 7
# What the words "several weeks" may mean at most.
SEVERAL = 6


def _weekday(said: Said) -> list[Span]:
    return [one_day(day) for day in _weekdays(said, 0)]


def _last_weekday(said: Said) -> list[Span]:
    return [one_day(day) for day in _weekdays(said, 1)]


def _weekday_night(said: Said) -> list[Span]:
    return [part for day in _weekdays(said, 0) for part in between(day - ONE_DAY, day)]


def _weekday_night_of(said: Said) -> list[Span]:
    return [part for day in _weekdays(said, 0) for part in between(day, day + ONE_DAY)]


def _weekdays(said: Said, at_least: int) -> list[date]:
    """Return the nearest such day before the publication, or after the day told in an old tale."""
    wanted = said.number("weekday") - 1
    told, published = said.anchors.told_day, said.anchors.published
    if told and (published is None or (published - told).days > WEEK):
        return [told + timedelta((wanted - told.weekday()) % WEEK)]
    if published is None:
        return []
    back = (published.weekday() - wanted) % WEEK
    return [published - timedelta(back if back >= at_least else back + WEEK)]


def _days_ago(said: Said) -> list[Span]:
    published = said.anchors.published
    return [one_day(published - timedelta(int(said.slots["fixed"])))] if published else []


def _years_back(said: Said) -> list[Span]:
    published, back = said.anchors.published, int(said.slots["fixed"])
    base = published.year if published else said.anchors.text_year
    if base is None:
        return []
    year = base - back
    if published and not back:
        return between(date(year, 1, 1), published)
    return [Span(date(year, 1, 1), date(year, DECEMBER, 31), Precision.YEAR)]


def _nights(said: Said) -> list[Span]:
    published = said.anchors.published
    return between(published - ONE_DAY, published) if published else []


def _ago(said: Said) -> list[Span]:
    return _before(said, said.anchors.published)


def _earlier(said: Said) -> list[Span]:
    told = said.anchors.told_day or said.anchors.published
    if told and not said.has("unit"):
        return [one_day(told - ONE_DAY)]
    return _before(said, told)


def _before(said: Said, day: date | None) -> list[Span]:
    if day is None or not said.has("unit"):
        return []
    unit, most = said.key("unit"), _number(said)
    if said.has("n") and not said.number("n"):
        return between(_moved(day, unit, -SEVERAL), _moved(day, unit, -2))
    there = _moved(day, unit, -most)
    if unit == "day":
        return [one_day(there)]
    if unit == "week":
        return between(there - timedelta(WEEK // 2), there + timedelta(WEEK // 2))
    if unit == "year":
        return [Span(date(there.year, 1, 1), date(there.year, 12, 31), Precision.APPROXIMATE)]
    return [Span(*month_days(there.year, there.month), Precision.APPROXIMATE)]


def _later(said: Said) -> list[Span]:
    told = said.anchors.told_day
    if told is None or said.key("unit") not in ("day", "week"):
        return []
    there = _moved(told, said.key("unit"), _number(said))
    if said.key("unit") == "day" and _number(said) and said.number("n") != 0:
        return [one_day(there)]
    return between(told + ONE_DAY, max(there + timedelta(WEEK // 2), told + ONE_DAY))


def _next_day(said: Said) -> list[Span]:
    told = said.anchors.told_day
    return [one_day(told + ONE_DAY)] if told else []


def _number(said: Said) -> int:
    return said.number("n") or (SEVERAL if said.has("n") else said.number("ordinal") or 1)


def _moved(day: date, unit: str, count: int) -> date:
    if unit in ("day", "week"):
        return day + timedelta(count * (WEEK if unit == "week" else 1))
    return shifted(day, count * {"month": 1, "halfyear": HALF_YEAR, "year": DECEMBER}[unit])


def _last(said: Said) -> list[Span]:
    published = said.anchors.published
    if published is None:
        return []
    unit = said.key("unit")
    if unit == "year":
        year = published.year - 1
        return [Span(date(year, 1, 1), date(year, DECEMBER, 31), Precision.YEAR)]
    if unit == "month":
        first = shifted(published, -1)
        return [Span(*month_days(first.year, first.month), Precision.MONTH)]
    if unit == "week":
        monday = published - timedelta(published.weekday() + WEEK)
        return between(monday, monday + timedelta(WEEK - 1))
    return []


def _this(said: Said) -> list[Span]:
    published = said.anchors.published
    # "С начала года" and "жыл басынан бері" may say their unit without a slot: the year.
    unit = said.key("unit") if said.has("unit") else "year"
    if published is None or unit == "day":
        return []
    first = {
        "week": published - timedelta(published.weekday()),
        "month": published.replace(day=1),
    }.get(unit, date(published.year, 1, 1))
    return between(first, published)


def _past_n(said: Said) -> list[Span]:
    published = said.anchors.published
    if published is None:
        return []
    # "In recent times" has no unit: some months.
    unit = said.key("unit") if said.has("unit") else "month"
    count = _number(said) if said.has("unit") else SEVERAL
    return between(_moved(published, unit, -count), published)


def _weekend(said: Said) -> list[Span]:
    published = said.anchors.published
    if published is None:
        return []
    # On a Sunday "the weekend" is the one that is ending.
    sunday = published - timedelta((published.weekday() + 1) % WEEK)
    return between(sunday - ONE_DAY, sunday)


RELATIVE: dict[str, Callable[[Said], list[Span]]] = {
    "weekday": _weekday, "last_weekday": _last_weekday, "weekday_night": _weekday_night,
    "weekday_night_of": _weekday_night_of, "days_ago": _days_ago, "nights": _nights, "ago": _ago,
    "years_back": _years_back, "earlier": _earlier, "later": _later, "next_day": _next_day,
    "last": _last, "this": _this, "past_n": _past_n, "weekend": _weekend,
}  # fmt: skip
