"""When two texts are the same, which sentences are cited, what is told outside; pure."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tracker.articles.codes import SourceKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.articles.sentences import Sentence

# A page of the article's text; an article may have 200,000 sentences.
PART = 2000
# So many passages are cited for one record at once.
MOST_PASSAGES = 12
# Numbers of sentences, one or several: "2, 5-6".
NUMBER_RUN = r"[0-9]{1,6}(?:\s*[-‐-―−]\s*[0-9]{1,6})?"
RUNS = re.compile(rf"{NUMBER_RUN}(?:\s*[,;]\s*{NUMBER_RUN})*")
# Between passages of one quote that do not follow one another.
GAP = " […] "
# Sources of which anybody may know that they were used; who told us otherwise is not said.
TOLD = (SourceKind.ARTICLE, SourceKind.SCREENSHOT)


class Cited(NamedTuple):
    """A passage that a record cites; `record` is the record's place in the list beside the text."""

    start: int
    end: int
    record: int


class Piece(NamedTuple):
    """Some words of a sentence, and the records that cite them (none: they are not cited)."""

    text: str
    records: tuple[int, ...]


def text_digest(text: str) -> str:
    """Return the SHA-256 of the text with its white space folded, "" where there is no text."""
    folded = " ".join(text.split())
    return hashlib.sha256(folded.encode()).hexdigest() if folded else ""


def pieces(sentence: Sentence, cited: Sequence[Cited]) -> list[Piece]:
    """Return the sentence cut where a passage begins or ends; passages may overlap."""
    touching = [one for one in cited if one.start < sentence.end and sentence.start < one.end]
    if not touching:
        return [Piece(sentence.text, ())]
    cuts = {sentence.start, sentence.end}
    for one in touching:
        cuts |= {max(one.start, sentence.start), min(one.end, sentence.end)}
    places = sorted(cuts)
    found = []
    for start, end in pairwise(places):
        records = {one.record for one in touching if one.start < end and start < one.end}
        words = sentence.text[start - sentence.start : end - sentence.start]
        found.append(Piece(words, tuple(sorted(records))))
    return found


def part_of(number: int) -> int:
    """Return on which page of the text a sentence stands, counted from 1."""
    return (number - 1) // PART + 1


def parts_in(count: int) -> int:
    """Return how many pages a text of so many sentences has; an empty one has one."""
    return max(1, part_of(count))


def runs_typed(typed: str) -> list[str]:
    """Return each passage that is given by sentence numbers (`2, 5-6` are two), or the words as
    they are; nothing for nothing.
    """
    typed = typed.strip()
    if RUNS.fullmatch(typed):
        return list(dict.fromkeys(one.strip() for one in re.split("[,;]", typed)))
    return [typed] if typed else []
