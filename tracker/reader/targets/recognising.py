"""Recognise journalists whom the text does not call so next to their name.

By what they do, by those next to them, or because a headline or lead on "a reporter" refers to the
first person named after it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise

from tracker.articles.codes import Language
from tracker.reader.found import FoundPerson
from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.name_words import load_word_list
from tracker.reader.targets.spots import ArticleScene, Kind, Reference
from tracker.reader.text import Line

# "The editor" and her statement are at most this many paragraphs apart.
STATEMENT_PARAGRAPHS = 2
# A newsroom writes about itself if "we" is in this many sentences, and in this share.
LEAST_WE_SENTENCES, LEAST_WE_SHARE = 4, 0.25
# The most words between a person, the verb of her work and her newsroom.
WORK_VERB_REACH = 8
# "Of the local news site" is between a name and her newsroom's.
STAFF_GAP = 4
# The distance after a name of a noun that describes the person: "Aliya Sarova, a young reporter".
APPOSITION_REACH = 3
# Headline and lead.
LEAD_SENTENCES = 2
# The distance after a name of words for somebody's work: "Aliya, 38, who writes for".
WORK_PHRASE_REACH = 4
# "A contributor to several exile media, Aliya Sarova, found".
APPOSITION_REACH_BEFORE = 6
# "Of the newspaper" in Kazakh.
KAZAKH_GENITIVE_ENDINGS = ("нің", "ның", "дің", "дың", "тің", "тың")
# Words that may follow a name heading a case.
HEADING_WORDS = 3
# In a text with this many sentences about the press, somebody named after this part of it, in a
# sentence of this many more words, is the person mentioned before.
LEAST_PRESS_SENTENCES, LATE_SHARE, LEAST_EXTRA_WORDS = 2, 0.4, 2
SURE_NAME_SCORE = 0.8
# A line without a full stop is a signature: "Nino Beridze, for the newsroom".
LINE_END_MARKS = (".", "!", "?", "…", "”", "»", '"', ")", ":")


def recognise_journalists(scene: ArticleScene) -> None:
    """Mark people as journalists whom their own sentences show to be such."""
    named: set[int] = set()
    for line in scene.lines:
        _unassign_noun(scene, line, named)
    _mark_as_journalists(scene, _apply_rule(scene, _by_noun_beside))
    _mark_as_journalists(scene, _apply_rule(scene, _by_work_verb))
    if scene.reading.language is Language.KK:
        _mark_as_journalists(scene, _apply_rule(scene, _by_newsroom_before))
    _mark_as_journalists(scene, _apply_rule(scene, staff_of))
    _mark_as_journalists(scene, _apply_rule(scene, named_as_employed))
    _mark_as_journalists(scene, _apply_rule(scene, _by_list_with_journalist))
    _mark_as_journalists(scene, _named_case_headings(scene))


def journalist_by_activity(
    scene: ArticleScene, person: FoundPerson | None, late: FoundPerson | None
) -> FoundPerson | None:
    """Return the person shown at a journalist's work though never called one.

    Only the most present person, since many people write and are asked about articles, and the
    person named late, if no journalist is named before.
    """
    star = scene.led = named_after_lead(scene)
    if star is None and person is not None and has_worked(scene, person):
        star = person
    if star is None and late is not None:
        star = scene.late = late
    if star is not None:
        _mark_as_journalists(scene, [star])
    return star


def journalist_named_late(scene: ArticleScene) -> FoundPerson | None:
    """Return the person whom a text about the press names late and without a description.

    It is the one mentioned before as "she" or "the reporter"; everybody else is introduced with an
    office.
    """
    signs = sum(_has_press(scene, line) for line in scene.lines)
    if signs < LEAST_PRESS_SENTENCES:
        return None
    named: set[int] = set()
    late = None
    for place, line in enumerate(scene.lines):
        names = [spot for spot in _people(scene, line) if spot.is_name]
        for spot in names:
            is_first = id(spot.person) not in named
            named.add(id(spot.person))
            if (
                is_first
                and spot.kind is Kind.UNKNOWN
                and spot.person is not None
                and spot.person.score >= SURE_NAME_SCORE
                and place >= LATE_SHARE * len(scene.lines)
                and not is_listed(scene, line, spot, names)
                and not _is_called(scene, line, spot)
                and len(line.words) - (spot.end - spot.first) >= LEAST_EXTRA_WORDS
                and not line.sentence.text.startswith("(")
                and not _is_thing_of(scene, line, spot)
                and line.sentence.text.rstrip().endswith(LINE_END_MARKS)
            ):
                late = spot.person
    return late


def _has_press(scene: ArticleScene, line: Line) -> bool:
    kinds = {spot.kind for spot in scene.at(line.number)}
    return bool(kinds & {Kind.ONE, Kind.ROOM, Kind.PAGE, Kind.NEWSROOM}) or any(
        name in ("work", "does") for name, _first, _end in scene.phrases[line.number]
    )


def _is_called(scene: ArticleScene, line: Line, reference: Reference) -> bool:
    """Return whether "lawyer" or similar is directly before a name, or "headed by"."""
    if reference.first and line.words[reference.first - 1].folded == "by":
        return True
    if reference.first and line.words[reference.first - 1].folded.endswith(("'s", "’s")):
        # "Labour's Donal Ivers": of a party or a union.
        return True
    return any(
        one.kind is Kind.OTHER and one.end == reference.first for one in scene.at(line.number)
    )


def _is_thing_of(scene: ArticleScene, line: Line, reference: Reference) -> bool:
    """Return whether a name is only a possessor: "Malović's commission"."""
    end = scene.reading.text[
        line.words[reference.end - 1].start : line.words[reference.end - 1].end + 2
    ]
    return end.rstrip().endswith(("'s", "’s"))


def _named_case_headings(scene: ArticleScene) -> list[FoundPerson]:
    """Return those whose names head the cases of a report on the press: "Rakiya Sule (Kano)."."""
    lines = [line for line in scene.lines if "(" in line.sentence.text]
    opening = [(line, spot) for line in lines for spot in _people(scene, line) if spot.first == 0]
    heads = [
        spot.person
        for line, spot in opening
        if spot.person is not None and spot.is_name and len(line.words) - spot.end <= HEADING_WORDS
        if spot.kind in (Kind.UNKNOWN, Kind.JOURNALIST)
    ]
    return (
        heads
        if len(heads) >= LEAST_PRESS_SENTENCES - 1 and len(heads) < len(scene.lines) / 2
        else []
    )


def _mark_as_journalists(scene: ArticleScene, people: list[FoundPerson]) -> None:
    for spots in scene.spots.values():
        spots[:] = [
            spot._replace(kind=Kind.JOURNALIST)
            if any(spot.person is person for person in people)
            else spot
            for spot in spots
        ]


def _unassign_noun(scene: ArticleScene, line: Line, named: set[int]) -> None:
    """Remove "the journalist" from a person if it introduces another name or precedes her own.

    Its referent is found later.
    """
    spots = scene.at(line.number)
    starts = {spot.first: spot for spot in spots if spot.person is not None and spot.is_name}
    for place, spot in enumerate(spots):
        if spot.person is None or spot.kind is not Kind.JOURNALIST:
            continue
        other = starts.get(spot.end)
        if spot.is_name:
            named.add(id(spot.person))
        elif id(spot.person) not in named or (
            other is not None and other.person is not spot.person
        ):
            spots[place] = Reference(spot.first, spot.end, Kind.ONE)


def _apply_rule(
    scene: ArticleScene, rule: Callable[[ArticleScene, Line], list[Reference]]
) -> list[FoundPerson]:
    return [
        spot.person
        for line in scene.lines
        for spot in rule(scene, line)
        if spot.person is not None and spot.kind is Kind.UNKNOWN
    ]


def _people(scene: ArticleScene, line: Line) -> list[Reference]:
    return [spot for spot in scene.at(line.number) if spot.person is not None]


def _by_noun_beside(scene: ArticleScene, line: Line) -> list[Reference]:
    """Return those with "reporter" directly before the name or, after a comma or dash, after it."""
    ones = [spot for spot in scene.at(line.number) if spot.kind is Kind.ONE]
    named = [spot for spot in _people(scene, line) if spot.is_name]
    found = [name for name in named for one in ones if one.end == name.first]
    for name in named:
        before = [one for one in ones if 0 < name.first - one.end <= APPOSITION_REACH_BEFORE]
        between = [one for one in named for two in before if two.end <= one.first < name.first]
        if (
            before
            and not between
            and _gap_between(scene, line, name.first, name.first).endswith(",")
        ):
            found.append(name)
        after = [one for one in ones if 0 <= one.first - name.end <= APPOSITION_REACH]
        between = [spot for spot in named for one in after if name.end <= spot.first < one.first]
        if (
            after
            and not between
            and _gap_between(scene, line, name.end, after[0].first)[:1] in (",", "—")
        ):
            found.append(name)
    return found


def _gap_between(scene: ArticleScene, line: Line, first: int, end: int) -> str:
    return scene.reading.text[line.words[first - 1].end : line.words[end].start].strip()


def _by_work_verb(scene: ArticleScene, line: Line) -> list[Reference]:
    """Return those who are said to write for a paper or run a channel."""
    people = _people(scene, line)
    found: list[Reference] = []
    for name, first, end in scene.phrases[line.number]:
        if name == "does":
            before = [spot for spot in people if 0 <= first - spot.end <= WORK_PHRASE_REACH]
            after = [spot for spot in people if 0 <= spot.first - end <= 1]
            found += before[-1:] or after[:1]
    return found


def _by_newsroom_before(scene: ArticleScene, line: Line) -> list[Reference]:
    """Return those named after their newsroom and role, as in Kazakh.

    "«Айна» газетінің түсірушісі Мирлан Юсупов".
    """
    rooms = [one for one in scene.at(line.number) if one.kind in (Kind.ROOM, Kind.NEWSROOM)]
    return [
        name
        for name in _people(scene, line)
        if name.is_name
        and any(
            name.first - room.end == 1
            and "," not in _gap_between(scene, line, room.end, name.first)
            and line.words[room.end - 1].folded.endswith(KAZAKH_GENITIVE_ENDINGS)
            for room in rooms
        )
    ]


def _by_list_with_journalist(scene: ArticleScene, line: Line) -> list[Reference]:
    """Return those joined to a journalist only by "and"."""
    people = _people(scene, line)
    words = list_conjunctions(scene.reading.language.value)
    found: list[Reference] = []
    for one, two in pairwise(people):
        gap = [word.folded for word in line.words[one.end : two.first]]
        if len(gap) == 1 and gap[0] in words and one.is_name and two.is_name:
            found += [two] if one.kind is Kind.JOURNALIST else []
            found += [one] if two.kind is Kind.JOURNALIST else []
    return found


def has_worked(scene: ArticleScene, person: FoundPerson) -> bool:
    """Return whether somebody's sentences show a journalist's work, and none a public office.

    Including neighbouring sentences that name nobody else.
    """
    if any(_is_public(scene, line, person) for line in scene.lines):
        return False
    return any(
        spot.person is person and _is_at_work(scene, line, spot)
        for line in scene.lines
        for spot in scene.at(line.number)
    ) or any(_is_of_trade(scene, line, person) for line in scene.lines)


def _is_public(scene: ArticleScene, line: Line, person: FoundPerson) -> bool:
    """Return whether a sentence about somebody reports what only politicians and officials do."""
    before = [first for name, first, _end in scene.phrases[line.number] if name == "public"]
    here = [spot for spot in scene.at(line.number) if spot.person is not None]
    return any(
        max((spot for spot in here if spot.first < first), default=None, key=lambda one: one.first)
        == spot
        for first in before
        for spot in here
        if spot.person is person
    )


def _is_of_trade(scene: ArticleScene, line: Line, person: FoundPerson) -> bool:
    """Return whether a sentence reports what only journalists have or do, and of nobody else."""
    if not any(name == "trade" for name, _first, _end in scene.phrases[line.number]):
        return False
    around = [one for one in scene.lines if one.paragraph == line.paragraph]
    here = [spot for spot in scene.at(line.number) if spot.person is not None]
    if any(spot.person is person for spot in here):
        return all(spot.person is person or spot.kind is not Kind.JOURNALIST for spot in here)
    near = [spot for one in around for spot in scene.at(one.number) if spot.person is not None]
    return not here and any(spot.person is person for spot in near)


def _is_at_work(scene: ArticleScene, line: Line, reference: Reference) -> bool:
    """Return whether somebody's sentence has "her column", or reports what she published."""
    phrases = scene.phrases[line.number]
    if reference.is_name and any(
        name == "noun" and (reference.end == first or end == reference.first)
        for name, first, end in phrases
    ):
        return True
    people = [one for one in scene.at(line.number) if one.person is not None]
    others = [one for one in people if one.person is not reference.person]
    return any(
        name == "work" and first >= reference.first for name, first, _end in phrases
    ) and not any(reference.first < one.first for one in others)


def staff_of(scene: ArticleScene, line: Line) -> list[Reference]:
    """Return those named with their newsroom and no other office: "Aliya Sarova of the weekly"."""
    between = _of_phrases(scene.reading.language.value)
    if not between:
        return []
    spots = scene.at(line.number)
    rooms = [one for one in spots if one.kind in (Kind.ROOM, Kind.NEWSROOM)]
    return [
        name
        for name in spots
        if name.is_name
        and name.person is not None
        and any(
            0 < room.first - name.end <= STAFF_GAP
            and line.words[name.end].folded in between
            and not any(word.is_capital for word in line.words[name.end : room.first])
            for room in rooms
        )
    ]


def named_as_employed(scene: ArticleScene, line: Line) -> list[Reference]:
    """Return those whom a sentence describes as working for a newsroom that it names.

    A person, a verb of the work and the newsroom, and nobody else before the verb.
    """
    spots = scene.at(line.number)
    rooms = [one for one in spots if one.kind in (Kind.ROOM, Kind.NEWSROOM)]
    people = [one for one in spots if one.person is not None]
    if not rooms or not people:
        return []
    found: list[Reference] = []
    for _label, first, end in _work_phrases(scene.reading.language.value).find(line.words):
        before = [one for one in people if one.end <= first]
        near = [
            one
            for one in rooms
            if 0 <= one.first - end <= WORK_VERB_REACH or 0 <= first - one.end <= WORK_VERB_REACH
        ]
        if before and near and first - before[-1].end <= WORK_VERB_REACH:
            found.append(before[-1])
    return found


@cache
def _work_phrases(language: str) -> Phrases:
    words = load_lexicon(language, "targets")["press"].get("works", ())
    return Phrases((phrase, None) for phrase in words)


@cache
def _of_phrases(language: str) -> frozenset[str]:
    return frozenset(load_lexicon(language, "targets")["press"].get("of", ()))


def first_person_speaker(scene: ArticleScene) -> FoundPerson | None:
    """Return the only person who says "I" soon after an unnamed "the editor".

    A person without an office.
    """
    found: dict[int, FoundPerson] = {}
    last = None
    mine = load_word_list(scene.reading.language, "i")
    for line in scene.lines:
        spots = scene.at(line.number)
        says_i = any(
            word.folded in mine and scene.reading.is_spoken(word.start) for word in line.words
        )
        is_victim = any(name == "befell" for name, _first, _end in scene.phrases[line.number])
        for spot in spots:
            if (
                (
                    is_victim
                    or (
                        says_i
                        and last is not None
                        and line.paragraph - last <= STATEMENT_PARAGRAPHS
                    )
                )
                and spot.person is not None
                and spot.kind is Kind.UNKNOWN
                and spot.is_name
                and scene.speaks(line.number, spot)
            ):
                found.setdefault(id(spot.person), spot.person)
        if any(spot.kind is Kind.ONE for spot in spots):
            last = line.paragraph
    return next(iter(found.values())) if len(found) == 1 else None


def speaks_as_we(scene: ArticleScene) -> bool:
    """Return whether a newsroom reports in its own name what happened to it: "we", "us", "our"."""
    ours = load_word_list(scene.reading.language, "we")
    count = sum(
        any(word.folded in ours and not scene.reading.is_spoken(word.start) for word in line.words)
        for line in scene.lines
    )
    return count >= LEAST_WE_SENTENCES and count >= LEAST_WE_SHARE * len(scene.lines)


def named_after_lead(scene: ArticleScene) -> FoundPerson | None:
    """Return the first person named, if headline or lead mention an unnamed "reporter".

    None if a journalist is named before.
    """
    led = False
    for place, line in enumerate(scene.lines):
        spots = scene.at(line.number)
        if place < LEAD_SENTENCES:
            led = led or any(
                spot.kind is Kind.ONE and not _stands_by_name(spot, spots) for spot in spots
            )
        if place == LEAD_SENTENCES and not led:
            return None
        is_ally = scene.supports_colleague(line.number)
        for spot in spots:
            if spot.kind is Kind.JOURNALIST:
                return None
            if spot.kind is Kind.UNKNOWN and spot.is_name and led and not is_ally:
                names = [one for one in spots if one.person is not None and one.is_name]
                return None if is_listed(scene, line, spot, names) else spot.person
    return None


def leads_unnamed(scene: ArticleScene) -> bool:
    """Return whether headline or lead mention "a reporter" without a name."""
    return any(
        spot.kind is Kind.ONE and not _stands_by_name(spot, scene.at(line.number))
        for line in scene.lines[: LEAD_SENTENCES + 1]
        for spot in scene.at(line.number)
    )


def is_listed(
    scene: ArticleScene, line: Line, reference: Reference, names: list[Reference]
) -> bool:
    """Return whether a name is one of several joined by "and"."""
    words = list_conjunctions(scene.reading.language.value)
    return any(
        0 <= gap[1] - gap[0] <= 1
        and all(word.folded in words for word in line.words[gap[0] : gap[1]])
        for one in names
        if one is not reference
        for gap in ((one.end, reference.first), (reference.end, one.first))
    )


@cache
def list_conjunctions(language: str) -> frozenset[str]:
    return frozenset(load_lexicon(language, "targets")["together"]["words"])


def _stands_by_name(reference: Reference, spots: list[Reference]) -> bool:
    return any(
        spot.person is not None
        and spot.is_name
        and 0 <= spot.first - reference.end <= APPOSITION_REACH
        for spot in spots
    )
