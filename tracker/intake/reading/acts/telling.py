"""The words of a sentence that tell an act, apart from those that only say who tells it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tracker.intake.reading.lexicon import Phrases, lexicon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.intake.reading.text import Line, Reading, Word

# A comma, dash or quotation mark stands before "she told the newspaper", and its clause is short.
BEFORE = re.compile(r"[,»”\"—–]\s*$")
CLAUSE = re.compile(r"[^,.;:!?—–«“\"]*")
LONGEST_CLAUSE = 5


def without_telling(reading: Reading, line: Line) -> Sequence[Word]:
    """Return the words of a sentence, those emptied in which it only says who tells it: "I was
    asked at the border, she told the newspaper".
    """
    rows, spoken_to = _phrases(reading.language.value)
    woven = [
        place
        for _label, first, end in rows.find(line.words)
        if _is_woven(reading, line, first, end, spoken_to)
        for place in range(first, end)
    ]
    if not woven:
        return line.words
    return [
        word._replace(folded="") if place in woven else word
        for place, word in enumerate(line.words)
    ]


def _is_woven(
    reading: Reading, line: Line, first: int, end: int, spoken_to: frozenset[str]
) -> bool:
    """Say whether words stand between commas or quotation marks and say nothing more."""
    before = reading.text[line.sentence.start : line.words[first].start]
    rest = reading.text[line.words[end - 1].end : line.sentence.end]
    clause = CLAUSE.match(rest)
    words = clause[0].casefold().split() if clause else []
    is_apart = BEFORE.search(before) is not None
    return is_apart and len(words) <= LONGEST_CLAUSE and spoken_to.isdisjoint(words)


@cache
def _phrases(language: str) -> tuple[Phrases, frozenset[str]]:
    """Return how it is said who tells something, and what shows that more than that is said."""
    data = lexicon(language, "reality").get("telling", {})
    phrases = Phrases((phrase, None) for phrase in data.get("phrases", ()))
    return phrases, frozenset(data.get("but", ()))
