"""Who stands in a sentence: authorities with their office, the press, others, and pronouns."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tracker.intake.reading.acts.book import with_lists
from tracker.intake.reading.answers.joining import (
    COMPANY,
    OFFICIAL,
    ORGANISATIONS,
    OTHER,
    OUTLETS,
    PRONOUN,
    TARGET,
    Mark,
    joined,
    stretched,
)
from tracker.intake.reading.kinds import Part
from tracker.intake.reading.lexicon import Phrases, lexicon
from tracker.intake.reading.places.states import state_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.intake.reading.found import Person
    from tracker.intake.reading.targets.aiming import Aimed
    from tracker.intake.reading.text import Line, Reading, Word

SHORTEST_STEM, STEM_LESS = 4, 2
# A name from the list of people, a short name, a name learned here: a surer one goes first.
SURE, SHORTENED, LEARNED = 100, 60, 50
SHORT = re.compile(r"[^()]{0,40}\(([A-ZА-ЯЁӘҒҚҢӨҰҮҺІ]{2,6})\)")
INSIDE = frozenset({"and", "of"})
OWNED = re.compile(r"['’]s?$")
# No name is longer, in characters.
LONGEST = 100
STOPS = '.!?…»”"'


class Label(NamedTuple):
    """What a phrase of `speakers.toml` says of the one it names."""

    side: str
    kind: str
    is_person: bool
    weight: int


class Named(NamedTuple):
    """A place where somebody of the list of people is meant."""

    start: int
    end: int
    side: str
    name: str
    office: str


class Cast:
    """Who is who in an article: people by their words, and names learned from their offices."""

    def __init__(self, reading: Reading, people: Iterable[Person], aimed: Aimed) -> None:
        self.language = reading.language.value
        self.title = reading.title
        self.named: list[Named] = []
        aimed_names = {one.name for one in aimed.people}
        for person in people:
            side = _side(person, is_aimed=person.name in aimed_names)
            for mention in person.mentions:
                at = mention.passage
                meant = side if mention.is_name else PRONOUN
                self.named.append(Named(at.start, at.end, meant, person.name, person.office))
        for room in aimed.newsrooms:
            self.named += [
                Named(one.start, one.end, TARGET, room.name, "") for one in room.mentions
            ]
        self.named.sort()
        self.sides = {one.name: one.side for one in self.named if one.side != PRONOUN}
        # Stem of a surname → office, body and kind in which its bearer was introduced.
        self.officials: dict[str, Mark] = {}
        # "The State Security Service (VDD)": the short name stands for the body from then on.
        self.short: dict[str, Mark] = {}

    def is_heading(self, line: Line) -> bool:
        """Say whether a sentence is the headline, where every word may be capitalised."""
        text = line.sentence.text
        return line.number == 1 and (text == self.title or text[-1:] not in STOPS)

    def marks(self, line: Line) -> list[Mark]:
        """Return who stands in a sentence, from left to right, none inside another."""
        owned = [_owned(line.words)] if self.language == "en" else []
        found = [
            Mark(
                one.first, one.end, one.label.side, one.label.kind, one.label.is_person,
                weight=one.label.weight,
            )
            for words in (line.words, *owned)
            for one in _phrases(self.language).find(words)
        ]  # fmt: skip
        chosen = _longest(found + self._people(line))
        # "Ministry of Youth and Digital Development": no such person.
        taken = {
            k for one in chosen for k in range(one.first, one.end)
            if not (one.side == OTHER and one.name and line.words[one.first - 1].folded in INSIDE)
        }  # fmt: skip
        is_heading = self.is_heading(line)
        known = [self._known(line, one, taken) for one in chosen]
        marks = [
            self._of_state(line, one)
            for one in joined(known, line.words, self.language, named=not is_heading)
        ]
        for one in marks:
            if one.side == OFFICIAL and not is_heading:
                self._learn(line, one)
        return marks

    def _of_state(self, line: Line, mark: Mark) -> Mark:
        if mark.side != OFFICIAL:
            return mark
        told = state_of(line.words, mark.first, mark.end, self.language)
        return mark._replace(state=told or mark.state)

    def meant(self, start: int) -> Mark | None:
        """Return whom "he" or "she" at an offset means, where the list of people tells."""
        for one in self._near(start, start + 1):
            if one.side == PRONOUN and one.name in self.sides:
                told = self.officials.get(_stem(one.name.split()[-1]))
                if told is not None and self.sides[one.name] != TARGET:
                    return told
                side = self.sides[one.name]
                return Mark(0, 0, side, is_person=True, office=one.office, name=one.name)
        return None

    def _near(self, start: int, end: int) -> list[Named]:
        """Return who of the list of people is meant between two offsets."""
        first = bisect_left(self.named, (start - LONGEST,))
        found = []
        for place in range(first, len(self.named)):
            one = self.named[place]
            if one.start >= end:
                break
            if one.end > start:
                found.append(one)
        return found

    def _learn(self, line: Line, mark: Mark) -> None:
        if mark.body:
            end = line.words[mark.end - 1].end - line.sentence.start
            short = SHORT.match(line.sentence.text, end)
            if short is not None:
                self.short[short[1]] = mark
        if mark.name and (mark.office or mark.body):
            self.officials.setdefault(_stem(mark.name.split()[-1]), mark)

    def _people(self, line: Line) -> list[Mark]:
        found = []
        for one in self._near(line.sentence.start, line.sentence.end):
            inside = [k for k, word in enumerate(line.words) if one.start <= word.start < one.end]
            if inside and one.side != PRONOUN:
                at = inside[0], inside[-1] + 1
                found.append(Mark(*at, one.side, is_person=True, name=one.name, weight=SURE))
        known = {k for mark in found for k in range(mark.first, mark.end)}
        for k, word in enumerate(line.words):
            if word.text in self.short:
                told = self.short[word.text]._replace(first=k, end=k + 1, name="", office="")
                found.append(told._replace(is_person=False, weight=SHORTENED))
            if k not in known and word.is_capital and _stem(word.text) in self.officials:
                found.append(
                    Mark(k, k + 1, OFFICIAL, is_person=True, name=word.text, weight=LEARNED)
                )
        return found

    def _known(self, line: Line, mark: Mark, taken: set[int]) -> Mark:
        """Fill in what the text shows of a mark: its words, and an office told of before."""
        if mark.name:
            told = self.officials.get(_stem(mark.name.split()[-1]))
            if told is None or mark.side == TARGET:
                return mark
            return mark._replace(
                side=OFFICIAL, kind=told.kind, office=told.office, body=told.body, name=told.name,
                state=told.state,
            )  # fmt: skip
        whole = mark
        if mark.side == OFFICIAL:
            whole = stretched(mark, line.words, self.language, taken)
        start, end = line.words[whole.first].start, line.words[whole.end - 1].end
        shown = line.sentence.text[start - line.sentence.start : end - line.sentence.start]
        if mark.is_person:
            return whole._replace(office=shown)
        shown = OWNED.sub("", shown)
        return whole._replace(body=shown if mark.side == OFFICIAL else "")


def _owned(words: Sequence[Word]) -> list[Word]:
    """Return the words without the "'s" of an owner: "the governor's adviser"."""
    return [word._replace(folded=word.folded.removesuffix("'s")) for word in words]


@cache
def _phrases(language: str) -> Phrases:
    data = lexicon(language, "speakers")
    lists = data.get("lists", {})
    rows: list[tuple[str, Label]] = []
    for section, side, is_person in (
        ("bodies", OFFICIAL, False),
        ("offices", OFFICIAL, True),
        ("others", OTHER, True),
    ):
        for kind, phrases in data.get(section, {}).items():
            meant = TARGET if kind in ("press", OUTLETS) else side
            human = is_person and kind not in (OUTLETS, ORGANISATIONS)
            rows += [
                (with_lists(one, lists), Label(meant, kind, human, len(one))) for one in phrases
            ]
    for kind in ("person", "body", "place", COMPANY):
        for phrase in data.get("pronouns", {}).get(kind, ()):
            rows.append((phrase, Label(PRONOUN, kind, kind == "person", len(phrase) + 1)))
    return Phrases(rows)


def _side(person: Person, *, is_aimed: bool) -> str:
    if is_aimed:
        return TARGET
    if Part.OFFICIAL in person.parts and Part.JOURNALIST not in person.parts:
        return OFFICIAL
    return TARGET if Part.JOURNALIST in person.parts else OTHER


def _stem(name: str) -> str:
    """Return a surname without its last letters, which inflect."""
    folded = name.casefold().replace("ё", "е").removesuffix("'s").removesuffix("’s")
    return folded[: max(SHORTEST_STEM, len(folded) - STEM_LESS)]


def _longest(found: list[Mark]) -> list[Mark]:
    kept: list[Mark] = []
    for one in sorted(found, key=lambda mark: (mark.first - mark.end, -mark.weight, mark.first)):
        if not any(one.first < other.end and other.first < one.end for other in kept):
            kept.append(one)
    return sorted(kept)
