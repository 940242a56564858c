"""The whole words of an office around its noun: "министр культуры", "Vlast photographer"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.articles.codes import Language
from tracker.intake.reading.gaps import between
from tracker.intake.reading.people.offices import belongs

if TYPE_CHECKING:
    from tracker.intake.reading.text import Line

LONGEST = 8
TAIL_ENDS = re.compile(r"[,.;:!?()—–\n]|\s-\s")
# "Алматы облысы полиция департаментінің" belongs to a noun behind it; "Алматыда" does not.
OWNER_KK = re.compile(
    r"(?:[нтд][ыі]ң|(?:ыс|қас|дан|лан|рат|лес|омит|гент|изм|істер|ішкі)[ыі]?|полиция|ақпарат)$"
)
CASE_KK = re.compile(r"(?:[дт][ае]н?|[нмбп]ен|[ғқ]а|[гк]е)$")
AND = frozenset({"and", "және", "мен", "пен", "бен"})
OPENERS = frozenset(
    {"the", "a", "an", "in", "on", "his", "her", "their", "our", "кеше", "бүгін", "биыл", "былтыр"}
    | {"ал", "бірақ", "кейін", "but", "for", "as", "last", "this"}
)
DATES = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june|july|august"
    r"|(?:septem|octo|novem|decem)ber"
)
QUOTES = {"»": "«", "”": "“", '"': '"'}
CLOSES = {"«": "»", "“": "”"}


def cited(
    line: Line, noun: tuple[int, int], within: tuple[int, int], language: Language
) -> tuple[int, int]:
    """Return the offsets of an office: its noun (words first to end) with what belongs to it.

    `within` are the words beyond which other people and other nouns stand.
    """
    first, end = _left(line, noun[0], within[0], language), noun[1]
    for place in range(end, min(within[1], end + LONGEST, len(line.words))):
        if TAIL_ENDS.search(between(line, place, place)) or not belongs(line, place, language):
            break
        end = place + 1
    start, stop = line.words[first].start, line.words[end - 1].end
    offset = line.sentence.start
    closing = line.sentence.text[stop - offset : stop - offset + 1]
    opened = line.sentence.text[start - offset : stop - offset]
    if closing in QUOTES and QUOTES[closing] in opened:
        stop += 1
    # The quotation mark before the first word, where the one behind it is cited.
    before = line.sentence.text[max(0, start - offset - 1) : start - offset]
    if CLOSES.get(before, "\0") in opened:
        start -= 1
    return start, stop


def _left(line: Line, noun: int, limit: int, language: Language) -> int:
    """Return the first word of an office whose noun stands at its end."""
    first = noun
    if language is Language.RU:
        return first
    while first > limit and noun - first < LONGEST:
        word = line.words[first - 1]
        if between(line, first, first).strip(' \u00a0«»“”"/') or word.folded in OPENERS:
            break
        if DATES.fullmatch(word.folded) or not _is_inside(line, first - 1, noun, language):
            break
        first -= 1
    while first < noun and line.words[first].folded in AND:
        first += 1
    # Not half of a title: "«Егемен Қазақстанның» тілшісі".
    opened = first
    while opened > limit and "«" not in between(line, opened, opened):
        opened -= 1
    is_half = "»" in between(line, noun, noun) and "«" in between(line, opened, opened)
    return opened if is_half and first < noun else first


def _is_inside(line: Line, place: int, noun: int, language: Language) -> bool:
    """Say whether a word in front of a noun can belong to its office."""
    word = line.words[place]
    if language is Language.EN:
        is_and = word.folded == "and" and place + 1 < noun and line.words[place + 1].is_capital
        return word.is_capital or is_and
    is_name = word.is_capital and not CASE_KK.search(word.folded)
    return bool(OWNER_KK.search(word.folded)) or is_name or word.folded in AND
