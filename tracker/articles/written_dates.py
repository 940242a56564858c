"""Days as articles write them in English, Russian and Kazakh; a day without its year is none."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import NamedTuple

from tracker.articles.words_around import listed

EARLIEST_YEAR, LATEST_YEAR = 1990, 2099
MONTHS = 12


class Written(NamedTuple):
    """A day, and where it is written."""

    start: int
    end: int
    day: date


NUMBERS = re.compile(
    r"(?<![\d.])(?:(?P<y1>\d{4})[-./](?P<m1>\d{1,2})[-./](?P<d1>\d{1,2})"
    r"|(?P<d2>\d{1,2})[./-](?P<m2>\d{1,2})[./-](?P<y2>\d{4}))(?![\d])"
)


def written_dates(text: str) -> list[Written]:
    """Return the days in the text, in order."""
    found = [
        Written(match.start(), match.end(), day)
        for pattern in (NUMBERS, _in_words())
        for match in pattern.finditer(text)
        if (day := _day({name: value for name, value in match.groupdict().items() if value}))
    ]
    return sorted(found)


def is_month(word: str) -> bool:
    """Say whether a word is a month, in whichever case."""
    return any(month.fullmatch(word) for month in _months())


@cache
def _months() -> tuple[re.Pattern[str], ...]:
    """Return what each month is called, in every language."""
    names: list[list[str]] = [[] for _ in range(MONTHS)]
    for place, words in enumerate(listed("months")):
        names[place % MONTHS] += [re.escape(word).replace(r"\*", r"\w*") for word in words.split()]
    return tuple(re.compile("(?:" + "|".join(some) + ")", re.IGNORECASE) for some in names)


@cache
def _in_words() -> re.Pattern[str]:
    month = "|".join(pattern.pattern for pattern in _months())

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


def _day(parts: dict[str, str]) -> date | None:
    number = next(name[1] for name in parts)
    year, day = int(parts["y" + number]), int(parts["d" + number])
    if named := parts.get("n" + number):
        name = named.rstrip(".")
        month = next(place for place, one in enumerate(_months(), 1) if one.fullmatch(name))
    else:
        month = int(parts["m" + number])
    # Day first, unless that cannot be: 05/12/2025, but 12/25/2025 is Christmas.
    if month > MONTHS >= day and number == "2":
        day, month = month, day
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if EARLIEST_YEAR <= year <= LATEST_YEAR else None
