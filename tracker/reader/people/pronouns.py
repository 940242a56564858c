"""The people whom pronouns and nouns refer to: "she", "the journalist", "редактор"."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from tracker.articles.codes import Language
from tracker.reader.found import PersonRole
from tracker.reader.name_words import FEMALE, KAZAKH_CASE_ENDING_PATTERN, MALE, load_word_list
from tracker.reader.people import authorship
from tracker.reader.people.references import PersonMentions
from tracker.reader.people.roles import RoleNoun, introduces_another_person, is_apposition
from tracker.reader.text import ArticleText, Line, Word, text_after

# Roles by which an article refers to people without their names: "the lawyer".
ROLES_WITHOUT_NAME = frozenset({PersonRole.JOURNALIST, PersonRole.LAWYER, PersonRole.OFFICIAL})
# Roles that a person has for somebody else: "his lawyer".
RELATIONAL_ROLES = frozenset({PersonRole.RELATIVE, PersonRole.LAWYER})
# The most words from "his" to "lawyer".
MAX_POSSESSIVE_GAP_WORDS = 2
# How many first lines may be the headline.
HEADLINE_LINES = 2
# A pronoun ("she") refers to somebody mentioned in its own sentence or in this many sentences
# before.
PRONOUN_REACH_SENTENCES = 3
# A noun ("minister") can mean a person if this many of its first letters are in the words for the
# person's job.
SHARED_STEM_LETTERS = 5


@dataclass(frozen=True)
class ArticleFindings:
    """What has been found in an article so far: its people, the role nouns of each line
    (`role_nouns`), its outlets and its author.
    """

    article: ArticleText
    people: Sequence[PersonMentions]
    role_nouns: Sequence[Sequence[RoleNoun]]
    # Nouns next to a name, as positions of line and first word.
    used_nouns: Collection[tuple[int, int]]
    # The words of each line, by its number, that name outlets.
    outlets: Mapping[int, Collection[int]]
    # The author, if the article is in the first person.
    author: PersonMentions | None


@dataclass
class RecentMentions:
    """The people mentioned before a sentence. `people_by_sentence`: the people of each of the last
    few sentences, the latest sentence first; `awaiting_name`: nouns such as "a reporter" for
    somebody whom a next sentence may name, each with the index of its line.
    """

    people_by_sentence: list[list[PersonMentions]] = field(default_factory=list)
    awaiting_name: list[tuple[int, UnresolvedReference]] = field(default_factory=list)


def resolve_references(findings: ArticleFindings) -> None:
    """Add to each person the passages that refer to the person without a name ("she"), and the
    roles that these passages show. Add the role of journalist to people who do a journalist's work
    in the article, and to a person named soon after an unnamed "reporter".
    """
    by_line: dict[int, list[authorship.PersonReference]] = {}
    for one in findings.people:
        for span in one.spans:
            meant = authorship.PersonReference(
                span.start_offset, span.end_offset, one, is_name=True
            )
            by_line.setdefault(span.line.number, []).append(meant)
    mentions = RecentMentions()
    for number, line in enumerate(findings.article.lines):
        here = _find_references_in_line(findings, number, by_line.get(line.number, []), mentions)
        for meant in here:
            if not meant.is_name:
                meant.person.unnamed_passages.append(
                    findings.article.get_passage(meant.start, meant.end)
                )
        outlets = findings.outlets.get(line.number, ())
        for person, start, end in authorship.find_journalists_by_work(
            line, here, findings.article, findings.author, outlets
        ):
            person.roles.setdefault(PersonRole.JOURNALIST, findings.article.get_passage(start, end))
        _assign_role_to_pronoun(line, here, findings.role_nouns[number], findings.article)
        _name_introduced_journalist(mentions, number, here, findings.article)
        mentions.people_by_sentence.insert(0, [meant.person for meant in here])
        del mentions.people_by_sentence[PRONOUN_REACH_SENTENCES:]


def _find_references_in_line(
    findings: ArticleFindings,
    position: int,
    name_references: Sequence[authorship.PersonReference],
    recent_mentions: RecentMentions,
) -> list[authorship.PersonReference]:
    """Return every reference to a person in the line at index `position`, in order.
    `name_references`: the references by name; `recent_mentions`: the people of earlier sentences,
    to which a noun such as "a reporter" without a known person is added.
    """
    article, line = findings.article, findings.article.lines[position]
    here = list(name_references)
    for reference in find_unresolved_references(
        article, position, findings.role_nouns[position], findings.used_nouns
    ):
        one = _find_referent(
            here, recent_mentions.people_by_sentence, reference, findings.people, article.language
        )
        if one is not None:
            here.append(
                authorship.PersonReference(reference.start, reference.end, one, is_name=False)
            )
            if reference.role_noun is not None:
                passage = article.get_passage(reference.start, reference.end)
                one.roles.setdefault(reference.role_noun.person_role, passage)
        elif not here and _introduces_journalist(reference, article.language):
            recent_mentions.awaiting_name.append((position, reference))
    if findings.author is not None:
        here += [
            authorship.PersonReference(word.start, word.end, findings.author, is_name=False)
            for word in authorship.first_person_words(line, article)
        ]
    return sorted(here, key=lambda meant: meant.start)


def _introduces_journalist(reference: UnresolvedReference, language: Language) -> bool:
    """Return whether a noun introduces a journalist whom the next sentences may name."""
    role = reference.role_noun
    if role is None or role.person_role is not PersonRole.JOURNALIST:
        return False
    return not (role.is_possessor and language is Language.KK)


def _assign_role_to_pronoun(
    line: Line,
    mentions: Sequence[authorship.PersonReference],
    roles: Sequence[RoleNoun],
    article: ArticleText,
) -> None:
    """Add roles to people by sentences such as "She is a reporter". `mentions`: the references to
    people in the line; `roles`: the role nouns in the line.
    """
    ends = {word.end: place + 1 for place, word in enumerate(line.words)}
    for meant in mentions:
        place, parts = ends.get(meant.end), meant.person.roles
        if meant.is_name or place is None or authorship.ROLES_NOT_AUTHORS & parts.keys():
            continue
        role = next((role for role in roles if role.first >= place), None)
        if role is None or role.person_role in parts or role.person_role not in ROLES_WITHOUT_NAME:
            continue
        if is_apposition(line, place, role, article.language):
            start, end = line.words[role.first].start, line.words[role.end - 1].end
            parts[role.person_role] = article.get_passage(start, end)


def _name_introduced_journalist(
    recent_mentions: RecentMentions,
    position: int,
    mentions: Sequence[authorship.PersonReference],
    article: ArticleText,
) -> None:
    """Add the role of journalist to a person named soon after an unnamed "reporter": "A reporter
    was fined. Ivan Ivanov …". `position`: the index of the line with the name; `mentions`: the
    references to people in this line.
    """
    named = [meant for meant in mentions if meant.is_name]
    recent_mentions.awaiting_name = [
        one for one in recent_mentions.awaiting_name if position - one[0] < PRONOUN_REACH_SENTENCES
    ]
    if (
        not named
        or not recent_mentions.awaiting_name
        or recent_mentions.awaiting_name[-1][0] == position
    ):
        return
    person, reference = named[0].person, recent_mentions.awaiting_name[-1][1]
    first = person.spans[0] if person.spans else None
    is_new = first is not None and first.start_offset == named[0].start and len(first.forms) > 1
    if (
        is_new
        and not person.roles
        and reference.role_noun is not None
        and _can_have_gender(person, reference.gender)
    ):
        person.roles[reference.role_noun.person_role] = article.get_passage(
            reference.start, reference.end
        )
    recent_mentions.awaiting_name = []


def _find_referent(
    mentions: Sequence[authorship.PersonReference],
    recent_people: Sequence[Sequence[PersonMentions]],
    reference: UnresolvedReference,
    people: Sequence[PersonMentions],
    language: Language,
) -> PersonMentions | None:
    """Return the nearest person whom a pronoun or noun (`reference`) can mean, or None."""
    earlier = sorted(
        (one for one in mentions if one.start < reference.start), key=lambda one: one.start
    )
    order = [*(meant.person for meant in earlier), *(one for line in recent_people for one in line)]
    fitting = [one for one in order if _can_have_gender(one, reference.gender)]
    if reference.role_noun is None:
        if reference.has_possessive:
            fitting.sort(key=lambda one: PersonRole.JOURNALIST not in one.roles)
        sure = [one for one in fitting if reference.gender in {"", one.gender}]
        return next(iter(sure or fitting), None)
    if not reference.is_definite:
        return None
    having = [one for one in fitting if reference.role_noun.person_role in one.roles]
    if reference.role_noun.person_role is PersonRole.JOURNALIST:
        same = [
            one
            for one in people
            if _press_roles(one, language) & _role_words(reference.main_word, language)
        ]
        if len(same) == 1:
            return same[0]
        having = [one for one in having if _has_press_role(one, reference.main_word, language)]
        return (
            having[0]
            if having
            else _find_only_journalist(fitting, reference, reference.role_noun, people)
        )
    named = [one for one in having if _is_office_of(one, reference.main_word)]
    return next(
        iter(named or (having if reference.role_noun.person_role is PersonRole.LAWYER else [])),
        None,
    )


def _find_only_journalist(
    fitting: Sequence[PersonMentions],
    reference: UnresolvedReference,
    role: RoleNoun,
    people: Sequence[PersonMentions],
) -> PersonMentions | None:
    """Return the one journalist of `people` whom a noun such as "the journalist" can mean, None if
    it can mean several. If it can mean no journalist, return the one person without a role in
    `fitting`, the people mentioned shortly before, or None.
    """
    everybody = [
        one
        for one in people
        if PersonRole.JOURNALIST in one.roles
        and _can_have_gender(one, reference.gender)
        and (
            not one.spans or one.spans[0].start_offset < reference.start or reference.is_in_headline
        )
    ]
    if everybody:
        return everybody[0] if len(everybody) == 1 else None
    is_spoken_of = role.is_in_nominative is not False and not KAZAKH_CASE_ENDING_PATTERN.search(
        reference.main_word
    )
    free = [one for one in fitting if not one.roles]
    if not free or not (is_spoken_of or reference.is_own_staff):
        return None
    return free[0] if all(one is free[0] for one in free) else None


def _can_have_gender(person_mentions: PersonMentions, gender: str) -> bool:
    """Return whether a person's gender is as given, or one of the two is unknown."""
    return not (gender and person_mentions.gender and person_mentions.gender != gender)


def _has_press_role(person_mentions: PersonMentions, noun: str, language: Language) -> bool:
    """Return whether `noun` ("the editor") can mean a person, by the words that the article uses
    for the person's job in the press. It can if there are no such words.
    """
    mine, said = _press_roles(person_mentions, language), _role_words(noun, language)
    return not mine or not said or bool(mine & said)


def _press_roles(person_mentions: PersonMentions, language: Language) -> set[str]:
    """Return the words for jobs in the press ("editor", "cameraman") that the article uses for a
    person.
    """
    return {craft for office in person_mentions.offices for craft in _role_words(office, language)}


def _role_words(text: str, language: Language) -> set[str]:
    """Return the words for jobs in the press ("editor") that a text contains."""
    folded = text.casefold()
    return {craft for craft in load_word_list(language, "crafts") if craft in folded}


def _is_office_of(person_mentions: PersonMentions, noun: str) -> bool:
    """Return whether the article uses a noun such as "minister" for a person's job."""
    return any(
        noun[:SHARED_STEM_LETTERS] in office.casefold() for office in person_mentions.offices
    )


@dataclass(frozen=True)
class UnresolvedReference:
    """A pronoun, or a noun for a role, that may refer to a person: the text from offset `start` to
    offset `end`. `gender`: "" if unknown; `role_noun`: the noun, None for a pronoun; `main_word`:
    the last word of the noun in lower case.
    """

    start: int
    end: int
    gender: str
    role_noun: RoleNoun | None = None
    main_word: str = ""
    # It is in the headline, where nobody has been named before.
    is_in_headline: bool = False
    # "The journalist", not "a journalist".
    is_definite: bool = True
    # "Our correspondent": the newsroom's own, whatever the case of the noun.
    is_own_staff: bool = False
    # "His lawyer", "её мать": mostly the journalist's.
    has_possessive: bool = False


@cache
def _load_pronouns(language: Language) -> dict[str, str]:
    """Return the gender of each personal pronoun of a language: `MALE`, `FEMALE`, or "" if it may
    mean men and women ("they").
    """
    found = dict.fromkeys(load_word_list(language, "she"), FEMALE)
    found |= dict.fromkeys(load_word_list(language, "he"), MALE)
    return found | dict.fromkeys(load_word_list(language, "they"), "")


def find_unresolved_references(
    article: ArticleText,
    position: int,
    roles: Sequence[RoleNoun],
    used_nouns: Collection[tuple[int, int]],
) -> Iterator[UnresolvedReference]:
    """Yield the pronouns of the line at index `position`, and the nouns for roles that no name is
    next to. `roles`: the role nouns of the line; `used_nouns`: the nouns next to a name, each as
    the index of its line and the position of its first word.
    """
    line, language = article.lines[position], article.language
    pronouns = _load_pronouns(language)
    by_first = {role.first: role for role in roles}
    for place, word in enumerate(line.words):
        role = by_first.get(place)
        if (word.folded not in pronouns and role is None) or article.is_quoted(word.start):
            continue
        if word.folded in pronouns and not _refers_to_thing(line.words, place, language):
            has_possessive = any(
                place < one.first <= place + MAX_POSSESSIVE_GAP_WORDS
                and one.person_role in RELATIONAL_ROLES
                for one in roles
            )
            yield UnresolvedReference(
                word.start, word.end, pronouns[word.folded], has_possessive=has_possessive
            )
        if role is None or role.is_plural or role.person_role not in ROLES_WITHOUT_NAME:
            continue
        if (position, place) not in used_nouns:
            yield _build_noun_reference(
                line, role, language, is_in_headline=position < HEADLINE_LINES
            )


def _build_noun_reference(
    line: Line, role: RoleNoun, language: Language, *, is_in_headline: bool
) -> UnresolvedReference:
    """Return a role noun of a line as a reference; `is_in_headline`: whether the line is the
    headline.
    """
    last = line.words[role.end - 1]
    is_definite = _is_definite(line.words, role, language)
    # "Редактор «Маяка»" is a description, and no reference to a person mentioned before.
    is_other = (
        language is Language.RU and text_after(line, last.end).startswith((" «", ' "'))
    ) or introduces_another_person(line, role.first, role.end, language)
    return UnresolvedReference(
        line.words[role.first].start,
        last.end,
        FEMALE if role.is_feminine else "",
        role,
        last.folded,
        is_in_headline=is_in_headline,
        is_definite=(is_definite or language is not Language.EN) and not is_other,
        is_own_staff=is_definite and language is not Language.EN,
    )


def _refers_to_thing(words: Sequence[Word], position: int, language: Language) -> bool:
    """Return whether the Kazakh pronoun at word `position` refers to a thing: "ол күні" ("that
    day").
    """
    if language is not Language.KK or position + 1 == len(words):
        return False
    return words[position + 1].folded.startswith(tuple(load_word_list(language, "not_they")))


def _is_definite(words: Sequence[Word], role: RoleNoun, language: Language) -> bool:
    """Return whether a noun refers to a known person: "the journalist", "наш редактор"."""
    known = load_word_list(language, "known")
    before = [word.folded for word in words[max(0, role.first - 2) : role.first]]
    return bool(before) and (before[-1] in known or before[0] in known)
