"""The outlets an article names, each once, with every mention."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.articles.codes import Language
from tracker.intake.reading.found import Newsroom
from tracker.intake.reading.outlets.nameless import ARTICLES
from tracker.intake.reading.outlets.naming import is_same_name, named_outlets, without_ending
from tracker.people.matching import keys

if TYPE_CHECKING:
    from tracker.intake.reading.outlets.naming import Named
    from tracker.intake.reading.text import Passage, Reading

ENDING = re.compile(r"\.(?:kz|kg|uz|ru|com|org)$", re.IGNORECASE)


def newsrooms_in(reading: Reading) -> list[Newsroom]:
    """Return the outlets named, each once, with every mention."""
    found: list[Newsroom] = []
    by_keys: list[tuple[tuple[str, str], ...]] = []
    for named in named_outlets(reading):
        passage = _passage(reading, named)
        mine = _keys(passage.words)
        at = next((i for i, theirs in enumerate(by_keys) if _is_short_for(mine, theirs)), None)
        if at is None:
            found.append(Newsroom(passage.words, [passage], named.score))
            by_keys.append(mine)
            continue
        known = found[at]
        known.mentions.append(passage)
        known.score = max(known.score, named.score)
        if len(mine) > len(by_keys[at]):
            known.name, by_keys[at] = passage.words, mine
        # Cases make a name longer, in Kazakh always.
        if reading.language is Language.KK and len(passage.words) < len(known.name):
            known.name = passage.words
    return found


def _passage(reading: Reading, named: Named) -> Passage:
    words = named.line.words
    first = named.first + (words[named.first].folded in ARTICLES and named.end - named.first > 1)
    start, end = words[first].start, words[named.end - 1].end
    if named.length is not None:
        end = words[named.first].start + named.length
    else:
        last = words[named.end - 1]
        end -= len(last.folded) - len(without_ending(last, reading.language).folded)
    return reading.passage(start, end)


def _keys(name: str) -> tuple[tuple[str, str], ...]:
    return tuple(keys(word) for word in re.findall(r"[\w.-]+", ENDING.sub("", name)))


def _is_short_for(mine: tuple[tuple[str, str], ...], theirs: tuple[tuple[str, str], ...]) -> bool:
    """Say whether two names are one outlet's: "the Courier" is short for "the Ridgeway Courier"."""
    fewer = min(len(mine), len(theirs))
    return is_same_name(mine[-fewer:], theirs[-fewer:])
