"""Journalists whom no noun beside the name calls so: by what they do, and by those beside them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from tracker.articles.codes import Language
from tracker.intake.reading.targets.leading import APPOSED, is_listed, joins, led_to
from tracker.intake.reading.targets.spots import Kind, Spot
from tracker.intake.reading.targets.trades import has_worked, staff_of, working_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.intake.reading.found import Person
    from tracker.intake.reading.targets.spots import Scene
    from tracker.intake.reading.text import Line

# So near behind a name the words stand that say what somebody does: "Aliya, 38, who writes for".
DOES = 4
# "A contributor to several exile media, Aliya Sarova, found".
FAR_APPOSED = 6
# "Of the newspaper" in Kazakh.
GENITIVE = ("нің", "ның", "дің", "дың", "тің", "тың")
# Words that may follow a name heading a case.
HEADING = 3
# In a text of so many sentences with the press somebody named after this part of it, in a sentence
# of so many more words, is the one told of before.
SIGNS, LATE, SENTENCE = 2, 0.4, 2
SURE_NAME = 0.8
# A line without an end is a signature: "Nino Beridze, for the newsroom".
ENDS = (".", "!", "?", "…", "”", "»", '"', ")", ":")


def recognise(scene: Scene) -> None:
    """Make journalists of the people whom their own sentences show to be such."""
    named: set[int] = set()
    for line in scene.lines:
        _untangle(scene, line, named)
    _promote(scene, _by(scene, _named_so))
    _promote(scene, _by(scene, _doing_so))
    if scene.reading.language is Language.KK:
        _promote(scene, _by(scene, _employed_so))
    _promote(scene, _by(scene, staff_of))
    _promote(scene, _by(scene, working_for))
    _promote(scene, _by(scene, _listed_so))
    _promote(scene, _cases(scene))


def star_of(scene: Scene, person: Person | None, late: Person | None) -> Person | None:
    """Return whom the text shows at a journalist's work though it never says so; it must be told
    who is most present, since many people write and are asked about articles, and who is named
    late, if no journalist is named before.
    """
    star = scene.led = led_to(scene)
    if star is None and person is not None and has_worked(scene, person):
        star = person
    if star is None and late is not None:
        star = scene.late = late
    if star is not None:
        _promote(scene, [star])
    return star


def late_named(scene: Scene) -> Person | None:
    """Return whom a text about the press names late and without a word on who she is: the one told
    of before as "she" or "the reporter"; everybody else comes with an office.
    """
    signs = sum(_has_press(scene, line) for line in scene.lines)
    if signs < SIGNS:
        return None
    named: set[int] = set()
    late = None
    for place, line in enumerate(scene.lines):
        names = [spot for spot in _people(scene, line) if spot.is_name]
        for spot in names:
            is_first = id(spot.person) not in named
            named.add(id(spot.person))
            if (
                is_first
                and spot.kind is Kind.UNKNOWN
                and spot.person is not None
                and spot.person.score >= SURE_NAME
                and place >= LATE * len(scene.lines)
                and not is_listed(scene, line, spot, names)
                and not _is_called(scene, line, spot)
                and len(line.words) - (spot.end - spot.first) >= SENTENCE
                and not line.sentence.text.startswith("(")
                and not _is_thing_of(scene, line, spot)
                and line.sentence.text.rstrip().endswith(ENDS)
            ):
                late = spot.person
    return late


def _has_press(scene: Scene, line: Line) -> bool:
    kinds = {spot.kind for spot in scene.at(line.number)}
    return bool(kinds & {Kind.ONE, Kind.ROOM, Kind.PAGE, Kind.NEWSROOM}) or any(
        name in ("work", "does") for name, _first, _end in scene.told[line.number]
    )


def _is_called(scene: Scene, line: Line, spot: Spot) -> bool:
    """Say whether "lawyer" or such stands right before a name, or "headed by"."""
    if spot.first and line.words[spot.first - 1].folded == "by":
        return True
    if spot.first and line.words[spot.first - 1].folded.endswith(("'s", "’s")):
        # "Labour's Donal Ivers": of a party or a union.
        return True
    return any(one.kind is Kind.OTHER and one.end == spot.first for one in scene.at(line.number))


def _is_thing_of(scene: Scene, line: Line, spot: Spot) -> bool:
    """Say whether a name only says whose something is: "Malović's commission"."""
    end = scene.reading.text[line.words[spot.end - 1].start : line.words[spot.end - 1].end + 2]
    return end.rstrip().endswith(("'s", "’s"))


def _cases(scene: Scene) -> list[Person]:
    """Return those whose names head the cases of a report on the press: "Rakiya Sule (Kano)."."""
    lines = [line for line in scene.lines if "(" in line.sentence.text]
    opening = [(line, spot) for line in lines for spot in _people(scene, line) if spot.first == 0]
    heads = [
        spot.person
        for line, spot in opening
        if spot.person is not None and spot.is_name and len(line.words) - spot.end <= HEADING
        if spot.kind in (Kind.UNKNOWN, Kind.JOURNALIST)
    ]
    return heads if len(heads) >= SIGNS - 1 and len(heads) < len(scene.lines) / 2 else []


def _promote(scene: Scene, people: list[Person]) -> None:
    for spots in scene.spots.values():
        spots[:] = [
            spot._replace(kind=Kind.JOURNALIST)
            if any(spot.person is person for person in people)
            else spot
            for spot in spots
        ]


def _untangle(scene: Scene, line: Line, named: set[int]) -> None:
    """Take "the journalist" away from one person where it stands right before another's name, or
    before her own has been said: who is meant shows later.
    """
    spots = scene.at(line.number)
    starts = {spot.first: spot for spot in spots if spot.person is not None and spot.is_name}
    for place, spot in enumerate(spots):
        if spot.person is None or spot.kind is not Kind.JOURNALIST:
            continue
        other = starts.get(spot.end)
        if spot.is_name:
            named.add(id(spot.person))
        elif id(spot.person) not in named or (
            other is not None and other.person is not spot.person
        ):
            spots[place] = Spot(spot.first, spot.end, Kind.ONE)


def _by(scene: Scene, rule: Callable[[Scene, Line], list[Spot]]) -> list[Person]:
    return [
        spot.person
        for line in scene.lines
        for spot in rule(scene, line)
        if spot.person is not None and spot.kind is Kind.UNKNOWN
    ]


def _people(scene: Scene, line: Line) -> list[Spot]:
    return [spot for spot in scene.at(line.number) if spot.person is not None]


def _named_so(scene: Scene, line: Line) -> list[Spot]:
    """Return those with "reporter" right before or, after a comma or dash, behind the name."""
    ones = [spot for spot in scene.at(line.number) if spot.kind is Kind.ONE]
    named = [spot for spot in _people(scene, line) if spot.is_name]
    found = [name for name in named for one in ones if one.end == name.first]
    for name in named:
        before = [one for one in ones if 0 < name.first - one.end <= FAR_APPOSED]
        between = [one for one in named for two in before if two.end <= one.first < name.first]
        if before and not between and _gap(scene, line, name.first, name.first).endswith(","):
            found.append(name)
        after = [one for one in ones if 0 <= one.first - name.end <= APPOSED]
        between = [spot for spot in named for one in after if name.end <= spot.first < one.first]
        if after and not between and _gap(scene, line, name.end, after[0].first)[:1] in (",", "—"):
            found.append(name)
    return found


def _gap(scene: Scene, line: Line, first: int, end: int) -> str:
    return scene.reading.text[line.words[first - 1].end : line.words[end].start].strip()


def _doing_so(scene: Scene, line: Line) -> list[Spot]:
    """Return those of whom it is said that they write for a paper or run a channel."""
    people = _people(scene, line)
    found: list[Spot] = []
    for name, first, end in scene.told[line.number]:
        if name == "does":
            before = [spot for spot in people if 0 <= first - spot.end <= DOES]
            after = [spot for spot in people if 0 <= spot.first - end <= 1]
            found += before[-1:] or after[:1]
    return found


def _employed_so(scene: Scene, line: Line) -> list[Spot]:
    """Return those behind their newsroom and what they do there, as Kazakh puts it:
    "«Айна» газетінің түсірушісі Мирлан Юсупов".
    """
    rooms = [one for one in scene.at(line.number) if one.kind in (Kind.ROOM, Kind.NEWSROOM)]
    return [
        name
        for name in _people(scene, line)
        if name.is_name
        and any(
            name.first - room.end == 1
            and "," not in _gap(scene, line, room.end, name.first)
            and line.words[room.end - 1].folded.endswith(GENITIVE)
            for room in rooms
        )
    ]


def _listed_so(scene: Scene, line: Line) -> list[Spot]:
    """Return those joined to a journalist by nothing but "and"."""
    people = _people(scene, line)
    words = joins(scene.reading.language.value)
    found: list[Spot] = []
    for one, two in pairwise(people):
        gap = [word.folded for word in line.words[one.end : two.first]]
        if len(gap) == 1 and gap[0] in words and one.is_name and two.is_name:
            found += [two] if one.kind is Kind.JOURNALIST else []
            found += [one] if two.kind is Kind.JOURNALIST else []
    return found
