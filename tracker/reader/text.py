"""The text of an article as sentences of words, with their offsets."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from tracker.articles.codes import Language
from tracker.articles.sentences import Sentence, split_sentences

# The text between two names of a list.
NAME_LIST_JOIN_PATTERNS = {
    Language.EN: re.compile(r"^\s*(?:,|and|, and|&|as well as|along with|or|/)\s*$"),
    Language.RU: re.compile(r"^\s*(?:,|и|, а также|а также|или|/)\s*$"),
    Language.KK: re.compile(r"^\s*(?:,|және|мен|пен|бен|әрі|сондай-ақ|, сондай-ақ|/)\s*$"),
}
# A year from 1900 to 2049 that is not part of a longer number.
YEAR_PATTERN = re.compile(r"(?<![\d.,-])(?:19\d\d|20[0-4]\d)(?![\d,]|-\d)")
# Marks that separate a word from the previous one.
PUNCTUATION = frozenset(",;:.()!?—–")
# A word keeps its hyphens, apostrophes and the dots inside a web address; an initial keeps its dot.
WORD_PATTERN = re.compile(r"[@#]?[^\W_]+(?:(?:[-‑’'ʼ._]|://|/(?=[^\W_]+\.))[^\W_]+)*")
# A longer text between quotation marks is not a quotation: a mark must be missing.
MAX_QUOTATION_CHARACTERS = 1500
# Longer runs of characters are not words; matching time grows with the square of the length.
MAX_WORD_CHARACTERS = 200
# How many words of a sentence are read. Sentences that people write have some sixty words, and
# processing time grows with the square of their number.
MAX_SENTENCE_WORDS = 250


class Word(NamedTuple):
    """A word at offsets `start` to `end` of the article. `folded`: the word in lower case, as
    `fold_word` gives it and as the word lists have it.
    """

    start: int
    end: int
    text: str
    folded: str

    @property
    def is_capital(self) -> bool:
        """Whether the word begins with a capital letter."""
        return self.text[:1].isupper()


class Line(NamedTuple):
    """A sentence of the article with its words, at most `MAX_SENTENCE_WORDS`."""

    sentence: Sentence
    words: tuple[Word, ...]

    @property
    def number(self) -> int:
        """The number of the sentence in the article, from 1."""
        return self.sentence.number

    @property
    def paragraph(self) -> int:
        """The number of the paragraph that contains the sentence, from 1."""
        return self.sentence.paragraph

    @property
    def text(self) -> str:
        """The text of the sentence, up to the last word that is read."""
        if len(self.words) < MAX_SENTENCE_WORDS:
            return self.sentence.text
        return self.sentence.text[: self.words[-1].end - self.sentence.start]


class Passage(NamedTuple):
    """A passage of the article, from offset `start` to offset `end`. `text`: its text;
    `sentence_number`: the number of the sentence in which it begins.
    """

    start: int
    end: int
    text: str
    sentence_number: int


@dataclass(frozen=True)
class ArticleText:
    """The text of an article with its metadata; all offsets are code points of `text`."""

    text: str
    language: Language
    title: str = ""
    authors: tuple[str, ...] = ()
    publisher: str = ""
    published: date | None = None

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The sentences of the article in order, the title included if `text` has the title."""
        return tuple(
            Line(one, split_words(one.text, one.start)[:MAX_SENTENCE_WORDS])
            for one in split_sentences(self.text)
        )

    @cached_property
    def quoted_spans(self) -> tuple[tuple[int, int], ...]:
        """The start and end offset of each text between quotation marks, without the marks."""
        return tuple(_find_quotations(self.text))

    def get_passage(self, start: int, end: int) -> Passage:
        """Return the text between two offsets as a passage."""
        number = max(1, bisect_right(self._sentence_starts, start))
        return Passage(start, end, self.text[start:end], number)

    @cached_property
    def newest_year(self) -> int:
        """The year of publication, else the latest year in the text, else 0."""
        if self.published is not None:
            return self.published.year
        return max((int(year) for year in YEAR_PATTERN.findall(self.text)), default=0)

    @cached_property
    def _sentence_starts(self) -> list[int]:
        """The offset at which each sentence begins."""
        return [one.sentence.start for one in self.lines]

    def quoted_spans_within(self, start: int, end: int) -> tuple[tuple[int, int], ...]:
        """Return the spans between quotation marks that start at offset `start` or later, but
        before offset `end`.
        """
        spans = self.quoted_spans
        return spans[bisect_left(spans, (start,)) : bisect_left(spans, (end,))]

    def quoted_spans_around(self, offset: int) -> list[tuple[int, int]]:
        """Return the spans between quotation marks that contain an offset."""
        near = self.quoted_spans_within(offset - MAX_QUOTATION_CHARACTERS, offset + 1)
        return [(first, last) for first, last in near if offset < last]

    def is_quoted(self, offset: int) -> bool:
        """Return whether an offset is between quotation marks."""
        return bool(self.quoted_spans_around(offset))


def fold_word(text: str) -> str:
    """Return a word as the word lists write it: lower case, ё as е, one kind of apostrophe."""
    return text.casefold().replace("ё", "е").replace("’", "'").replace("ʼ", "'").replace("‑", "-")


def split_words(text: str, start: int = 0) -> tuple[Word, ...]:
    """Return the words of a text; `start` is the offset of the text in the article."""
    return tuple(
        Word(start + found.start(), start + found.end(), found[0], fold_word(found[0]))
        for found in WORD_PATTERN.finditer(text)
        if found.end() - found.start() <= MAX_WORD_CHARACTERS
    )


def _find_quotations(text: str) -> list[tuple[int, int]]:
    """Return the start and end offset of each text between quotation marks, nested ones too."""
    found: list[tuple[int, int]] = []
    offset = 0
    for paragraph in text.split("\n"):
        opened: list[tuple[int, str]] = []
        for place, sign in enumerate(paragraph):
            straight = sign == '"'
            if sign in "«“„" or (straight and not (opened and opened[-1][1] == '"')):
                opened.append((place + 1, sign))
            elif (sign in "»”" or straight) and opened:
                first, _sign = opened.pop()
                if 0 < place - first <= MAX_QUOTATION_CHARACTERS:
                    found.append((offset + first, offset + place))
        offset += len(paragraph) + 1
    return sorted(found)


def text_between(line: Line, first: int, end: int) -> str:
    """Return the text from the end of word `first - 1` to the start of word `end`; the gap before a
    word is `text_between(line, position, position)`.
    """
    offset, words = line.sentence.start, line.words
    start = words[first - 1].end - offset if first > 0 else 0
    stop = words[end].start - offset if end < len(words) else len(line.sentence.text)
    return line.sentence.text[start:stop]


def has_punctuation_before(line: Line, position: int) -> bool:
    """Return whether a punctuation mark separates the word at `position` from the previous word."""
    if not 0 < position < len(line.words):
        return False
    return not PUNCTUATION.isdisjoint(text_between(line, position, position))


def text_after(line: Line, offset: int) -> str:
    """Return the rest of a sentence from an offset of the article on."""
    return line.sentence.text[offset - line.sentence.start :]
