"""The people named in an article, with their mentions and roles.

Roles come from the nouns next to a name or in its predicate, each with the words of the office:
"министр культуры", "Vlast photographer".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from tracker.articles.codes import Language
from tracker.reader.found import FoundPerson, Mention, PersonRole
from tracker.reader.lexicon import load_lexicon
from tracker.reader.name_words import FEMALE, MALE
from tracker.reader.outlets import find_outlet_mentions
from tracker.reader.people import authorship, nominative, references
from tracker.reader.people.naming import NameSpan, find_name_spans
from tracker.reader.people.pronouns import ArticleFindings, resolve_references
from tracker.reader.people.roles import (
    RoleNoun,
    can_belong_to_office,
    find_role_nouns,
    is_apposition,
    is_linked_to_name,
    is_set_off_by_commas,
)
from tracker.reader.text import NAME_LIST_JOIN_PATTERNS, ArticleText, Line, fold_word, text_between

# The most words between a role noun and the name after it.
MAX_NOUN_NAME_GAP_WORDS = 10
# The text between two role nouns of one person: "blogger and activist".
NOUN_JOIN_PATTERN = re.compile(
    r"^\s*(?:,|and|и|әрі|және|мен|-|/|, а также|а также|, and|and an?|, бывший|, бывшая|& )\s*$"
)
# The text between a plural noun and the names of some of those people: "journalists, including".
LIST_INTRODUCTION_PATTERNS = {
    Language.EN: re.compile(
        r"(?:including|such as|among them|namely|like|:|—|–)\W*(?:\w+\W+){0,2}$"
    ),
    Language.RU: re.compile(r"(?:в том числе|включая|среди них|как|:|—|–|а именно)\W*$"),
    Language.KK: re.compile(r"(?:соның ішінде|оның ішінде|атап айтқанда|сияқты|:|—|–)\W*$"),
}
# Opening and closing quotation marks.
QUOTE_PAIRS = (("“", "”"), ("«", "»"))
# Roles that a person has for somebody else, who is called the owner here: in "the lawyer for A, B,
# said", the lawyer is B and the owner is A.
RELATIONAL_ROLES = frozenset({PersonRole.RELATIVE, PersonRole.LAWYER})
# An office is the words for a person's job: a noun and what belongs to it ("editor of Vlast"). It
# has at most this many words on each side of the noun.
MAX_OFFICE_SIDE_WORDS = 8
# A punctuation mark or line break that ends the words for a person's job.
OFFICE_END_PATTERN = re.compile(r"[,.;:!?()—–\n]|\s-\s")
# Endings of Kazakh words that may be before the noun for a job and belong to it: "Алматы облысы
# полиция департаментінің", but not "Алматыда".
KAZAKH_OWNER_PATTERN = re.compile(
    r"(?:[нтд][ыі]ң|(?:ыс|қас|дан|лан|рат|лес|омит|гент|изм|істер|ішкі)[ыі]?|полиция|ақпарат)$"
)
# Endings of Kazakh cases other than the genitive.
KAZAKH_CASE_PATTERN = re.compile(r"(?:[дт][ае]н?|[нмбп]ен|[ғқ]а|[гк]е)$")
# Words for "and" within the words for a person's job.
AND_WORDS = frozenset({"and", "және", "мен", "пен", "бен"})
# Words that may have a capital because they open a sentence. They are never part of the words for a
# person's job.
SENTENCE_OPENERS = frozenset(
    {"the", "a", "an", "in", "on", "his", "her", "their", "our", "кеше", "бүгін", "биыл", "былтыр"}
    | {"ал", "бірақ", "кейін", "but", "for", "as", "last", "this"}
)
# English weekdays and months, which are never part of the words for a person's job.
DATE_WORD_PATTERN = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june|july|august"
    r"|(?:septem|octo|novem|decem)ber"
)
# The opening mark of a closing quotation mark.
OPENING_QUOTE_OF = {"»": "«", "”": "“", '"': '"'}
# The closing mark of an opening quotation mark.
CLOSING_QUOTE_OF = {"«": "»", "“": "”"}
# A name of this many words is full: given name and surname. More words make it no fuller.
FULL_NAME_WORDS = 2
# Roles of those who often act against others, or speak for them.
ROLES_ACTING_ON_OTHERS = frozenset({PersonRole.OFFICIAL, PersonRole.LAWYER})


def find_people(article: ArticleText) -> list[FoundPerson]:
    """Return the people that an article names, in order, with their mentions and roles."""
    if not load_lexicon(article.language.value, "people"):
        return []
    outlets = find_outlet_mentions(article)
    words: dict[int, set[int]] = {}
    for one in outlets:
        words.setdefault(one.line.number, set()).update(range(one.first, one.end))
    roles = [
        find_role_nouns(line, article.language, words.get(line.number, ()))
        for line in article.lines
    ]
    people = references.group_name_spans(find_name_spans(article, roles, outlets))
    used_nouns = _assign_roles(article, people, roles)
    authorship.mark_staff_of_outlets(article, people, words)
    authorship.mark_authors(article, people)
    author = authorship.find_first_person_author(article, people)
    resolve_references(ArticleFindings(article, people, roles, used_nouns, words, author))
    return [_build_person(one, article) for one in people]


def _assign_roles(
    article: ArticleText,
    people: Sequence[references.PersonMentions],
    roles: Sequence[Sequence[RoleNoun]],
) -> set[tuple[int, int]]:
    """Add to people the roles that nouns beside their names show. `roles`: the role nouns of each
    line. Return the nouns that were used, each as the index of its line and the position of its
    first word.
    """
    by_line: dict[int, list[NameSpan]] = {}
    owner: dict[int, references.PersonMentions] = {}
    for one in people:
        for span in one.spans:
            by_line.setdefault(span.line.number, []).append(span)
            owner[id(span)] = one
    used_nouns: set[tuple[int, int]] = set()
    for number, line in enumerate(article.lines):
        spans = sorted(by_line.get(line.number, []), key=lambda span: span.first)
        for said in assign_roles_in_sentence(line, spans, roles[number], article.language):
            one = owner[id(said.span)]
            if said.person_role is PersonRole.RELATIVE and _is_surname_alone(said.span, one):
                continue
            passage = article.get_passage(said.start, said.end)
            one.roles.setdefault(said.person_role, passage)
            one.offices.append(passage.text)
            if not said.role_noun.is_plural:
                one.noun_cases[said.span.start_offset] = said.role_noun.cases
            used_nouns.add((number, said.role_noun.first))
    return used_nouns


def _is_surname_alone(span: NameSpan, person_mentions: references.PersonMentions) -> bool:
    """Return whether words are only the surname of a person who elsewhere has a longer name. After
    a noun for a relative, such words say whose relative is meant: "Муж Ким" is the husband of
    somebody called Ким.
    """
    words = person_mentions.longest_span.forms
    if len(span.forms) > 1 or len(words) == 1:
        return False
    return not references.is_same_name_word(
        span.forms[0], words[0]
    ) and references.is_same_name_word(span.forms[0], words[-1])


def _build_person(person_mentions: references.PersonMentions, article: ArticleText) -> FoundPerson:
    """Return a person with all mentions and roles. The person's name is the best one in the article
    (`_name_preference_key`), in the nominative if it can be formed.
    """
    best = max(
        person_mentions.spans,
        key=lambda span: _name_preference_key(span, article.language),
        default=None,
    )
    mentions = [
        Mention(article.get_passage(span.start_offset, span.end_offset))
        for span in person_mentions.spans
    ]
    mentions += [Mention(passage, is_name=False) for passage in person_mentions.unnamed_passages]
    # A form of the article in the nominative if it has one, else one derived from another case.
    known = {fold_word(word.text) for span in person_mentions.spans for word in span.forms}
    name = ""
    if best:
        cases = person_mentions.noun_cases.get(best.start_offset, "")
        name = nominative.to_nominative(best.forms, article.language, known, cases) or best.text
    return FoundPerson(
        name=person_mentions.signature or name,
        mentions=sorted(mentions, key=lambda mention: mention.passage.start),
        roles=person_mentions.roles,
        office=max(person_mentions.offices, key=len, default=""),
        score=min(1.0, max((span.score for span in person_mentions.spans), default=1.0)),
    )


def _name_preference_key(span: NameSpan, language: Language) -> tuple[int, bool, bool, int, int]:
    """Return a sort key by which the best name of a person has the greatest key: a full name, in
    the nominative, not all in capitals, long (in Kazakh short) and early in the article.
    """
    words = [one for one in span.forms if not one.is_initial]
    bare = nominative.is_nominative(span.forms) is not False if language is Language.RU else True
    # A Kazakh ending always makes a name longer.
    length = -len(span.text) if language is Language.KK else len(words)
    fullness = 2 * min(len(words), FULL_NAME_WORDS) - (
        len(words) == FULL_NAME_WORDS and references.is_name_with_patronymic(span)
    )
    return fullness, bare, not span.text.isupper(), length, -span.start_offset


class AssignedRole(NamedTuple):
    """The role `person_role` of the person named at `span`, shown by the noun `role_noun`. `start`,
    `end`: the offsets of the words for the person's job, such as "editor of Vlast".
    """

    span: NameSpan
    person_role: PersonRole
    start: int
    end: int
    role_noun: RoleNoun


@dataclass(frozen=True)
class NameSentence:
    """A sentence (`line`) with its names of people (`spans`) and its nouns for roles
    (`role_nouns`), both in the order of the text.
    """

    line: Line
    spans: Sequence[NameSpan]
    role_nouns: Sequence[RoleNoun]
    language: Language

    def text_between(self, first: int, end: int) -> str:
        """Return the text from the end of word `first - 1` to the start of word `end`."""
        return text_between(self.line, first, end)

    def can_be_one_person(self, noun_end: int, name_first: int) -> bool:
        """Return whether a noun and a name after it can mean one person, by the text between them.
        `noun_end`: the position of the word after the noun; `name_first`: the position of the
        name's first word.
        """
        return is_linked_to_name(self.line, noun_end, name_first, self.language)

    def assign_role(self, span: NameSpan, role: RoleNoun) -> AssignedRole:
        """Return the role that a noun gives to a name, with the offsets of the words for it."""
        ends = [one.end for one in self.spans] + [one.end for one in self.role_nouns]
        left = max((end for end in ends if end <= role.first), default=0)
        right = min(
            (one.first for one in self.spans if one.first >= role.end), default=len(self.line.words)
        )
        start, end = find_office_span(
            self.line, (role.first, role.end), (left, right), self.language
        )
        return AssignedRole(span, role.person_role, start, end, role)


def assign_roles_in_sentence(
    line: Line, spans: Sequence[NameSpan], roles: Sequence[RoleNoun], language: Language
) -> list[AssignedRole]:
    """Return the roles that nouns of a line (`roles`) give to names of the line (`spans`, in
    order).
    """
    sentence = NameSentence(line, spans, roles, language)
    found = [
        sentence.assign_role(span, role)
        for place, span in enumerate(spans)
        for role in _role_nouns_before(sentence, span, spans[:place])
        if not _says_whose_relative(sentence, role, spans[place : place + 2])
    ]
    used_nouns = {said.role_noun for said in found}
    for place, span in enumerate(spans):
        next_name_first = spans[place + 1].first if place + 1 < len(spans) else len(line.words)
        found += [
            sentence.assign_role(span, role)
            for role in _role_nouns_after(sentence, span, next_name_first, used_nouns)
        ]
    return [*found, *_assign_plural_roles(sentence, found)]


def _role_nouns_before(
    sentence: NameSentence, span: NameSpan, earlier: Sequence[NameSpan]
) -> Iterator[RoleNoun]:
    """Yield the nouns before a name that say what the named person is, the nearest first.
    `earlier`: the other names before this name in the sentence.
    """
    left = earlier[-1].end if earlier else 0
    candidates = [
        role for role in sentence.role_nouns if left <= role.first and role.end <= span.first
    ]
    chosen: RoleNoun | None = None
    for role in reversed(candidates):
        is_near = span.first - role.end <= MAX_NOUN_NAME_GAP_WORDS
        if _ends_quotation(sentence.text_between(role.end, span.first)):
            # "We will find another commentator," Ivanov said.
            break
        if role.is_possessor or not is_near or not sentence.can_be_one_person(role.end, span.first):
            break
        if can_describe_name(role, span, sentence.language):
            chosen = role
            break
    if chosen is None:
        if earlier and sentence.language is not Language.KK:
            yield from _roles_before_other_name(sentence, span, earlier[-1])
        return
    yield chosen
    for one, following in pairwise(reversed(candidates[: candidates.index(chosen) + 1])):
        if not _are_one_person(sentence, following, one):
            return
        yield following


def _says_whose_relative(
    sentence: NameSentence, role: RoleNoun, next_names: Sequence[NameSpan]
) -> bool:
    """Return whether the name after a noun for a relative says whose relative is meant, and the
    next name is the relative's own: "муж Динары, Алибек Ким,". `next_names`: the one or two names
    after the noun.
    """
    if (
        sentence.language is not Language.RU
        or role.person_role is not PersonRole.RELATIVE
        or len(next_names) == 1
    ):
        return False
    owner, named = next_names
    return (
        role.end == owner.first
        and sentence.text_between(owner.end, named.first).strip() == ","
        and not nominative.is_nominative(owner.forms)
        and nominative.is_nominative(named.forms) is not False
        and is_set_off_by_commas(sentence.line, named.first)
    )


def _ends_quotation(text: str) -> bool:
    """Return whether a quotation ends in a text without beginning there."""
    return any(text.count(close) > text.count(start) for start, close in QUOTE_PAIRS)


def _are_one_person(sentence: NameSentence, role_noun: RoleNoun, following: RoleNoun) -> bool:
    """Return whether two nouns describe one person: "blogger and activist", "spokesman Major"."""
    if role_noun.is_possessor or role_noun.is_in_nominative != following.is_in_nominative:
        return False
    text = sentence.text_between(role_noun.end, following.first)
    if NOUN_JOIN_PATTERN.match(text):
        return True
    if not text.strip() and sentence.language is not Language.RU:
        return sentence.language is not Language.KK or not _are_two_people(role_noun, following)
    return bool(role_noun.is_in_nominative) and sentence.can_be_one_person(
        role_noun.end, following.first
    )


def _are_two_people(role_noun: RoleNoun, following: RoleNoun) -> bool:
    """Return whether two adjacent Kazakh nouns are two people, the subject and the object: "Министр
    журналист Ерлан Қасымовты қорқытты".
    """
    return role_noun.person_role is not following.person_role and bool(
        {role_noun.person_role, following.person_role} & ROLES_ACTING_ON_OTHERS
    )


def _roles_before_other_name(
    sentence: NameSentence, span: NameSpan, owner: NameSpan
) -> Iterator[RoleNoun]:
    """Yield the noun that says what the person named at `span` is, if the name of another person
    (`owner`) is between them: "адвокат журналистки Марии Ивановой Айман Умарова", "the wife of
    journalist Marat Ivanov, Ainagul, said".
    """
    is_english = sentence.language is Language.EN
    gap = sentence.text_between(owner.end, span.first).strip()
    is_set = gap == "," and is_set_off_by_commas(sentence.line, span.first)
    if not is_set and (gap or is_english):
        return
    if not is_english and (
        nominative.is_nominative(owner.forms) or nominative.is_nominative(span.forms) is False
    ):
        return
    for role in reversed([one for one in sentence.role_nouns if one.end <= owner.first]):
        if not sentence.can_be_one_person(role.end, owner.first):
            return
        is_head = role.end < owner.first if is_english else bool(role.is_in_nominative)
        if is_head and (role.person_role in RELATIONAL_ROLES or not gap):
            yield role
            return


def can_describe_name(role: RoleNoun, span: NameSpan, language: Language) -> bool:
    """Return whether a noun before a name can mean the named person, by grammatical case and
    gender.
    """
    if language is not Language.RU:
        return True
    bare, gender = nominative.is_nominative(span.forms), nominative.gender_of_name(span.forms)
    if role.is_plural:
        return role.person_role not in RELATIONAL_ROLES or bare is not False
    if bare is not None and role.is_in_nominative is not None and role.is_in_nominative != bare:
        return False
    if role.is_feminine and gender == MALE:
        return False
    # "Муж Ивановой" and "муж Ким" have an owner; relatives have first names.
    is_surname_alone = len(span.forms) == 1 and not span.forms[0].is_given
    if role.person_role is PersonRole.RELATIVE and is_surname_alone:
        return False
    return bare is not False or not _says_whose_lawyer_or_relative(role, span, gender)


def _says_whose_lawyer_or_relative(role: RoleNoun, span: NameSpan, name_gender: str) -> bool:
    """Return whether a Russian name after a noun for a lawyer or relative says whose lawyer or
    relative is meant, and is not the lawyer's or relative's own name: "адвоката Марии", "сестры
    Марии". `name_gender`: the gender of the given name, "" if unknown.
    """
    if role.person_role is PersonRole.LAWYER:
        return nominative.is_genitive_like(span.forms)
    if (
        role.person_role is not PersonRole.RELATIVE
        or text_between(span.line, role.end, span.first).strip()
    ):
        return False
    if name_gender == FEMALE and not role.is_feminine:
        return True
    return role.is_feminine and nominative.is_genitive_like(span.forms)


def _role_nouns_after(
    sentence: NameSentence, span: NameSpan, next_name_first: int, used_nouns: Collection[RoleNoun]
) -> Iterator[RoleNoun]:
    """Yield the nouns after a name that say what the named person is: ", editor of Vlast,".
    `next_name_first`: the position of the next name's first word, before which the nouns are;
    `used_nouns`: nouns that give a role to another name.
    """
    previous: RoleNoun | None = None
    for role in sentence.role_nouns:
        if role.first < span.end or role.first >= next_name_first:
            continue
        if role in used_nouns or (role.is_plural and not _ends_name_list(sentence, span)):
            return
        if previous is None:
            if not is_apposition(sentence.line, span.end, role, sentence.language):
                return
        elif not NOUN_JOIN_PATTERN.match(sentence.text_between(previous.end, role.first)):
            return
        yield role
        previous = role


def _ends_name_list(sentence: NameSentence, span: NameSpan) -> bool:
    """Return whether a name ends a list of names, to all of which a plural noun may apply."""
    place = next(i for i, one in enumerate(sentence.spans) if one is span)
    if place > 0 and _are_joined_by_and(sentence, sentence.spans[place - 1], span):
        return True
    return sentence.language is Language.EN


def _assign_plural_roles(
    sentence: NameSentence, found: list[AssignedRole]
) -> Iterator[AssignedRole]:
    """Yield the role that a plural noun ("journalists") gives to each name listed beside it.
    `found`: the roles given already; a name that has one gets no other.
    """
    having = {id(said.span) for said in found}
    for role in sentence.role_nouns:
        if role.is_plural:
            for span in _names_listed_after(sentence, role, found):
                if id(span) not in having:
                    yield sentence.assign_role(span, role)
    spans = sentence.spans
    for said in found:
        at = next(i for i, span in enumerate(spans) if span is said.span)
        if not said.role_noun.is_plural or said.start < said.span.start_offset:
            continue
        while at > 0 and _are_joined_by_and(sentence, spans[at - 1], spans[at]):
            at -= 1
            if id(spans[at]) not in having:
                yield said._replace(span=spans[at])


def _are_joined_by_and(sentence: NameSentence, name_span: NameSpan, following: NameSpan) -> bool:
    """Return whether only a comma, "and" or the like is between a name and the following one."""
    return bool(
        NAME_LIST_JOIN_PATTERNS[sentence.language].match(
            sentence.text_between(name_span.end, following.first)
        )
    )


def _names_listed_after(
    sentence: NameSentence, role: RoleNoun, found: list[AssignedRole]
) -> list[NameSpan]:
    """Return the names listed after a plural noun: "journalists, including A and B". `found`: the
    roles given already.
    """
    behind = [span for span in sentence.spans if span.first >= role.end]
    if not behind:
        return []
    is_direct = any(said.span is behind[0] and said.role_noun is role for said in found)
    text = sentence.text_between(role.end, behind[0].first)
    if not is_direct and not LIST_INTRODUCTION_PATTERNS[sentence.language].search(text):
        return []
    listed = [behind[0]]
    for one, other in pairwise(behind):
        if not _are_joined_by_and(sentence, one, other):
            break
        listed.append(other)
    return listed


def find_office_span(
    line: Line, noun: tuple[int, int], limits: tuple[int, int], language: Language
) -> tuple[int, int]:
    """Return the start and end offset of the words for a job: a noun and the words around it that
    belong to it. `noun`: the positions of its first word and of the word after it; `limits`: the
    positions of the first word that may belong to it and of the first word after it that may not.
    """
    first, end = _office_start(line, noun[0], limits[0], language), noun[1]
    for place in range(end, min(limits[1], end + MAX_OFFICE_SIDE_WORDS, len(line.words))):
        if OFFICE_END_PATTERN.search(text_between(line, place, place)) or not can_belong_to_office(
            line, place, language
        ):
            break
        end = place + 1
    start, stop = line.words[first].start, line.words[end - 1].end
    offset = line.sentence.start
    closing = line.sentence.text[stop - offset : stop - offset + 1]
    opened = line.sentence.text[start - offset : stop - offset]
    if closing in OPENING_QUOTE_OF and OPENING_QUOTE_OF[closing] in opened:
        stop += 1
    # The quotation mark before the first word, if the closing one is included.
    before = line.sentence.text[max(0, start - offset - 1) : start - offset]
    if CLOSING_QUOTE_OF.get(before, "\0") in opened:
        start -= 1
    return start, stop


def _office_start(line: Line, noun: int, limit: int, language: Language) -> int:
    """Return the position of the first of the words for a job. `noun`: the position of the noun in
    them; `limit`: the position of the first word that may belong to them.
    """
    first = noun
    if language is Language.RU:
        return first
    while first > limit and noun - first < MAX_OFFICE_SIDE_WORDS:
        word = line.words[first - 1]
        if (
            text_between(line, first, first).strip(' \u00a0«»“”"/')
            or word.folded in SENTENCE_OPENERS
        ):
            break
        if DATE_WORD_PATTERN.fullmatch(word.folded) or not _is_office_word(
            line, first - 1, noun, language
        ):
            break
        first -= 1
    while first < noun and line.words[first].folded in AND_WORDS:
        first += 1
    # Not half of a title: "«Егемен Қазақстанның» тілшісі".
    opened = first
    while opened > limit and "«" not in text_between(line, opened, opened):
        opened -= 1
    is_half = "»" in text_between(line, noun, noun) and "«" in text_between(line, opened, opened)
    return opened if is_half and first < noun else first


def _is_office_word(line: Line, position: int, noun: int, language: Language) -> bool:
    """Return whether the word at `position`, before the noun for a job at word `noun`, can belong
    to this noun: "Vlast" in "Vlast editor".
    """
    word = line.words[position]
    if language is Language.EN:
        is_and = (
            word.folded == "and" and position + 1 < noun and line.words[position + 1].is_capital
        )
        return word.is_capital or is_and
    is_name = word.is_capital and not KAZAKH_CASE_PATTERN.search(word.folded)
    return bool(KAZAKH_OWNER_PATTERN.search(word.folded)) or is_name or word.folded in AND_WORDS
