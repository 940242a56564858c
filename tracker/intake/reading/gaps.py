"""The text between the words of a sentence: a space, a comma, a quotation mark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.articles.codes import Language

if TYPE_CHECKING:
    from tracker.intake.reading.text import Line

# What joins the names of a list.
JOINS = {
    Language.EN: re.compile(r"^\s*(?:,|and|, and|&|as well as|along with|or|/)\s*$"),
    Language.RU: re.compile(r"^\s*(?:,|и|, а также|а также|или|/)\s*$"),
    Language.KK: re.compile(r"^\s*(?:,|және|мен|пен|бен|әрі|сондай-ақ|, сондай-ақ|/)\s*$"),
}
MARKS = frozenset(",;:.()!?—–")


def between(line: Line, first: int, end: int) -> str:
    """Return the text from behind word `first - 1` up to word `end`; what parts a word from the
    one before it is `between(line, place, place)`.
    """
    offset, words = line.sentence.start, line.words
    start = words[first - 1].end - offset if first > 0 else 0
    stop = words[end].start - offset if end < len(words) else len(line.sentence.text)
    return line.sentence.text[start:stop]


def is_parted(line: Line, place: int) -> bool:
    """Say whether a mark stands between a word and the one before it."""
    if not 0 < place < len(line.words):
        return False
    return not MARKS.isdisjoint(between(line, place, place))


def behind(line: Line, stop: int) -> str:
    """Return the sentence's text from an offset of the article on."""
    return line.sentence.text[stop - line.sentence.start :]
