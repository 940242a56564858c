"""Translation of texts and names of countries: the viewer's language, English outside a request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from babel import Locale
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
    "ngettext",
    "pgettext",
    "use_language",
]

_ = gettext  # translates a text at once
lazy = lazy_gettext  # translates a text when it is shown
# The CLDR pattern of a day.
DAY_PATTERN = "d MMMM y"
# Kazakh puts the year first.
KAZAKH_DAY_PATTERN = "y 'ж'. d MMMM"
# By language and code, names that the press of the region writes, where they differ from CLDR.
COUNTRY_NAME_OVERRIDES = {"ru": {"KG": "Кыргызстан"}}
# The Kazakh alphabet includes the Russian one in its order.
CYRILLIC_ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
# For `str.translate`: by letter, a character that sorts by the letter's place in the alphabet.
CYRILLIC_SORT_TABLE = {
    ord(letter): ord("а") + place for place, letter in enumerate(CYRILLIC_ALPHABET)
}
# CLDR also lists groupings and codes that ISO does not assign to a country.
NON_COUNTRY_CODES = frozenset(
    {"EU", "EZ", "UN", "ZZ", "QO", "XA", "XB", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"}
)


class _DateFormats(dict[str, str | None]):
    """Date formats (CLDR patterns) by the name that Flask-Babel gives them, such as "date.medium".
    Days are written as in `dates.localized_day`.
    """

    def __getitem__(self, name: str) -> str | None:
        day = KAZAKH_DAY_PATTERN if current_language() == "kk" else DAY_PATTERN
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
    """Return a text in the quotation marks of the viewer's language."""
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
