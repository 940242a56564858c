"""Find the targets of an article and the acts against them, by roles, acts and the whole text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from tracker.reader.found import FoundAct, FoundOutlet, FoundPerson, Reality
from tracker.reader.lexicon import load_lexicon
from tracker.reader.lines import article_lines
from tracker.reader.name_words import load_word_list
from tracker.reader.targets import linking, relevance
from tracker.reader.targets.cast import Presence, find_focus, measure_presence
from tracker.reader.targets.spots import ArticleScene, Kind, Reference, build_scene, is_employer
from tracker.reader.text import ReaderText, text_between

# The evidence that makes somebody a target; a speaker needs more.
LEAST_EVIDENCE, LEAST_EVIDENCE_OF_SPEAKER = 0.3, 0.55
# Acts against a newsroom as a whole.
ACTS_AGAINST_NEWSROOMS = ("legal.economic", "censorship.", "digital.ddos", "impersonation.outlet")
# Somebody this present beside the protagonist was targeted with her.
COMPANION_PRESENCE = 0.4
# The beginning of a paragraph names the person of its case.
PARAGRAPH_START_WORDS = 2
# Paragraphs from this one on may recall older cases of others.
LATE_PARAGRAPH = 4
# Kinds of text in which journalists are named for nothing bad.
GOOD_NEWS_KINDS = frozenset({"award", "appointment", "anniversary", "training"})
# The lowest value of an act: its words' score times the link's.
LEAST_ACT_VALUE = 0.32
# Statements about the press as a whole beside named cases: "journalists faced harassment".
GENERAL_ACT = "intimidation.other"
KILLING_ACT, DEATH_HOAX_ACT = "physical.killing", "disinformation.death_hoax"
# Nobody prosecutes the dead: these happen to the suspects.
ACTS_AGAINST_THE_LIVING = ("legal.", "employment.")


@dataclass(frozen=True)
class TargetingResult:
    """The targets and the acts against them; `score` is the certainty of any, 0 to 1."""

    is_incident: bool = False
    score: float = 0.0
    people: list[FoundPerson] = field(default_factory=list)
    newsrooms: list[FoundOutlet] = field(default_factory=list)
    acts: list[FoundAct] = field(default_factory=list)


def find_targets(
    reading: ReaderText,
    people: list[FoundPerson],
    newsrooms: list[FoundOutlet],
    acts: list[FoundAct],
) -> TargetingResult:
    """Find the targets by roles, acts and the whole article."""
    if not load_lexicon(reading.language.value, "targets"):
        return TargetingResult()
    lines = article_lines(reading)
    scene = build_scene(reading, lines, people, newsrooms)
    numbers = {line.number for line in lines}
    acts = relevance.without_acts_in_names(
        scene, [act for act in acts if act.passage.number in numbers]
    )
    found = measure_presence(scene)
    focus = find_focus(scene, found)
    links = relevance.downgrade_unreal_links(
        scene, linking.link_acts(scene, acts, found, focus.spot if focus else None)
    )
    score = relevance.relevance_score(relevance.extract_features(scene, links, len(acts), focus))
    if score < relevance.RELEVANT_SCORE:
        return TargetingResult(score=score)
    real = [link for link in links if link.act.reality is Reality.HAPPENED]
    who = choose_targets(scene, found, real, focus)
    return TargetingResult(
        is_incident=True,
        score=score,
        people=who.people,
        newsrooms=who.newsrooms,
        acts=acts_against(real, who),
    )


class TargetSet(NamedTuple):
    """The targeted people and newsrooms."""

    people: list[FoundPerson]
    newsrooms: list[FoundOutlet]


def choose_targets(
    scene: ArticleScene, found: list[Presence], links: list[linking.ActLink], focus: Presence | None
) -> TargetSet:
    """Return the targets; a newsroom also if one of its people is."""
    people = [
        one.spot.person
        for one in found
        if one.spot.person is not None and (one is focus or _is_target(scene, one, links, focus))
    ]
    newsrooms = [
        one.spot.newsroom
        for one in found
        if one.spot.newsroom is not None and _is_targeted(scene, one, people, links, focus)
    ]
    if not people and not newsrooms:
        newsrooms = [one.spot.newsroom for one in found if one.spot.newsroom is not None][:1]
    return TargetSet(people, newsrooms)


def _is_targeted(
    scene: ArticleScene,
    presence: Presence,
    people: list[FoundPerson],
    links: list[linking.ActLink],
    focus: Presence | None,
) -> bool:
    """Return whether a newsroom was targeted, or one of its people was."""
    return (
        presence is focus
        or targeting_evidence(presence, links) >= LEAST_EVIDENCE
        or (
            presence.spot.newsroom is not None
            and _is_employer_of(scene, presence.spot.newsroom, people)
        )
        or (
            focus is None
            and _is_protagonist(scene, presence)
            and not _is_named_with_target(scene, presence, people)
        )
    )


def _is_named_with_target(
    scene: ArticleScene, presence: Presence, people: list[FoundPerson]
) -> bool:
    """Return whether an outlet is first named in a paragraph with a target."""
    paragraph = min(presence.paragraphs)
    return any(
        spot.person is person
        for line in scene.lines
        if line.paragraph == paragraph
        for spot in scene.at(line.number)
        for person in people
    )


def targeting_evidence(presence: Presence, links: list[linking.ActLink]) -> float:
    """Return how certain it is that an act was done to somebody."""
    return linking.combined_probability(
        [link.act.score * link.worth for link in links if _link_includes(presence, link)]
    )


def _link_includes(presence: Presence, link: linking.ActLink) -> bool:
    return any(_refers_to(presence, spot) for spot in link.spots)


def _refers_to(presence: Presence, reference: Reference) -> bool:
    return reference.person is presence.spot.person and reference.newsroom is presence.spot.newsroom


def _is_target(
    scene: ArticleScene, presence: Presence, links: list[linking.ActLink], focus: Presence | None
) -> bool:
    beside = [link for link in links if link.worth == linking.ADJACENT_VALUE]
    if presence.kind is Kind.SELF:
        beside = [link for link in beside if not _is_author_aside(scene, presence, link)]
        return targeting_evidence(presence, beside) >= LEAST_EVIDENCE_OF_SPEAKER
    if presence.only_speaks:
        if focus is not None and focus.spot.person is not None:
            links = [link for link in links if not _only_reports(scene, presence, link)]
        return targeting_evidence(presence, links) >= LEAST_EVIDENCE_OF_SPEAKER
    if focus is not None and focus.spot.newsroom is not None:
        # What happens to the newsroom happens to nobody of its staff in particular.
        links = [link for link in links if not link.act.code.startswith(ACTS_AGAINST_NEWSROOMS)]
    if focus is None or focus.spot.person is None:
        return targeting_evidence(presence, links) >= LEAST_EVIDENCE or (
            focus is None and _is_protagonist(scene, presence)
        )
    apart = not presence.paragraphs & focus.paragraphs
    if apart and min(presence.paragraphs) - scene.lines[0].paragraph >= LATE_PARAGRAPH:
        return targeting_evidence(presence, beside) >= LEAST_EVIDENCE_OF_SPEAKER
    return targeting_evidence(presence, links) >= LEAST_EVIDENCE or (
        presence.weight >= COMPANION_PRESENCE * focus.weight
        and _are_listed_together(scene, presence, focus)
    )


def _only_reports(scene: ArticleScene, presence: Presence, link: linking.ActLink) -> bool:
    """Return whether somebody only reports an act, without "me" or "my"."""
    line = next(line for line in scene.lines if line.number == link.act.passage.number)
    mine = load_word_list(scene.reading.language, "i")
    speaks = any(
        _refers_to(presence, spot) and scene.speaks(line.number, spot) for spot in link.spots
    )
    if len({id(spot.person or spot.newsroom) for spot in link.spots}) > 1:
        # "Threats against journalists, among them Aliya Sarova and Marat Ivin".
        return False
    return speaks and not any(word.folded in mine for word in line.words)


def _is_author_aside(scene: ArticleScene, presence: Presence, link: linking.ActLink) -> bool:
    """Return whether the author is between two commas: "the ministry, I checked, had sent"."""
    line = next(line for line in scene.lines if line.number == link.act.passage.number)
    spots = [spot for spot in link.spots if _refers_to(presence, spot)]
    return bool(spots) and all(
        spot.first > 0
        and text_between(line, spot.first, spot.first).strip() == ","
        and spot.end + 1 < len(line.words)
        and text_between(line, spot.end + 1, spot.end + 1).strip() == ","
        for spot in spots
    )


def _are_listed_together(scene: ArticleScene, presence: Presence, focus: Presence) -> bool:
    """Return whether somebody is named in one list with the protagonist."""
    return any(
        spot.person is presence.spot.person
        for line in scene.lines
        for hers in scene.at(line.number)
        if hers.person is focus.spot.person
        for spot in linking.with_listed_names(scene, line, hers)
    )


def _is_protagonist(scene: ArticleScene, presence: Presence) -> bool:
    """Return whether a paragraph of a report is about somebody, though no act was recognised."""
    paragraph = min(presence.paragraphs)
    lines = [line for line in scene.lines if line.paragraph == paragraph]
    for line in lines[:PARAGRAPH_START_WORDS]:
        spots = scene.at(line.number)
        if any(
            _refers_to(presence, spot) and not is_employer(scene, line, spot, spots)
            for spot in spots
        ):
            names = {name for name, _first, _end in scene.phrases[line.number]}
            return len(lines) > 1 and not names & GOOD_NEWS_KINDS
    return False


def _is_employer_of(scene: ArticleScene, newsroom: FoundOutlet, people: list[FoundPerson]) -> bool:
    """Return whether a newsroom is named beside a target as hers."""
    for line in scene.lines:
        spots = scene.at(line.number)
        if any(spot.person in people for spot in spots if spot.person is not None) and any(
            spot.newsroom is newsroom and is_employer(scene, line, spot, spots) for spot in spots
        ):
            return True
    return any(newsroom.name in person.office for person in people)


def acts_against(links: list[linking.ActLink], chosen: TargetSet) -> list[FoundAct]:
    """Return the acts against the targets, in the order of the text."""
    certain = [link for link in links if _link_counts(link, chosen)]
    hoaxed = {
        who for link in certain if link.act.code == DEATH_HOAX_ACT for who in _targets_of(link)
    }
    killed = {
        who
        for link in certain
        if link.act.code == KILLING_ACT and link.act.score >= linking.STRONG_SCORE
        for who in _targets_of(link)
    } - hoaxed
    return [
        link.act
        for link in certain
        if not (link.act.code == KILLING_ACT and hoaxed and _targets_of(link) <= hoaxed)
        and not (
            link.act.code.startswith(ACTS_AGAINST_THE_LIVING)
            and killed
            and _targets_of(link) <= killed
        )
    ]


def _link_counts(link: linking.ActLink, chosen: TargetSet) -> bool:
    if link.act.score * link.worth < LEAST_ACT_VALUE:
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
    return link.act.score >= linking.STRONG_SCORE and not (named and link.act.code == GENERAL_ACT)


def _targets_of(link: linking.ActLink) -> set[int]:
    return {id(spot.person or spot.newsroom) for spot in link.spots}
