"""Whom a headline or lead on "a reporter" without a name means: the first one named after it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tracker.intake.reading.lexicon import lexicon
from tracker.intake.reading.targets.spots import Kind

if TYPE_CHECKING:
    from tracker.intake.reading.found import Person
    from tracker.intake.reading.targets.spots import Scene, Spot
    from tracker.intake.reading.text import Line

# So near behind a name a noun says who it is: "Aliya Sarova, a young reporter".
APPOSED = 3
# Headline and lead.
FIRST = 2


def led_to(scene: Scene) -> Person | None:
    """Return the first one named where the headline or lead speaks of "a reporter" without a name,
    unless a journalist is named before.
    """
    led = False
    for place, line in enumerate(scene.lines):
        spots = scene.at(line.number)
        if place < FIRST:
            led = led or any(
                spot.kind is Kind.ONE and not _stands_by_name(spot, spots) for spot in spots
            )
        if place == FIRST and not led:
            return None
        is_ally = scene.stands_by(line.number)
        for spot in spots:
            if spot.kind is Kind.JOURNALIST:
                return None
            if spot.kind is Kind.UNKNOWN and spot.is_name and led and not is_ally:
                names = [one for one in spots if one.person is not None and one.is_name]
                return None if is_listed(scene, line, spot, names) else spot.person
    return None


def leads_unnamed(scene: Scene) -> bool:
    """Say whether headline or lead speaks of "a reporter" without a name."""
    return any(
        spot.kind is Kind.ONE and not _stands_by_name(spot, scene.at(line.number))
        for line in scene.lines[: FIRST + 1]
        for spot in scene.at(line.number)
    )


def is_listed(scene: Scene, line: Line, spot: Spot, names: list[Spot]) -> bool:
    """Say whether a name is one of several joined by "and"."""
    words = joins(scene.reading.language.value)
    return any(
        0 <= gap[1] - gap[0] <= 1
        and all(word.folded in words for word in line.words[gap[0] : gap[1]])
        for one in names
        if one is not spot
        for gap in ((one.end, spot.first), (spot.end, one.first))
    )


@cache
def joins(language: str) -> frozenset[str]:
    return frozenset(lexicon(language, "targets")["together"]["words"])


def _stands_by_name(one: Spot, spots: list[Spot]) -> bool:
    return any(
        spot.person is not None and spot.is_name and 0 <= spot.first - one.end <= APPOSED
        for spot in spots
    )
