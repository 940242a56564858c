"""Functions on the text of articles, without a database: digests, cited sentences, masks,
similarity.

The fingerprints of a text are the smallest hashes of its sequences of four words. Two texts share
about the same proportion of fingerprints as of sequences, so that an index finds similar texts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from tracker.articles.codes import SourceKind
from tracker.articles.sentences import Sentence
from tracker.audit.chain import json_digest
from tracker.i18n import normalise_for_comparison

# The character that replaces each letter and digit of masked words.
MASK_CHARACTER = "█"
# A letter or digit.
LETTER_PATTERN = re.compile(r"[^\W_]")
# The space, apostrophe or hyphen between two masked words, which is masked too: the length of each
# word would help to guess a name. Full stops stay, so that the numbers of sentences stay the same.
BETWEEN_WORDS_PATTERN = re.compile(rf"(?<={MASK_CHARACTER})[ \u00a0'’-](?={MASK_CHARACTER})")
MASKED_RUN_PATTERN = re.compile(rf"{MASK_CHARACTER}+")
# What readers see in place of each masked passage. It has one length for all passages, since the
# length of a name would help to guess the name.
DISPLAYED_MASK = MASK_CHARACTER * 5
# The start and end of a part of a text, as offsets in code points.
Span = tuple[int, int]
WORD_PATTERN = re.compile(r"\w+")
# The length of the sequences of words that are hashed.
WORDS_PER_FINGERPRINT = 4
# The greatest number of hashes kept of one text.
MAX_FINGERPRINTS_PER_TEXT = 24
# The fewest fingerprints that two similar texts share, such as a reprint that was cut or extended.
# It is a third of the fingerprints of a text; different reports of one event share none or two.
MIN_SHARED_FINGERPRINTS = 8
# The fewest words of texts that are compared. In a shorter text, half of the words may be opening
# and closing phrases that many articles have.
MIN_WORDS_TO_COMPARE = 40
# A hash of 64 bits is shortened by this many bits, since SQLite and PostgreSQL store positive
# integers of 63 bits.
DROPPED_HASH_BITS = 1
# A long text is shown in parts of so many sentences; an article may have 200,000 sentences.
SENTENCES_PER_PART = 2000
# The most passages that can be cited in a record at once.
MAX_CITED_PASSAGES = 12
# Joins passages that are quoted together and are not consecutive.
OMISSION_MARK = " […] "
# Kinds of sources that may be named to everybody; other kinds could reveal the informant.
SHAREABLE_SOURCE_KINDS = (SourceKind.ARTICLE, SourceKind.SCREENSHOT)


class CitedPassage(NamedTuple):
    """A passage that a record cites, from offset `start` to offset `end` of an article.
    `record_index`: the position of the record in a list of the caller.
    """

    start: int
    end: int
    record_index: int


class SentencePiece(NamedTuple):
    """A part of a sentence, and the positions of the records that cite the part, possibly none."""

    text: str
    record_indexes: tuple[int, ...]


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text with each run of white space as one space, "" for no text."""
    folded = " ".join(text.split())
    return hashlib.sha256(folded.encode()).hexdigest() if folded else ""


def group_by_source(citations: Iterable[Any]) -> list[list[Any]]:
    """Return citations in lists, one for each cited article, in the order of the first citation of
    each. A citation of an article that the viewer may not see is in a list of its own.
    """
    groups: dict[Any, list[Any]] = {}
    for one in citations:
        groups.setdefault(one if one.article is None else one.article_id, []).append(one)
    return list(groups.values())


def split_by_citations(sentence: Sentence, cited: Sequence[CitedPassage]) -> list[SentencePiece]:
    """Return the parts of a sentence, split where cited passages begin or end."""
    touching = [one for one in cited if one.start < sentence.end and sentence.start < one.end]
    if not touching:
        return [SentencePiece(sentence.text, ())]
    cuts = {sentence.start, sentence.end}
    for one in touching:
        cuts |= {max(one.start, sentence.start), min(one.end, sentence.end)}
    places = sorted(cuts)
    found = []
    for start, end in pairwise(places):
        records = {one.record_index for one in touching if one.start < end and start < one.end}
        words = sentence.text[start - sentence.start : end - sentence.start]
        found.append(SentencePiece(words, tuple(sorted(records))))
    return found


def text_part_number(sentence_number: int) -> int:
    """Return the number of the part of the text, from 1, that shows the sentence with a number."""
    return (sentence_number - 1) // SENTENCES_PER_PART + 1


def text_part_count(sentence_count: int) -> int:
    """Return the number of parts of a text with this number of sentences, at least 1."""
    return max(1, text_part_number(sentence_count))


def masks_digest(masks: Iterable[Any]) -> str:
    """Return the digest of the ids, reasons, authors and times of masks, in any order: objects of
    `ArticleMask`, or database rows with these columns.
    """
    said = [[one.id, one.reason, one.masked_by_id, one.masked_at.isoformat()] for one in masks]
    return json_digest(sorted(said))


def mask_text(words: str) -> str:
    """Return words replaced by a mask of the same length, which hides the lengths of words."""
    return BETWEEN_WORDS_PATTERN.sub(MASK_CHARACTER, LETTER_PATTERN.sub(MASK_CHARACTER, words))


def shorten_masks(text: str) -> str:
    """Return a text for display, with every mask shortened to the same width."""
    return MASKED_RUN_PATTERN.sub(DISPLAYED_MASK, text) if MASK_CHARACTER in text else text


def displayed_span(text: str, span: Span) -> Span:
    """Return the span of a passage in the displayed text, given its span in the stored text."""
    start, end = span
    before = (
        text[:start].rstrip(MASK_CHARACTER)
        if text[start : start + 1] == MASK_CHARACTER
        else text[:start]
    )
    after = MASKED_RUN_PATTERN.match(text, end) if text[end - 1 : end] == MASK_CHARACTER else None
    through = text[len(before) : after.end() if after else end]
    begin = len(shorten_masks(before))
    return begin, begin + len(shorten_masks(through))


def replace_span(text: str, span: Span, words: str) -> str:
    """Return the text with a span replaced by words of the same length."""
    start, end = span
    return text[:start] + words + text[end:]


def uncovered_spans(span: Span, covered: Iterable[Span]) -> list[Span]:
    """Return the parts of a span that no span in `covered` covers, in order."""
    start, end = span
    found: list[Span] = []
    for other_start, other_end in sorted(covered):
        if other_end <= start or end <= other_start:
            continue
        if start < other_start:
            found.append((start, other_start))
        start = max(start, other_end)
    return [*found, (start, end)] if start < end else found


def find_whole_words(text: str, words: str) -> list[Span]:
    """Return the span of every occurrence of words in a text as whole words, ignoring case."""
    between = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)", re.IGNORECASE)
    return [one.span() for one in between.finditer(text)]


def updated_quote(
    quote: str, text_before: str, text_after: str, likely_spans: Sequence[Span]
) -> str:
    """Return a quote after its text changed from `text_before` to `text_after`, of the same length;
    unchanged if it is not in the text. `likely_spans`: the spans from which it was probably taken,
    most likely first.
    """
    for start, end in [*likely_spans, (0, len(text_before))]:
        place = text_before.find(quote, start, end)
        if quote and place >= 0:
            return text_after[place : place + len(quote)]
    if OMISSION_MARK in quote:
        return OMISSION_MARK.join(
            updated_quote(one, text_before, text_after, likely_spans)
            for one in quote.split(OMISSION_MARK)
        )
    return quote


def text_fingerprints(text: str) -> list[int]:
    """Return the sorted fingerprints of a text, none for a text too short to compare."""
    folded = normalise_for_comparison(text).casefold().replace("ё", "е")
    words = WORD_PATTERN.findall(folded)
    if len(words) < MIN_WORDS_TO_COMPARE:
        return []
    runs = {
        " ".join(words[start : start + WORDS_PER_FINGERPRINT])
        for start in range(len(words) - WORDS_PER_FINGERPRINT + 1)
    }
    return sorted({_compute_fingerprint(run) for run in runs})[:MAX_FINGERPRINTS_PER_TEXT]


def _compute_fingerprint(words: str) -> int:
    """Return the fingerprint of a sequence of words: a positive integer of 63 bits."""
    digest = hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> DROPPED_HASH_BITS
