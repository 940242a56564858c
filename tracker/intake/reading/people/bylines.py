"""Who wrote the article: named by it, in a line "Автор: …", or signing alone at its edge."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tracker.intake.reading.capitals import words_of_list
from tracker.intake.reading.gaps import behind, between
from tracker.intake.reading.kinds import Part
from tracker.intake.reading.lexicon import Phrases, lexicon
from tracker.intake.reading.people.references import Somebody, is_addressed, is_like
from tracker.intake.reading.people.wordforms import form
from tracker.intake.reading.text import words_of
from tracker.people.matching import is_same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.articles.codes import Language
    from tracker.intake.reading.people.naming import Span
    from tracker.intake.reading.text import Line, Reading, Word

LONGEST_BYLINE = 16
LONGEST_SIGNATURE = 12
# Lines at the beginning and at the end of an article where authors sign.
EDGE = 6
LONGEST_REST = 4
# How often an author says "I" who tells of herself.
OFTEN = 3
# What may stand between "Автор" and the name.
BETWEEN = re.compile(r"^[\s:—–«»(-]*(?:(?:and|и|және|мен)\s)?$")
SIGNED = re.compile(r"[\w\s,.«»“”\"/|:()–—&№·•☉◉👁-]*")
DATED = re.compile(r"\d{1,2}[:.]\d{2}|\d{4}")


@cache
def _bylines(language: Language) -> Phrases:
    phrases = lexicon(language.value, "people")["bylines"]["phrases"]
    return Phrases((phrase, None) for phrase in phrases)


@cache
def _around(language: Language) -> frozenset[str]:
    return frozenset(lexicon(language.value, "people")["bylines"]["around"].split())


def give_authors(reading: Reading, people: Sequence[Somebody]) -> None:
    """Mark the people who wrote the article."""
    numbers = {line.number: i for i, line in enumerate(reading.lines)}
    for one in people:
        for span in one.spans:
            place = numbers[span.line.number]
            if _is_byline(span, reading.language, people) or _is_signature(
                span, people, place, reading
            ):
                one.parts.setdefault(Part.AUTHOR, reading.passage(span.start, span.stop))
        if one.spans and any(is_same(author, one.fullest.text) for author in reading.authors):
            span = one.spans[-1]
            one.parts.setdefault(Part.AUTHOR, reading.passage(span.start, span.stop))


def narrator(reading: Reading, people: list[Somebody]) -> Somebody | None:
    """Return the one author who tells the article in the first person, None where nobody does.

    Whom the text does not name joins `people`.
    """
    authors = [one for one in people if Part.AUTHOR in one.parts]
    said = [word for line in reading.lines for word in spoken_of_self(line, reading)]
    is_signed = len(reading.authors) == 1 and bool(reading.authors[0].strip())
    if len(said) < OFTEN or len(authors) > 1 or not (authors or is_signed):
        return None
    if authors:
        return authors[0]
    name = [form(word.text, reading.language) for word in words_of(reading.authors[0])]
    known = next(
        (
            one
            for one in people
            if any(
                is_addressed(span) and is_like(span.forms[0], word)
                for span in one.spans
                for word in name
            )
        ),
        None,
    )
    if known is None:
        known = Somebody(gender=next((one.gender for one in name if one.gender), ""))
        people.append(known)
    known.signed = reading.authors[0]
    known.parts = {Part.AUTHOR: reading.passage(said[0].start, said[0].end)}
    return known


def spoken_of_self(line: Line, reading: Reading) -> list[Word]:
    """Return "I", "мне", "менің" of a line outside of what others say."""
    if line.sentence.text[:1] in "—–-":
        return []
    words = words_of_list(reading.language, "i")
    return [
        word for word in line.words if word.folded in words and not reading.is_spoken(word.start)
    ]


def _is_byline(span: Span, language: Language, people: Sequence[Somebody]) -> bool:
    """Say whether the words of a byline stand right before a name, or before others in front."""
    line = span.line
    if len(line.words) > LONGEST_BYLINE and span.end < len(line.words) - 1:
        return False
    starts = {found.end for found in _bylines(language).find(line.words)}
    taken = {
        place
        for one in people
        for other in one.spans
        if other.line is line
        for place in range(other.first, other.end)
    }
    place = span.first
    while place > 0:
        if place in starts and BETWEEN.match(between(line, place, place)):
            return _opens(line, place, language)
        if place - 1 in taken or line.words[place - 1].folded in {"and", "и", "мен", "және"}:
            place -= 1
            continue
        return False
    return False


def _opens(line: Line, end: int, language: Language) -> bool:
    """Say whether the words that end there begin the line or a part of it: "… Фото: A"."""
    offset = line.sentence.start
    for found in _bylines(language).find(line.words):
        if found.end != end:
            continue
        before = line.sentence.text[: line.words[found.first].start - offset].rstrip()
        after = behind(line, line.words[end - 1].end).lstrip()
        if not before or before[-1] in "(|;·•" or DATED.search(before) or after[:1] in ":—":
            return True
    return False


def _goes_on(reading: Reading, place: int) -> bool:
    """Say whether a sentence follows in the same line: "Amina Gaya (Kano). In February a man …"."""
    if place + 1 >= len(reading.lines):
        return False
    end, start = reading.lines[place].sentence.end, reading.lines[place + 1].sentence.start
    return "\n" not in reading.text[end:start]


def _is_signature(span: Span, people: Sequence[Somebody], place: int, reading: Reading) -> bool:
    """Say whether a line at the article's edge is names, a date and a town, and no sentence."""
    line, text = span.line, span.line.sentence.text.strip()
    if EDGE <= place < len(reading.lines) - EDGE or len(line.words) > LONGEST_SIGNATURE:
        return False
    if len(span.forms) < len(("given", "surname")) or text == reading.title.strip():
        return False
    if place == 0 or not SIGNED.fullmatch(text) or text.endswith((":", "?", "!")):
        return False
    if _goes_on(reading, place):
        return False
    own = {
        i
        for one in people
        for other in one.spans
        if other.line is line
        for i in range(other.first, other.end)
    }
    rest = [word for i, word in enumerate(line.words) if i not in own]
    known = _around(reading.language)
    small = [word for word in rest if word.text.islower() and word.folded not in known]
    return not small and len([word for word in rest if word.text.isalpha()]) <= LONGEST_REST
