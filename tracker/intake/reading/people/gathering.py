"""Every person an article names: where they are meant, and which parts they play in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.articles.codes import Language
from tracker.intake.reading.found import Mention, Person
from tracker.intake.reading.kinds import Part
from tracker.intake.reading.lexicon import lexicon
from tracker.intake.reading.outlets.naming import named_outlets
from tracker.intake.reading.people.bylines import give_authors, narrator
from tracker.intake.reading.people.naming import Span, spans_of
from tracker.intake.reading.people.nominative import is_nominative
from tracker.intake.reading.people.parts import parts_said
from tracker.intake.reading.people.pointing import Known, trace
from tracker.intake.reading.people.references import Somebody, gathered, is_addressed, is_like
from tracker.intake.reading.people.restoring import restored
from tracker.intake.reading.people.roles import roles_in
from tracker.intake.reading.people.works import give_outlets
from tracker.intake.reading.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.intake.reading.people.offices import Role
    from tracker.intake.reading.text import Reading

FULL = 2


def people_in(reading: Reading) -> list[Person]:
    """Return the people named, in the order of the text, each with every mention and part."""
    if not lexicon(reading.language.value, "people"):
        return []
    outlets = named_outlets(reading)
    words: dict[int, set[int]] = {}
    for one in outlets:
        words.setdefault(one.line.number, set()).update(range(one.first, one.end))
    roles = [roles_in(line, reading.language, words.get(line.number, ())) for line in reading.lines]
    people = gathered(spans_of(reading, roles, outlets))
    claimed = _give_parts(reading, people, roles)
    give_outlets(reading, people, words)
    give_authors(reading, people)
    author = narrator(reading, people)
    trace(Known(reading, people, roles, claimed, words, author))
    return [_person(one, reading) for one in people]


def _give_parts(
    reading: Reading, people: Sequence[Somebody], roles: Sequence[Sequence[Role]]
) -> set[tuple[int, int]]:
    """Give people the parts that nouns beside their names say; returns the nouns used, by place."""
    by_line: dict[int, list[Span]] = {}
    owner: dict[int, Somebody] = {}
    for one in people:
        for span in one.spans:
            by_line.setdefault(span.line.number, []).append(span)
            owner[id(span)] = one
    claimed: set[tuple[int, int]] = set()
    for number, line in enumerate(reading.lines):
        spans = sorted(by_line.get(line.number, []), key=lambda span: span.first)
        for said in parts_said(line, spans, roles[number], reading.language):
            one = owner[id(said.span)]
            if said.part is Part.RELATIVE and _is_surname_alone(said.span, one):
                continue
            passage = reading.passage(said.start, said.end)
            one.parts.setdefault(said.part, passage)
            one.offices.append(passage.words)
            claimed.add((number, said.role.first))
    return claimed


def _is_surname_alone(span: Span, one: Somebody) -> bool:
    """Say whether a person is called by surname: "муж Ким" is hers, relatives have first names."""
    words = one.fullest.forms
    if len(span.forms) > 1 or len(words) == 1:
        return False
    return not is_like(span.forms[0], words[0]) and is_like(span.forms[0], words[-1])


def _person(one: Somebody, reading: Reading) -> Person:
    best = max(one.spans, key=lambda span: _rank(span, reading.language), default=None)
    mentions = [Mention(reading.passage(span.start, span.stop)) for span in one.spans]
    mentions += [Mention(passage, is_name=False) for passage in one.meant]
    # A form of the article where it has the nominative, else what we make of another case.
    known = {fold(word.text) for span in one.spans for word in span.forms}
    name = (restored(best.forms, reading.language, known) or best.text) if best else ""
    return Person(
        name=one.signed or name,
        mentions=sorted(mentions, key=lambda mention: mention.passage.start),
        parts=one.parts,
        office=max(one.offices, key=len, default=""),
        score=min(1.0, max((span.score for span in one.spans), default=1.0)),
    )


def _rank(span: Span, language: Language) -> tuple[int, bool, bool, int, int]:
    """Prefer full names, in the nominative, not in capitals, with most words, the earliest."""
    words = [one for one in span.forms if not one.is_initial]
    bare = is_nominative(span.forms) is not False if language is Language.RU else True
    # A Kazakh ending only ever makes a name longer.
    length = -len(span.text) if language is Language.KK else len(words)
    fullness = 2 * min(len(words), FULL) - (len(words) == FULL and is_addressed(span))
    return fullness, bare, not span.text.isupper(), length, -span.start
