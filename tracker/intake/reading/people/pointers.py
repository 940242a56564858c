"""Pronouns and bare nouns that may mean somebody: "she", "the journalist", "ол", "редактор"."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tracker.articles.codes import Language
from tracker.intake.reading.capitals import words_of_list
from tracker.intake.reading.gaps import behind
from tracker.intake.reading.kinds import Part
from tracker.intake.reading.people.wordforms import FEMALE, MALE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tracker.intake.reading.people.offices import Role
    from tracker.intake.reading.text import Line, Reading, Word

# Parts that an article also writes without the name.
SEEN = frozenset({Part.JOURNALIST, Part.LAWYER, Part.OFFICIAL})
# Parts that are somebody's.
OWNED = frozenset({Part.RELATIVE, Part.LAWYER})
# Words between "his" and "lawyer".
NEAR = 2
TITLE_LINES = 2


@dataclass(frozen=True)
class Pointer:
    """A pronoun or a noun that may mean somebody."""

    start: int
    end: int
    gender: str
    role: Role | None = None
    noun: str = ""
    # It stands above the article, where nobody has been named before.
    is_title: bool = False
    # "The journalist", not "a journalist".
    is_known: bool = True
    # "Our correspondent": the newsroom's own, whatever case the noun stands in.
    is_ours: bool = False
    # "His lawyer", "её мать": mostly the journalist's.
    owns: bool = False


@cache
def _pronouns(language: Language) -> dict[str, str]:
    found = dict.fromkeys(words_of_list(language, "she"), FEMALE)
    found |= dict.fromkeys(words_of_list(language, "he"), MALE)
    return found | dict.fromkeys(words_of_list(language, "they"), "")


def pointers_in(
    reading: Reading, number: int, roles: Sequence[Role], claimed: Collection[tuple[int, int]]
) -> Iterator[Pointer]:
    """Yield the pronouns and bare nouns of line `number`; nouns in `claimed` stand by a name."""
    line, language = reading.lines[number], reading.language
    pronouns = _pronouns(language)
    by_first = {role.first: role for role in roles}
    for place, word in enumerate(line.words):
        role = by_first.get(place)
        if (word.folded not in pronouns and role is None) or reading.is_spoken(word.start):
            continue
        if word.folded in pronouns and not _is_other_word(line.words, place, language):
            owns = any(place < one.first <= place + NEAR and one.part in OWNED for one in roles)
            yield Pointer(word.start, word.end, pronouns[word.folded], owns=owns)
        if role is None or role.is_plural or role.part not in SEEN:
            continue
        if (number, place) not in claimed:
            yield _noun(line, role, language, is_title=number < TITLE_LINES)


def _noun(line: Line, role: Role, language: Language, *, is_title: bool) -> Pointer:
    last = line.words[role.end - 1]
    is_known = _is_known(line.words, role, language)
    # "Редактор «Маяка»" is said to be who she is, and nobody spoken of before.
    is_other = language is Language.RU and behind(line, last.end).startswith((" «", ' "'))
    return Pointer(
        line.words[role.first].start,
        last.end,
        FEMALE if role.is_feminine else "",
        role,
        last.folded,
        is_title=is_title,
        is_known=is_known or (language is not Language.EN and not is_other),
        is_ours=is_known and language is not Language.EN,
    )


def _is_other_word(words: Sequence[Word], place: int, language: Language) -> bool:
    """Say whether a pronoun only points at a thing: "ол күні", "its"."""
    if language is not Language.KK or place + 1 == len(words):
        return False
    return words[place + 1].folded.startswith(tuple(words_of_list(language, "not_they")))


def _is_known(words: Sequence[Word], role: Role, language: Language) -> bool:
    """Say whether a noun means somebody already spoken of: "the journalist", "наш редактор"."""
    known = words_of_list(language, "known")
    before = [word.folded for word in words[max(0, role.first - 2) : role.first]]
    return bool(before) and (before[-1] in known or before[0] in known)
