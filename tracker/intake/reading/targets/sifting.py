"""Which acts that were found cannot be what the article tells: what befell the dead, a death that
nobody calls untrue, an injury that nobody dealt, a word that is part of a name.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from tracker.intake.reading.kinds import Reality
from tracker.intake.reading.lexicon import Phrases, lexicon
from tracker.intake.reading.targets.spots import words_between

if TYPE_CHECKING:
    from tracker.intake.reading.found import Act
    from tracker.intake.reading.targets.linking import Link
    from tracker.intake.reading.targets.spots import Scene

KILLING, HOAX = "physical.killing", "disinformation.death_hoax"
MOURNING = "threat.death"
# What an accident does as well as people.
OF_ACCIDENTS = (
    "physical.assault",
    "physical.attempt",
    "property.damage",
    "property.break_in",
    "employment.dismissal",
)
# So many words of accidents make one, so many one that may have killed.
ACCIDENT, DEADLY = 2, 4
# Where these are told, a death is one of the lies.
OF_LIES = ("impersonation.", "disinformation.fabricated")
# Who did it stands at most so many sentences from what was done.
DOER = 2
# A name of fewer words is no more than a word that also means something else.
LONG_NAME = 2


def without_names(scene: Scene, acts: list[Act]) -> list[Act]:
    """Return the acts without those that begin or end inside the name of a newsroom: the "leader"
    of the Leinster Leader did nothing.
    """
    return [act for act in acts if not _is_in_name(scene, act)]


def _is_in_name(scene: Scene, act: Act) -> bool:
    line = next((one for one in scene.lines if one.number == act.passage.number), None)
    if line is None:
        return False
    first, end = words_between(line, act.passage.start, act.passage.end)
    return any(
        spot.newsroom is not None
        and spot.end - spot.first >= LONG_NAME
        and (spot.first < first < spot.end <= end or first <= spot.first < end < spot.end)
        for spot in scene.at(line.number)
    )


def sifted(scene: Scene, links: list[Link]) -> list[Link]:
    """Return the links, those that cannot be what the article tells as not real."""
    is_lie = _tells(scene, "untrue") or any(link.act.code.startswith(OF_LIES) for link in links)
    is_death = not is_lie and any(link.act.code == HOAX for link in links)
    # Who mourns speaks of wreaths and obituaries.
    untold = (HOAX, MOURNING) if is_death else ()
    accident = _accident(scene)
    links = [
        _as(link, Reality.NEGATED)
        if link.act.code in untold or (accident and _lacks_doer(scene, link, accident, DOER))
        else link
        for link in links
    ]
    dead = _dead(links)
    return [
        _as(link, Reality.BACKGROUND) if _whom(link) and _whom(link) <= dead else link
        for link in links
    ]


def _as(link: Link, reality: Reality) -> Link:
    return link._replace(act=replace(link.act, reality=reality))


def _whom(link: Link) -> set[int]:
    return {id(spot.person) for spot in link.spots if spot.person is not None}


def _dead(links: list[Link]) -> set[int]:
    """Return who was killed in years before the article: nothing befalls them any more."""
    return {
        who
        for link in links
        if link.act.code == KILLING and link.act.reality is Reality.BACKGROUND
        for who in _whom(link)
    }


def _accident(scene: Scene) -> tuple[str, ...]:
    """Return the beginnings of what an accident did, if the article tells of one."""
    told = {
        (name, *(word.folded for word in line.words[first:end]))
        for line in scene.lines
        for name, first, end in scene.told[line.number]
        if name == "accident"
    }
    if len(told) >= DEADLY:
        return (*OF_ACCIDENTS, KILLING)
    return OF_ACCIDENTS if len(told) >= ACCIDENT else ()


def _tells(scene: Scene, name: str) -> bool:
    find = _words(scene.reading.language.value, name).find
    return any(find(line.words) for line in scene.lines)


def dealt(scene: Scene, real: list[Link]) -> bool:
    """Say whether a sentence that tells an injury, or one near a death, says who dealt it: no
    accident then.
    """
    return any(
        link.act.code.startswith(code) and not _lacks_doer(scene, link, (code,), reach)
        for link in real
        for code, reach in ((OF_ACCIDENTS[0], 0), (KILLING, DOER))
    )


def _lacks_doer(scene: Scene, link: Link, codes: tuple[str, ...], reach: int) -> bool:
    """Say whether an act is of these and no sentence around it names who dealt it, or the blow."""
    if not link.act.code.startswith(codes):
        return False
    places = {line.number: place for place, line in enumerate(scene.lines)}
    place = places.get(link.act.passage.number, 0)
    find = _words(scene.reading.language.value, "doers").find
    near = scene.lines[max(0, place - reach) : place + reach + 1]
    return not any(find(line.words) for line in near)


@cache
def _words(language: str, name: str) -> Phrases:
    words = lexicon(language, "targets").get("sifting", {})
    return Phrases((phrase, None) for phrase in words.get(name, ()))
