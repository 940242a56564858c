"""Runs of capitalised words, of which names of people and outlets are made."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from tracker.intake.reading.gaps import between
from tracker.intake.reading.lexicon import lexicon
from tracker.intake.reading.people.wordforms import form

if TYPE_CHECKING:
    from tracker.articles.codes import Language
    from tracker.intake.reading.text import Line, Word

# "Дж." is one too.
LONGEST_INITIAL = 2
# Marks around a nickname, the words between them left out.
OPENS, CLOSES = frozenset({"“", '"', "«", "‘"}), frozenset({"”", '"', "»", "’"})
LONG_WORD = 4
HEADLINE_WORDS = 3
HEADLINE_SHARE = 0.7
# "al-Masri", "аль-Фараби", "d'Arc".
ARTICLE = re.compile(r"(?:al|el|ad|ar|as|at|ash|az|ul|аль|эль|әл|ад|ат|ас|аш|аз|ибн)[-‑]\w")


# Surnames that begin like a place or an institution: Азимова, Судакова.
FAMILY = re.compile(r"(?:[оеё]в|[иы]н)(?:а|у|ым|ом|е|ой|ы|ых)?$")


@cache
def particles(language: Language) -> frozenset[str]:
    """Return the small words inside a name: van, оглы, қызы."""
    return words_of_list(language, "particles")


@cache
def words_of_list(language: Language, name: str) -> frozenset[str]:
    """Return a list of single words of `people.toml`, folded."""
    words = lexicon(language.value, "people").get("words", {})
    return frozenset(str(words.get(name, "")).split())


@cache
def _stops(language: Language) -> tuple[frozenset[str], tuple[str, ...]]:
    words = str(lexicon(language.value, "people").get("not_names", {}).get("words", "")).split()
    begins = tuple(word[:-1] for word in words if word.endswith("*"))
    return frozenset(word for word in words if not word.endswith("*")), begins


@lru_cache(maxsize=20_000)
def is_stop(folded: str, language: Language) -> bool:
    """Say whether a word is never a part of a name though it may be capitalised."""
    exact, begins = _stops(language)
    if folded in exact or folded.isdecimal():
        return True
    if not begins or not folded.startswith(begins):
        return False
    one = form(folded, language)
    return not (one.is_bare or one.is_patronymic or (one.is_surname and FAMILY.search(folded)))


def runs(line: Line, language: Language) -> list[tuple[int, int]]:
    """Return the capitalised words that stand together, as first and last + 1 word of the line."""
    found: list[tuple[int, int]] = []
    words = line.words
    first: int | None = None
    for number, word in enumerate(words):
        is_joined = first is None or _joins(line, number) or _is_nickname(line, number, language)
        if first is not None and not is_joined:
            found.append((first, number))
            first = None
        if is_name_like(word):
            first = number if first is None else first
        elif first is not None and not _is_inside(line, number, language):
            found.append((first, number))
            first = None
    if first is not None:
        found.append((first, len(words)))
    return found


def is_name_like(word: Word) -> bool:
    """Say whether a word is written as a name is."""
    return (word.is_capital or bool(ARTICLE.match(word.text))) and word.text[0] not in "@#"


def _joins(line: Line, number: int) -> bool:
    """Say whether a space alone, or an initial's dot, parts a word from the one before."""
    gap, before = between(line, number, number), line.words[number - 1].text
    if len(gap) == 1 and gap.isspace():
        return True
    return gap.strip() == "." and (len(before) <= LONGEST_INITIAL or "." in before)


def _is_nickname(line: Line, number: int, language: Language) -> bool:
    """Say whether a word is a nickname in quotation marks behind a given name, or follows one:
    "Joselito “Jojo” Abordo".
    """
    for place in (number, number - 1):
        if 0 < place < len(line.words) - 1:
            gaps = between(line, place, place), between(line, place + 1, place + 1)
            is_quoted = gaps[0].strip() in OPENS and gaps[1].strip() in CLOSES
            if is_quoted and form(line.words[place - 1].text, language).is_given:
                return is_name_like(line.words[place]) and is_name_like(line.words[place + 1])
    return False


def _is_inside(line: Line, number: int, language: Language) -> bool:
    """Say whether a small word stands between capitalised ones: "van der Berg", "Али оглы"."""
    word = line.words[number]
    if word.folded not in particles(language):
        return False
    following = line.words[number + 1] if number + 1 < len(line.words) else None
    return word.folded in words_of_list(language, "suffixes") or (
        following is not None
        and _joins(line, number + 1)
        and (is_name_like(following) or following.folded in particles(language))
    )


def is_headline(line: Line, language: Language) -> bool:
    """Say whether capitals say nothing here: an English title, or a line in capitals alone."""
    letters = [word for word in line.words if len(word.text) >= LONG_WORD]
    if len(letters) < HEADLINE_WORDS:
        return False
    capital = sum(word.is_capital for word in letters) / len(letters)
    if sum(word.text.isupper() for word in letters) / len(letters) >= HEADLINE_SHARE:
        return True
    ends = line.sentence.text.rstrip()[-1:]
    return language.value == "en" and capital >= HEADLINE_SHARE and ends not in ".!"
