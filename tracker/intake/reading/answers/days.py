"""On which day an authority spoke or acted, where a date stands beside the words that say so."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tracker.intake.reading.lexicon import Phrases, lexicon

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.intake.reading.found import Act, Dated, Response
    from tracker.intake.reading.text import Line, Reading, Word

# So many words may stand between a date and the verb; and before a date that opens a sentence, as
# in "In a statement on 11 November, the ministry said", which may be further from its verb.
NEAR, OPENING, FAR = 3, 4, 12
# What begins something else than that somebody speaks; a comma may follow a date that opens.
APART = re.compile(
    r"[;:—–()«»“”\"]|\b(?:that|which|who|when|after|before|where|because|while|but|"
    r"что|котор\w+|когда|после|где|но|деп|екенін)\b",
    re.IGNORECASE,
)
COMMA = ","


def said_on(
    reading: Reading, response: Response, dates: Sequence[Dated], acts: Iterable[Act]
) -> Dated | None:
    """Return the date of a response, None where none is told: "in a statement on 11 November", "the
    ministry said on Monday", not "it condemned the attack on 9 November".
    """
    done = [(act.passage.start, act.passage.end) for act in acts]
    for start, end in response.told_at:
        line = reading.lines[reading.passage(start, end).number - 1]
        here = [
            one
            for one in dates
            if one.passage.number == line.number and not reading.is_spoken(one.passage.start)
        ]
        found = [one for one in here if _belongs(reading, line, one, (start, end), done)]
        if found:
            return min(found, key=lambda one: abs(one.passage.start - start))
    return None


def _belongs(
    reading: Reading,
    line: Line,
    date: Dated,
    verb: tuple[int, int],
    done: Sequence[tuple[int, int]],
) -> bool:
    """Say whether a date of the sentence is that of the verb."""
    at = date.passage
    if _is_of_occasion(reading.language.value, line, at.start, at.end):
        return True
    start, end = min(at.end, verb[1]), max(at.start, verb[0])
    between = reading.text[start:end]
    if APART.search(between) or any(start <= one and last <= end for one, last in done):
        return False
    words = len(_within(line, start, end))
    opens = at.end <= verb[0] and len(_within(line, line.sentence.start, at.start)) <= OPENING
    return words <= FAR if opens else words <= NEAR and COMMA not in between


def _is_of_occasion(language: str, line: Line, start: int, end: int) -> bool:
    """Say whether a date stands beside "statement", "briefing", "reply": in Kazakh before it."""
    if language == "kk":
        beside = [word for word in line.words if word.start >= end][:NEAR]
    else:
        beside = [word for word in line.words if word.end <= start][-NEAR:]
    return bool(_occasions(language).find(beside))


def _within(line: Line, start: int, end: int) -> list[Word]:
    return [word for word in line.words if start <= word.start and word.end <= end]


@cache
def _occasions(language: str) -> Phrases:
    rows = lexicon(language, "speakers").get("occasions", ())
    return Phrases((phrase, None) for phrase in rows)
