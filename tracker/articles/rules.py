"""Rules on texts: digests, cited sentences, masks, similarity; pure.

The marks of a text are the smallest hashes of its runs of four words. Two texts share about the
same proportion of marks as of runs, so that equal marks find nearly equal texts, by an index alone.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from tracker.articles.codes import SourceKind
from tracker.articles.sentences import Sentence
from tracker.audit.chain import json_digest

MASK = "█"
LETTER_PATTERN = re.compile(r"[^\W_]")
# The length of each word of a name would help to guess it. Full stops stay, so that sentences do.
BETWEEN_WORDS_PATTERN = re.compile(rf"(?<={MASK})[ \u00a0'’-](?={MASK})")
MASKED_RUN_PATTERN = re.compile(rf"{MASK}+")
# What readers see of a passage, however long it is: the length of a name helps to guess it too.
SHOWN_MASK = MASK * 5
Span = tuple[int, int]
WORD_PATTERN = re.compile(r"\w+")
WORDS_IN_RUN = 4
MARKS_PER_TEXT = 24
# Sharing a third of the marks: a reprint that was cut or extended. Different reports of one event
# share none or two.
LEAST_SHARED_MARKS = 8
# In a shorter text, common opening and closing phrases would be half of it.
FEWEST_WORDS = 40
# Marks are 63 bits: the positive integers that both databases store.
SIGN_BIT = 1
# A page of the article's text; an article may have 200,000 sentences.
SENTENCES_PER_PAGE = 2000
# The most passages that can be cited in a record at once.
MOST_PASSAGES = 12
# Between passages of one quote that are not consecutive.
PASSAGE_GAP = " […] "
# Kinds of sources that may be named to anybody; others could reveal who told us.
SHAREABLE_KINDS = (SourceKind.ARTICLE, SourceKind.SCREENSHOT)


class CitedPassage(NamedTuple):
    """A passage that a record cites; `record` is its position in the list beside the text."""

    start: int
    end: int
    record: int


class Piece(NamedTuple):
    """A part of a sentence, and the records that cite it (possibly none)."""

    text: str
    records: tuple[int, ...]


def text_digest(text: str) -> str:
    """Return the SHA-256 of the text with its white space folded, "" if there is no text."""
    folded = " ".join(text.split())
    return hashlib.sha256(folded.encode()).hexdigest() if folded else ""


def split_by_citations(sentence: Sentence, cited: Sequence[CitedPassage]) -> list[Piece]:
    """Return the sentence split where cited passages begin or end; passages may overlap."""
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


def page_of_sentence(number: int) -> int:
    """Return on which page of the text a sentence is, counted from 1."""
    return (number - 1) // SENTENCES_PER_PAGE + 1


def page_count(count: int) -> int:
    """Return the number of pages of a text; an empty text has one."""
    return max(1, page_of_sentence(count))


def digest_of_masks(masks: Iterable[Any]) -> str:
    """Return the digest of who masked what, when and why, in chronological order."""
    said = [[one.id, one.reason, one.masked_by_id, one.masked_at.isoformat()] for one in masks]
    return json_digest(sorted(said))


def mask_text(words: str) -> str:
    """Return a mask of the same length, which reveals neither letters nor word lengths."""
    return BETWEEN_WORDS_PATTERN.sub(MASK, LETTER_PATTERN.sub(MASK, words))


def collapse_mask_width(text: str) -> str:
    """Return a text as shown to people, with all masks of one width."""
    return MASKED_RUN_PATTERN.sub(SHOWN_MASK, text) if MASK in text else text


def displayed_span(text: str, span: Span) -> Span:
    """Return the position of a passage of the stored text in the text as shown."""
    start, end = span
    before = text[:start].rstrip(MASK) if text[start : start + 1] == MASK else text[:start]
    after = MASKED_RUN_PATTERN.match(text, end) if text[end - 1 : end] == MASK else None
    through = text[len(before) : after.end() if after else end]
    begin = len(collapse_mask_width(before))
    return begin, begin + len(collapse_mask_width(through))


def replace_span(text: str, span: Span, words: str) -> str:
    """Return the text with a span replaced by words of the same length."""
    start, end = span
    return text[:start] + words + text[end:]


def uncovered_spans(span: Span, covered: Iterable[Span]) -> list[Span]:
    """Return the parts of a passage not yet covered by others, in order."""
    start, end = span
    found: list[Span] = []
    for other_start, other_end in sorted(covered):
        if other_end <= start or end <= other_start:
            continue
        if start < other_start:
            found.append((start, other_start))
        start = max(start, other_end)
    return [*found, (start, end)] if start < end else found


def find_all(text: str, words: str) -> list[Span]:
    """Return every place where these words occur as whole words, ignoring case."""
    between = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)", re.IGNORECASE)
    return [one.span() for one in between.finditer(text)]


def updated_quote(quote: str, before: str, after: str, places: Sequence[Span]) -> str:
    """Return a quote as it reads after its text was changed in place; unchanged if not found there.

    `places`: the passages from which it was likely taken, most likely first.
    """
    for start, end in [*places, (0, len(before))]:
        place = before.find(quote, start, end)
        if quote and place >= 0:
            return after[place : place + len(quote)]
    if PASSAGE_GAP in quote:
        return PASSAGE_GAP.join(
            updated_quote(one, before, after, places) for one in quote.split(PASSAGE_GAP)
        )
    return quote


def text_marks(text: str) -> list[int]:
    """Return the sorted fingerprints of a text, none for a text too short to compare."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    words = WORD_PATTERN.findall(folded)
    if len(words) < FEWEST_WORDS:
        return []
    runs = {
        " ".join(words[start : start + WORDS_IN_RUN])
        for start in range(len(words) - WORDS_IN_RUN + 1)
    }
    return sorted({_fingerprint(run) for run in runs})[:MARKS_PER_TEXT]


def _fingerprint(run: str) -> int:
    digest = hashlib.blake2b(run.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> SIGN_BIT
