"""Accounts that an article knows only by their title: 'a page called "In memory of …"'."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tracker.fake_accounts.codes import AccountKind
from tracker.intake.reading.accounts.handles import Spot
from tracker.intake.reading.lexicon import Phrases, lexicon

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.intake.reading.text import Line, Reading

LONGEST_TITLE = 60
# Words between the noun and the title, and within which "fake" is said of it.
BESIDE, REACH = 3, 8


def titles_in(reading: Reading, line: Line) -> list[Spot]:
    """Return the titles between quotation marks that a noun and "fake" make accounts."""
    kinds, fakes = _cues(reading.language.value)
    found = []
    for start, end in reading.speech:
        if not (line.sentence.start <= start and end <= line.sentence.end):
            continue
        title = reading.text[start:end]
        if len(title) > LONGEST_TITLE or not title[:1].isupper() or _is_sentence(title):
            continue
        first = next((k for k, word in enumerate(line.words) if word.start >= start), 0)
        last = next((k for k, word in enumerate(line.words) if word.start >= end), len(line.words))
        beside = [*line.words[max(0, first - BESIDE) : first], *line.words[last : last + BESIDE]]
        around = [*line.words[max(0, first - REACH) : first], *line.words[last : last + REACH]]
        if kinds.find(beside) and fakes.find(around):
            found.append(Spot(title, AccountKind.PROFILE, "", start, end))
    return found


def _is_sentence(title: str) -> bool:
    return title.rstrip().endswith((".", "!", "?", "…", ","))


@cache
def _cues(language: str) -> tuple[Phrases, Phrases]:
    data = lexicon(language, "accounts")
    kinds: Iterable[str] = data.get("kinds", {}).values()
    fakes = str(data.get("cues", {}).get("fake_title", ""))
    return (
        Phrases((phrase, None) for one in kinds for phrase in one.split("|")),
        Phrases((phrase, None) for phrase in fakes.split("|") if phrase),
    )
