"""Link each act to its target: somebody in its sentence, else the subject of earlier ones.

Within a sentence, kind, side and distance decide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from tracker.reader.found import FoundAct
from tracker.reader.name_words import load_word_list
from tracker.reader.people.roles import is_another
from tracker.reader.targets.cast import Presence
from tracker.reader.targets.recognising import list_conjunctions
from tracker.reader.targets.spots import (
    PRESS_KINDS,
    ArticleScene,
    Kind,
    Reference,
    is_employer,
    words_between,
)
from tracker.reader.text import Line

# How well each kind fits an act in its sentence.
FIT_OF_KIND = {
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
RIGHT_SIDE_BONUS, WRONG_SIDE_PENALTY = 1.2, -1.0
PENALTY_PER_WORD, PENALTY_PER_BREAK = 0.09, 0.5
# Beyond this many words and breaks distance makes no difference.
MOST_WORDS_COUNTED, MOST_BREAKS_COUNTED = 14, 2
LEAST_FIT = 1.0
# Acts against a body or a person's freedom, which are not done to a newsroom.
ACTS_AGAINST_PERSONS = (
    "physical.",
    "surveillance.",
    "legal.detention",
    "legal.border",
    "threat.sexual",
    "harassment.sexual",
)
KINDS_WITHOUT_BODY = frozenset({Kind.NEWSROOM, Kind.ROOM, Kind.PAGE})
# Acts against a newsroom's site or name, which are reported with colons and numbers.
ACTS_AGAINST_SITES = ("digital.ddos", "impersonation.outlet", "censorship.blocking")
SITE_BONUS = 1.0
# People who are not of the press match an act only if it clearly concerns them.
OUTSIDER_REACH = 4
OUTSIDER_KINDS = frozenset({Kind.BYSTANDER, Kind.OFFICIAL, Kind.OTHER, Kind.UNKNOWN})
# The most words between the names of one list.
LIST_GAP_WORDS, SHORT_GAP_WORDS = 7, 4
KINDS_NOT_LISTED = frozenset({Kind.ROOM, Kind.PAGE, Kind.OTHER})
CLAUSE_BREAK_PATTERN = re.compile(r"[;:—–()]|, ")
# The value of a link, by where the target was found.
ADJACENT_VALUE, PREVIOUS_SENTENCE_VALUE, EARLIER_VALUE, FOCUS_VALUE = 1.0, 0.8, 0.6, 0.5
# "Journalists" in general count less than one of them.
MANY_VALUE = 0.8
# Acts whose words score less are weak.
STRONG_SCORE = 0.5
# Without anybody of the press in the sentence these mostly concern others: suspects are held, cases
# opened on the incident, fakes blocked, officials dismissed.
ACTS_SELDOM_ON_PRESS = (
    "legal.detention",
    "legal.criminal",
    "censorship.blocking",
    "physical.killing",
    "employment.dismissal",
    "smear.official",
)
SELDOM_VALUE = 0.5
KILLING_ACT = "physical.killing"
# False accounts and reports concern the person next to these words.
ACTS_ON_NAMES = ("impersonation.journalist", "impersonation.deepfake", "disinformation.")
NAME_GAP = 6
# "Correspondents of Radio Tau" are the radio's: the name is this near.
NEWSROOM_NAME_GAP = 3
# Acts of a court, an office or an employer against one person.
ACTS_AGAINST_ONE_PERSON = (
    "legal.administrative",
    "legal.criminal",
    "legal.civil",
    "legal.detention",
    "legal.summons",
    "employment.",
    "access.denied",
)
# Acts through people around her: her neighbours and teachers are next to these words.
CONTACTS_ACT = "intimidation.contacts"
# A sentence with a name within this many first words is about that person.
OPENING_WORDS = 4
PRESS_REFERENCE_KINDS = (Kind.ONE, Kind.ROOM, Kind.PAGE, Kind.NEWSROOM)
# An act in the first sentences concerns the people named in the next ones.
FIRST_SENTENCES, SENTENCES_AHEAD = 3, 6
# An act whose own sentence does not show the target.
NO_LINK = object()


class ActLink(NamedTuple):
    """An act with the targeted journalists, and how certain that is."""

    act: FoundAct
    spots: tuple[Reference, ...]
    worth: float


class ContextReferents(NamedTuple):
    """Possible targets of an act whose own sentence names nobody.

    The people who stay in the story, and those named as targets elsewhere; passing reporters see
    and write much.
    """

    people: frozenset[int]
    has_unnamed: bool
    # The newsroom most present.
    room: Reference | None = None

    @classmethod
    def of(cls, found: list[Presence], links: list[ActLink]) -> ContextReferents:
        """Return the referents of an article, by its people and the acts next to them."""
        hit = [spot for link in links if link.act.score >= STRONG_SCORE for spot in link.spots]
        people = {
            id(one.spot.person) for one in found if one.kind is Kind.JOURNALIST and one.mentions > 1
        }
        people |= {id(spot.person) for spot in hit if spot.person is not None}
        newsrooms = {id(one.spot.newsroom) for one in found if one.spot.newsroom is not None}
        return cls(
            frozenset(people | newsrooms),
            any(spot.kind in (Kind.ONE, Kind.MANY, Kind.ROOM) for spot in hit),
            next((one.spot for one in found if one.kind is Kind.NEWSROOM), None),
        )

    def may_be_target(self, reference: Reference) -> bool:
        """Return whether somebody may be the target of the sentences around her own."""
        if reference.kind in (Kind.JOURNALIST, Kind.SELF):
            return reference.person is None or id(reference.person) in self.people
        if reference.kind is Kind.NEWSROOM:
            return id(reference.newsroom) in self.people
        return self.has_unnamed and reference.kind in (Kind.ONE, Kind.MANY)


def combined_probability(worths: Sequence[float]) -> float:
    """Return the probability that at least one of several independent events is true."""
    return 1 - prod(1 - min(one, 0.95) for one in worths)


def link_acts(
    scene: ArticleScene, acts: list[FoundAct], found: list[Presence], focus: Reference | None
) -> list[ActLink]:
    """Return the acts against the press; `focus` is the protagonist, if any."""
    by_number = {line.number: place for place, line in enumerate(scene.lines)}
    places = [
        (act, by_number[act.passage.number]) for act in acts if act.passage.number in by_number
    ]
    beside = {id(act): _link_in_sentence(scene, act, place, focus) for act, place in places}
    carriers = ContextReferents.of(
        found, [one for one in beside.values() if isinstance(one, ActLink)]
    )
    links = []
    for act, place in places:
        link = beside[id(act)]
        if link is NO_LINK:
            link = _link_from_context(scene, act, place, focus, carriers)
        if isinstance(link, ActLink):
            links.append(link)
    return links


def _link_in_sentence(
    scene: ArticleScene, act: FoundAct, position: int, focus: Reference | None
) -> ActLink | object | None:
    """Return the link to a target in the sentence.

    None for somebody not of the press, MISSING if the sentence does not show it.
    """
    line = scene.lines[position]
    spots = scene.at(line.number)
    meant = spots
    if act.code == CONTACTS_ACT:
        meant = [one for one in spots if one.kind in PRESS_KINDS or one.kind is Kind.RELATIVE]
    best = best_target(scene, line, act, meant) or _sole_journalist(scene, line, act, spots)
    if best is None:
        return None if _is_of_others(scene, line, act, spots) else NO_LINK
    if best.kind is Kind.RELATIVE:
        # An act against her family is against her; they are collateral targets.
        best = best_target(scene, line, act, [one for one in spots if one.kind in PRESS_KINDS])
        return ActLink(act, (best,), ADJACENT_VALUE) if best is not None else NO_LINK
    if best.kind not in PRESS_KINDS and best.kind is not Kind.PAGE:
        return None
    named: list[Reference] = []
    for one in with_listed_names(scene, line, best, act):
        named += _resolve_noun(scene, position, one, focus)
    if any(one.kind is Kind.PAGE for one in named):
        return None
    crowd = all(one.kind is Kind.MANY for one in named)
    return ActLink(act, tuple(named), MANY_VALUE if crowd else ADJACENT_VALUE)


def _sole_journalist(
    scene: ArticleScene, line: Line, act: FoundAct, spots: list[Reference]
) -> Reference | None:
    """Return the journalist who opens a sentence that names nobody else.

    However far from her an act is: "Aliya Sarova, who keeps the page, was on 3 May found liable and
    ordered to pay".
    """
    subject = spots[0] if spots else None
    if subject is None or subject.kind is not Kind.JOURNALIST or subject.first > OPENING_WORDS:
        return None
    if not act.code.startswith(ACTS_AGAINST_ONE_PERSON):
        return None
    # "A presenter on the municipal channel" is both herself and her employer.
    others = any(
        one.person is not subject.person and one.kind not in PRESS_REFERENCE_KINDS for one in spots
    )
    first, _end = words_between(line, act.passage.start, act.passage.end)
    if others or not subject.is_name or subject.end > first:
        return None
    return None if scene.speaks(line.number, subject) else subject


def _resolve_noun(
    scene: ArticleScene, position: int, reference: Reference, focus: Reference | None
) -> list[Reference]:
    """Return whom "the journalist" or "the newsroom" refers to, if the text shows it."""
    line = scene.lines[position]
    spots = scene.at(line.number)
    if reference.kind in (Kind.ONE, Kind.MANY):
        near = [
            one
            for one in spots
            if -NEWSROOM_NAME_GAP <= reference.first - one.end <= NEWSROOM_NAME_GAP * 2
        ]
        near = [one for one in near if one.first >= reference.end or one.end <= reference.first]
        people = [one for one in near if one.person is not None and one.is_name]
        if any(0 <= one.first - reference.end <= NEWSROOM_NAME_GAP for one in people):
            return []
        is_new = is_another(line, reference.first, reference.end, scene.reading.language)
        if reference.kind is Kind.ONE and focus is not None and focus.person and not is_new:
            return [focus]
        rooms = [
            one
            for one in spots
            if one.newsroom is not None
            and (
                0 <= one.first - reference.end <= NEWSROOM_NAME_GAP
                or 0 <= reference.first - one.end <= 1
            )
        ]
        return [reference, *rooms]
    if reference.kind in (Kind.ROOM, Kind.PAGE):
        return [_resolve_newsroom(scene, position, reference, focus)]
    return [reference]


def _resolve_newsroom(
    scene: ArticleScene, position: int, reference: Reference, focus: Reference | None
) -> Reference:
    """Return the newsroom that "the newsroom" refers to.

    The last one in this or the previous paragraph.
    """
    paragraph = scene.lines[position].paragraph
    for line in reversed(scene.lines[: position + 1]):
        if line.paragraph < paragraph - 1:
            break
        for one in reversed(scene.at(line.number)):
            if one.kind is Kind.NEWSROOM:
                return one
    return (
        focus
        if focus is not None and (focus.newsroom or reference.kind is Kind.PAGE)
        else reference
    )


def _is_of_others(scene: ArticleScene, line: Line, act: FoundAct, spots: list[Reference]) -> bool:
    """Return whether somebody else is next to an act about a name."""
    if not act.code.startswith(ACTS_ON_NAMES):
        return False
    first, end = words_between(line, act.passage.start, act.passage.end)
    language = scene.reading.language
    if any(word.folded in load_word_list(language, "own") for word in line.words[first:end]):
        # "Under her name they write to officials": hers, not theirs.
        return False
    return any(
        spot.kind in (Kind.BYSTANDER, Kind.OFFICIAL, Kind.OTHER, Kind.UNKNOWN)
        and first - spot.end <= NAME_GAP
        and spot.first - end <= NAME_GAP
        for spot in spots
    )


def _is_rare_against_press(scene: ArticleScene, act: FoundAct, position: int) -> bool:
    """Return whether an act mostly concerns others, if its sentence names none of the press."""
    if act.code == KILLING_ACT and not scene.at(scene.lines[position].number):
        # "There were three shots. He died on the way" continues the previous sentence.
        return False
    return act.code.startswith(ACTS_SELDOM_ON_PRESS) and not _says_she(scene, act, position)


def _link_from_context(
    scene: ArticleScene,
    act: FoundAct,
    position: int,
    focus: Reference | None,
    carriers: ContextReferents,
) -> ActLink | None:
    """Return the subject of the previous sentences in this paragraph, else the focus."""
    # The headline says what happened to the protagonist.
    seldom = SELDOM_VALUE if position and _is_rare_against_press(scene, act, position) else 1.0
    paragraph = scene.lines[position].paragraph
    if focus is not None and carriers.room is not None and act.code.startswith(ACTS_AGAINST_SITES):
        # "Our header, our fonts": only a newsroom is copied like this.
        return ActLink(act, (carriers.room,), FOCUS_VALUE * seldom)
    unnamed = None
    for back in range(position - 1, -1, -1):
        line = scene.lines[back]
        if line.paragraph != paragraph:
            break
        worth = (PREVIOUS_SENTENCE_VALUE if position - back == 1 else EARLIER_VALUE) * seldom
        for spot in reversed(scene.at(line.number)):
            if spot.kind is Kind.UNKNOWN and spot.is_name:
                return None
            if not carriers.may_be_target(spot):
                continue
            if spot.kind in (Kind.JOURNALIST, Kind.SELF):
                return ActLink(act, tuple(with_listed_names(scene, line, spot)), worth)
            if unnamed is None:
                unnamed = ActLink(act, tuple(_resolve_noun(scene, back, spot, focus)), worth)
    if focus is not None:
        return ActLink(act, (focus,), FOCUS_VALUE * seldom)
    return (
        unnamed
        if unnamed is not None and unnamed.spots
        else _first_named_after(scene, act, position, carriers)
    )


def _says_she(scene: ArticleScene, act: FoundAct, position: int) -> bool:
    """Return whether "she" or "him" is among the words of an act, and can be nobody else."""
    line = scene.lines[position]
    first, end = words_between(line, act.passage.start, act.passage.end)
    before = [spot for spot in scene.at(line.number) if spot.end <= first]
    if any(
        spot.kind in OUTSIDER_KINDS for spot in scene.at(scene.lines[position - 1].number) + before
    ):
        return False
    language = scene.reading.language
    she = load_word_list(language, "she") | load_word_list(language, "he")
    return any(word.folded in she for word in line.words[max(0, first - 2) : end + 2])


def _first_named_after(
    scene: ArticleScene, act: FoundAct, position: int, carriers: ContextReferents
) -> ActLink | None:
    """Return the first of the press named after an act of the first sentences."""
    if position >= FIRST_SENTENCES or (position and act.code.startswith(ACTS_SELDOM_ON_PRESS)):
        return None
    for line in scene.lines[position + 1 : position + 1 + SENTENCES_AHEAD]:
        for spot in scene.at(line.number):
            if spot.kind is not Kind.SELF and carriers.may_be_target(spot):
                return ActLink(act, (spot,), FOCUS_VALUE)
    return None


def best_target(
    scene: ArticleScene, line: Line, act: FoundAct, spots: list[Reference]
) -> Reference | None:
    """Return the best target of an act in a sentence, None if there is none."""
    words = words_between(line, act.passage.start, act.passage.end)
    scores = [
        (_target_score(scene, line, act, words, spot), -abs(spot.first - words[0]), place)
        for place, spot in enumerate(spots)
        if not is_employer(scene, line, spot, spots)
        and not (spot.kind in KINDS_WITHOUT_BODY and act.code.startswith(ACTS_AGAINST_PERSONS))
    ]
    best = max(scores, default=None)
    return spots[best[2]] if best is not None and best[0] >= LEAST_FIT else None


def _target_score(
    scene: ArticleScene, line: Line, act: FoundAct, words: tuple[int, int], reference: Reference
) -> float:
    first, end = words
    distance = max(0, first - reference.end, reference.first - end)
    is_before, is_after = reference.end <= first, reference.first >= end
    if not is_before and not is_after:
        return FIT_OF_KIND[reference.kind]
    low, high = (reference.end, first) if is_before else (end, reference.first)
    breaks = min(MOST_BREAKS_COUNTED, _has_clause_break(scene, line, low, high))
    score = (
        FIT_OF_KIND[reference.kind]
        - PENALTY_PER_WORD * min(MOST_WORDS_COUNTED, distance)
        - PENALTY_PER_BREAK * breaks
    )
    if reference.kind is Kind.NEWSROOM and act.code.startswith(ACTS_AGAINST_SITES):
        score += SITE_BONUS
    is_right = not act.toward or is_before == (act.toward == "before")
    if reference.kind in OUTSIDER_KINDS and (not is_right or distance > OUTSIDER_REACH):
        return 0.0
    if not act.toward:
        speaks = reference.kind in (Kind.OTHER, Kind.OFFICIAL) or scene.speaks(
            line.number, reference
        )
        return (
            0.0
            if reference.kind in OUTSIDER_KINDS and reference.kind is not Kind.UNKNOWN and speaks
            else score
        )
    return score + (RIGHT_SIDE_BONUS if is_right else WRONG_SIDE_PENALTY)


def _has_clause_break(scene: ArticleScene, line: Line, first: int, end: int) -> int:
    if first >= len(line.words) or first == 0:
        return 0
    start = line.words[first - 1].end
    stop = line.words[min(end, len(line.words) - 1)].start
    return len(CLAUSE_BREAK_PATTERN.findall(scene.reading.text, start, max(start, stop)))


def with_listed_names(
    scene: ArticleScene, line: Line, best: Reference, act: FoundAct | None = None
) -> list[Reference]:
    """Return the target and those of the press named with her in one list.

    An act between two names separates them.
    """
    spots = scene.at(line.number)
    members = [spot for spot in spots if spot.kind not in KINDS_NOT_LISTED]
    if best not in members:
        return [best]
    divides = words_between(line, act.passage.start, act.passage.end) if act else (0, 0)
    low = high = members.index(best)
    while low > 0 and _are_listed(scene, line, members[low - 1], members[low], divides):
        low -= 1
    while high + 1 < len(members) and _are_listed(
        scene, line, members[high], members[high + 1], divides
    ):
        high += 1
    return [
        spot
        for spot in members[low : high + 1]
        if spot == best or (spot.kind in PRESS_KINDS and not is_employer(scene, line, spot, spots))
    ]


def _are_listed(
    scene: ArticleScene, line: Line, reference: Reference, two: Reference, divides: tuple[int, int]
) -> bool:
    """Return whether two are in one list, or one describes the other: "reporter X and editor Y"."""
    gap = line.words[reference.end : two.first]
    if not gap:
        return True
    if len(gap) > LIST_GAP_WORDS or (
        reference.end <= divides[0] and divides[1] <= two.first and any(divides)
    ):
        return False
    text = scene.reading.text[line.words[reference.end - 1].end : line.words[two.first].start]
    joins = any(word.folded in list_conjunctions(scene.reading.language.value) for word in gap)
    return joins or ("," in text and len(gap) <= SHORT_GAP_WORDS) or len(gap) <= 1
