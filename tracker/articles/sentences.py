"""Split a text into numbered sentences, and locate quotes given by numbers or words."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

# The longest quote, and the longest input for a quote.
MAX_QUOTE_LENGTH = 10_000  # characters
# The number of a sentence, or the first and the last: 12, 12-14.
SENTENCE_RANGE_PATTERN = re.compile(r"([0-9]{1,9})(?:\s*[-‐-―−]\s*([0-9]{1,9}))?")
# The number of a sentence, or a range of numbers: 5, 5-6.
SENTENCE_RANGE_REGEX = r"[0-9]{1,6}(?:\s*[-‐-―−]\s*[0-9]{1,6})?"
# One or several numbers or ranges of sentences, separated by commas or semicolons: `2, 5-6`.
SENTENCE_RANGES_PATTERN = re.compile(
    rf"{SENTENCE_RANGE_REGEX}(?:\s*[,;]\s*{SENTENCE_RANGE_REGEX})*"
)
# Quotation marks and apostrophes; in a quote, each of them may be written for any other.
QUOTATION_MARKS = "\"'`´«»‘’‚‛“”„‟‹›ʻʼʹ＂＇"
# Hyphens, dashes and minus signs; in a quote, each of them may be written for any other.
DASHES = "-‐‑‒–—―−"
# Ignored in a quote: a saved page may contain soft hyphens inside words, or a byte-order mark
# between two.
INVISIBLE_CHARACTERS = "\u00ad\u200b-\u200f\u2060\u2066-\u2069\u202a-\u202e\ufeff"
# Replacements that make a quote and a text comparable and keep their lengths: one sign for all
# quotation marks, one for all dashes, and one for all kinds of space.
SAME_LENGTH_REPLACEMENTS = (
    dict.fromkeys(map(ord, QUOTATION_MARKS), '"')
    | dict.fromkeys(map(ord, DASHES), "-")
    | {code: " " for code in range(0x3001) if chr(code).isspace()}
)
# The parts of a text that `_normalize_typography` replaces by shorter ones: several spaces,
# invisible characters, a letter with combining accents, a mask. Masks become one character, since
# readers see all masks in one width.
LENGTH_CHANGING_PATTERN = re.compile(
    rf"[ {INVISIBLE_CHARACTERS}]{{2,}}|[{INVISIBLE_CHARACTERS}]|\w[\u0300-\u036f]+|█{{2,}}"
)


class Sentence(NamedTuple):
    """A sentence of an article: `text` is the article's text from `start` to `end`; `number` and
    `paragraph_number` count from 1.

    A tuple, since an article may have 200,000 sentences.
    """

    number: int
    start: int
    end: int
    text: str
    paragraph: int


# A line of a text, which is a paragraph.
LINE_PATTERN = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")


# What may end a sentence: full stops, question marks and the like with closing quotation marks and
# brackets; then white space; then signs that open the next sentence. Only the first part must be
# there, so that a long row of dots is one match.
SENTENCE_STOP_PATTERN = re.compile(r"""([.!?…]+["'”“’»)\]]*)(\s*)[^\w█.!?…]*""")


# The word or abbreviation at the end of a text.
LAST_WORD_PATTERN = re.compile(r"[\w.\-]+$")


# Characters before a dot that are searched for an abbreviation.
MAX_ABBREVIATION_LENGTH = 12  # characters


# A letter, digit or mask: a masked passage stays in the same sentence.
WORD_CHARACTER_PATTERN = re.compile(r"[\w█]")


# Abbreviations whose dot never ends a sentence: a name or a number follows.
ABBREVIATIONS_TEXT = """
    mr mrs ms mx dr prof gen lt col sgt capt maj cmdr adm rev hon sen rep gov pres supt det insp
    st mt vs cf e.g i.e viz approx messrs
    ул им д кв пл пос пр-т просп б-р обл р-н респ мкр с п пп ч т тт ст см ср напр т.е т.к т.н т.о
    и.о вр.и.о проф доц акад канд инж полк подполк зам нач гл ред изд г-н г-жа тел тыс млн млрд
    қ көш ауд даңғ мыс ш.а
    дж zh sh kh yu ts
"""


# Words or abbreviations: their dot does not end a sentence if a number follows.
ABBREVIATIONS_BEFORE_NUMBERS_TEXT = """
    no nos fig art sec ch vol p pp para
    jan feb mar apr jun jul aug sep sept oct nov dec
    рис стр табл гл абз эт оф корп бет сур
"""


ABBREVIATIONS = frozenset(ABBREVIATIONS_TEXT.split())


ABBREVIATIONS_BEFORE_NUMBERS = frozenset(ABBREVIATIONS_BEFORE_NUMBERS_TEXT.split())


# Abbreviations with two meanings. After a number they mean "year" ("2025 г."), and their dot may
# end a sentence. Elsewhere they mean "town" and the like before a name ("г. Алматы"), and their dot
# never ends a sentence.
ABBREVIATIONS_AFTER_YEARS = frozenset(("г", "гг", "ж", "жж"))


def split_sentences(text: str) -> list[Sentence]:
    """Return the numbered sentences of a text; the same text always gives the same numbers."""
    return list(chain.from_iterable(split_paragraphs(text)))


def split_paragraphs(text: str) -> list[list[Sentence]]:
    """Return the numbered sentences of each paragraph of a text.

    A line break ends a paragraph; lines without a letter or digit are left out.
    """
    found: list[list[Sentence]] = []
    number = 0
    for line in LINE_PATTERN.finditer(text):
        if not WORD_CHARACTER_PATTERN.search(line[0]):
            continue
        sentences = []
        for start, end in _sentence_spans(line[0]):
            number += 1
            first, last = line.start() + start, line.start() + end
            sentences.append(Sentence(number, first, last, text[first:last], len(found) + 1))
        found.append(sentences)
    return found


def _sentence_spans(line: str) -> list[tuple[int, int]]:
    """Return the start and end of each sentence in a line, without surrounding white space."""
    spans = []
    start = len(line) - len(line.lstrip())
    for stop in SENTENCE_STOP_PATTERN.finditer(line):
        if _is_sentence_end(line, start, stop):
            spans.append((start, stop.end(1)))
            start = stop.end(2)
    end = len(line.rstrip())
    if start < end:
        spans.append((start, end))
    return spans


def _is_sentence_end(line: str, start: int, stop: re.Match[str]) -> bool:
    """Return whether a `SENTENCE_STOP_PATTERN` match ends the sentence that begins at `start`."""
    if stop.end() == len(line) or not stop[2]:
        return False
    after = line[stop.end()]
    if after in ".!?…" or (after.islower() and line[stop.end() - 1] not in "@#"):
        return False
    # A mark in brackets, such as (!), comments on one word.
    if stop.start() > start and line[stop.start() - 1] in "([":
        return False
    if not stop[0].startswith(".") or stop[0].startswith(".."):
        return True
    return not _is_abbreviation_dot(line, start, stop.start(), after)


def _is_abbreviation_dot(line: str, start: int, dot: int, after: str) -> bool:
    """Return whether a dot belongs to an abbreviation, an initial or the number of a list item.
    `start`: the offset in the line at which the sentence begins; `dot`: the offset of the dot;
    `after`: the first character of the next word.
    """
    word = LAST_WORD_PATTERN.search(line, max(start, dot - MAX_ABBREVIATION_LENGTH), dot)
    if word is None:
        return False
    token = word[0].casefold()
    if token.isdecimal():
        return word.start() == start
    last = re.split(r"[.\-]", word[0])[-1]
    if len(last) == 1 and last.isupper():
        return True
    if token in ABBREVIATIONS_AFTER_YEARS:
        return not line[start : word.start()].rstrip()[-1:].isdecimal()
    return token in ABBREVIATIONS or (token in ABBREVIATIONS_BEFORE_NUMBERS and after.isdecimal())


class QuoteReason(StrEnum):
    """The reasons why an input is not a quote of an article."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NO_SUCH_SENTENCE = "no_such_sentence"
    NOT_IN_TEXT = "not_in_text"
    REVERSED = "reversed"


# The words of a `QuoteError`, in English.
MESSAGES = {
    QuoteReason.EMPTY: "A quote is needed: sentence numbers, or words of the article.",
    QuoteReason.TOO_LONG: "A quote is a passage, not the whole article.",
    QuoteReason.NO_SUCH_SENTENCE: "The article has no sentence with this number.",
    QuoteReason.NOT_IN_TEXT: "The article does not contain these words.",
    QuoteReason.REVERSED: "The last sentence comes before the first.",
}


class QuoteError(ValueError):
    """The error that an input is not a quote of an article; `args[0]` is the reason in English."""

    def __init__(self, reason: QuoteReason) -> None:
        super().__init__(MESSAGES[reason])
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of an article: its text from `start` to `end`, and the numbers of its sentences."""

    start: int
    end: int
    quote: str
    numbers: tuple[int, ...]


def parse_passages(user_input: str) -> list[str]:
    """Return the passages that a user entered: each number or range of sentences (`2, 5-6` are two
    passages), or all words as one passage; [] for no input.
    """
    user_input = user_input.strip()
    if SENTENCE_RANGES_PATTERN.fullmatch(user_input):
        return list(dict.fromkeys(one.strip() for one in re.split("[,;]", user_input)))
    return [user_input] if user_input else []


def locate_quote(text: str, sentences: Sequence[Sentence], user_input: str) -> Passage:
    """Return the passage entered as a sentence number, `12` or `12-14`, or as words of the article;
    raise `QuoteError` if there is none.

    Differences in white space, quotation marks, dashes and composed letters are ignored; whole
    words are preferred.
    """
    user_input = user_input.strip()
    if len(user_input) > MAX_QUOTE_LENGTH:
        raise QuoteError(QuoteReason.TOO_LONG)
    if numbers := SENTENCE_RANGE_PATTERN.fullmatch(user_input):
        return _passage_by_numbers(text, sentences, int(numbers[1]), int(numbers[2] or numbers[1]))
    if not any(letter.isalnum() for letter in user_input):
        raise QuoteError(QuoteReason.EMPTY)
    article = _normalize_text(text)
    found = _find_quoted_words(article, user_input) or _find_quoted_words(
        article, user_input.strip(QUOTATION_MARKS + " ")
    )
    if found is None:
        raise QuoteError(QuoteReason.NOT_IN_TEXT)
    start, end = found
    return Passage(start, end, text[start:end], _overlapping_sentences(sentences, start, end))


def _passage_by_numbers(text: str, sentences: Sequence[Sentence], first: int, last: int) -> Passage:
    """Return the passage from the first to the last sentence, given by their numbers."""
    if not (1 <= first <= len(sentences) and 1 <= last <= len(sentences)):
        raise QuoteError(QuoteReason.NO_SUCH_SENTENCE)
    if last < first:
        raise QuoteError(QuoteReason.REVERSED)
    start, end = sentences[first - 1].start, sentences[last - 1].end
    return Passage(start, end, text[start:end], tuple(range(first, last + 1)))


@dataclass(frozen=True, slots=True)
class _NormalizedText:
    """A text with normalized typography, and the offsets that map a position in this text to the
    original text. `normalized_offsets`: offsets in this text: 0, and both ends of each part that
    was made shorter; `original_offsets`: for each of these, the corresponding offset in the
    original text.
    """

    text: str
    normalized_offsets: list[int]
    original_offsets: list[int]

    def original_start(self, position: int) -> int:
        """Return the offset in the original text at which a passage starts, given its start
        `position` in this text. Invisible characters before the passage are left out.
        """
        index = bisect_right(self.normalized_offsets, position) - 1
        return self.original_offsets[index] + position - self.normalized_offsets[index]

    def original_end(self, position: int) -> int:
        """Return the offset in the original text at which a passage ends, given its end `position`
        in this text. Invisible characters after the passage are left out.
        """
        index = bisect_left(self.normalized_offsets, position)
        if index < len(self.normalized_offsets) and self.normalized_offsets[index] == position:
            return self.original_offsets[index]
        return self.original_offsets[index - 1] + position - self.normalized_offsets[index - 1]


def _normalize_text(text: str) -> _NormalizedText:
    """Return a text with normalized typography: one sign for all quotation marks, one for all
    dashes, single spaces, and no invisible characters.
    """
    alike = text.translate(SAME_LENGTH_REPLACEMENTS)
    pieces: list[str] = []
    normalized_offsets, original_offsets = [0], [0]
    length = end = 0
    for uneven in LENGTH_CHANGING_PATTERN.finditer(alike):
        before = alike[end : uneven.start()]
        piece = _normalize_typography(uneven[0])
        normalized_offsets += [length + len(before), length + len(before) + len(piece)]
        original_offsets += [uneven.start(), uneven.end()]
        pieces += [before, piece]
        length, end = normalized_offsets[-1], original_offsets[-1]
    return _NormalizedText("".join([*pieces, alike[end:]]), normalized_offsets, original_offsets)


def _normalize_typography(piece: str) -> str:
    """Return the replacement of a match of LENGTH_CHANGING_PATTERN: one space, mask or composed
    letter, "" for hidden characters.
    """
    if " " in piece:
        return " "
    if piece[0] == "█":
        return "█"
    return unicodedata.normalize("NFC", piece) if piece[0].isalnum() else ""


def _find_quoted_words(article: _NormalizedText, user_input: str) -> tuple[int, int] | None:
    """Return start and end, in the original text, of the first occurrence of words in an article,
    None for none.

    Occurrences as whole words are preferred.
    """
    words = _normalize_text(user_input).text.strip()
    first = place = article.text.find(words)
    while place >= 0 and _splits_word(article.text, place, place + len(words)):
        place = article.text.find(words, place + 1)
    if first < 0:
        return None
    start = place if place >= 0 else first
    return article.original_start(start), article.original_end(start + len(words))


def _splits_word(text: str, start: int, end: int) -> bool:
    """Return whether a passage begins or ends within a word, as "men" in "women"."""
    return any(
        0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()
        for place in (start, end)
    )


def _overlapping_sentences(sentences: Sequence[Sentence], start: int, end: int) -> tuple[int, ...]:
    """Return the numbers of the sentences that a passage overlaps."""
    first = bisect_right(sentences, start, key=lambda sentence: sentence.end)
    beyond = bisect_left(sentences, end, key=lambda sentence: sentence.start)
    return tuple(sentence.number for sentence in sentences[first:beyond])
