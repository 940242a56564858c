"""Find the authors of an article by its bylines, and journalists by what they do.

By "writes for", "её статьи", "арнасын жүргізеді".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from tracker.articles.codes import Language
from tracker.people.matching import is_same_name
from tracker.reader.found import PersonRole
from tracker.reader.lexicon import PhraseMatch, Phrases, load_lexicon
from tracker.reader.name_words import analyse_name_word, load_word_list
from tracker.reader.people.naming import NameSpan
from tracker.reader.people.references import PersonMentions, is_addressed, is_same_name_word
from tracker.reader.text import (
    NAME_LIST_JOINS,
    Line,
    ReaderText,
    Word,
    text_after,
    text_between,
    words_of,
)

WORK_SECTIONS = ("running", "doing", "owned", "mine", "of_outlet")
DASHES = frozenset("—–-")
# Work by which an engineer or a pensioner is a journalist.
STRONG_SECTIONS = frozenset({"running", "of_outlet"})
# Words between a verb and its outlet.
VERB_OUTLET_REACH = 4
# Words between a subject and its verb.
SUBJECT_VERB_REACH = 14
OWNER_REACH = 3
PARTICIPLE_PATTERN = re.compile(r"(?:[аеий]т[ыі]н|[ғгқк][ае]н)$")
POSSESSIVE_PATTERN = re.compile(r"(?:['’]s|s['’]|[нтд][ыі]ң)$")
OF_OUTLET_PATTERNS = {
    Language.EN: re.compile(r"(?:,? (?:of|from|with) (?:the )?[“\"]?|,? \((?:the )?)$"),
    Language.RU: re.compile(r"(?: из (?:\w+ )?[«\"]?| \([«\"]?)$"),
    Language.KK: re.compile(r" \([«\"]?$"),
}
POSSESSIVE_OUTLET_PATTERN = re.compile(r"['’]s$")
# People who have another reason to speak, write and publish.
ROLES_NOT_AUTHORS = frozenset(
    {
        PersonRole.OFFICIAL,
        PersonRole.LAWYER,
        PersonRole.RELATIVE,
        PersonRole.SUSPECT,
        PersonRole.ADVOCATE,
        PersonRole.OTHER,
    }
)
LONGEST_BYLINE = 16  # words
LONGEST_SIGNATURE = 12  # words
# Lines at the beginning and end of an article in which authors sign.
SIGNATURE_LINES = 6
LONGEST_BYLINE_REST = 4  # words
# How often an author who writes about herself says "I".
LEAST_FIRST_PERSON = 3
# What may be between "Автор" and the name.
BYLINE_SEPARATOR_PATTERN = re.compile(r"^[\s:—–«»(-]*(?:(?:and|и|және|мен)\s)?$")
SIGNATURE_PATTERN = re.compile(r"[\w\s,.«»“”\"/|:()–—&№·•☉◉👁-]*")
DATE_PATTERN = re.compile(r"\d{1,2}[:.]\d{2}|\d{4}")


@cache
def _bylines(language: Language) -> Phrases:
    phrases = load_lexicon(language.value, "people")["bylines"]["phrases"]
    return Phrases((phrase, None) for phrase in phrases)


@cache
def _context_phrases(language: Language) -> frozenset[str]:
    return frozenset(load_lexicon(language.value, "people")["bylines"]["around"].split())


def mark_authors(reading: ReaderText, people: Sequence[PersonMentions]) -> None:
    """Mark the people who wrote the article."""
    numbers = {line.number: i for i, line in enumerate(reading.lines)}
    for one in people:
        for span in one.spans:
            place = numbers[span.line.number]
            if _is_byline(span, reading.language, people) or _is_signature(
                span, people, place, reading
            ):
                one.parts.setdefault(PersonRole.AUTHOR, reading.passage(span.start, span.stop))
        if one.spans and any(is_same_name(author, one.fullest.text) for author in reading.authors):
            span = one.spans[-1]
            one.parts.setdefault(PersonRole.AUTHOR, reading.passage(span.start, span.stop))


def first_person_author(reading: ReaderText, people: list[PersonMentions]) -> PersonMentions | None:
    """Return the author who writes in the first person, None if nobody does.

    An author whom the text does not name is added to `people`.
    """
    authors = [one for one in people if PersonRole.AUTHOR in one.parts]
    said = [word for line in reading.lines for word in first_person_mentions(line, reading)]
    is_signed = len(reading.authors) == 1 and bool(reading.authors[0].strip())
    if len(said) < LEAST_FIRST_PERSON or len(authors) > 1 or not (authors or is_signed):
        return None
    if authors:
        return authors[0]
    name = [analyse_name_word(word.text, reading.language) for word in words_of(reading.authors[0])]
    known = next(
        (
            one
            for one in people
            if any(
                is_addressed(span) and is_same_name_word(span.forms[0], word)
                for span in one.spans
                for word in name
            )
        ),
        None,
    )
    if known is None:
        known = PersonMentions(gender=next((one.gender for one in name if one.gender), ""))
        people.append(known)
    known.signed = reading.authors[0]
    known.parts = {PersonRole.AUTHOR: reading.passage(said[0].start, said[0].end)}
    return known


def first_person_mentions(line: Line, reading: ReaderText) -> list[Word]:
    """Return "I", "мне", "менің" in a line outside of quotations."""
    if line.sentence.text[:1] in "—–-":
        return []
    words = load_word_list(reading.language, "i")
    return [
        word for word in line.words if word.folded in words and not reading.is_spoken(word.start)
    ]


def _is_byline(span: NameSpan, language: Language, people: Sequence[PersonMentions]) -> bool:
    """Return whether a byline's words are directly before a name, or before others in its list."""
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
        if place in starts and BYLINE_SEPARATOR_PATTERN.match(text_between(line, place, place)):
            return _is_at_line_start(line, place, language)
        if place - 1 in taken or line.words[place - 1].folded in {"and", "и", "мен", "және"}:
            place -= 1
            continue
        return False
    return False


def _is_at_line_start(line: Line, end: int, language: Language) -> bool:
    """Return whether the words that end there begin the line or a part of it: "… Фото: A"."""
    offset = line.sentence.start
    for found in _bylines(language).find(line.words):
        if found.end != end:
            continue
        before = line.sentence.text[: line.words[found.first].start - offset].rstrip()
        after = text_after(line, line.words[end - 1].end).lstrip()
        if not before or before[-1] in "(|;·•" or DATE_PATTERN.search(before) or after[:1] in ":—":
            return True
    return False


def _is_followed_by_text(reading: ReaderText, position: int) -> bool:
    """Return whether a sentence follows in the same line.

    "Amina Gaya (Kano). In February a man …".
    """
    if position + 1 >= len(reading.lines):
        return False
    end, start = reading.lines[position].sentence.end, reading.lines[position + 1].sentence.start
    return "\n" not in reading.text[end:start]


def _is_signature(
    span: NameSpan, people: Sequence[PersonMentions], position: int, reading: ReaderText
) -> bool:
    """Return whether a line at the article's edge is names, a date and a town, and no sentence."""
    line, text = span.line, span.line.sentence.text.strip()
    if (
        SIGNATURE_LINES <= position < len(reading.lines) - SIGNATURE_LINES
        or len(line.words) > LONGEST_SIGNATURE
    ):
        return False
    if len(span.forms) < len(("given", "surname")) or text == reading.title.strip():
        return False
    if position == 0 or not SIGNATURE_PATTERN.fullmatch(text) or text.endswith((":", "?", "!")):
        return False
    if _is_followed_by_text(reading, position):
        return False
    own = {
        i
        for one in people
        for other in one.spans
        if other.line is line
        for i in range(other.first, other.end)
    }
    rest = [word for i, word in enumerate(line.words) if i not in own]
    known = _context_phrases(reading.language)
    small = [word for word in rest if word.text.islower() and word.folded not in known]
    return not small and len([word for word in rest if word.text.isalpha()]) <= LONGEST_BYLINE_REST


class PersonReference(NamedTuple):
    """A reference to a person in a line."""

    start: int
    end: int
    who: PersonMentions
    is_name: bool


@cache
def _phrases(language: Language) -> Phrases:
    words = load_lexicon(language.value, "people")["works"]
    return Phrases((phrase, name) for name in WORK_SECTIONS for phrase in words[name])


def mark_staff_of_outlets(
    reading: ReaderText, people: Sequence[PersonMentions], outlets: Mapping[int, Collection[int]]
) -> None:
    """Mark staff as journalists: "Ivanov of Vlast", "Иванов («Власть»)", "Vlast's Ivanov"."""
    owners = [(span, one) for one in people for span in one.spans]
    owners.sort(key=lambda item: item[0].start)
    listed: list[tuple[NameSpan, PersonMentions]] = []
    for span, one in owners:
        if listed and not _is_listed(listed[-1][0], span, reading.language):
            listed = []
        listed.append((span, one))
        found = _outlet_beside(span, outlets.get(span.line.number, ()), reading.language)
        if found is not None:
            for _span, who in listed:
                if not ROLES_NOT_AUTHORS & who.parts.keys():
                    who.parts.setdefault(PersonRole.JOURNALIST, reading.passage(*found))


def _is_listed(name_span: NameSpan, other: NameSpan, language: Language) -> bool:
    """Return whether two names are in one list: "A, B and C of Vlast"."""
    if name_span.line is not other.line or name_span.end > other.first:
        return False
    return bool(
        NAME_LIST_JOINS[language].match(text_between(name_span.line, name_span.end, other.first))
    )


def _outlet_beside(
    span: NameSpan, places: Collection[int], language: Language
) -> tuple[int, int] | None:
    """Return the first and last word of a name with its outlet."""
    words = span.line.words
    at = next((place for place in range(span.end, len(words)) if place in places), None)
    if at is not None:
        gap = text_after(span.line, span.stop)[: words[at].start - span.stop]
        if OF_OUTLET_PATTERNS[language].match(gap):
            return span.start, words[_last_outlet_word(places, at)].end
    before = span.first - 1
    if before in places and POSSESSIVE_OUTLET_PATTERN.search(words[before].text):
        return words[before].start, span.stop
    return None


def _last_outlet_word(places: Collection[int], index: int) -> int:
    """Return the last word of the outlet that begins there."""
    while index + 1 in places:
        index += 1
    return index


def journalists_by_work(
    line: Line,
    mentions: Sequence[PersonReference],
    reading: ReaderText,
    author: PersonMentions | None,
    outlets: Collection[int],
) -> Iterator[tuple[PersonMentions, int, int]]:
    """Yield those whom a line shows to be journalists, with the position of the words.

    `mentions` are all references in the line, in order; `author` writes in the first person;
    `outlets` are the words that name outlets.
    """
    language = reading.language
    for found in _phrases(language).find(line.words):
        start, end = line.words[found.first].start, line.words[found.end - 1].end
        is_spoken = reading.is_spoken(start)
        if found.label == "mine":
            one = (
                _speaker_of_quote(mentions, reading) if is_spoken or _is_dialogue(line) else author
            )
        elif is_spoken:
            continue
        elif found.label in {"doing", "running"} or (
            found.label == "of_outlet" and _is_near(found, outlets, language)
        ):
            one = _named_after(line, found.end, mentions, language) or _subject_before_verb(
                line, found.first, mentions
            )
        elif found.label == "owned":
            one = _possessor(line, found.first, found.end, mentions, language)
        else:
            continue
        others = (
            ROLES_NOT_AUTHORS - {PersonRole.OTHER}
            if found.label in STRONG_SECTIONS
            else ROLES_NOT_AUTHORS
        )
        if one is not None and not others & one.parts.keys():
            yield one, start, end


def _is_dialogue(line: Line) -> bool:
    return line.sentence.text[:1] in DASHES


def _speaker_of_quote(
    mentions: Sequence[PersonReference], reading: ReaderText
) -> PersonMentions | None:
    """Return who says "I write" in a quotation: the only person mentioned next to it."""
    beside = [meant.who for meant in mentions if not reading.is_spoken(meant.start)]
    return beside[0] if beside and all(one is beside[0] for one in beside) else None


def _is_near(found: PhraseMatch, outlets: Collection[int], language: Language) -> bool:
    """Return whether an outlet is after a verb, in Kazakh before it."""
    if language is Language.KK:
        return any(
            place in outlets for place in range(found.first - VERB_OUTLET_REACH - 1, found.first)
        )
    return any(place in outlets for place in range(found.end, found.end + VERB_OUTLET_REACH))


def _subject_before_verb(
    line: Line, first: int, mentions: Sequence[PersonReference]
) -> PersonMentions | None:
    """Return the nearest person before a verb; None if a name is too far away."""
    start = line.words[first].start
    before = [meant for meant in mentions if meant.start <= start]
    if not before:
        return None
    near = before[-1]
    between = sum(near.end <= word.start < start for word in line.words)
    return near.who if between <= SUBJECT_VERB_REACH else None


def _named_after(
    line: Line, end: int, mentions: Sequence[PersonReference], language: Language
) -> PersonMentions | None:
    """Return the person named directly after a Kazakh participle.

    "арнасын жүргізетін Айнамкөз Ербол".
    """
    if language is not Language.KK or end >= len(line.words):
        return None
    if not PARTICIPLE_PATTERN.search(line.words[end - 1].folded):
        return None
    start = line.words[end].start
    return next((meant.who for meant in mentions if meant.is_name and meant.start == start), None)


def _possessor(
    line: Line, first: int, end: int, mentions: Sequence[PersonReference], language: Language
) -> PersonMentions | None:
    """Return the possessor of a thing: "Brandt's phone", "статьи Омирзаковой"."""
    start, stop = line.words[first].start, line.words[end - 1].end
    for meant in mentions:
        gap = sum(meant.end <= word.start < start for word in line.words)
        if meant.end <= start and gap <= OWNER_REACH and _is_owner(line, meant, language):
            return meant.who
        is_behind = language is Language.RU and meant.is_name and meant.start >= stop
        if is_behind and not text_after(line, stop)[: meant.start - stop].strip():
            return meant.who
    return None


def _is_owner(line: Line, reference: PersonReference, language: Language) -> bool:
    """Return whether a reference is the possessor of the next word: "her", "Өтеевтің"."""
    text = _reference_text(line, reference)
    return (
        text.casefold() in load_word_list(language, "own")
        or bool(POSSESSIVE_PATTERN.search(text))
        or _has_possessive(line, reference)
    )


def _reference_text(line: Line, reference: PersonReference) -> str:
    offset = line.sentence.start
    return line.sentence.text[reference.start - offset : reference.end - offset]


def _has_possessive(line: Line, reference: PersonReference) -> bool:
    """Return whether 's follows, which is no part of the name."""
    return bool(re.match(r"['’]s?\b", text_after(line, reference.end)))
