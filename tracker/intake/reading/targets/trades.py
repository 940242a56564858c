"""Who works as a journalist does, though no noun says so: by her sentences and their paragraph."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tracker.intake.reading.capitals import words_of_list
from tracker.intake.reading.lexicon import Phrases, lexicon
from tracker.intake.reading.targets.spots import Kind

if TYPE_CHECKING:
    from tracker.intake.reading.found import Person
    from tracker.intake.reading.targets.spots import Scene, Spot
    from tracker.intake.reading.text import Line

# "The editor" and what she says of it stand at most so many paragraphs apart.
NEAR = 2
# A newsroom tells of itself where "we" stands in so many sentences, so large a share.
OF_US, SHARE_OF_US = 4, 0.25
# Between somebody, the verb of her work and her newsroom stand at most so many words.
FAR = 8
# "Of the local news site" stands between a name and her newsroom's.
STAFF_GAP = 4


def has_worked(scene: Scene, person: Person) -> bool:
    """Say whether somebody's sentences, or those around that name nobody else, show her work, and
    none that she is in public office.
    """
    if any(_is_public(scene, line, person) for line in scene.lines):
        return False
    return any(
        spot.person is person and _is_at_work(scene, line, spot)
        for line in scene.lines
        for spot in scene.at(line.number)
    ) or any(_is_of_trade(scene, line, person) for line in scene.lines)


def _is_public(scene: Scene, line: Line, person: Person) -> bool:
    """Say whether a sentence about somebody tells what only politicians and officials do."""
    before = [first for name, first, _end in scene.told[line.number] if name == "public"]
    here = [spot for spot in scene.at(line.number) if spot.person is not None]
    return any(
        max((spot for spot in here if spot.first < first), default=None, key=lambda one: one.first)
        == spot
        for first in before
        for spot in here
        if spot.person is person
    )


def _is_of_trade(scene: Scene, line: Line, person: Person) -> bool:
    """Say whether a sentence tells of what only journalists have or do, and of nobody else."""
    if not any(name == "trade" for name, _first, _end in scene.told[line.number]):
        return False
    around = [one for one in scene.lines if one.paragraph == line.paragraph]
    here = [spot for spot in scene.at(line.number) if spot.person is not None]
    if any(spot.person is person for spot in here):
        return all(spot.person is person or spot.kind is not Kind.JOURNALIST for spot in here)
    near = [spot for one in around for spot in scene.at(one.number) if spot.person is not None]
    return not here and any(spot.person is person for spot in near)


def _is_at_work(scene: Scene, line: Line, spot: Spot) -> bool:
    """Say whether somebody's sentence has "her column", or tells what she published."""
    told = scene.told[line.number]
    if spot.is_name and any(
        name == "noun" and (spot.end == first or end == spot.first) for name, first, end in told
    ):
        return True
    people = [one for one in scene.at(line.number) if one.person is not None]
    others = [one for one in people if one.person is not spot.person]
    return any(name == "work" and first >= spot.first for name, first, _end in told) and not any(
        spot.first < one.first for one in others
    )


def staff_of(scene: Scene, line: Line) -> list[Spot]:
    """Return those named with their newsroom and no other office: "Aliya Sarova of the weekly"."""
    between = _of(scene.reading.language.value)
    if not between:
        return []
    spots = scene.at(line.number)
    rooms = [one for one in spots if one.kind in (Kind.ROOM, Kind.NEWSROOM)]
    return [
        name
        for name in spots
        if name.is_name
        and name.person is not None
        and any(
            0 < room.first - name.end <= STAFF_GAP
            and line.words[name.end].folded in between
            and not any(word.is_capital for word in line.words[name.end : room.first])
            for room in rooms
        )
    ]


def working_for(scene: Scene, line: Line) -> list[Spot]:
    """Return those of whom a sentence says in any words that they work for a newsroom it names:
    a person, a verb of the work and the newsroom, and nobody else before the verb.
    """
    spots = scene.at(line.number)
    rooms = [one for one in spots if one.kind in (Kind.ROOM, Kind.NEWSROOM)]
    people = [one for one in spots if one.person is not None]
    if not rooms or not people:
        return []
    found: list[Spot] = []
    for _label, first, end in _works(scene.reading.language.value).find(line.words):
        before = [one for one in people if one.end <= first]
        near = [one for one in rooms if 0 <= one.first - end <= FAR or 0 <= first - one.end <= FAR]
        if before and near and first - before[-1].end <= FAR:
            found.append(before[-1])
    return found


@cache
def _works(language: str) -> Phrases:
    words = lexicon(language, "targets")["press"].get("works", ())
    return Phrases((phrase, None) for phrase in words)


@cache
def _of(language: str) -> frozenset[str]:
    return frozenset(lexicon(language, "targets")["press"].get("of", ()))


def heard(scene: Scene) -> Person | None:
    """Return the only one without an office who says "I" or "me" soon after the text has spoken of
    "the editor" without a name.
    """
    found: dict[int, Person] = {}
    last = None
    mine = words_of_list(scene.reading.language, "i")
    for line in scene.lines:
        spots = scene.at(line.number)
        says_i = any(
            word.folded in mine and scene.reading.is_spoken(word.start) for word in line.words
        )
        is_victim = any(name == "befell" for name, _first, _end in scene.told[line.number])
        for spot in spots:
            if (
                (is_victim or (says_i and last is not None and line.paragraph - last <= NEAR))
                and spot.person is not None
                and spot.kind is Kind.UNKNOWN
                and spot.is_name
                and scene.speaks(line.number, spot)
            ):
                found.setdefault(id(spot.person), spot.person)
        if any(spot.kind is Kind.ONE for spot in spots):
            last = line.paragraph
    return next(iter(found.values())) if len(found) == 1 else None


def speaks_as_we(scene: Scene) -> bool:
    """Say whether a newsroom tells in its own name what befell it: "we", "us", "our"."""
    ours = words_of_list(scene.reading.language, "we")
    count = sum(
        any(word.folded in ours and not scene.reading.is_spoken(word.start) for word in line.words)
        for line in scene.lines
    )
    return count >= OF_US and count >= SHARE_OF_US * len(scene.lines)
