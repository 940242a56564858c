"""What a person types as a quote, found in the article: sentence numbers or pasted words."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.articles.sentences import Sentence

LONGEST = 10_000

NUMBERS = re.compile(r"([0-9]{1,9})(?:\s*[-‐-―−]\s*([0-9]{1,9}))?")
QUOTATION_MARKS = "\"'`´«»‘’‚‛“”„‟‹›ʻʼʹ＂＇"
DASHES = "-‐‑‒–—―−"
# A saved page may hide soft hyphens inside its words, or a byte-order mark between two.
INVISIBLE = "\u00ad\u200b-\u200f\u2060\u2066-\u2069\u202a-\u202e\ufeff"

# First what keeps the length of the text: one kind of mark, of dash and of space.
ALIKE = (
    dict.fromkeys(map(ord, QUOTATION_MARKS), '"')
    | dict.fromkeys(map(ord, DASHES), "-")
    | {code: " " for code in range(0x3001) if chr(code).isspace()}
)
# Then what does not: runs of spaces, hidden characters, letters followed by their accents.
# A masked passage is shown as wide as any other, however many letters it covers.
UNEVEN = re.compile(rf"[ {INVISIBLE}]{{2,}}|[{INVISIBLE}]|\w[\u0300-\u036f]+|█{{2,}}")


class QuoteReason(StrEnum):
    """Why something typed is not a quote of this article."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NO_SUCH_SENTENCE = "no_such_sentence"
    NOT_IN_TEXT = "not_in_text"
    REVERSED = "reversed"


MESSAGES = {
    QuoteReason.EMPTY: "A quote is needed: sentence numbers, or words of the article.",
    QuoteReason.TOO_LONG: "A quote is a passage, not the whole article.",
    QuoteReason.NO_SUCH_SENTENCE: "The article has no sentence with this number.",
    QuoteReason.NOT_IN_TEXT: "These words do not stand in the article.",
    QuoteReason.REVERSED: "The last sentence lies before the first.",
}


class QuoteError(ValueError):
    """Something typed that is no quote of this article; `args[0]` says so in English."""

    def __init__(self, reason: QuoteReason) -> None:
        super().__init__(MESSAGES[reason])
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of the article: `quote` is its text from `start` to `end`, in these sentences."""

    start: int
    end: int
    quote: str
    numbers: tuple[int, ...]


def locate(text: str, sentences: Sequence[Sentence], typed: str) -> Passage:
    """Return the passage meant by `12`, `12-14` or by words of the article.

    White space, the style of quotation marks and dashes, and composed or decomposed letters are
    forgiven; whole words are preferred. Raises `QuoteError`.
    """
    typed = typed.strip()
    if len(typed) > LONGEST:
        raise QuoteError(QuoteReason.TOO_LONG)
    if numbers := NUMBERS.fullmatch(typed):
        return _numbered(text, sentences, int(numbers[1]), int(numbers[2] or numbers[1]))
    if not any(letter.isalnum() for letter in typed):
        raise QuoteError(QuoteReason.EMPTY)
    article = _fold(text)
    found = _find(article, typed) or _find(article, typed.strip(QUOTATION_MARKS + " "))
    if found is None:
        raise QuoteError(QuoteReason.NOT_IN_TEXT)
    start, end = found
    return Passage(start, end, text[start:end], _touched(sentences, start, end))


def _numbered(text: str, sentences: Sequence[Sentence], first: int, last: int) -> Passage:
    if not (1 <= first <= len(sentences) and 1 <= last <= len(sentences)):
        raise QuoteError(QuoteReason.NO_SUCH_SENTENCE)
    if last < first:
        raise QuoteError(QuoteReason.REVERSED)
    start, end = sentences[first - 1].start, sentences[last - 1].end
    return Passage(start, end, text[start:end], tuple(range(first, last + 1)))


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text without its typography, and places in it beside the same places in the original."""

    text: str
    places: list[int]
    originals: list[int]

    def original_start(self, place: int) -> int:
        """Return where in the original a passage begins, behind anything hidden before it."""
        index = bisect_right(self.places, place) - 1
        return self.originals[index] + place - self.places[index]

    def original_end(self, place: int) -> int:
        """Return where in the original a passage ends, before anything hidden behind it."""
        index = bisect_left(self.places, place)
        if index < len(self.places) and self.places[index] == place:
            return self.originals[index]
        return self.originals[index - 1] + place - self.places[index - 1]


def _fold(text: str) -> _Folded:
    alike = text.translate(ALIKE)
    pieces: list[str] = []
    places, originals = [0], [0]
    length = end = 0
    for uneven in UNEVEN.finditer(alike):
        before = alike[end : uneven.start()]
        piece = _evened(uneven[0])
        places += [length + len(before), length + len(before) + len(piece)]
        originals += [uneven.start(), uneven.end()]
        pieces += [before, piece]
        length, end = places[-1], originals[-1]
    return _Folded("".join([*pieces, alike[end:]]), places, originals)


def _evened(piece: str) -> str:
    if " " in piece:
        return " "
    if piece[0] == "█":
        return "█"
    return unicodedata.normalize("NFC", piece) if piece[0].isalnum() else ""


def _find(article: _Folded, typed: str) -> tuple[int, int] | None:
    """Return the first place of the words in the original, whole words before parts of words."""
    words = _fold(typed).text.strip()
    first = place = article.text.find(words)
    while place >= 0 and _cuts_a_word(article.text, place, place + len(words)):
        place = article.text.find(words, place + 1)
    if first < 0:
        return None
    start = place if place >= 0 else first
    return article.original_start(start), article.original_end(start + len(words))


def _cuts_a_word(text: str, start: int, end: int) -> bool:
    """Return whether a passage begins or ends within a word, as "men" does in "women"."""
    return any(
        0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()
        for place in (start, end)
    )


def _touched(sentences: Sequence[Sentence], start: int, end: int) -> tuple[int, ...]:
    first = bisect_right(sentences, start, key=lambda sentence: sentence.end)
    beyond = bisect_left(sentences, end, key=lambda sentence: sentence.start)
    return tuple(sentence.number for sentence in sentences[first:beyond])
