"""Of which state a body is, by the words inside its name and directly beside it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tracker.intake.reading.lexicon import Phrases, lexicon
from tracker.intake.reading.places.gazetteer import gazetteer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.intake.reading.text import Word

# Between a body and its state: "the police of the Republic of Kyrgyzstan", «полиция города Ош».
LINKS = frozenset(
    {"of", "the", "in", "republic", "республики", "республике", "в", "по", "г", "города"}
)
BEFORE = frozenset({"the", "республикасы", "республикасының"})
LONGEST_STATE = 3


def state_of(words: Sequence[Word], first: int, end: int, language: str) -> str:
    """Return the country (ISO 3166-1) that stands in the words `first` up to `end` or directly
    beside them, "" for none: "Kyrgyzstan's Interior Ministry", «казахстанский МИД».
    """
    begin = max(0, first - LONGEST_STATE)
    start, stop = first, end
    while start > begin and words[start - 1].folded in BEFORE:
        start -= 1
    while stop < len(words) and words[stop].folded in LINKS:
        stop += 1
    beside = words[begin : stop + LONGEST_STATE]
    named = [(state, begin + one, begin + last) for state, one, last in _named(language, beside)]
    inside = [state for state, one, last in named if first <= one and last <= end]
    before = [state for state, _one, last in named if last == start]
    # "The police of Kyrgyzstan", «МВД Кыргызстана»; in Kazakh the state always stands before.
    may_follow = language == "ru" or (language == "en" and stop > end)
    behind = [state for state, one, _last in named if one == stop and may_follow]
    return next(iter([*inside, *before, *behind]), "")


def _named(language: str, words: Sequence[Word]) -> list[tuple[str, int, int]]:
    """Return the countries, and the places with theirs, in words: where each begins and ends."""
    places = [
        (one.entry.country, one.first, one.end)
        for one in gazetteer(language).find(words)
        if one.entry.country and not one.is_unsure
    ]
    return places + [(one.label, one.first, one.end) for one in _adjectives(language).find(words)]


@cache
def _adjectives(language: str) -> Phrases:
    return Phrases(
        (phrase, country)
        for country, phrases in lexicon(language, "places").get("adjectives", {}).items()
        for phrase in phrases.split("|")
    )
