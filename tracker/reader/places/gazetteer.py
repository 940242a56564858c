"""The listed places of a language in all their forms, and the country that a body belongs to.

The country follows from the places in the body's name and next to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from babel import Locale

from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.text import Word, split_words

# Words that may be between a public body and its country or city: "the police of the Republic of
# Kyrgyzstan", «полиция города Ош».
WORDS_BETWEEN_BODY_AND_COUNTRY = frozenset(
    {"of", "the", "in", "republic", "республики", "республике", "в", "по", "г", "города"}
)
# Words that may be between a country and a public body after it.
WORDS_BETWEEN_COUNTRY_AND_BODY = frozenset({"the", "республикасы", "республикасының"})
# How many words before and after a public body are searched for its country.
COUNTRY_REACH_WORDS = 3
# Codes of countries, not of continents.
COUNTRY_CODE_PATTERN = re.compile(r"[A-Z]{2}")
# Codes that are left out. They stand for no country, or for a country whose name in a language is
# also a common word («Того»).
NOT_COUNTRY_CODES = frozenset(
    "AC AQ CP DG EA EU EZ IC IM JE QO TA TD TG UN XA XB ZZ".split()  # noqa: SIM905 - codes
)
# How Russian names change in the cases; the first row that fits counts. A row has the ending of the
# name, how many of its last letters are removed, and what is added instead in each case.
CASE_ENDINGS = (
    ("ая", 2, "ая|ой|ую|ою"),
    ("ия", 1, "я|и|ю|ей"),
    ("я", 1, "я|и|е|ю|ей"),
    ("а", 1, "а|ы|и|е|у|ой|ою"),
    ("ь", 1, "ь|я|ю|е|ем|и|ью"),
    ("й", 1, "й|я|ю|е|и|ем"),
    ("ье", 1, "е|я|ю|ем"),
    ("ово", 1, "о|а|е|у|ом"),
    ("ево", 1, "о|а|е|у|ом"),
    ("ино", 1, "о|а|е|у|ом"),
)
# How Russian names that are plurals change in the cases: the ending of the name, how many of its
# last letters are removed, and what is added instead in each case.
PLURAL_ENDINGS = ("ы", 1, "ы|ов|ам|ами|ах")
# The end of a Russian name to which case endings are only added.
FINAL_CONSONANT_PATTERN = re.compile(r"[бвгджзклмнпрстфхцчшщ]$")
# Codes of languages.
KAZAKH, RUSSIAN = "kk", "ru"


class GazetteerEntry(NamedTuple):
    """A listed place; `country` is an ISO 3166-1 code, `region` an ISO 3166-2 code or "";
    `is_area`: whether it is a country or a region.
    """

    name: str
    country: str
    region: str
    is_country: bool
    is_area: bool


class GazetteerMatch(NamedTuple):
    """A listed place in a sentence, at the words `first` up to but not `end`. `is_ambiguous`: the
    name may also be a person's name or a common word; `ending`: what its Kazakh case ending means
    ("in", "from"), "" if it has none.
    """

    entry: GazetteerEntry
    first: int
    end: int
    is_ambiguous: bool
    ending: str


class _PlaceForm(NamedTuple):
    """A spelling of a listed place, used as the label of a phrase in `Phrases`. `is_ambiguous`: the
    name may also be a person's name or a common word.
    """

    entry: GazetteerEntry
    is_ambiguous: bool
    # The length of the last word without its ending, for languages that add endings.
    stem_length: int


class Gazetteer:
    """The listed places of a language, with a method to find them in a sentence."""

    def __init__(self, language: str) -> None:
        self._language = language
        data = load_lexicon(language, "places")
        self._endings = {
            ending: kind
            for kind, endings in data.get("endings", {}).items()
            for ending in endings.split("|")
        }
        self._phrases = Phrases(
            (phrase, _PlaceForm(entry, is_ambiguous, stem))
            for entry, spelling in _load_entries(language, data)
            for is_ambiguous in (spelling.endswith("?"),)
            for phrase, stem in self._spelling_phrases(
                spelling.rstrip("?"), is_plural=entry.is_country
            )
        )

    def find(self, words: Sequence[Word]) -> list[GazetteerMatch]:
        """Return the listed places in a sentence; if places overlap, only the longest of them."""
        found: list[GazetteerMatch] = []
        first = 0
        while first < len(words):
            best = max(self._matches_at(words, first), key=lambda one: one.end, default=None)
            if best is not None:
                found.append(best)
            first = best.end if best else first + 1
        return found

    def _matches_at(self, words: Sequence[Word], first: int) -> Iterable[GazetteerMatch]:
        """Yield the listed places that begin at word `first`."""
        for form, start, end in self._phrases.matches_at(words, first):
            ending = words[end - 1].folded[form.stem_length :] if form.stem_length else ""
            if any(word.is_capital for word in words[start:end]) and (
                not ending or ending in self._endings
            ):
                kind = self._endings.get(ending, "")
                yield GazetteerMatch(form.entry, start, end, form.is_ambiguous, kind)

    def _spelling_phrases(self, spelling: str, *, is_plural: bool) -> Iterable[tuple[str, int]]:
        """Yield the phrases that match a spelling in all its cases. Each comes with the number of
        letters of its last word before the case ending, or 0 if the phrase contains the endings
        itself. `is_plural`: whether the name may be a plural.
        """
        for name in spelling.split(", "):
            words = [word.folded for word in split_words(name)]
            if self._language == KAZAKH:
                yield " ".join([*words[:-1], f"{words[-1]}*"]), len(words[-1])
            elif self._language == RUSSIAN and ", " not in spelling and not name.isupper():
                yield (
                    " ".join(
                        f"({decline_russian_name(word, is_plural=is_plural)})" for word in words
                    ),
                    0,
                )
            else:
                last = f"({words[-1]}|{words[-1]}'s)" if self._language == "en" else words[-1]
                yield " ".join([*words[:-1], last]), 0


@cache
def load_gazetteer(language: str) -> Gazetteer:
    """Return the listed places of a language."""
    return Gazetteer(language)


def decline_russian_name(word: str, *, is_plural: bool = False) -> str:
    """Return a Russian name in all its cases, separated by "|". `is_plural`: whether the name may
    be a plural.
    """
    for end, cut, endings in (*CASE_ENDINGS, *((PLURAL_ENDINGS,) if is_plural else ())):
        if word.endswith(end):
            stem = word[:-cut]
            return "|".join(stem + ending for ending in endings.split("|"))
    if FINAL_CONSONANT_PATTERN.search(word):
        return "|".join(word + ending for ending in ("", "а", "у", "е", "ом", "ем"))
    return word


def _load_entries(
    language: str, data: dict[str, dict[str, str]]
) -> Iterable[tuple[GazetteerEntry, str]]:
    """Yield each listed place with each of its spellings: first countries, then regions and cities.
    `data`: the content of the file `places.toml`.
    """
    for code, name, spellings in _country_spellings(language, data.get("countries", {})):
        for spelling in spellings:
            yield GazetteerEntry(name, code, "", is_country=True, is_area=True), spelling
    for section in ("regions", "cities"):
        for code, lines in data.get(section, {}).items():
            country, _dash, number = code.partition("-")
            for line in lines.strip().splitlines():
                spellings = line.split(" / ")
                name = spellings[0].rstrip("?").split(", ")[0]
                region = code if number else ""
                entry = GazetteerEntry(
                    name, country, region, is_country=False, is_area=section == "regions"
                )
                for spelling in spellings:
                    yield entry, spelling


def _country_spellings(
    language: str, added: dict[str, str]
) -> Iterable[tuple[str, str, list[str]]]:
    """Yield the code, name and spellings of each country. `added`: further spellings, separated by
    " / ", by the code of the country.
    """
    if not added:
        return
    for code, name in Locale(language).territories.items():
        if COUNTRY_CODE_PATTERN.fullmatch(code) and code not in NOT_COUNTRY_CODES:
            spellings = [name, *added[code].split(" / ")] if code in added else [name]
            shown = added[code].split(" / ")[0].split(", ")[0] if code in added else name
            yield code, shown, list(dict.fromkeys(one for one in spellings if "(" not in one))


def find_country_of_body(words: Sequence[Word], first: int, end: int, language: str) -> str:
    """Return the ISO 3166-1 code of the country of the public body at words `first` up to `end`, or
    "".

    By the words of the body or next to it: "Kyrgyzstan's Interior Ministry", «казахстанский МИД».
    """
    begin = max(0, first - COUNTRY_REACH_WORDS)
    start, stop = first, end
    while start > begin and words[start - 1].folded in WORDS_BETWEEN_COUNTRY_AND_BODY:
        start -= 1
    while stop < len(words) and words[stop].folded in WORDS_BETWEEN_BODY_AND_COUNTRY:
        stop += 1
    beside = words[begin : stop + COUNTRY_REACH_WORDS]
    named = [
        (state, begin + one, begin + last)
        for state, one, last in _named_countries(language, beside)
    ]
    inside = [state for state, one, last in named if first <= one and last <= end]
    before = [state for state, _one, last in named if last == start]
    # "The police of Kyrgyzstan", «МВД Кыргызстана»; in Kazakh the country always comes before.
    may_follow = language == "ru" or (language == "en" and stop > end)
    behind = [state for state, one, _last in named if one == stop and may_follow]
    return next(iter([*inside, *before, *behind]), "")


def _named_countries(language: str, words: Sequence[Word]) -> list[tuple[str, int, int]]:
    """Return the countries named in a sentence by their name, by a place in them or by an
    adjective. Each has its ISO 3166-1 code, the position of its first word and the position of the
    word after it.
    """
    places = [
        (one.entry.country, one.first, one.end)
        for one in load_gazetteer(language).find(words)
        if one.entry.country and not one.is_ambiguous
    ]
    return places + [
        (one.label, one.first, one.end) for one in _load_country_adjectives(language).find(words)
    ]


@cache
def _load_country_adjectives(language: str) -> Phrases:
    """Return the adjectives for countries («казахстанский»), labelled with the ISO 3166-1 code."""
    return Phrases(
        (phrase, country)
        for country, phrases in load_lexicon(language, "places").get("adjectives", {}).items()
        for phrase in phrases.split("|")
    )
