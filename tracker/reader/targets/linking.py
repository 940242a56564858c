"""The links from acts to targets: somebody in the same sentence, else in earlier ones.

Within a sentence, the kind of target, the side and the distance decide. The protagonist is the
person or newsroom that the whole article is about, if there is one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from tracker.reader.found import FoundAct
from tracker.reader.name_words import load_word_list
from tracker.reader.people.roles import introduces_another_person
from tracker.reader.targets.annotations import (
    PRESS_KINDS,
    UNNAMED_NEWSROOM_KINDS,
    ArticleAnnotations,
    Reference,
    ReferentKind,
    is_only_employer,
    word_range_between,
)
from tracker.reader.targets.prominence import Prominence
from tracker.reader.targets.recognising import list_conjunctions
from tracker.reader.text import Line

# How well each kind of referent fits as the target of an act, before its place is considered.
TARGET_FIT_OF_KIND = {
    ReferentKind.JOURNALIST: 3.0,
    ReferentKind.AUTHOR: 2.6,
    ReferentKind.UNNAMED_JOURNALIST: 2.6,
    ReferentKind.UNNAMED_GROUP: 2.4,
    ReferentKind.NEWSROOM: 2.4,
    ReferentKind.UNNAMED_NEWSROOM: 1.8,
    ReferentKind.UNNAMED_SITE: 1.8,
    ReferentKind.UNKNOWN: 1.6,
    ReferentKind.RELATIVE: 1.6,
    ReferentKind.BYSTANDER: 1.4,
    ReferentKind.OTHER: 1.2,
    ReferentKind.OFFICIAL: 0.8,
}
# What is added to the fit if a target is on the side of the act where it must be, and if it is on
# the other.
RIGHT_SIDE_BONUS, WRONG_SIDE_PENALTY = 1.2, -1.0
# What is taken from the fit for each word, and for each clause break, between target and act.
PENALTY_PER_WORD, PENALTY_PER_BREAK = 0.09, 0.5
# Beyond this many words, and this many clause breaks, distance makes no difference to the fit.
MAX_WORDS_COUNTED, MAX_BREAKS_COUNTED = 14, 2
# Somebody who fits an act less than this is not a target of it.
MIN_TARGET_FIT = 1.0
# Beginnings of the types of acts against a person's body or freedom, which cannot be done to a
# newsroom.
ACTS_AGAINST_PERSONS = (
    "physical.",
    "surveillance.",
    "legal.detention",
    "legal.border",
    "threat.sexual",
    "harassment.sexual",
)
# Kinds of targets that are newsrooms, to which bodily acts cannot be done.
NEWSROOM_KINDS = frozenset(
    {ReferentKind.NEWSROOM, ReferentKind.UNNAMED_NEWSROOM, ReferentKind.UNNAMED_SITE}
)
# Types of acts against a newsroom's site or name. Colons and numbers in reports of them lower the
# fit of the newsroom, hence `SITE_BONUS`.
ACTS_AGAINST_SITES = ("digital.ddos", "impersonation.outlet", "censorship.blocking")
# What is added to the fit of a newsroom for `ACTS_AGAINST_SITES`.
SITE_BONUS = 1.0
# People who are not of the press fit an act only within this many words, before or after it as
# `FoundAct.target_side` says where its target is.
OUTSIDER_REACH_WORDS = 4
# Kinds of people who are not of the press.
OUTSIDER_KINDS = frozenset(
    {ReferentKind.BYSTANDER, ReferentKind.OFFICIAL, ReferentKind.OTHER, ReferentKind.UNKNOWN}
)
# The most words between two names of one list; the most if only a comma joins them.
MAX_LIST_GAP_WORDS, MAX_COMMA_GAP_WORDS = 7, 4
# Kinds of references that are never part of a list of targets ("A, B and C").
KINDS_NOT_LISTED = frozenset(
    {ReferentKind.UNNAMED_NEWSROOM, ReferentKind.UNNAMED_SITE, ReferentKind.OTHER}
)
# Marks between two clauses.
CLAUSE_BREAK_PATTERN = re.compile(r"[;:—–()]|, ")
# The certainty of a link (0 to 1), by where the target was found: in the act's sentence, in the
# previous one, in an earlier one of the paragraph, or only as protagonist.
(
    ADJACENT_CERTAINTY,
    PREVIOUS_SENTENCE_CERTAINTY,
    EARLIER_SENTENCE_CERTAINTY,
    PROTAGONIST_CERTAINTY,
) = 1.0, 0.8, 0.6, 0.5
# The certainty that "journalists" in general are the target, lower than for one journalist.
GROUP_CERTAINTY = 0.8
# An act with a lower `FoundAct.score` is weak: it is left out of the feature `act_certainty` of
# `relevance.py`, and its targets are not taken for targets of other acts.
MIN_STRONG_ACT_SCORE = 0.5
# Beginnings of the types of acts that mostly concern others if the sentence names nobody of the
# press: suspects are held, cases opened on the incident, fakes blocked, officials dismissed.
ACTS_RARE_AGAINST_PRESS = (
    "legal.detention",
    "legal.criminal",
    "censorship.blocking",
    "physical.killing",
    "employment.dismissal",
    "smear.official",
)
# The certainty of a target of one of `ACTS_RARE_AGAINST_PRESS` is multiplied by this.
RARE_ACT_FACTOR = 0.5
# The type of incident of a killing.
KILLING_ACT = "physical.killing"
# Beginnings of the types of acts that misuse a name, which is next to the words of the act.
NAME_MISUSE_ACTS = ("impersonation.journalist", "impersonation.deepfake", "disinformation.")
# How many words from an act of `NAME_MISUSE_ACTS` the person concerned may be.
MISUSED_NAME_REACH_WORDS = 6
# How many words from "correspondents" the name of their newsroom may be.
NEWSROOM_NAME_REACH_WORDS = 3
# Beginnings of the types of acts of a court, an authority or an employer against one person.
ACTS_AGAINST_ONE_PERSON = (
    "legal.administrative",
    "legal.criminal",
    "legal.civil",
    "legal.detention",
    "legal.summons",
    "employment.",
    "access.denied",
)
# The type of acts on people around a journalist, such as relatives: the journalist is the target.
CONTACTS_ACT = "intimidation.contacts"
# A sentence is about the person whose name begins after at most this many words.
SUBJECT_REACH_WORDS = 4
# Kinds of words that may describe the person who opens a sentence, rather than somebody else.
PRESS_REFERENCE_KINDS = (
    ReferentKind.UNNAMED_JOURNALIST,
    ReferentKind.UNNAMED_NEWSROOM,
    ReferentKind.UNNAMED_SITE,
    ReferentKind.NEWSROOM,
)
# An act in this many first sentences may concern people named in this many next ones.
FIRST_SENTENCES, SENTENCES_AHEAD = 3, 6
# What `_link_in_sentence` returns if the sentence of an act does not show its target.
TARGET_NOT_SHOWN = object()


class ActLink(NamedTuple):
    """An act with its targets. `certainty`: how certain it is, 0 to 1, that they are targets."""

    act: FoundAct
    targets: tuple[Reference, ...]
    certainty: float


class ContextReferents(NamedTuple):
    """The possible targets of an act whose own sentence names nobody. `people`: the `id()` of each
    newsroom, of journalists mentioned repeatedly, and of people whom other acts target;
    `has_unnamed_target`: whether another act targets "the journalist" or the like.
    """

    people: frozenset[int]
    has_unnamed_target: bool
    # The newsroom most present.
    newsroom: Reference | None = None

    @classmethod
    def build(cls, found: list[Prominence], links: list[ActLink]) -> ContextReferents:
        """Return the possible targets. `found`: everybody present; `links`: the other acts."""
        hit = [
            reference
            for link in links
            if link.act.score >= MIN_STRONG_ACT_SCORE
            for reference in link.targets
        ]
        people = {
            id(one.reference.person)
            for one in found
            if one.kind is ReferentKind.JOURNALIST and one.mention_count > 1
        }
        people |= {id(reference.person) for reference in hit if reference.person is not None}
        newsrooms = {
            id(one.reference.newsroom) for one in found if one.reference.newsroom is not None
        }
        return cls(
            frozenset(people | newsrooms),
            any(
                reference.kind
                in (
                    ReferentKind.UNNAMED_JOURNALIST,
                    ReferentKind.UNNAMED_GROUP,
                    ReferentKind.UNNAMED_NEWSROOM,
                )
                for reference in hit
            ),
            next((one.reference for one in found if one.kind is ReferentKind.NEWSROOM), None),
        )

    def can_be_target(self, reference: Reference) -> bool:
        """Return whether a reference in an earlier sentence can be a target: one of `people`, an
        unknown journalist or author or, with `has_unnamed_target`, an unnamed journalist or group.
        """
        if reference.kind in (ReferentKind.JOURNALIST, ReferentKind.AUTHOR):
            return reference.person is None or id(reference.person) in self.people
        if reference.kind is ReferentKind.NEWSROOM:
            return id(reference.newsroom) in self.people
        return self.has_unnamed_target and reference.kind in (
            ReferentKind.UNNAMED_JOURNALIST,
            ReferentKind.UNNAMED_GROUP,
        )


def combine_probabilities(probabilities: Sequence[float]) -> float:
    """Return the probability that at least one of several independent events happened."""
    return 1 - prod(1 - min(one, 0.95) for one in probabilities)


def link_acts(
    annotations: ArticleAnnotations,
    acts: list[FoundAct],
    found: list[Prominence],
    protagonist: Reference | None,
) -> list[ActLink]:
    """Return the acts against the press, each with its targets. `found`: the possible targets of
    the article; `protagonist`: whom the article is about.
    """
    position_of = {line.number: position for position, line in enumerate(annotations.lines)}
    numbers = [(act, act.passage.sentence_number) for act in acts]
    places = [(act, position_of[number]) for act, number in numbers if number in position_of]
    beside = {
        id(act): _link_in_sentence(annotations, act, place, protagonist) for act, place in places
    }
    context = ContextReferents.build(
        found, [one for one in beside.values() if isinstance(one, ActLink)]
    )
    links = []
    for act, place in places:
        link = beside[id(act)]
        if link is TARGET_NOT_SHOWN:
            link = _link_from_context(annotations, act, place, protagonist, context)
        if isinstance(link, ActLink):
            links.append(link)
    return links


def _link_in_sentence(
    annotations: ArticleAnnotations, act: FoundAct, position: int, protagonist: Reference | None
) -> ActLink | object | None:
    """Return an act with its targets in the same sentence, which has the index `position`. Return
    None if the target is not of the press, `TARGET_NOT_SHOWN` if the sentence shows no target.
    """
    line = annotations.lines[position]
    references = annotations.references_in(line.number)
    meant = references
    if act.code == CONTACTS_ACT:
        meant = [
            one
            for one in references
            if one.kind in PRESS_KINDS or one.kind is ReferentKind.RELATIVE
        ]
    best = find_best_target(annotations, line, act, meant) or _sole_journalist(
        annotations, line, act, references
    )
    if best is None:
        return None if _is_about_others(annotations, line, act, references) else TARGET_NOT_SHOWN
    if best.kind is ReferentKind.RELATIVE:
        # An act against a relative of the journalist is linked to the journalist.
        best = find_best_target(
            annotations, line, act, [one for one in references if one.kind in PRESS_KINDS]
        )
        return ActLink(act, (best,), ADJACENT_CERTAINTY) if best is not None else TARGET_NOT_SHOWN
    if best.kind not in PRESS_KINDS and best.kind is not ReferentKind.UNNAMED_SITE:
        return None
    named: list[Reference] = []
    for one in find_listed_references(annotations, line, best, act):
        named += _resolve_noun(annotations, position, one, protagonist)
    if any(one.kind is ReferentKind.UNNAMED_SITE for one in named):
        return None
    crowd = all(one.kind is ReferentKind.UNNAMED_GROUP for one in named)
    return ActLink(act, tuple(named), GROUP_CERTAINTY if crowd else ADJACENT_CERTAINTY)


def _sole_journalist(
    annotations: ArticleAnnotations, line: Line, act: FoundAct, references: list[Reference]
) -> Reference | None:
    """Return the journalist whose name opens the sentence of an act, if the sentence has nobody
    else and the act is of `ACTS_AGAINST_ONE_PERSON`, else None: "Aliya Sarova, who keeps the page,
    was on 3 May found liable and ordered to pay".
    """
    subject = references[0] if references else None
    if (
        subject is None
        or subject.kind is not ReferentKind.JOURNALIST
        or subject.first > SUBJECT_REACH_WORDS
    ):
        return None
    if not act.code.startswith(ACTS_AGAINST_ONE_PERSON):
        return None
    # "A presenter on the municipal channel" is both herself and her employer.
    others = any(
        one.person is not subject.person and one.kind not in PRESS_REFERENCE_KINDS
        for one in references
    )
    first, _end = word_range_between(line, act.passage.start, act.passage.end)
    if others or not subject.is_name or subject.end > first:
        return None
    return None if annotations.is_speaker(line.number, subject) else subject


def _resolve_noun(
    annotations: ArticleAnnotations,
    position: int,
    reference: Reference,
    protagonist: Reference | None,
) -> list[Reference]:
    """Return whom a `reference` such as "the journalist" or "the newsroom" means; the reference
    itself if that is unknown; [] if a person's name follows. `position`: the sentence's index.
    """
    line = annotations.lines[position]
    references = annotations.references_in(line.number)
    if reference.kind in (ReferentKind.UNNAMED_JOURNALIST, ReferentKind.UNNAMED_GROUP):
        reach, language = NEWSROOM_NAME_REACH_WORDS, annotations.article.language
        near = [one for one in references if -reach <= reference.first - one.end <= reach * 2]
        near = [one for one in near if one.first >= reference.end or one.end <= reference.first]
        people = [one for one in near if one.person is not None and one.is_name]
        if any(0 <= one.first - reference.end <= reach for one in people):
            return []
        is_one = reference.kind is ReferentKind.UNNAMED_JOURNALIST
        is_new = introduces_another_person(line, reference.first, reference.end, language)
        if is_one and protagonist is not None and protagonist.person and not is_new:
            return [protagonist]
        rooms = [
            one
            for one in references
            if one.newsroom is not None
            and (0 <= one.first - reference.end <= reach or 0 <= reference.first - one.end <= 1)
        ]
        return [reference, *rooms]
    if reference.kind in UNNAMED_NEWSROOM_KINDS:
        return [_resolve_newsroom(annotations, position, reference, protagonist)]
    return [reference]


def _resolve_newsroom(
    annotations: ArticleAnnotations,
    position: int,
    reference: Reference,
    protagonist: Reference | None,
) -> Reference:
    """Return the newsroom named last in this or the previous paragraph, else the protagonist if
    "the newsroom" (`reference`) may mean it, else `reference` itself.
    """
    paragraph = annotations.lines[position].paragraph
    for line in reversed(annotations.lines[: position + 1]):
        if line.paragraph < paragraph - 1:
            break
        for one in reversed(annotations.references_in(line.number)):
            if one.kind is ReferentKind.NEWSROOM:
                return one
    return (
        protagonist
        if protagonist is not None
        and (protagonist.newsroom or reference.kind is ReferentKind.UNNAMED_SITE)
        else reference
    )


def _is_about_others(
    annotations: ArticleAnnotations, line: Line, act: FoundAct, references: list[Reference]
) -> bool:
    """Return whether an act that misuses a name concerns somebody who is not of the press.
    `references`: all references in the act's sentence.
    """
    if not act.code.startswith(NAME_MISUSE_ACTS):
        return False
    first, end = word_range_between(line, act.passage.start, act.passage.end)
    language = annotations.article.language
    if any(word.folded in load_word_list(language, "own") for word in line.words[first:end]):
        # "Under her name they write to officials": hers, not theirs.
        return False
    return any(
        reference.kind
        in (ReferentKind.BYSTANDER, ReferentKind.OFFICIAL, ReferentKind.OTHER, ReferentKind.UNKNOWN)
        and first - reference.end <= MISUSED_NAME_REACH_WORDS
        and reference.first - end <= MISUSED_NAME_REACH_WORDS
        for reference in references
    )


def _is_rare_against_press(annotations: ArticleAnnotations, act: FoundAct, position: int) -> bool:
    """Return whether an act mostly concerns others, as nobody of the press is in its sentence."""
    if position == 0:
        # The headline says what happened to the protagonist.
        return False
    if act.code == KILLING_ACT and not annotations.references_in(
        annotations.lines[position].number
    ):
        # "There were three shots. He died on the way" continues the previous sentence.
        return False
    return act.code.startswith(ACTS_RARE_AGAINST_PRESS) and not _mentions_pronoun(
        annotations, act, position
    )


def _link_from_context(
    annotations: ArticleAnnotations,
    act: FoundAct,
    position: int,
    protagonist: Reference | None,
    context: ContextReferents,
) -> ActLink | None:
    """Return an act with a target from an earlier sentence, else with the protagonist, or None.
    `position`: the index of the act's sentence; `context`: the possible targets.
    """
    factor = RARE_ACT_FACTOR if _is_rare_against_press(annotations, act, position) else 1.0
    paragraph = annotations.lines[position].paragraph
    is_on_site = act.code.startswith(ACTS_AGAINST_SITES)
    if protagonist is not None and context.newsroom is not None and is_on_site:
        # "Our header, our fonts": only a newsroom is copied like this.
        return ActLink(act, (context.newsroom,), PROTAGONIST_CERTAINTY * factor)
    unnamed = None
    for back in range(position - 1, -1, -1):
        line = annotations.lines[back]
        if line.paragraph != paragraph:
            break
        is_previous = position - back == 1
        certainty = PREVIOUS_SENTENCE_CERTAINTY if is_previous else EARLIER_SENTENCE_CERTAINTY
        for reference in reversed(annotations.references_in(line.number)):
            if reference.kind is ReferentKind.UNKNOWN and reference.is_name:
                return None
            if not context.can_be_target(reference):
                continue
            if reference.kind in (ReferentKind.JOURNALIST, ReferentKind.AUTHOR):
                targets = find_listed_references(annotations, line, reference)
                return ActLink(act, tuple(targets), certainty * factor)
            if unnamed is None:
                targets = _resolve_noun(annotations, back, reference, protagonist)
                unnamed = ActLink(act, tuple(targets), certainty * factor)
    if protagonist is not None:
        return ActLink(act, (protagonist,), PROTAGONIST_CERTAINTY * factor)
    has_targets = unnamed is not None and bool(unnamed.targets)
    return unnamed if has_targets else _first_named_after(annotations, act, position, context)


def _mentions_pronoun(annotations: ArticleAnnotations, act: FoundAct, position: int) -> bool:
    """Return whether "she" or "he" is beside an act, and nobody outside the press before it."""
    line = annotations.lines[position]
    first, end = word_range_between(line, act.passage.start, act.passage.end)
    before = [
        reference for reference in annotations.references_in(line.number) if reference.end <= first
    ]
    if any(
        reference.kind in OUTSIDER_KINDS
        for reference in annotations.references_in(annotations.lines[position - 1].number) + before
    ):
        return False
    language = annotations.article.language
    she = load_word_list(language, "she") | load_word_list(language, "he")
    return any(word.folded in she for word in line.words[max(0, first - 2) : end + 2])


def _first_named_after(
    annotations: ArticleAnnotations, act: FoundAct, position: int, context: ContextReferents
) -> ActLink | None:
    """Return `act`, in sentence `position`, with the first possible target (`context`) that the
    next sentences name. Return None if they name none, or if the act is not near the beginning.
    """
    if position >= FIRST_SENTENCES or (position and act.code.startswith(ACTS_RARE_AGAINST_PRESS)):
        return None
    for line in annotations.lines[position + 1 : position + 1 + SENTENCES_AHEAD]:
        for reference in annotations.references_in(line.number):
            if reference.kind is not ReferentKind.AUTHOR and context.can_be_target(reference):
                return ActLink(act, (reference,), PROTAGONIST_CERTAINTY)
    return None


def find_best_target(
    annotations: ArticleAnnotations, line: Line, act: FoundAct, references: list[Reference]
) -> Reference | None:
    """Return which of the `references` in a sentence fits best as the target of an act, or None."""
    act_words = word_range_between(line, act.passage.start, act.passage.end)
    scores = [
        (
            _target_score(annotations, line, act, act_words, reference),
            -abs(reference.first - act_words[0]),
            place,
        )
        for place, reference in enumerate(references)
        if not is_only_employer(annotations, line, reference, references)
        and not (reference.kind in NEWSROOM_KINDS and act.code.startswith(ACTS_AGAINST_PERSONS))
    ]
    best = max(scores, default=None)
    return references[best[2]] if best is not None and best[0] >= MIN_TARGET_FIT else None


def _target_score(
    annotations: ArticleAnnotations,
    line: Line,
    act: FoundAct,
    act_words: tuple[int, int],
    reference: Reference,
) -> float:
    """Return how well a reference fits as the target of an act: by its kind, place and distance.
    `act_words`: the positions of the first word of the act and of the word after its last.
    """
    first, end = act_words
    distance = max(0, first - reference.end, reference.first - end)
    is_before, is_after = reference.end <= first, reference.first >= end
    if not is_before and not is_after:
        return TARGET_FIT_OF_KIND[reference.kind]
    low, high = (reference.end, first) if is_before else (end, reference.first)
    breaks = min(MAX_BREAKS_COUNTED, _count_clause_breaks(annotations, line, low, high))
    score = (
        TARGET_FIT_OF_KIND[reference.kind]
        - PENALTY_PER_WORD * min(MAX_WORDS_COUNTED, distance)
        - PENALTY_PER_BREAK * breaks
    )
    if reference.kind is ReferentKind.NEWSROOM and act.code.startswith(ACTS_AGAINST_SITES):
        score += SITE_BONUS
    is_right = not act.target_side or is_before == (act.target_side == "before")
    if reference.kind in OUTSIDER_KINDS and (not is_right or distance > OUTSIDER_REACH_WORDS):
        return 0.0
    if not act.target_side:
        speaks = reference.kind in (
            ReferentKind.OTHER,
            ReferentKind.OFFICIAL,
        ) or annotations.is_speaker(line.number, reference)
        return (
            0.0
            if reference.kind in OUTSIDER_KINDS
            and reference.kind is not ReferentKind.UNKNOWN
            and speaks
            else score
        )
    return score + (RIGHT_SIDE_BONUS if is_right else WRONG_SIDE_PENALTY)


def _count_clause_breaks(annotations: ArticleAnnotations, line: Line, first: int, end: int) -> int:
    """Return the number of clause breaks between word `first - 1` and word `end`."""
    if first >= len(line.words) or first == 0:
        return 0
    start = line.words[first - 1].end
    stop = line.words[min(end, len(line.words) - 1)].start
    return len(CLAUSE_BREAK_PATTERN.findall(annotations.article.text, start, max(start, stop)))


def find_listed_references(
    annotations: ArticleAnnotations, line: Line, best: Reference, act: FoundAct | None = None
) -> list[Reference]:
    """Return the reference `best`, and the references to the press that are in one list with it. An
    `act` between two names separates the list.
    """
    references = annotations.references_in(line.number)
    members = [reference for reference in references if reference.kind not in KINDS_NOT_LISTED]
    if best not in members:
        return [best]
    act_words = word_range_between(line, act.passage.start, act.passage.end) if act else (0, 0)
    low = high = members.index(best)
    while low > 0 and _are_listed(annotations, line, members[low - 1], members[low], act_words):
        low -= 1
    while high + 1 < len(members) and _are_listed(
        annotations, line, members[high], members[high + 1], act_words
    ):
        high += 1
    return [
        reference
        for reference in members[low : high + 1]
        if reference == best
        or (
            reference.kind in PRESS_KINDS
            and not is_only_employer(annotations, line, reference, references)
        )
    ]


def _are_listed(
    annotations: ArticleAnnotations,
    line: Line,
    reference: Reference,
    following: Reference,
    act_words: tuple[int, int],
) -> bool:
    """Return whether a reference and the following one are in one list, or one describes the other.
    `act_words`: the positions of an act's first word and of the word after it, or (0, 0).
    """
    gap = line.words[reference.end : following.first]
    if not gap:
        return True
    if len(gap) > MAX_LIST_GAP_WORDS or (
        reference.end <= act_words[0] and act_words[1] <= following.first and any(act_words)
    ):
        return False
    text = annotations.article.text[
        line.words[reference.end - 1].end : line.words[following.first].start
    ]
    joins = any(
        word.folded in list_conjunctions(annotations.article.language.value) for word in gap
    )
    return joins or ("," in text and len(gap) <= MAX_COMMA_GAP_WORDS) or len(gap) <= 1
