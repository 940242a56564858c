"""Places that are on no list, by the word beside their name: "the village of X", "X ауданында"."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tracker.intake.reading.lexicon import lexicon

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.intake.reading.text import Word

LONGEST_NAME = 2
# What may stand between a noun and the name: "аэропорт «Манас»", "с. Кенсай".
BESIDE = (" ", ". ", " «", ' "', " “")
# The nominative of what stands beside the name: "Уйгурском районе", "Панфилов ауданында".
RUSSIAN_NOUNS = (
    (re.compile(r"(район|округ|уезд|кра)\w*$"), {"кра": "край"}),
    (re.compile(r"(област|волост)\w*$"), {"област": "область", "волост": "волость"}),
)
ADJECTIVE = re.compile(r"(ск|цк|н|в)(?:ом|ого|ой|ую|ий|ый|ая|им|ым)$")
KAZAKH_ENDING = re.compile(r"(?<=[ыі])(?:нда|нде|ндағы|ндегі|нан|нен|на|не|нің|ның)$")


MARKS = re.compile(r"[«»“”\"]")


class Locality(NamedTuple):
    """A place of any name in a sentence, at words `first` up to `end`."""

    name: str
    first: int
    end: int


class _Nouns(NamedTuple):
    after: frozenset[str]
    before: frozenset[tuple[str, ...]]


def localities_in(language: str, words: Sequence[Word], text: str) -> list[Locality]:
    """Return the places that a noun beside a name makes known; `text` is that of the article."""
    nouns = _nouns(language)
    return [
        found
        for place in range(len(words))
        for found in (
            *_named_before(language, words, place, text, nouns.after),
            *_named_after(words, place, text, nouns.before),
        )
    ]


@cache
def _nouns(language: str) -> _Nouns:
    cues = lexicon(language, "places").get("cues", {})
    return _Nouns(
        frozenset(cues.get("after_name", "").split("|")),
        frozenset(
            tuple(one.rstrip(".").split()) for one in cues.get("before_name", "").split("|") if one
        ),
    )


def _named_before(
    language: str, words: Sequence[Word], place: int, text: str, nouns: frozenset[str]
) -> Iterable[Locality]:
    """Yield "Nauryzbay district": capitals and the noun behind them."""
    if words[place].folded not in nouns:
        return
    first = place
    while first > max(0, place - LONGEST_NAME) and _joins(words, first - 1, text):
        # The first word of a sentence has its capital for that alone, unless it is all the name.
        if first == 1 and place > 1:
            break
        first -= 1
    if first < place:
        name = MARKS.sub("", text[words[first].start : words[place].end])
        yield Locality(_nominative(language, name), first, place + 1)


def _named_after(
    words: Sequence[Word], place: int, text: str, nouns: frozenset[tuple[str, ...]]
) -> Iterable[Locality]:
    """Yield "the village of Kensai": the noun and the capitals behind it."""
    for noun in nouns:
        first = place + len(noun)
        if first >= len(words) or tuple(word.folded for word in words[place:first]) != noun:
            continue
        between = text[words[first - 1].end : words[first].start]
        if words[first].is_capital and between in BESIDE:
            end = first + 1
            yield Locality(text[words[first].start : words[end - 1].end], place, end)


def _joins(words: Sequence[Word], place: int, text: str) -> bool:
    """Say whether a capital word stands directly before the next one."""
    between = text[words[place].end : words[place + 1].start]
    is_name = words[place].is_capital and not words[place].folded.endswith("'s")
    return is_name and between in (" ", "» ", '" ', "” ")


def _nominative(language: str, name: str) -> str:
    if language == "kk":
        return KAZAKH_ENDING.sub("", name)
    if language != "ru":
        return name
    *adjectives, noun = name.split()
    for pattern, whole in RUSSIAN_NOUNS:
        if found := pattern.match(noun):
            noun = whole.get(found[1], found[1])
    ending = "ая" if noun.endswith("ь") else "ий"
    return " ".join(
        [
            *(
                ADJECTIVE.sub(
                    lambda found: (
                        found[1] + (ending if found[1] in ("ск", "цк") or ending == "ая" else "ый")
                    ),
                    word,
                )
                for word in adjectives
            ),
            noun,
        ]
    )
