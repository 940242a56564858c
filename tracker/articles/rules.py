"""When two texts are the same, which words of a sentence are cited, what is told outside; pure."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tracker.articles.codes import SourceKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.articles.sentences import Sentence

# A page of the article's text; an article may have 200,000 sentences.
PART = 2000
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
