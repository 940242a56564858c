"""The targets of an article and the acts against the targets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from tracker.reader.found import FoundAct, FoundOutlet, FoundPerson, Reality
from tracker.reader.lexicon import load_lexicon
from tracker.reader.lines import article_lines
from tracker.reader.name_words import load_word_list
from tracker.reader.targets import linking, relevance
from tracker.reader.targets.annotations import (
    ArticleAnnotations,
    Reference,
    ReferentKind,
    annotate_article,
    is_only_employer,
)
from tracker.reader.targets.prominence import Prominence, find_protagonist, measure_prominence
from tracker.reader.text import ArticleText, text_between

# From this `targeting_evidence` on somebody is a target; one who only speaks needs more.
MIN_EVIDENCE, MIN_EVIDENCE_OF_SPEAKER = 0.3, 0.55
# Beginnings of the types of acts against a newsroom as a whole.
ACTS_AGAINST_NEWSROOMS = ("legal.economic", "censorship.", "digital.ddos", "impersonation.outlet")
# Somebody in one list with the protagonist, whom the article is about, is a target too if the
# weight of the mentions (`Prominence.weight`) is at least this share of the protagonist's.
MIN_COMPANION_WEIGHT_SHARE = 0.4
# A paragraph is about somebody only if one of this many first sentences mentions the person or
# newsroom.
PARAGRAPH_START_SENTENCES = 2
# From this paragraph on, counted from 0, an article may recall older incidents with other people.
LATE_PARAGRAPH = 4
# Kinds of text (headings of `targets.toml`) that name journalists because something good happened
# to them.
GOOD_NEWS_KINDS = frozenset({"award", "appointment", "anniversary", "training"})
# An act is left out if `FoundAct.score` multiplied by `ActLink.certainty` is lower than this.
MIN_ACT_CERTAINTY = 0.32
# The type of act in statements about the press as a whole ("journalists faced harassment"). Such an
# act is left out if it has no named target and the article has one.
GENERAL_ACT = "intimidation.other"
# Types of incidents; of these two against one person only the invented death counts.
KILLING_ACT, DEATH_HOAX_ACT = "physical.killing", "disinformation.death_hoax"
# Beginnings of the types of acts that cannot be done to somebody who was killed. If the target was
# killed, such acts are done to the suspects.
ACTS_AGAINST_THE_LIVING = ("legal.", "employment.")


@dataclass(frozen=True)
class TargetingResult:
    """The targets and the acts against them; `score` is the certainty of an incident, 0 to 1."""

    is_incident: bool = False
    score: float = 0.0
    people: list[FoundPerson] = field(default_factory=list)
    newsrooms: list[FoundOutlet] = field(default_factory=list)
    acts: list[FoundAct] = field(default_factory=list)


def find_targets(
    article: ArticleText,
    people: list[FoundPerson],
    newsrooms: list[FoundOutlet],
    acts: list[FoundAct],
) -> TargetingResult:
    """Return the targets among `people` and `newsrooms`, and the acts of `acts` against them.
    Nobody is a target if the article reports no incident.
    """
    if not load_lexicon(article.language.value, "targets"):
        return TargetingResult()
    lines = article_lines(article)
    annotations = annotate_article(article, lines, people, newsrooms)
    numbers = {line.number for line in lines}
    acts = relevance.remove_acts_in_names(
        annotations, [act for act in acts if act.passage.sentence_number in numbers]
    )
    found = measure_prominence(annotations)
    protagonist = find_protagonist(annotations, found)
    links = relevance.downgrade_unreal_links(
        annotations,
        linking.link_acts(annotations, acts, found, protagonist.reference if protagonist else None),
        protagonist,
    )
    score = relevance.relevance_score(
        relevance.extract_features(annotations, links, len(acts), protagonist)
    )
    if score < relevance.MIN_RELEVANT_SCORE:
        return TargetingResult(score=score)
    real = [link for link in links if link.act.reality is Reality.HAPPENED]
    who = choose_targets(annotations, found, real, protagonist)
    return TargetingResult(
        is_incident=True,
        score=score,
        people=who.people,
        newsrooms=who.newsrooms,
        acts=acts_against_targets(real, who),
    )


class TargetSet(NamedTuple):
    """The targeted people and newsrooms."""

    people: list[FoundPerson]
    newsrooms: list[FoundOutlet]


def choose_targets(
    annotations: ArticleAnnotations,
    found: list[Prominence],
    links: list[linking.ActLink],
    protagonist: Prominence | None,
) -> TargetSet:
    """Return the targets among the people and newsrooms in `found`. A newsroom is also a target if
    one of its people is. `links`: the acts that happened, with their targets; `protagonist`: whom
    the article is about.
    """
    people = [
        one.reference.person
        for one in found
        if one.reference.person is not None
        and (one is protagonist or _is_person_targeted(annotations, one, links, protagonist))
    ]
    newsrooms = [
        one.reference.newsroom
        for one in found
        if one.reference.newsroom is not None
        and _is_newsroom_targeted(annotations, one, people, links, protagonist)
    ]
    if not people and not newsrooms:
        newsrooms = [one.reference.newsroom for one in found if one.reference.newsroom is not None][
            :1
        ]
    return TargetSet(people, newsrooms)


def _is_newsroom_targeted(
    annotations: ArticleAnnotations,
    prominence: Prominence,
    people: list[FoundPerson],
    links: list[linking.ActLink],
    protagonist: Prominence | None,
) -> bool:
    """Return whether a newsroom, or one of its people, was a target. `prominence`: the mentions of
    the newsroom; `people`: the people who are targets; `links`: the acts that happened, with their
    targets; `protagonist`: whom the article is about.
    """
    return (
        prominence is protagonist
        or targeting_evidence(prominence, links) >= MIN_EVIDENCE
        or (
            prominence.reference.newsroom is not None
            and _is_employer_of(annotations, prominence.reference.newsroom, people)
        )
        or (
            protagonist is None
            and _has_own_paragraph(annotations, prominence)
            and not _is_named_with_target(annotations, prominence, people)
        )
    )


def _is_named_with_target(
    annotations: ArticleAnnotations, prominence: Prominence, people: list[FoundPerson]
) -> bool:
    """Return whether the first paragraph that names an outlet also names one of `people`, who are
    targets. `prominence`: the mentions of the outlet.
    """
    paragraph = min(prominence.paragraphs)
    return any(
        reference.person is person
        for line in annotations.lines
        if line.paragraph == paragraph
        for reference in annotations.references_in(line.number)
        for person in people
    )


def targeting_evidence(prominence: Prominence, links: list[linking.ActLink]) -> float:
    """Return how likely it is, 0 to 1, that at least one act had the person or newsroom of
    `prominence` as its target. `links`: the acts, with their targets.
    """
    return linking.combine_probabilities(
        [link.act.score * link.certainty for link in links if _link_includes(prominence, link)]
    )


def _link_includes(prominence: Prominence, link: linking.ActLink) -> bool:
    """Return whether the person or newsroom of `prominence` is a target of the act in `link`."""
    return any(_refers_to(prominence, reference) for reference in link.targets)


def _refers_to(prominence: Prominence, reference: Reference) -> bool:
    """Return whether a reference is to the person or newsroom of `prominence`."""
    return (
        reference.person is prominence.reference.person
        and reference.newsroom is prominence.reference.newsroom
    )


def _is_person_targeted(
    annotations: ArticleAnnotations,
    prominence: Prominence,
    links: list[linking.ActLink],
    protagonist: Prominence | None,
) -> bool:
    """Return whether the person of `prominence` was a target. `links`: the acts that happened, with
    their targets; `protagonist`: whom the article is about.
    """
    beside = [link for link in links if link.certainty == linking.ADJACENT_CERTAINTY]
    if prominence.kind is ReferentKind.AUTHOR:
        beside = [link for link in beside if not _is_author_aside(annotations, prominence, link)]
        return targeting_evidence(prominence, beside) >= MIN_EVIDENCE_OF_SPEAKER
    if prominence.is_only_speaker:
        if protagonist is not None and protagonist.reference.person is not None:
            links = [link for link in links if not _only_reports(annotations, prominence, link)]
        return targeting_evidence(prominence, links) >= MIN_EVIDENCE_OF_SPEAKER
    if protagonist is not None and protagonist.reference.newsroom is not None:
        # What happens to the newsroom happens to nobody of its staff in particular.
        links = [link for link in links if not link.act.code.startswith(ACTS_AGAINST_NEWSROOMS)]
    if protagonist is None or protagonist.reference.person is None:
        return targeting_evidence(prominence, links) >= MIN_EVIDENCE or (
            protagonist is None and _has_own_paragraph(annotations, prominence)
        )
    apart = not prominence.paragraphs & protagonist.paragraphs
    if apart and min(prominence.paragraphs) - annotations.lines[0].paragraph >= LATE_PARAGRAPH:
        return targeting_evidence(prominence, beside) >= MIN_EVIDENCE_OF_SPEAKER
    return targeting_evidence(prominence, links) >= MIN_EVIDENCE or (
        prominence.weight >= MIN_COMPANION_WEIGHT_SHARE * protagonist.weight
        and _are_listed_together(annotations, prominence, protagonist)
    )


def _only_reports(
    annotations: ArticleAnnotations, prominence: Prominence, link: linking.ActLink
) -> bool:
    """Return whether the person of `prominence` only tells, as the speaker of a sentence, of the
    act in `link`: no word for "I" or "me" is in the sentence.
    """
    line = annotations.article.lines[link.act.passage.sentence_number - 1]
    mine = load_word_list(annotations.article.language, "i")
    speaks = any(
        _refers_to(prominence, reference) and annotations.is_speaker(line.number, reference)
        for reference in link.targets
    )
    if len({id(reference.person or reference.newsroom) for reference in link.targets}) > 1:
        # "Threats against journalists, among them Aliya Sarova and Marat Ivin".
        return False
    return speaks and not any(word.folded in mine for word in line.words)


def _is_author_aside(
    annotations: ArticleAnnotations, prominence: Prominence, link: linking.ActLink
) -> bool:
    """Return whether the author is taken for the target of the act in `link` only because of "I"
    between commas: "the court, I checked, had".
    """
    line = annotations.article.lines[link.act.passage.sentence_number - 1]
    references = [reference for reference in link.targets if _refers_to(prominence, reference)]
    return bool(references) and all(
        reference.first > 0
        and text_between(line, reference.first, reference.first).strip() == ","
        and reference.end + 1 < len(line.words)
        and text_between(line, reference.end + 1, reference.end + 1).strip() == ","
        for reference in references
    )


def _are_listed_together(
    annotations: ArticleAnnotations, prominence: Prominence, protagonist: Prominence
) -> bool:
    """Return whether the person of `prominence` is named in one list with the protagonist."""
    return any(
        reference.person is prominence.reference.person
        for line in annotations.lines
        for hers in annotations.references_in(line.number)
        if hers.person is protagonist.reference.person
        for reference in linking.find_listed_references(annotations, line, hers)
    )


def _has_own_paragraph(annotations: ArticleAnnotations, prominence: Prominence) -> bool:
    """Return whether the first paragraph that mentions a person or newsroom is about them. It must
    have several sentences. The first sentence to mention them, not only as an employer, must be
    among the `PARAGRAPH_START_SENTENCES` and have no phrases for good news.
    """
    paragraph = min(prominence.paragraphs)
    lines = [line for line in annotations.lines if line.paragraph == paragraph]
    for line in lines[:PARAGRAPH_START_SENTENCES]:
        references = annotations.references_in(line.number)
        if any(
            _refers_to(prominence, reference)
            and not is_only_employer(annotations, line, reference, references)
            for reference in references
        ):
            names = {name for name, _first, _end in annotations.phrases[line.number]}
            return len(lines) > 1 and not names & GOOD_NEWS_KINDS
    return False


def _is_employer_of(
    annotations: ArticleAnnotations, newsroom: FoundOutlet, people: list[FoundPerson]
) -> bool:
    """Return whether a newsroom is named as the employer of one of `people`."""
    for line in annotations.lines:
        references = annotations.references_in(line.number)
        if any(
            reference.person in people for reference in references if reference.person is not None
        ) and any(
            reference.newsroom is newsroom
            and is_only_employer(annotations, line, reference, references)
            for reference in references
        ):
            return True
    return any(newsroom.name in person.office for person in people)


def acts_against_targets(links: list[linking.ActLink], chosen: TargetSet) -> list[FoundAct]:
    """Return the acts against the targets in `chosen`, in the order of the text. `links`: the acts
    that happened, with their targets.
    """
    certain = [link for link in links if _is_link_counted(link, chosen)]
    hoaxed = {
        who for link in certain if link.act.code == DEATH_HOAX_ACT for who in _target_ids(link)
    }
    killed = {
        who
        for link in certain
        if link.act.code == KILLING_ACT and link.act.score >= linking.MIN_STRONG_ACT_SCORE
        for who in _target_ids(link)
    } - hoaxed
    return [
        link.act
        for link in certain
        if not (link.act.code == KILLING_ACT and hoaxed and _target_ids(link) <= hoaxed)
        and not (
            link.act.code.startswith(ACTS_AGAINST_THE_LIVING)
            and killed
            and _target_ids(link) <= killed
        )
    ]


def _is_link_counted(link: linking.ActLink, chosen: TargetSet) -> bool:
    """Return whether the act in a link counts. The act never counts if it is not certain enough
    (`MIN_ACT_CERTAINTY`). It counts if `chosen` has one of its targets. Else it must be strong
    (`MIN_STRONG_ACT_SCORE`) and have no named person as a target; and if its type is `GENERAL_ACT`,
    `chosen` must be empty.
    """
    if link.act.score * link.certainty < MIN_ACT_CERTAINTY:
        return False
    if any(
        any(reference.person is one for one in chosen.people)
        or any(reference.newsroom is one for one in chosen.newsrooms)
        for reference in link.targets
        if reference.person is not None or reference.newsroom is not None
    ):
        return True
    if any(reference.person is not None for reference in link.targets):
        return False
    named = bool(chosen.people or chosen.newsrooms)
    return link.act.score >= linking.MIN_STRONG_ACT_SCORE and not (
        named and link.act.code == GENERAL_ACT
    )


def _target_ids(link: linking.ActLink) -> set[int]:
    """Return the `id()` of each person or newsroom that is a target of the act in a link."""
    return {id(reference.person or reference.newsroom) for reference in link.targets}
