"""Which acts were done to those aimed at: not what only sounds so, nor what befell others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.intake.reading.targets.linking import STRONG

if TYPE_CHECKING:
    from tracker.intake.reading.found import Act
    from tracker.intake.reading.targets.choosing import Chosen
    from tracker.intake.reading.targets.linking import Link

# An act counts from so much on: its words' score times the worth of the link.
COUNTS = 0.32
# What is said of the press as a whole beside named cases: "journalists faced harassment".
GENERAL = "intimidation.other"
KILLING, HOAX = "physical.killing", "disinformation.death_hoax"
# Nobody prosecutes the dead: these befall whoever is suspected of it.
OF_THE_LIVING = ("legal.", "employment.")


def acts_done(links: list[Link], chosen: Chosen) -> list[Act]:
    """Return the acts done to those aimed at, in the order of the text."""
    certain = [link for link in links if _counts(link, chosen)]
    hoaxed = {who for link in certain if link.act.code == HOAX for who in _whom(link)}
    killed = {
        who
        for link in certain
        if link.act.code == KILLING and link.act.score >= STRONG
        for who in _whom(link)
    } - hoaxed
    return [
        link.act
        for link in certain
        if not (link.act.code == KILLING and hoaxed and _whom(link) <= hoaxed)
        and not (link.act.code.startswith(OF_THE_LIVING) and killed and _whom(link) <= killed)
    ]


def _counts(link: Link, chosen: Chosen) -> bool:
    if link.act.score * link.worth < COUNTS:
        return False
    if any(
        any(spot.person is one for one in chosen.people)
        or any(spot.newsroom is one for one in chosen.newsrooms)
        for spot in link.spots
        if spot.person is not None or spot.newsroom is not None
    ):
        return True
    if any(spot.person is not None for spot in link.spots):
        return False
    named = bool(chosen.people or chosen.newsrooms)
    return link.act.score >= STRONG and not (named and link.act.code == GENERAL)


def _whom(link: Link) -> set[int]:
    return {id(spot.person or spot.newsroom) for spot in link.spots}
