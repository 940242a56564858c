"""Accounts that an article knows only by their title: 'a page called "In memory of …"'."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tracker.fake_accounts.codes import AccountKind
from tracker.intake.reading.accounts.handles import Spot
from tracker.intake.reading.lexicon import Phrases, lexicon

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.intake.reading.text import Line, Reading

LONGEST_TITLE = 60
# Words between the noun and the title; those within which "fake" is said of it, and so many before
# it in which "the editor of" stands.
BESIDE, REACH, STAFF = 3, 8, 6


class Cues(NamedTuple):
    """The words of a language around titles."""

    kinds: Phrases
    fakes: Phrases
    puts_out: Phrases
    staff: Phrases


def titles_in(reading: Reading, line: Line) -> list[Spot]:
    """Return the titles between quotation marks that a noun makes accounts, and "fake", or what
    they put out, unless somebody is said to work for them.
    """
    cues = _cues(reading.language.value)
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
        works = cues.staff.find(line.words[max(0, first - STAFF) : first])
        if cues.kinds.find(beside) and (
            cues.fakes.find(around) or (cues.puts_out.find(around) and not works)
        ):
            found.append(Spot(title, AccountKind.PROFILE, "", start, end))
    return found


def _is_sentence(title: str) -> bool:
    return title.rstrip().endswith((".", "!", "?", "…", ","))


@cache
def _cues(language: str) -> Cues:
    data = lexicon(language, "accounts")
    cues = data.get("cues", {})

    def phrases(written: Iterable[str]) -> Phrases:
        return Phrases((phrase, None) for one in written for phrase in one.split("|") if phrase)

    return Cues(
        phrases(data.get("kinds", {}).values()),
        phrases([cues.get("fake_title", "")]),
        phrases([cues.get("title_puts_out", "")]),
        phrases([cues.get("title_staff", "")]),
    )
