"""What a masked passage looks like, and which parts of a text one covers; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tracker.articles.rules import GAP
from tracker.audit.chain import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MASK = "█"
LETTER = re.compile(r"[^\W_]")
# How long each word of a name is would help to guess it. Full stops stay, for the sentences' sake.
BETWEEN_WORDS = re.compile(rf"(?<={MASK})[ \u00a0'’-](?={MASK})")

MASKED_RUN = re.compile(rf"{MASK}+")
# What readers see of a passage, however long it is: the length of a name helps to guess it too.
SHOWN = MASK * 5

Span = tuple[int, int]


def digest_of_masks(masks: Iterable[Any]) -> str:
    """Return the digest of who masked what when, and why, in the order in which it was done."""
    said = [[one.id, one.reason, one.masked_by_id, one.masked_at.isoformat()] for one in masks]
    return digest(sorted(said))


def masked(words: str) -> str:
    """Return words of the same length in which no letter and no digit can be read, nor where one
    word ends.
    """
    return BETWEEN_WORDS.sub(MASK, LETTER.sub(MASK, words))


def of_one_width(text: str) -> str:
    """Return a text as it leaves for people: the stored one keeps its length, for the offsets of
    quotes.
    """
    return MASKED_RUN.sub(SHOWN, text) if MASK in text else text


def span_shown(text: str, span: Span) -> Span:
    """Return where a passage of the stored text stands in what people get of it; a masked word that
    it cuts is in it whole.
    """
    start, end = span
    before = text[:start].rstrip(MASK) if text[start : start + 1] == MASK else text[:start]
    after = MASKED_RUN.match(text, end) if text[end - 1 : end] == MASK else None
    through = text[len(before) : after.end() if after else end]
    begin = len(of_one_width(before))
    return begin, begin + len(of_one_width(through))


def put(text: str, span: Span, words: str) -> str:
    """Return the text with other words of the same length in one place."""
    start, end = span
    return text[:start] + words + text[end:]


def uncovered(span: Span, covered: Iterable[Span]) -> list[Span]:
    """Return the parts of a passage that no other passage covers, in order: masks never overlap, so
    that each can be taken off without another.
    """
    start, end = span
    found: list[Span] = []
    for other_start, other_end in sorted(covered):
        if other_end <= start or end <= other_start:
            continue
        if start < other_start:
            found.append((start, other_start))
        start = max(start, other_end)
    return [*found, (start, end)] if start < end else found


def everywhere(text: str, words: str) -> list[Span]:
    """Return each place in which these words stand, whatever their case, as whole words."""
    between = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)", re.IGNORECASE)
    return [one.span() for one in between.finditer(text)]


def redrawn(quote: str, before: str, after: str, places: Sequence[Span]) -> str:
    """Return a quote as it reads after its text was changed in place, and as it was where it is not
    taken from there. `places`: the passages from which it was likely taken, the likeliest first.
    """
    for start, end in [*places, (0, len(before))]:
        place = before.find(quote, start, end)
        if quote and place >= 0:
            return after[place : place + len(quote)]
    if GAP in quote:
        return GAP.join(redrawn(one, before, after, places) for one in quote.split(GAP))
    return quote
