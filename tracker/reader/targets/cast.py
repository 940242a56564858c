"""Measure how present each journalist and outlet is in an article, and find its protagonist.

Some are named only at the end: "He was Marat Ivin, 44, the correspondent".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from tracker.reader.lexicon import load_lexicon
from tracker.reader.name_words import load_word_list
from tracker.reader.targets import recognising
from tracker.reader.targets.spots import ArticleScene, Kind, Reference, is_employer
from tracker.reader.text import Line

# The story before the name takes at most this many paragraphs.
STORY_PARAGRAPHS = 2
# "He was", then the name.
NAME_POSITION = 2
# A name in the headline or at the beginning counts more than one at the end.
TITLE_WEIGHT, LEAD_WEIGHT, BODY_WEIGHT = 3.0, 2.0, 1.0
LEAD_PARAGRAPHS = 3
WITHOUT_NAME_WEIGHT = 0.5
# A newsroom is named for everything its people do.
NEWSROOM_WEIGHT, EMPLOYER_WEIGHT = 0.5, 0.2
# The author says "I" about all she sees.
AUTHOR_WEIGHT = 0.3
# This many mentions as "she" make a speaker a subject of the article.
LEAST_PRONOUNS = 3
# The lowest presence of an article's protagonist.
LEAST_PRESENCE = 2.0
FEWEST_MENTIONS, OFTEN_MENTIONED = 2, 4
# The part of an article by which its protagonist is named.
NAMED_BY_SHARE = 0.6
# The lowest share of a protagonist in all mentions of the press.
LEAST_SHARE, LARGE_SHARE = 0.4, 0.6
# Somebody in only one paragraph, with another this present elsewhere, is one case of several.
RIVAL_SHARE = 0.4
# Somebody in fewer paragraphs than this, beside several others in theirs, is one case of many.
FEW_PARAGRAPHS = 3
# Journalists of this many paragraphs are cases of a digest.
DIGEST_PARAGRAPHS = 3
# Kinds of people who may be targets, or turn out to be journalists.
POSSIBLE_TARGET_KINDS = frozenset({Kind.JOURNALIST, Kind.UNKNOWN, Kind.NEWSROOM, Kind.SELF})


@dataclass
class Presence:
    """How present somebody is in an article."""

    spot: Reference
    weight: float = 0.0
    paragraphs: set[int] = field(default_factory=set)
    mentions: int = 0
    named: int = 0
    speaks: int = 0
    as_pronoun: int = 0

    @property
    def only_speaks(self) -> bool:
        """Return whether she is only a speaker.

        Pronouns show whether more is reported about her.
        """
        return 0 < self.named == self.speaks and self.as_pronoun < LEAST_PRONOUNS

    @property
    def kind(self) -> Kind:
        """Return her kind as a possible target."""
        return self.spot.kind


def measure_presence(scene: ArticleScene) -> list[Presence]:
    """Return the named people and newsrooms that may be targets, the most present first."""
    recognising.recognise_journalists(scene)
    resolve_delayed_name(scene)
    found = _count_presence(scene)
    star = next((one for one in found if one.kind in (Kind.UNKNOWN, Kind.JOURNALIST)), None)
    person = None
    if star is not None and star.kind is Kind.UNKNOWN and _is_prominent(star):
        person = star.spot.person
    late = (
        None
        if _has_protagonist(scene, found) or _has_newsroom(found)
        else recognising.journalist_named_late(scene)
    )
    if late is None and not any(
        one.kind is Kind.JOURNALIST and one.weight >= LEAST_PRESENCE for one in found
    ):
        late = recognising.first_person_speaker(scene)
    if recognising.journalist_by_activity(scene, person, late) is not None:
        found = _count_presence(scene)
    return [one for one in found if one.kind is not Kind.UNKNOWN]


def _has_protagonist(scene: ArticleScene, found: list[Presence]) -> bool:
    """Return whether the first half of the article has a journalist as protagonist.

    Or several people who may be, or several cases.
    """
    half = scene.lines[len(scene.lines) // 2].paragraph if scene.lines else 0
    early = [one for one in found if not one.only_speaks and min(one.paragraphs) <= half]
    unknown = [one for one in early if one.kind is Kind.UNKNOWN and one.mentions > FEWEST_MENTIONS]
    cases = {
        min(one.paragraphs) for one in found if one.kind is Kind.JOURNALIST and not one.only_speaks
    }
    return (
        len(unknown) > 1
        or len(cases) >= DIGEST_PARAGRAPHS
        or any(one.kind in (Kind.JOURNALIST, Kind.SELF) and one.mentions > 1 for one in early)
    )


def _has_newsroom(found: list[Presence]) -> bool:
    """Return whether the article keeps coming back to a newsroom."""
    return any(
        one.kind is Kind.NEWSROOM
        and one.mentions >= OFTEN_MENTIONED
        and one.weight >= LEAST_PRESENCE
        for one in found
    )


def _is_prominent(presence: Presence) -> bool:
    return (
        presence.weight >= LEAST_PRESENCE
        and presence.mentions >= FEWEST_MENTIONS
        and not presence.only_speaks
    )


def _count_presence(scene: ArticleScene) -> list[Presence]:
    found: dict[int, Presence] = {}
    first = scene.lines[0].paragraph if scene.lines else 0
    newsroom = None
    for line in scene.lines:
        spots = scene.at(line.number)
        place = line.paragraph - first
        worth = (
            TITLE_WEIGHT if place == 0 else LEAD_WEIGHT if place <= LEAD_PARAGRAPHS else BODY_WEIGHT
        )
        for spot in spots:
            newsroom = spot.newsroom or newsroom
            if spot.kind in (Kind.ROOM, Kind.PAGE) and newsroom is not None:
                # "The newsroom" is the one named last.
                room = found[id(newsroom)]
                room.weight += worth * NEWSROOM_WEIGHT * WITHOUT_NAME_WEIGHT
                room.mentions += 1
                room.paragraphs.add(line.paragraph)
            who = spot.person or spot.newsroom
            if who is None or spot.kind not in POSSIBLE_TARGET_KINDS:
                continue
            one = found.setdefault(id(who), Presence(spot))
            one.paragraphs.add(line.paragraph)
            one.mentions += 1
            if spot.newsroom is not None:
                is_staff = is_employer(scene, line, spot, spots)
                one.weight += worth * (EMPLOYER_WEIGHT if is_staff else NEWSROOM_WEIGHT)
            else:
                worth *= AUTHOR_WEIGHT if spot.kind is Kind.SELF else 1.0
                one.weight += worth if spot.is_name else worth * WITHOUT_NAME_WEIGHT
            if spot.is_name:
                one.named += 1
                one.speaks += scene.speaks(line.number, spot) or scene.supports_colleague(
                    line.number
                )
            else:
                one.as_pronoun += not scene.speaks(line.number, spot)
    return sorted(found.values(), key=lambda one: -one.weight)


def find_focus(scene: ArticleScene, found: list[Presence]) -> Presence | None:
    """Return the person the whole article is about, None if there is none."""
    if not found:
        return None
    first, last = scene.lines[0].paragraph, scene.lines[-1].paragraph
    early = [
        one
        for one in found
        if min(one.paragraphs) - first <= max(LEAD_PARAGRAPHS, NAMED_BY_SHARE * (last - first))
    ]
    people = [one for one in early if one.spot.person is not None and not one.only_speaks]
    newsrooms = [one for one in early if one.spot.newsroom is not None]
    hidden = [one for one in found if one.spot.person is not None and one not in early]
    late = next((one for one in found if one.spot.person is scene.late), None)
    if late is not None and scene.late is not None:
        return late
    if people and scene.led is not None and people[0].spot.person is scene.led:
        return people[0]
    if not people and recognising.leads_unnamed(scene):
        subjects = [one for one in hidden if not one.only_speaks] or hidden
        if len(subjects) == 1:
            return subjects[0]
    focus = next((one for one in people[:1] + newsrooms[:1] if _is_focus(one, found)), None)
    if focus is None and newsrooms and recognising.speaks_as_we(scene):
        return min(newsrooms, key=lambda one: min(one.paragraphs))
    return focus


def _is_focus(presence: Presence, found: list[Presence]) -> bool:
    people = [other for other in found if other.spot.person is not None and not other.only_speaks]
    total = sum(other.weight for other in people if other is not presence) + presence.weight
    if presence.mentions < FEWEST_MENTIONS or presence.weight < max(
        LEAST_PRESENCE, LEAST_SHARE * total
    ):
        return False
    others = [other for other in people if not other.paragraphs & presence.paragraphs]
    n_paragraphs = len(presence.paragraphs)
    if n_paragraphs == 1:
        return len(others) <= 1 and not any(
            other.weight >= RIVAL_SHARE * presence.weight for other in others
        )
    return (
        len(others) <= 1
        or n_paragraphs >= FEW_PARAGRAPHS
        or (n_paragraphs > 1 and presence.weight >= LARGE_SHARE * total)
    )


def resolve_delayed_name(scene: ArticleScene) -> None:
    """Resolve the "he" of earlier paragraphs to the journalist whom "he was" finally names."""
    for place, line in enumerate(scene.lines):
        named = _named_in_line(scene, line)
        if named is None:
            continue
        before = scene.lines[:place]
        near = [one for one in before if line.paragraph - one.paragraph <= STORY_PARAGRAPHS]
        after = [one for one in scene.lines[place:] if one.paragraph == line.paragraph]
        for one in [*near, *after]:
            if one.paragraph == line.paragraph or not _names_somebody(scene, one.paragraph):
                _assign_pronouns(scene, one, named, line.words[0].folded)


def _named_in_line(scene: ArticleScene, line: Line) -> Reference | None:
    words = line.words
    if len(words) <= NAME_POSITION or words[1].folded not in _was_phrases(
        scene.reading.language.value
    ):
        return None
    if words[0].folded not in _pronouns(scene, words[0].folded):
        return None
    return next(
        (
            spot
            for spot in scene.at(line.number)
            if spot.first == NAME_POSITION and spot.is_name and spot.kind is Kind.JOURNALIST
        ),
        None,
    )


def _names_somebody(scene: ArticleScene, paragraph: int) -> bool:
    """Return whether a paragraph has a name that its "he" may refer to."""
    return any(
        spot.is_name and spot.person is not None and spot.kind is not Kind.RELATIVE
        for line in scene.lines
        if line.paragraph == paragraph
        for spot in scene.at(line.number)
    )


def _assign_pronouns(scene: ArticleScene, line: Line, named: Reference, pronoun: str) -> None:
    words = _pronouns(scene, pronoun)
    scene.spots[line.number][:] = [
        spot._replace(person=named.person, kind=named.kind)
        if spot.person is not None and not spot.is_name and line.words[spot.first].folded in words
        else spot
        for spot in scene.at(line.number)
    ]


def _pronouns(scene: ArticleScene, pronoun: str) -> frozenset[str]:
    """Return the pronouns of the same gender, none for another word."""
    language = scene.reading.language
    both = (load_word_list(language, "he"), load_word_list(language, "she"))
    return next((frozenset(words) for words in both if pronoun in words), frozenset())


@cache
def _was_phrases(language: str) -> frozenset[str]:
    return frozenset(load_lexicon(language, "targets")["press"].get("was", ()))
