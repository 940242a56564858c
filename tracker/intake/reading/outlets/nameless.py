"""Capitals beside a word for outlets that name none: a place's, a language's, a person's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.articles.codes import Language
from tracker.intake.reading.capitals import is_stop
from tracker.intake.reading.gaps import between
from tracker.intake.reading.people.wordforms import form

if TYPE_CHECKING:
    from collections.abc import Collection

    from tracker.intake.reading.text import Line

ARTICLES = frozenset({"the", "a", "an"})
# "A Kutaisi site" has no name; nor has a "Russian-language channel".
NAMELESS = frozenset({"a", "an"})
DESCRIBES = re.compile(
    r"-(?:language|based|registered|owned|run|funded|born|speaking|area|led|backed|era)$"
)
# A company or a man: "veteran broadcaster Len Abbott".
OF_PEOPLE = frozenset({"broadcaster"})
# "On Sunday Arif Haque" is no "Sunday Times".
DAYS = frozenset({"sunday", "evening", "daily"})
BEFORE_DAY = frozenset({"on", "by", "since", "until", "last", "this", "next", "late", "early"})


def describes(folded: str) -> bool:
    """Say whether a capitalised word only says of what kind an outlet is."""
    return DESCRIBES.search(folded) is not None


def opened(
    line: Line, run: tuple[int, int], language: Language, named: Collection[str]
) -> tuple[int, int]:
    """Return capitals without a word that only opens the sentence: "В Arna Press", "Сайт Arna
    Press"; `named` are those that names begin with.
    """
    first, last = run
    folded = line.words[first].folded
    is_small = first == 0 and last - first > 1 and folded not in named
    if language is not Language.EN and is_small and is_stop(folded, language):
        return first + 1, last
    return run


def is_day(line: Line, first: int, folded: str) -> bool:
    """Say whether a word that may open an outlet's name says when."""
    return first > 0 and folded in DAYS and line.words[first - 1].folded in BEFORE_DAY


def is_nameless(line: Line, first: int, last: int, language: Language) -> bool:
    """Say whether capitals beside a word for outlets are a place's or its editor's."""
    before = line.words[first - 1].folded if first else ""
    if before in OF_PEOPLE and last - first > 1 and form(line.words[first].text, language).is_given:
        return True
    return before in NAMELESS or is_named(line, first, last, language)


def is_of_another(line: Line, last: int, before: dict[int, str]) -> bool:
    """Say whether the noun behind a name goes with the next one: "the Lagos weekly Lantern"."""
    words = line.words
    following = last + 1
    if following < len(words) and words[following].folded in ARTICLES:
        following += 1
    return (
        before.get(last + 1) == "before"
        and following < len(words)
        and words[following].is_capital
        and between(line, last + 1, last + 1).isspace()
    )


def is_person(line: Line, first: int, last: int, language: Language) -> bool:
    """Say whether one of the words is a part of a person's name."""
    forms = [form(word.text, language) for word in line.words[first:last]]
    return any(one.is_given or one.is_patronymic or one.is_initial for one in forms) or (
        forms[-1].is_surname
    )


def is_named(line: Line, first: int, last: int, language: Language) -> bool:
    """Say whether the words are surely a person's: a given name and a surname."""
    forms = [form(word.text, language) for word in line.words[first:last]]
    return (
        len(forms) > 1 and forms[0].is_given and (forms[-1].is_surname or forms[-1].is_patronymic)
    )
