"""Find the targets of an article and the acts against them, by roles, acts and the whole text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tracker.reader.found import Reality
from tracker.reader.lexicon import lexicon
from tracker.reader.lines import article_lines
from tracker.reader.name_words import words_of_list
from tracker.reader.targets.cast import focus_of, presences
from tracker.reader.targets.linking import BESIDE, STRONG, links_of, listed, together
from tracker.reader.targets.relevance import (
    ENOUGH,
    score_of,
    sifted,
    signs_of,
    without_names,
)
from tracker.reader.targets.spots import Kind, is_employer, scene_of
from tracker.reader.text import between

if TYPE_CHECKING:
    from tracker.reader.found import Act, Newsroom, Person
    from tracker.reader.targets.cast import Presence
    from tracker.reader.targets.linking import Link
    from tracker.reader.targets.spots import Scene, Spot
    from tracker.reader.text import Reading

# Somebody is aimed at from so much evidence on; a speaker needs more.
AIMED, OF_SPEAKER = 0.3, 0.55
# Acts that are done to a newsroom as a whole.
OF_ROOMS = ("legal.economic", "censorship.", "digital.ddos", "impersonation.outlet")
# Who is as present as this beside the one the article is about was targeted with her.
COMPANION = 0.4
# The beginning of a paragraph names whose case it tells.
BEGINNING = 2
# Paragraphs from this one on may recall older cases of others.
LATE = 4
# Kinds of text in which journalists are named for nothing bad.
GOOD_NEWS = frozenset({"award", "appointment", "anniversary", "training"})
# An act counts from so much on: its words' score times the worth of the link.
COUNTS = 0.32
# What is said of the press as a whole beside named cases: "journalists faced harassment".
GENERAL = "intimidation.other"
KILLING, HOAX = "physical.killing", "disinformation.death_hoax"
# Nobody prosecutes the dead: these befall anyone who is suspected of it.
OF_THE_LIVING = ("legal.", "employment.")


@dataclass(frozen=True)
class Aimed:
    """Who was targeted and by which acts; `score` is how sure it is that anybody was, 0 to 1."""

    is_incident: bool = False
    score: float = 0.0
    people: list[Person] = field(default_factory=list)
    newsrooms: list[Newsroom] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)


def aimed_at(
    reading: Reading, people: list[Person], newsrooms: list[Newsroom], acts: list[Act]
) -> Aimed:
    """Weigh people by their parts, what was done to whom, and the whole article."""
    if not lexicon(reading.language.value, "targets"):
        return Aimed()
    lines = article_lines(reading)
    scene = scene_of(reading, lines, people, newsrooms)
    numbers = {line.number for line in lines}
    acts = without_names(scene, [act for act in acts if act.passage.number in numbers])
    found = presences(scene)
    focus = focus_of(scene, found)
    links = sifted(scene, links_of(scene, acts, found, focus.spot if focus else None))
    score = score_of(signs_of(scene, links, len(acts), focus))
    if score < ENOUGH:
        return Aimed(score=score)
    real = [link for link in links if link.act.reality is Reality.HAPPENED]
    who = chosen(scene, found, real, focus)
    return Aimed(
        is_incident=True,
        score=score,
        people=who.people,
        newsrooms=who.newsrooms,
        acts=acts_done(real, who),
    )


class Chosen(NamedTuple):
    """Those who were targeted."""

    people: list[Person]
    newsrooms: list[Newsroom]


def chosen(
    scene: Scene, found: list[Presence], links: list[Link], focus: Presence | None
) -> Chosen:
    """Return who was targeted; a newsroom also where one of its people was."""
    people = [
        one.spot.person
        for one in found
        if one.spot.person is not None and (one is focus or _is_aimed(scene, one, links, focus))
    ]
    newsrooms = [
        one.spot.newsroom
        for one in found
        if one.spot.newsroom is not None and _is_hit(scene, one, people, links, focus)
    ]
    if not people and not newsrooms:
        newsrooms = [one.spot.newsroom for one in found if one.spot.newsroom is not None][:1]
    return Chosen(people, newsrooms)


def _is_hit(
    scene: Scene,
    one: Presence,
    people: list[Person],
    links: list[Link],
    focus: Presence | None,
) -> bool:
    """Return whether a newsroom was targeted, or one of its people was."""
    return (
        one is focus
        or evidence(one, links) >= AIMED
        or (one.spot.newsroom is not None and _employs(scene, one.spot.newsroom, people))
        or (focus is None and _is_protagonist(scene, one) and not _is_with(scene, one, people))
    )


def _is_with(scene: Scene, one: Presence, people: list[Person]) -> bool:
    """Return whether an outlet is first named in a paragraph with a target."""
    paragraph = min(one.paragraphs)
    return any(
        spot.person is person
        for line in scene.lines
        if line.paragraph == paragraph
        for spot in scene.at(line.number)
        for person in people
    )


def evidence(one: Presence, links: list[Link]) -> float:
    """Return how sure it is that an act was done to somebody."""
    return together([link.act.score * link.worth for link in links if _is_of(one, link)])


def _is_of(one: Presence, link: Link) -> bool:
    return any(_is_meant(one, spot) for spot in link.spots)


def _is_meant(one: Presence, spot: Spot) -> bool:
    return spot.person is one.spot.person and spot.newsroom is one.spot.newsroom


def _is_aimed(scene: Scene, one: Presence, links: list[Link], focus: Presence | None) -> bool:
    beside = [link for link in links if link.worth == BESIDE]
    if one.kind is Kind.SELF:
        beside = [link for link in beside if not _is_aside(scene, one, link)]
        return evidence(one, beside) >= OF_SPEAKER
    if one.only_speaks:
        if focus is not None and focus.spot.person is not None:
            links = [link for link in links if not _tells(scene, one, link)]
        return evidence(one, links) >= OF_SPEAKER
    if focus is not None and focus.spot.newsroom is not None:
        # What happens to the newsroom happens to nobody of its staff in particular.
        links = [link for link in links if not link.act.code.startswith(OF_ROOMS)]
    if focus is None or focus.spot.person is None:
        return evidence(one, links) >= AIMED or (focus is None and _is_protagonist(scene, one))
    apart = not one.paragraphs & focus.paragraphs
    if apart and min(one.paragraphs) - scene.lines[0].paragraph >= LATE:
        return evidence(one, beside) >= OF_SPEAKER
    return evidence(one, links) >= AIMED or (
        one.weight >= COMPANION * focus.weight and _stand_together(scene, one, focus)
    )


def _tells(scene: Scene, one: Presence, link: Link) -> bool:
    """Return whether somebody only reports an act, without "me" or "my"."""
    line = next(line for line in scene.lines if line.number == link.act.passage.number)
    mine = words_of_list(scene.reading.language, "i")
    speaks = any(_is_meant(one, spot) and scene.speaks(line.number, spot) for spot in link.spots)
    if len({id(spot.person or spot.newsroom) for spot in link.spots}) > 1:
        # "Threats against journalists, among them Aliya Sarova and Marat Ivin".
        return False
    return speaks and not any(word.folded in mine for word in line.words)


def _is_aside(scene: Scene, one: Presence, link: Link) -> bool:
    """Return whether the author is between two commas: "the ministry, I checked, had sent"."""
    line = next(line for line in scene.lines if line.number == link.act.passage.number)
    spots = [spot for spot in link.spots if _is_meant(one, spot)]
    return bool(spots) and all(
        spot.first > 0
        and between(line, spot.first, spot.first).strip() == ","
        and spot.end + 1 < len(line.words)
        and between(line, spot.end + 1, spot.end + 1).strip() == ","
        for spot in spots
    )


def _stand_together(scene: Scene, one: Presence, focus: Presence) -> bool:
    """Return whether somebody is named in one list with the one the article is about."""
    return any(
        spot.person is one.spot.person
        for line in scene.lines
        for hers in scene.at(line.number)
        if hers.person is focus.spot.person
        for spot in listed(scene, line, hers)
    )


def _is_protagonist(scene: Scene, one: Presence) -> bool:
    """Return whether a paragraph of a report is about somebody, though no act was recognised."""
    paragraph = min(one.paragraphs)
    lines = [line for line in scene.lines if line.paragraph == paragraph]
    for line in lines[:BEGINNING]:
        spots = scene.at(line.number)
        if any(
            _is_meant(one, spot) and not is_employer(scene, line, spot, spots) for spot in spots
        ):
            told = {name for name, _first, _end in scene.told[line.number]}
            return len(lines) > 1 and not told & GOOD_NEWS
    return False


def _employs(scene: Scene, newsroom: Newsroom, people: list[Person]) -> bool:
    """Return whether a newsroom is named beside a target as hers."""
    for line in scene.lines:
        spots = scene.at(line.number)
        if any(spot.person in people for spot in spots if spot.person is not None) and any(
            spot.newsroom is newsroom and is_employer(scene, line, spot, spots) for spot in spots
        ):
            return True
    return any(newsroom.name in person.office for person in people)


def acts_done(links: list[Link], chosen: Chosen) -> list[Act]:
    """Return the acts done to the targets, in the order of the text."""
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
