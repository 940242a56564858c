"""Journalists whom the article does not call journalists beside their name.

Recognised by what they do, by people beside them, or because a headline or lead on "a reporter"
is followed by the name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise

from tracker.articles.codes import Language
from tracker.reader.found import FoundPerson
from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.name_words import load_word_list
from tracker.reader.targets.annotations import ArticleAnnotations, Reference, ReferentKind
from tracker.reader.text import Line

# A speaker who says "I" may be the unnamed "editor" of this many paragraphs before.
UNNAMED_EDITOR_REACH_PARAGRAPHS = 2
# A newsroom writes about itself if "we" is in this many sentences, and in this share of them.
MIN_WE_SENTENCES, MIN_WE_SHARE = 4, 0.25
# The most words between a person and a verb such as "works for", and between the verb and the
# newsroom.
WORK_VERB_REACH = 8
# The most words between a name and the newsroom: "of the local news site".
MAX_STAFF_GAP_WORDS = 4
# The most words after a name before a noun that describes the person: "Aliya Sarova, a young
# reporter".
APPOSITION_REACH = 3
# How many sentences are headline and lead.
LEAD_SENTENCES = 2
# The most words between a name and the words for the person's work: "Aliya, 38, who writes for".
WORK_PHRASE_REACH = 4
# The most words between a noun and the name that it describes: "A contributor to several exile
# media, Aliya Sarova, found".
APPOSITION_REACH_BEFORE = 6
# The endings of "of the newspaper" in Kazakh.
KAZAKH_GENITIVE_ENDINGS = ("нің", "ның", "дің", "дың", "тің", "тың")
# A sentence that begins with a name is the heading of an entry, in a report on several incidents,
# if it has at most this many words after the name.
MAX_HEADING_WORDS = 3
# In an article with this many sentences about the press, somebody first named after this share of
# it, in a sentence with this many words more than the name, is the person mentioned before.
MIN_PRESS_SENTENCES, MIN_LATE_SHARE, MIN_EXTRA_WORDS = 2, 0.4, 2
# Somebody first named late in an article is surely a person if `FoundPerson.score` is at least
# this.
SURE_NAME_SCORE = 0.8
# A line with none of these at its end is a signature: "Nino Beridze, for the newsroom".
LINE_END_MARKS = (".", "!", "?", "…", "”", "»", '"', ")", ":")


def recognise_journalists(annotations: ArticleAnnotations) -> None:
    """Mark people of unknown kind as journalists if a sentence calls them so, or says that they
    work for a newsroom or run a channel; if they are listed with a journalist; or if their name is
    the heading of an entry in a report on several incidents.
    """
    named: set[int] = set()
    for line in annotations.lines:
        _unassign_noun(annotations, line, named)
    _mark_as_journalists(annotations, _apply_rule(annotations, _named_beside_noun))
    _mark_as_journalists(annotations, _apply_rule(annotations, _named_with_work_verb))
    if annotations.article.language is Language.KK:
        _mark_as_journalists(annotations, _apply_rule(annotations, _named_after_newsroom))
    _mark_as_journalists(annotations, _apply_rule(annotations, _named_before_newsroom))
    _mark_as_journalists(annotations, _apply_rule(annotations, _named_as_employed))
    _mark_as_journalists(annotations, _apply_rule(annotations, _listed_with_journalist))
    _mark_as_journalists(annotations, _named_in_entry_headings(annotations))


def mark_journalist_by_activity(
    annotations: ArticleAnnotations,
    person: FoundPerson | None,
    person_named_late: FoundPerson | None,
) -> FoundPerson | None:
    """Mark as a journalist one person whom no noun calls a journalist, and return the person, or
    None. It is the person first named after a headline or lead on an unnamed "reporter"; else
    `person`, the one mentioned most, if shown at a journalist's work; else `person_named_late`, the
    one named late.
    """
    star = annotations.person_named_after_lead = _person_named_after_lead(annotations)
    if star is None and person is not None and has_journalist_work(annotations, person):
        star = person
    if star is None and person_named_late is not None:
        star = annotations.person_named_late = person_named_late
    if star is not None:
        _mark_as_journalists(annotations, [star])
    return star


def journalist_named_late(annotations: ArticleAnnotations) -> FoundPerson | None:
    """Return the person whom an article about the press first names late and without a description,
    or None. Others are introduced with their job, but this person was "she" or "the reporter"
    before.
    """
    signs = sum(_mentions_press(annotations, line) for line in annotations.lines)
    if signs < MIN_PRESS_SENTENCES:
        return None
    named: set[int] = set()
    late = None
    for place, line in enumerate(annotations.lines):
        names = [
            reference for reference in _person_references(annotations, line) if reference.is_name
        ]
        for reference in names:
            is_first = id(reference.person) not in named
            named.add(id(reference.person))
            if (
                is_first
                and reference.kind is ReferentKind.UNKNOWN
                and reference.person is not None
                and reference.person.score >= SURE_NAME_SCORE
                and place >= MIN_LATE_SHARE * len(annotations.lines)
                and not is_listed(annotations, line, reference, names)
                and not _has_title_before(annotations, line, reference)
                and len(line.words) - (reference.end - reference.first) >= MIN_EXTRA_WORDS
                and not line.sentence.text.startswith("(")
                and not _is_possessor(annotations, line, reference)
                and line.sentence.text.rstrip().endswith(LINE_END_MARKS)
            ):
                late = reference.person
    return late


def _mentions_press(annotations: ArticleAnnotations, line: Line) -> bool:
    """Return whether a sentence mentions the press or its work."""
    kinds = {reference.kind for reference in annotations.references_in(line.number)}
    return bool(
        kinds
        & {
            ReferentKind.UNNAMED_JOURNALIST,
            ReferentKind.UNNAMED_NEWSROOM,
            ReferentKind.UNNAMED_SITE,
            ReferentKind.NEWSROOM,
        }
    ) or any(name in ("work", "does") for name, _first, _end in annotations.phrases[line.number])


def _has_title_before(annotations: ArticleAnnotations, line: Line, reference: Reference) -> bool:
    """Return whether a word such as "lawyer", or "by", is directly before a name."""
    if reference.first and line.words[reference.first - 1].folded == "by":
        return True
    if reference.first and line.words[reference.first - 1].folded.endswith(("'s", "’s")):
        # "Labour's Donal Ivers": of a party or a union.
        return True
    return any(
        one.kind is ReferentKind.OTHER and one.end == reference.first
        for one in annotations.references_in(line.number)
    )


def _is_possessor(annotations: ArticleAnnotations, line: Line, reference: Reference) -> bool:
    """Return whether a name is only a possessor: "Malović's commission"."""
    end = annotations.article.text[
        line.words[reference.end - 1].start : line.words[reference.end - 1].end + 2
    ]
    return end.rstrip().endswith(("'s", "’s"))


def _named_in_entry_headings(annotations: ArticleAnnotations) -> list[FoundPerson]:
    """Return the people whose names are headings of entries in a report on several incidents:
    "Rakiya Sule (Kano).".
    """
    lines = [line for line in annotations.lines if "(" in line.sentence.text]
    opening = [
        (line, reference)
        for line in lines
        for reference in _person_references(annotations, line)
        if reference.first == 0
    ]
    heads = [
        reference.person
        for line, reference in opening
        if reference.person is not None
        and reference.is_name
        and len(line.words) - reference.end <= MAX_HEADING_WORDS
        if reference.kind in (ReferentKind.UNKNOWN, ReferentKind.JOURNALIST)
    ]
    return (
        heads
        if len(heads) >= MIN_PRESS_SENTENCES - 1 and len(heads) < len(annotations.lines) / 2
        else []
    )


def _mark_as_journalists(annotations: ArticleAnnotations, people: list[FoundPerson]) -> None:
    """Set the kind of all references to some people to journalist."""
    for references in annotations.references.values():
        references[:] = [
            reference._replace(kind=ReferentKind.JOURNALIST)
            if any(reference.person is person for person in people)
            else reference
            for reference in references
        ]


def _unassign_noun(annotations: ArticleAnnotations, line: Line, named: set[int]) -> None:
    """Make words such as "the journalist" in a sentence refer to nobody known, if the person meant
    is named only later or if another person's name follows. `named`: the `id()` of each person
    named so far; this function adds the people named in the sentence.
    """
    references = annotations.references_in(line.number)
    starts = {
        reference.first: reference
        for reference in references
        if reference.person is not None and reference.is_name
    }
    for place, reference in enumerate(references):
        if reference.person is None or reference.kind is not ReferentKind.JOURNALIST:
            continue
        other = starts.get(reference.end)
        if reference.is_name:
            named.add(id(reference.person))
        elif id(reference.person) not in named or (
            other is not None and other.person is not reference.person
        ):
            references[place] = Reference(
                reference.first, reference.end, ReferentKind.UNNAMED_JOURNALIST
            )


def _apply_rule(
    annotations: ArticleAnnotations, rule: Callable[[ArticleAnnotations, Line], list[Reference]]
) -> list[FoundPerson]:
    """Return the people of unknown kind whom a rule finds. `rule`: a function that returns
    references to people in a sentence; it is called for every sentence.
    """
    return [
        reference.person
        for line in annotations.lines
        for reference in rule(annotations, line)
        if reference.person is not None and reference.kind is ReferentKind.UNKNOWN
    ]


def _person_references(annotations: ArticleAnnotations, line: Line) -> list[Reference]:
    """Return the references to people in a sentence."""
    return [
        reference
        for reference in annotations.references_in(line.number)
        if reference.person is not None
    ]


def _named_beside_noun(annotations: ArticleAnnotations, line: Line) -> list[Reference]:
    """Return the references to people with a noun such as "reporter" before the name or, after a
    comma or dash, behind it.
    """
    ones = [
        reference
        for reference in annotations.references_in(line.number)
        if reference.kind is ReferentKind.UNNAMED_JOURNALIST
    ]
    named = [reference for reference in _person_references(annotations, line) if reference.is_name]
    found = [name for name in named for one in ones if one.end == name.first]
    for name in named:
        before = [one for one in ones if 0 < name.first - one.end <= APPOSITION_REACH_BEFORE]
        between = [one for one in named for two in before if two.end <= one.first < name.first]
        if (
            before
            and not between
            and _gap_between(annotations, line, name.first, name.first).endswith(",")
        ):
            found.append(name)
        after = [one for one in ones if 0 <= one.first - name.end <= APPOSITION_REACH]
        between = [
            reference
            for reference in named
            for one in after
            if name.end <= reference.first < one.first
        ]
        if (
            after
            and not between
            and _gap_between(annotations, line, name.end, after[0].first)[:1] in (",", "—")
        ):
            found.append(name)
    return found


def _gap_between(annotations: ArticleAnnotations, line: Line, first: int, end: int) -> str:
    """Return the text between the end of word `first - 1` and the start of word `end`."""
    return annotations.article.text[line.words[first - 1].end : line.words[end].start].strip()


def _named_with_work_verb(annotations: ArticleAnnotations, line: Line) -> list[Reference]:
    """Return the people of whom a sentence reports that they write for a paper or run a channel."""
    people = _person_references(annotations, line)
    found: list[Reference] = []
    for name, first, end in annotations.phrases[line.number]:
        if name == "does":
            before = [
                reference for reference in people if 0 <= first - reference.end <= WORK_PHRASE_REACH
            ]
            after = [reference for reference in people if 0 <= reference.first - end <= 1]
            found += before[-1:] or after[:1]
    return found


def _named_after_newsroom(annotations: ArticleAnnotations, line: Line) -> list[Reference]:
    """Return the people named after their newsroom and role, as in Kazakh: "«Айна» газетінің
    түсірушісі Мирлан Юсупов".
    """
    rooms = [
        one
        for one in annotations.references_in(line.number)
        if one.kind in (ReferentKind.UNNAMED_NEWSROOM, ReferentKind.NEWSROOM)
    ]
    return [
        name
        for name in _person_references(annotations, line)
        if name.is_name
        and any(
            name.first - room.end == 1
            and "," not in _gap_between(annotations, line, room.end, name.first)
            and line.words[room.end - 1].folded.endswith(KAZAKH_GENITIVE_ENDINGS)
            for room in rooms
        )
    ]


def _listed_with_journalist(annotations: ArticleAnnotations, line: Line) -> list[Reference]:
    """Return the people joined to a journalist by nothing but "and"."""
    people = _person_references(annotations, line)
    words = list_conjunctions(annotations.article.language.value)
    found: list[Reference] = []
    for one, two in pairwise(people):
        gap = [word.folded for word in line.words[one.end : two.first]]
        if len(gap) == 1 and gap[0] in words and one.is_name and two.is_name:
            found += [two] if one.kind is ReferentKind.JOURNALIST else []
            found += [one] if two.kind is ReferentKind.JOURNALIST else []
    return found


def has_journalist_work(annotations: ArticleAnnotations, person: FoundPerson) -> bool:
    """Return whether a sentence shows a person at a journalist's work, and no sentence shows the
    person in a public office. A sentence that names nobody counts too if its paragraph mentions the
    person.
    """
    if any(_has_public_office(annotations, line, person) for line in annotations.lines):
        return False
    return any(
        reference.person is person and _is_doing_journalism(annotations, line, reference)
        for line in annotations.lines
        for reference in annotations.references_in(line.number)
    ) or any(_has_journalist_trade(annotations, line, person) for line in annotations.lines)


def _has_public_office(annotations: ArticleAnnotations, line: Line, person: FoundPerson) -> bool:
    """Return whether a sentence says that a person does what only politicians and officials do."""
    before = [first for name, first, _end in annotations.phrases[line.number] if name == "public"]
    here = [
        reference
        for reference in annotations.references_in(line.number)
        if reference.person is not None
    ]
    return any(
        max(
            (reference for reference in here if reference.first < first),
            default=None,
            key=lambda one: one.first,
        )
        == reference
        for first in before
        for reference in here
        if reference.person is person
    )


def _has_journalist_trade(annotations: ArticleAnnotations, line: Line, person: FoundPerson) -> bool:
    """Return whether a sentence says that a person has or does what only journalists have or do."""
    if not any(name == "trade" for name, _first, _end in annotations.phrases[line.number]):
        return False
    around = [one for one in annotations.lines if one.paragraph == line.paragraph]
    here = [
        reference
        for reference in annotations.references_in(line.number)
        if reference.person is not None
    ]
    if any(reference.person is person for reference in here):
        return all(
            reference.person is person or reference.kind is not ReferentKind.JOURNALIST
            for reference in here
        )
    near = [
        reference
        for one in around
        for reference in annotations.references_in(one.number)
        if reference.person is not None
    ]
    return not here and any(reference.person is person for reference in near)


def _is_doing_journalism(annotations: ArticleAnnotations, line: Line, reference: Reference) -> bool:
    """Return whether a sentence has "her column", or reports what a person published."""
    phrases = annotations.phrases[line.number]
    if reference.is_name and any(
        name == "noun" and (reference.end == first or end == reference.first)
        for name, first, end in phrases
    ):
        return True
    people = [one for one in annotations.references_in(line.number) if one.person is not None]
    others = [one for one in people if one.person is not reference.person]
    return any(
        name == "work" and first >= reference.first for name, first, _end in phrases
    ) and not any(reference.first < one.first for one in others)


def _named_before_newsroom(annotations: ArticleAnnotations, line: Line) -> list[Reference]:
    """Return the people named with their newsroom: "Aliya Sarova of the weekly"."""
    between = _words_for_of(annotations.article.language.value)
    if not between:
        return []
    references = annotations.references_in(line.number)
    rooms = [
        one
        for one in references
        if one.kind in (ReferentKind.UNNAMED_NEWSROOM, ReferentKind.NEWSROOM)
    ]
    return [
        name
        for name in references
        if name.is_name
        and name.person is not None
        and any(
            0 < room.first - name.end <= MAX_STAFF_GAP_WORDS
            and line.words[name.end].folded in between
            and not any(word.is_capital for word in line.words[name.end : room.first])
            for room in rooms
        )
    ]


def _named_as_employed(annotations: ArticleAnnotations, line: Line) -> list[Reference]:
    """Return the references to people who, as a sentence says, work for a newsroom. The sentence
    has a verb such as "works for" near the newsroom, and the person is the last one before the
    verb.
    """
    references = annotations.references_in(line.number)
    rooms = [
        one
        for one in references
        if one.kind in (ReferentKind.UNNAMED_NEWSROOM, ReferentKind.NEWSROOM)
    ]
    people = [one for one in references if one.person is not None]
    if not rooms or not people:
        return []
    found: list[Reference] = []
    for _label, first, end in _work_phrases(annotations.article.language.value).find(line.words):
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
    """Return the verbs of a language for working at a newsroom."""
    words = load_lexicon(language, "targets")["press"].get("works", ())
    return Phrases((phrase, None) for phrase in words)


@cache
def _words_for_of(language: str) -> frozenset[str]:
    """Return the words of a language for "of" between a person and a newsroom."""
    return frozenset(load_lexicon(language, "targets")["press"].get("of", ()))


def first_person_speaker(annotations: ArticleAnnotations) -> FoundPerson | None:
    """Return the only person of unknown kind who speaks and either was harmed or says "I" soon
    after an unnamed "editor" is mentioned; None if there is nobody or several people are.
    """
    found: dict[int, FoundPerson] = {}
    last = None
    mine = load_word_list(annotations.article.language, "i")
    for line in annotations.lines:
        references = annotations.references_in(line.number)
        says_i = any(
            word.folded in mine and annotations.article.is_quoted(word.start) for word in line.words
        )
        is_victim = any(name == "befell" for name, _first, _end in annotations.phrases[line.number])
        for reference in references:
            if (
                (
                    is_victim
                    or (
                        says_i
                        and last is not None
                        and line.paragraph - last <= UNNAMED_EDITOR_REACH_PARAGRAPHS
                    )
                )
                and reference.person is not None
                and reference.kind is ReferentKind.UNKNOWN
                and reference.is_name
                and annotations.is_speaker(line.number, reference)
            ):
                found.setdefault(id(reference.person), reference.person)
        if any(reference.kind is ReferentKind.UNNAMED_JOURNALIST for reference in references):
            last = line.paragraph
    return next(iter(found.values())) if len(found) == 1 else None


def newsroom_writes_as_we(annotations: ArticleAnnotations) -> bool:
    """Return whether a newsroom reports in the first person plural: "we", "us", "our"."""
    ours = load_word_list(annotations.article.language, "we")
    count = sum(
        any(
            word.folded in ours and not annotations.article.is_quoted(word.start)
            for word in line.words
        )
        for line in annotations.lines
    )
    return count >= MIN_WE_SENTENCES and count >= MIN_WE_SHARE * len(annotations.lines)


def _person_named_after_lead(annotations: ArticleAnnotations) -> FoundPerson | None:
    """Return the first person named in an article, if its headline or lead mentions an unnamed
    "reporter"; None if a journalist is named first.
    """
    led = False
    for place, line in enumerate(annotations.lines):
        references = annotations.references_in(line.number)
        if place < LEAD_SENTENCES:
            led = led or any(
                reference.kind is ReferentKind.UNNAMED_JOURNALIST
                and not _is_beside_name(reference, references)
                for reference in references
            )
        if place == LEAD_SENTENCES and not led:
            return None
        is_ally = annotations.is_about_supporter(line.number)
        for reference in references:
            if reference.kind is ReferentKind.JOURNALIST:
                return None
            if reference.kind is ReferentKind.UNKNOWN and reference.is_name and led and not is_ally:
                names = [one for one in references if one.person is not None and one.is_name]
                return None if is_listed(annotations, line, reference, names) else reference.person
    return None


def has_unnamed_lead(annotations: ArticleAnnotations) -> bool:
    """Return whether headline or lead mention "a reporter" without a name."""
    return any(
        reference.kind is ReferentKind.UNNAMED_JOURNALIST
        and not _is_beside_name(reference, annotations.references_in(line.number))
        for line in annotations.lines[: LEAD_SENTENCES + 1]
        for reference in annotations.references_in(line.number)
    )


def is_listed(
    annotations: ArticleAnnotations, line: Line, reference: Reference, names: list[Reference]
) -> bool:
    """Return whether a word such as "and" joins a name to another one of `names`. `reference`: the
    name; `names`: all names of people in the sentence.
    """
    words = list_conjunctions(annotations.article.language.value)
    return any(
        0 <= gap[1] - gap[0] <= 1
        and all(word.folded in words for word in line.words[gap[0] : gap[1]])
        for one in names
        if one is not reference
        for gap in ((one.end, reference.first), (reference.end, one.first))
    )


@cache
def list_conjunctions(language: str) -> frozenset[str]:
    """Return the words of a language that join the last names of a list."""
    return frozenset(load_lexicon(language, "targets")["together"]["words"])


def _is_beside_name(reference: Reference, references: list[Reference]) -> bool:
    """Return whether a person's name follows a reference directly or after a few words.
    `references`: all references in the same sentence.
    """
    return any(
        other.person is not None
        and other.is_name
        and 0 <= other.first - reference.end <= APPOSITION_REACH
        for other in references
    )
