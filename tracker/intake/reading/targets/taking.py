"""Who of a sentence takes an act told in it, by kind, side and distance; who is listed with her."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tracker.intake.reading.lexicon import lexicon
from tracker.intake.reading.targets.spots import PRESS, Kind, is_employer, words_between

if TYPE_CHECKING:
    from tracker.intake.reading.found import Act
    from tracker.intake.reading.targets.spots import Scene, Spot
    from tracker.intake.reading.text import Line

# How well each kind takes an act that stands in its sentence.
TAKES = {
    Kind.JOURNALIST: 3.0,
    Kind.SELF: 2.6,
    Kind.ONE: 2.6,
    Kind.MANY: 2.4,
    Kind.NEWSROOM: 2.4,
    Kind.ROOM: 1.8,
    Kind.PAGE: 1.8,
    Kind.UNKNOWN: 1.6,
    Kind.RELATIVE: 1.6,
    Kind.BYSTANDER: 1.4,
    Kind.OTHER: 1.2,
    Kind.OFFICIAL: 0.8,
}
RIGHT_SIDE, WRONG_SIDE = 1.2, -1.0
PER_WORD, PER_BREAK = 0.09, 0.5
# Beyond so many words and breaks it makes no difference any more.
FAR, FEW = 14, 2
LEAST = 1.0
# What is done to a body or to its freedom is not done to a newsroom.
OF_BODIES = (
    "physical.",
    "surveillance.",
    "legal.detention",
    "legal.border",
    "threat.sexual",
    "harassment.sexual",
)
NO_BODY = frozenset({Kind.NEWSROOM, Kind.ROOM, Kind.PAGE})
# And what is done to a newsroom's site or name is told of it through colons and figures.
OF_ROOMS = ("digital.ddos", "impersonation.outlet", "censorship.blocking")
OF_ITS_SITE = 1.0
# Those who are not of the press take an act only where it plainly falls on them.
NEAR = 4
OUTSIDE = frozenset({Kind.BYSTANDER, Kind.OFFICIAL, Kind.OTHER, Kind.UNKNOWN})
# So many words may stand between the names of one list.
LIST_GAP, SHORT_GAP = 7, 4
NOT_LISTED = frozenset({Kind.ROOM, Kind.PAGE, Kind.OTHER})
BREAK = re.compile(r"[;:—–()]|, ")


def best_of(scene: Scene, line: Line, act: Act, spots: list[Spot]) -> Spot | None:
    """Return who of a sentence takes an act best, None where nobody does."""
    words = words_between(line, act.passage.start, act.passage.end)
    scores = [
        (_takes(scene, line, act, words, spot), -abs(spot.first - words[0]), place)
        for place, spot in enumerate(spots)
        if not is_employer(scene, line, spot, spots)
        and not (spot.kind in NO_BODY and act.code.startswith(OF_BODIES))
    ]
    best = max(scores, default=None)
    return spots[best[2]] if best is not None and best[0] >= LEAST else None


def _takes(scene: Scene, line: Line, act: Act, words: tuple[int, int], spot: Spot) -> float:
    first, end = words
    distance = max(0, first - spot.end, spot.first - end)
    is_before, is_after = spot.end <= first, spot.first >= end
    if not is_before and not is_after:
        return TAKES[spot.kind]
    low, high = (spot.end, first) if is_before else (end, spot.first)
    breaks = min(FEW, _breaks(scene, line, low, high))
    score = TAKES[spot.kind] - PER_WORD * min(FAR, distance) - PER_BREAK * breaks
    if spot.kind is Kind.NEWSROOM and act.code.startswith(OF_ROOMS):
        score += OF_ITS_SITE
    is_right = not act.toward or is_before == (act.toward == "before")
    if spot.kind in OUTSIDE and (not is_right or distance > NEAR):
        return 0.0
    if not act.toward:
        speaks = spot.kind in (Kind.OTHER, Kind.OFFICIAL) or scene.speaks(line.number, spot)
        return 0.0 if spot.kind in OUTSIDE and spot.kind is not Kind.UNKNOWN and speaks else score
    return score + (RIGHT_SIDE if is_right else WRONG_SIDE)


def _breaks(scene: Scene, line: Line, first: int, end: int) -> int:
    if first >= len(line.words) or first == 0:
        return 0
    start = line.words[first - 1].end
    stop = line.words[min(end, len(line.words) - 1)].start
    return len(BREAK.findall(scene.reading.text, start, max(start, stop)))


def listed(scene: Scene, line: Line, best: Spot, act: Act | None = None) -> list[Spot]:
    """Return the one found and those of the press named with her in one list; an act told between
    two names divides them.
    """
    spots = scene.at(line.number)
    members = [spot for spot in spots if spot.kind not in NOT_LISTED]
    if best not in members:
        return [best]
    divides = words_between(line, act.passage.start, act.passage.end) if act else (0, 0)
    low = high = members.index(best)
    while low > 0 and _joined(scene, line, members[low - 1], members[low], divides):
        low -= 1
    while high + 1 < len(members) and _joined(
        scene, line, members[high], members[high + 1], divides
    ):
        high += 1
    return [
        spot
        for spot in members[low : high + 1]
        if spot == best or (spot.kind in PRESS and not is_employer(scene, line, spot, spots))
    ]


def _joined(scene: Scene, line: Line, one: Spot, two: Spot, divides: tuple[int, int]) -> bool:
    """Say whether two stand in one list, or one describes the other: "reporter X and editor Y"."""
    gap = line.words[one.end : two.first]
    if not gap:
        return True
    if len(gap) > LIST_GAP or (one.end <= divides[0] and divides[1] <= two.first and any(divides)):
        return False
    text = scene.reading.text[line.words[one.end - 1].end : line.words[two.first].start]
    joins = any(word.folded in _together(scene.reading.language.value) for word in gap)
    return joins or ("," in text and len(gap) <= SHORT_GAP) or len(gap) <= 1


@cache
def _together(language: str) -> frozenset[str]:
    return frozenset(lexicon(language, "targets")["together"]["words"])
