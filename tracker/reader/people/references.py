"""The mentions of each person, with a surname alone resolved to the full name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tracker.people.matching import is_same_word
from tracker.reader.found import PersonRole
from tracker.reader.name_words import FEMALE, MALE, NameWord
from tracker.reader.people.naming import MIN_NAME_SCORE, NameSpan
from tracker.reader.text import Passage

# Endings of the surnames and patronymics of women.
FEMALE_NAME_PATTERN = re.compile(
    r"(?:[оеё]ва|[иы]на|ская|цкая|[оеё]вой|[иы]ной|ской|[оеё]ву|[иы]ну|скую|вна|вны|вне|вной|қызы|кызы"
    r"|ova|eva|ina|skaya|vna|kyzy|qyzy)\w{0,3}$"
)
# Endings of the surnames and patronymics of men.
MALE_NAME_PATTERN = re.compile(r"(?:[оеё]в|[иы]н|ский|цкий|вич|ұлы|улы|ov|ev|sky|skiy|vich|uly)$")


@dataclass
class PersonMentions:
    """One person in an article. `spans`: the places where the person is named; `unnamed_passages`:
    passages such as "she"; `roles`: the words that show each role; `offices`: the words for the
    person's jobs.
    """

    spans: list[NameSpan] = field(default_factory=list)
    unnamed_passages: list[Passage] = field(default_factory=list)
    roles: dict[PersonRole, Passage] = field(default_factory=dict)
    offices: list[str] = field(default_factory=list)
    # The letters of the cases of the noun beside a name, by the offset of the name.
    noun_cases: dict[int, str] = field(default_factory=dict)
    gender: str = ""
    # An author in the first person, whom the text itself may not name.
    signature: str = ""

    @property
    def longest_span(self) -> NameSpan:
        """The span with the most words."""
        return max(self.spans, key=lambda span: len(span.forms))


def group_name_spans(spans: Sequence[NameSpan]) -> list[PersonMentions]:
    """Return the people named by `spans`, in the order in which the article first names them."""
    people: list[PersonMentions] = []
    sure = [span for span in spans if len(span.forms) > 1 and span.score >= MIN_NAME_SCORE]
    for span in sure:
        if not _can_open_sentence(span):
            _add_full_name(span, people)
    for span in sure:
        if (
            _can_open_sentence(span)
            and _find_person_by_short_name(span.drop_first_word(), people) is None
        ):
            _add_full_name(span, people)
    _merge_patronymics(people)
    placed = {id(span) for one in people for span in one.spans}
    for span in spans:
        if id(span) not in placed:
            _add_short_name(span, people)
    for one in people:
        one.spans.sort(key=lambda span: span.start_offset)
        one.gender = _infer_gender(one)
    return sorted(people, key=lambda one: one.spans[0].start_offset)


def _can_open_sentence(span: NameSpan) -> bool:
    """Return whether the first word may only open the sentence: "Домой Иванов не вернулся"."""
    first = span.forms[0]
    return span.opens_sentence and not (
        first.is_given or first.is_initial or span.forms[1].is_given
    )


def _add_full_name(span: NameSpan, people: list[PersonMentions]) -> None:
    """Add a full name to the person in `people` who has the same name. If nobody has it, add a new
    person with this name to `people`.
    """
    for one in people:
        if any(_is_same_name(span.forms, other.forms) for other in one.spans):
            one.spans.append(span)
            return
    people.append(PersonMentions([span]))


def _add_short_name(span: NameSpan, people: list[PersonMentions]) -> None:
    """Add a short name to the person in `people` who has it as surname or given name. If nobody
    has, and the name is a single word that is surely a name (`MIN_NAME_SCORE`), add a new person
    with this name to `people`.
    """
    if _can_open_sentence(span) if len(span.forms) > 1 else False:
        span = span.drop_first_word()
    one = _find_person_by_short_name(span, people)
    if one is not None:
        one.spans.append(span)
    elif span.score >= MIN_NAME_SCORE and len(span.forms) == 1:
        people.append(PersonMentions([span]))


def _merge_patronymics(people: list[PersonMentions]) -> None:
    """Merge "Айнаш Серікқызы" with the only Айнаш whose patronymic is not given."""
    for short in [one for one in people if is_name_with_patronymic(one.longest_span)]:
        given = short.longest_span.forms[0]
        fitting = [
            one
            for one in people
            if one is not short
            and is_same_name_word(given, one.longest_span.forms[0])
            and not any(form.is_patronymic for form in one.longest_span.forms)
        ]
        if len(fitting) == 1:
            fitting[0].spans += short.spans
            people.remove(short)


def is_name_with_patronymic(span: NameSpan) -> bool:
    """Return whether a span is a given name and a patronymic without a surname."""
    return len(span.forms) == len(("given", "patronymic")) and (
        span.forms[0].is_given and span.forms[1].is_patronymic and not span.forms[1].is_initial
    )


def _is_same_name(name: Sequence[NameWord], other_name: Sequence[NameWord]) -> bool:
    """Return whether two full names are one person's: each word of the shorter is in the longer."""
    fewer, more = sorted((list(name), list(other_name)), key=len)
    more = list(more)
    is_word_alike = False
    for one in sorted(fewer, key=lambda one: one.is_initial):
        like = next((other for other in more if is_same_name_word(one, other)), None)
        if like is None:
            return False
        is_word_alike = is_word_alike or not (one.is_initial or like.is_initial)
        more.remove(like)
    return is_word_alike


def is_same_name_word(name_word: NameWord, other: NameWord) -> bool:
    """Return whether two words can be the same word of a name, in any cases."""
    # Endings do not change the beginning of a word, and most words of an article differ there.
    if (
        not name_word.phonetic_key
        or not other.phonetic_key
        or name_word.phonetic_key[0] != other.phonetic_key[0]
    ):
        return False
    if name_word.is_initial or other.is_initial:
        return True
    if name_word.phonetic_key == other.stem or name_word.stem == other.phonetic_key:
        return True
    if name_word.stem and name_word.stem == other.stem:
        # Two Kazakh cases, of a name that nowhere stands without an ending.
        return True
    return _is_same_key(name_word.phonetic_key, other.phonetic_key)


@lru_cache(maxsize=50_000)
def _is_same_key(one: str, other: str) -> bool:
    """Return whether two phonetic keys can be keys of the same word in different cases."""
    return is_same_word((one, one), (other, other)) or is_same_word((other, other), (one, one))


def _find_person_by_short_name(
    span: NameSpan, people: Sequence[PersonMentions]
) -> PersonMentions | None:
    """Return the person with the surname or given name in `span`. If several people have it, return
    the one who was mentioned last.
    """
    fitting = []
    for one in people:
        words = one.longest_span.forms
        if len(span.forms) > 1:
            if _is_same_name(span.forms, words):
                fitting.append(one)
        elif any(not word.is_initial and is_same_name_word(span.forms[0], word) for word in words):
            fitting.append(one)
    surname = [
        one for one in fitting if is_same_name_word(span.forms[-1], one.longest_span.forms[-1])
    ]
    before = [one for one in surname or fitting if one.spans[0].start_offset <= span.start_offset]
    return max(
        before or surname or fitting,
        key=lambda one: max(
            (s.start_offset for s in one.spans if s.start_offset <= span.start_offset), default=-1
        ),
        default=None,
    )


def _infer_gender(person_mentions: PersonMentions) -> str:
    """Return the gender of a person by given name or surname: `MALE`, `FEMALE` or "" if unknown."""
    for span in person_mentions.spans:
        for word in span.forms:
            if word.is_given and word.gender:
                return word.gender
    text = person_mentions.longest_span.forms[-1].text.casefold()
    if FEMALE_NAME_PATTERN.search(text):
        return FEMALE
    return MALE if MALE_NAME_PATTERN.search(text) else ""
