"""Languages and alphabets: translation, countries and dates in words, characters of a text.

Words are in the viewer's language, outside a request in English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Protocol

from babel import Locale, dates
from flask import Flask, current_app, has_app_context, has_request_context, request, session
from flask_babel import (
    Babel,
    LazyString,
    force_locale,
    format_date,
    format_datetime,
    get_locale,
    gettext,
    lazy_gettext,
    ngettext,
    pgettext,
)

from tracker.config import LANGUAGES
from tracker.when import DECEMBER, MONTHS_IN_YEAR, OPEN_START, When, format_when

__all__ = [
    "LazyString",
    "_",
    "alphabet_sort_key",
    "country_choices",
    "country_name",
    "country_names",
    "current_language",
    "format_date",
    "format_datetime",
    "lazy",
    "mark",
    "ngettext",
    "pgettext",
    "use_language",
]

_ = gettext  # translates a text at once
lazy = lazy_gettext  # translates a text when it is shown
mark = str  # leaves a text in English: catalogs have it, and `_` translates it where it is shown
# By language and code, names that the press of the region writes, where they differ from CLDR.
COUNTRY_NAME_OVERRIDES = {"ru": {"KG": "Кыргызстан"}}
# CLDR also lists groupings and codes that ISO does not assign to a country.
NON_COUNTRY_CODES = frozenset(
    {"EU", "EZ", "UN", "ZZ", "QO", "XA", "XB", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"}
)
# The Kazakh alphabet includes the Russian one in its order.
CYRILLIC_ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
# For `str.translate`: by letter, a character that sorts by the letter's place in the alphabet.
CYRILLIC_SORT_TABLE = {
    ord(letter): ord("а") + place for place, letter in enumerate(CYRILLIC_ALPHABET)
}
# One bidirectional or invisible control character: these can make one name look like another.
INVISIBLE_PATTERN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# Characters that stand for a phrase: as letters, a long text of them would have 18 times as many.
PHRASE_CHARACTERS = "\ufdfa\ufdfb"
# The numbers of the seasons in EDTF.
SPRING, SUMMER, AUTUMN, WINTER = 21, 22, 23, 24
# The CLDR pattern of a day.
CLDR_DAY_PATTERN = "d MMMM y"
# CLDR patterns: a month by itself ("июнь 2025"), and after a preposition ("до июня 2025").
STANDALONE_MONTH_PATTERN, GENITIVE_MONTH_PATTERN = "LLLL y", "MMMM y"
# By CLDR pattern, the one used instead in Kazakh, which puts the year first.
KAZAKH_PATTERNS = {
    CLDR_DAY_PATTERN: "y 'ж'. d MMMM",
    STANDALONE_MONTH_PATTERN: "y 'ж'. MMMM",
    GENITIVE_MONTH_PATTERN: "y 'ж'. MMMM",
}
# Any quotation mark but apostrophes.
QUOTATION_MARK_PATTERN = re.compile('["«»“”„‟]')
# A year, a month or season, or a day: 2025, 2025-06, 2025-06-04.
EDTF_PART_PATTERN = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")

# What separates the bounds of a date in EDTF: `a/b`, `a..b`, `a/..` or `../b`.
EDTF_SEPARATOR_PATTERN = re.compile(r"/?\.\./?|/")


class _DateFormats(dict[str, str | None]):
    """Date formats (CLDR patterns) by the name that Flask-Babel gives them, such as "date.medium".
    Days are written as in `localized_day`.
    """

    def __getitem__(self, name: str) -> str | None:
        day = KAZAKH_PATTERNS[CLDR_DAY_PATTERN] if current_language() == "kk" else CLDR_DAY_PATTERN
        ours = {"date.medium": day, "datetime.medium": f"{day}, HH:mm"}
        return ours[name] if name in ours else super().__getitem__(name)


def init_app(app: Flask) -> None:
    """Set up Flask-Babel, and add the functions for languages, dates and countries to Jinja."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    app.config["BABEL_DEFAULT_TIMEZONE"] = app.config["TRACKER"].timezone
    formats = _DateFormats(Babel.default_date_formats)
    Babel(app, date_formats=formats, locale_selector=_select_locale)
    app.jinja_env.globals.update(
        languages=LANGUAGES,
        current_language=current_language,
        country_name=country_name,
        format_date=format_date,
        format_datetime=format_datetime,
        quoted=add_quotation_marks,
    )


def _select_locale() -> str:
    """Return the language chosen in the session, else the browser's, else the installation's."""
    if not has_request_context():
        return "en"
    picked = session.get("language")
    if picked in LANGUAGES:
        return str(picked)
    default = current_app.config["TRACKER"].language
    return request.accept_languages.best_match(list(LANGUAGES), default=default) or default


def current_language() -> str:
    """Return the two-letter code of the language of the current response."""
    if not has_app_context():
        return "en"
    locale = get_locale()
    return locale.language if locale else "en"


@contextmanager
def use_language(code: str) -> Iterator[None]:
    """Translate into the given language within a `with` block."""
    if code == current_language():
        yield
    else:
        with force_locale(code):
            yield


def add_quotation_marks(text: object) -> str:
    """Return a text in the quotation marks of the viewer's language, unless it has some already."""
    if QUOTATION_MARK_PATTERN.search(str(text)):
        return str(text)
    return str(_("“%(text)s”", text=text))


@cache
def _territory_names(language_code: str) -> dict[str, str]:
    """Return the names of CLDR's territories in a language by code, with our overrides."""
    ours = COUNTRY_NAME_OVERRIDES.get(language_code, {})
    return {**Locale.parse(language_code).territories, **ours}


def is_country_code(code: str) -> bool:
    """Return whether a text is the ISO 3166-1 alpha-2 code of an existing country."""
    return code in dict(_sorted_country_names("en"))


def country_name(code: str) -> str:
    """Return the name of a country in the viewer's language, the code itself if it is unknown."""
    return _territory_names(current_language()).get(code, code)


def country_names() -> list[tuple[str, str]]:
    """Return the code and the name, in the viewer's language, of each country, sorted by name."""
    return list(_sorted_country_names(current_language()))


def country_choices() -> list[tuple[str, str]]:
    """Return the countries as choices of a form field, with an empty choice first."""
    return [("", "—"), *country_names()]


@cache
def _sorted_country_names(language_code: str) -> tuple[tuple[str, str], ...]:
    """Return the code and the name, in a language, of each country, sorted by name."""
    named = [
        (code, name)
        for code, name in _territory_names(language_code).items()
        if len(code) == 2 and code.isalpha() and code not in NON_COUNTRY_CODES  # noqa: PLR2004 (ISO 3166-1 alpha-2)
    ]
    return tuple(sorted(named, key=lambda pair: alphabet_sort_key(pair[1])))


def alphabet_sort_key(text: str) -> str:
    """Return the key that sorts a text by the Kazakh alphabet, with ә after а."""
    return text.casefold().translate(CYRILLIC_SORT_TABLE)


def remove_invisible_characters(text: str) -> str:
    """Return the text on one line, without invisible characters and repeated white space."""
    # A printable text has no invisible characters.
    return " ".join((text if text.isprintable() else INVISIBLE_PATTERN.sub("", text)).split())


def normalise_text(text: str) -> str:
    """Return the text in the form that is stored: Unicode NFC, line ends as LF."""
    text = unicodedata.normalize("NFC", text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def normalise_for_comparison(text: str) -> str:
    """Return the text in the form in which it is compared and searched: Unicode NFKC, without the
    characters that NFKC would write out as whole phrases.
    """
    for phrase in PHRASE_CHARACTERS:
        text = text.replace(phrase, " ")
    return unicodedata.normalize("NFKC", text)


@dataclass(frozen=True, slots=True)
class DayCount:
    """A number of days that is known to be from `at_least` to `at_most`, which is None if the first
    day is unknown. `is_known` is False if the date of the last event is unknown: then `at_most`
    counts up to the last day on which it may have been, such as the day of an article about it.
    """

    at_least: int
    at_most: int | None
    is_known: bool = True

    @property
    def is_informative(self) -> bool:
        """Whether the bounds exclude anything: "at least 0 days" excludes nothing."""
        return self.is_known and (self.at_most is not None or self.at_least > 0)


@dataclass(frozen=True, slots=True)
class MonthRange:
    """A range of consecutive months, as the first days of its first and of its last month."""

    first: date
    last: date

    def __str__(self) -> str:
        """Return the text for addresses and inputs: `2025-06`, or `2025-06/2025-08`."""
        ends = [self.first] if self.first == self.last else [self.first, self.last]
        return "/".join(day.isoformat()[: len("2025-06")] for day in ends)

    @property
    def day_after(self) -> date:
        """The first day after the last month."""
        return next_month(self.last)

    @property
    def month_count(self) -> int:
        """The number of months in the range."""
        first, last = (day.year * MONTHS_IN_YEAR + day.month for day in (self.first, self.last))
        return last - first + 1

    def preceding_range(self) -> MonthRange:
        """Return the range of as many months that ends directly before this one."""
        earlier = months_up_to(self.first - timedelta(days=1), self.month_count)
        return MonthRange(earlier[0], earlier[-1])

    def localized_text(self) -> str:
        """Return the months in the viewer's language: "June 2025 – August 2025"."""
        ends = [self.first] if self.first == self.last else [self.first, self.last]
        return " – ".join(map(localized_month, ends))


class UncertainDay(Protocol):
    """A day that is known to be from `earliest` to `latest`. `earliest` is `OPEN_START` if the
    first possible day is unknown.
    """

    @property
    def earliest(self) -> date:
        """The first possible day."""

    @property
    def latest(self) -> date:
        """The last possible day."""


def days_between(
    begun: UncertainDay, ended: UncertainDay | None, today: date, *, is_dated: bool = True
) -> DayCount:
    """Return the number of days from one event to another, or to `today` if `ended` is None.
    `is_dated` is False if the date of the second event is unknown.
    """
    first, last = (ended.earliest, ended.latest) if ended else (today, today)
    most = None if begun.earliest == OPEN_START else _day_difference(begun.earliest, last)
    return DayCount(_day_difference(begun.latest, first), most, is_known=is_dated)


def localized_date(when: When) -> str:
    """Return a date in the viewer's language, as precise as it is known: "about May 2025"."""
    text = format_when(when)
    if not text:
        return str(_("date unknown"))
    if text.startswith("before "):
        return str(
            _(
                "before %(date)s",
                date=_localized_edtf_part(text.removeprefix("before "), GENITIVE_MONTH_PATTERN),
            )
        )
    if text.startswith("after "):
        return str(
            _(
                "after %(date)s",
                date=_localized_edtf_part(text.removeprefix("after "), GENITIVE_MONTH_PATTERN),
            )
        )
    return localized_edtf(text)


def localized_edtf(text: str) -> str:
    """Return a date, given as EDTF, in the viewer's language, with "…" for an open bound."""
    parts = EDTF_SEPARATOR_PATTERN.split(text.strip("[]"))
    bounds = [parts[0], parts[-1]] if len(parts) > 1 else parts
    if len(bounds) > 1 and (words := _localized_range_in_year(*bounds)):
        return words
    return " – ".join(_localized_bound(bound) if bound else "…" for bound in bounds)


def _localized_range_in_year(first: str, last: str) -> str:
    """Return two days or two months of one year, given as EDTF, in the viewer's language, with what
    they share written once: "4–7 June 2025", "4 June – 3 July 2025", "June – August 2025"; "" for
    other bounds.
    """
    matches = [EDTF_PART_PATTERN.fullmatch(one) for one in (first, last)]
    (year, month, day), (last_year, last_month, last_day) = (
        match.groups() if match else (None, None, None) for match in matches
    )
    is_month = month and last_month and int(month) < SPRING > int(last_month)
    if not is_month or year != last_year or bool(day) is not bool(last_day):
        return ""
    if first == last:
        return _localized_bound(first)
    separator = "–" if day and month == last_month else " – "
    if not day:
        short, whole = "LLLL", STANDALONE_MONTH_PATTERN
    elif month == last_month:
        short, whole = "d", CLDR_DAY_PATTERN
    else:
        short, whole = "d MMMM", CLDR_DAY_PATTERN
    patterns = short, whole
    if current_language() == "kk":
        patterns = ("y 'ж'. d", "d MMMM") if short == "d" else (whole, short.replace("L", "M"))
    days = (date(int(one[:4]), int(one[5:7]), int(one[8:] or 1)) for one in (first, last))
    return separator.join(map(_format_localized, days, patterns))


def _localized_bound(text: str) -> str:
    """Return a date given as EDTF without bounds, in the viewer's language: "about May 2025"."""
    words = _localized_edtf_part(text.removesuffix("~"), STANDALONE_MONTH_PATTERN)
    return str(_("about %(date)s", date=words)) if text.endswith("~") else words


def localized_day(day: date) -> str:
    """Return a day in the viewer's language: "4 June 2025"."""
    return _format_localized(day, CLDR_DAY_PATTERN)


def localized_month(first: date) -> str:
    """Return a month in the viewer's language, given its first day: "June 2025"."""
    return _format_localized(first, STANDALONE_MONTH_PATTERN)


def next_month(first: date) -> date:
    """Return the first day of the next month, given the first day of a month."""
    if first.month == DECEMBER:
        return date(first.year + 1, 1, 1)
    return first.replace(month=first.month + 1)


def months_up_to(day: date, count: int) -> list[date]:
    """Return the first day of each of `count` months, the last of which contains `day`."""
    last = day.year * MONTHS_IN_YEAR + day.month - 1
    return [
        date(place // MONTHS_IN_YEAR, place % MONTHS_IN_YEAR + 1, 1)
        for place in range(last - count + 1, last + 1)
    ]


def localized_day_range(earliest: date, latest: date) -> str:
    """Return a day between bounds, localized: "4 June 2025", "June 2025", "between … and …"."""
    last = localized_day(latest)
    if earliest == latest:
        return last
    if earliest == OPEN_START:
        return str(_("by %(day)s", day=last))
    if earliest.day == 1 and latest + timedelta(days=1) == next_month(earliest):
        return localized_month(earliest)
    return str(_("between %(first)s and %(last)s", first=localized_day(earliest), last=last))


def localized_day_count(count: DayCount) -> str:
    """Return a number of days, localized: "17 days", "17 to 30 days", "at least 17 days", "at most
    30 days".
    """
    if not count.is_informative:
        return str(_("not known"))
    if count.at_most is None:
        return str(ngettext("at least %(num)d day", "at least %(num)d days", count.at_least))
    if count.at_least == count.at_most:
        return str(ngettext("%(num)d day", "%(num)d days", count.at_most))
    least = count.at_least
    if not least:
        return str(ngettext("at most %(num)d day", "at most %(num)d days", count.at_most))
    return str(
        ngettext(
            "%(least)d to %(num)d day", "%(least)d to %(num)d days", count.at_most, least=least
        )
    )


def _day_difference(first: date, last: date) -> int:
    """Return the number of days from one day to another, 0 if the other is earlier."""
    return max((last - first).days, 0)


def _localized_edtf_part(text: str, month_pattern: str) -> str:
    """Return a year, season, month or day given as EDTF, in the viewer's language; other text stays
    as it is. `month_pattern`: the CLDR pattern for a month.
    """
    match = EDTF_PART_PATTERN.fullmatch(text)
    if match is None:
        return text
    year, month, day = match.groups()
    if month is None:
        return year
    if int(month) >= SPRING:
        return _localized_season(int(year), int(month))
    if day is None:
        return _format_localized(date(int(year), int(month), 1), month_pattern)
    return localized_day(date(int(year), int(month), int(day)))


def _format_localized(day: date, pattern: str) -> str:
    """Return a day in the viewer's language; `pattern`: a CLDR pattern."""
    return _format_in_language(current_language(), day, pattern)


# A list has a hundred days, and the next page many of the same.
@lru_cache(maxsize=4096)
def _format_in_language(language: str, day: date, pattern: str) -> str:
    """Return a day in a language, given by its code; `pattern`: as in `_format_localized`."""
    words: str = dates.format_date(
        day, KAZAKH_PATTERNS.get(pattern, pattern) if language == "kk" else pattern, locale=language
    )
    return words


def _localized_season(year: int, season: int) -> str:
    """Return a season in the viewer's language; `season`: its number in EDTF."""
    words = {
        SPRING: _("spring %(year)s", year=year),
        SUMMER: _("summer %(year)s", year=year),
        AUTUMN: _("autumn %(year)s", year=year),
        WINTER: _("winter %(year)s/%(next)s", year=year, next=year + 1),
    }
    return str(words[season])
