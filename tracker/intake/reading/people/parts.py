"""Who plays which part: the nouns beside a name, before it, behind it, or said of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tracker.articles.codes import Language
from tracker.intake.reading.gaps import JOINS, between
from tracker.intake.reading.kinds import Part
from tracker.intake.reading.people.citing import cited
from tracker.intake.reading.people.nominative import gender_of, is_genitive_like, is_nominative
from tracker.intake.reading.people.offices import is_apposition, is_said, is_set_off
from tracker.intake.reading.people.wordforms import FEMALE, MALE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tracker.intake.reading.people.naming import Span
    from tracker.intake.reading.people.offices import Role
    from tracker.intake.reading.text import Line

LONGEST_OFFICE = 10
CHAINS = re.compile(
    r"^\s*(?:,|and|и|әрі|және|мен|-|/|, а также|а также|, and|and an?|, бывший|, бывшая|& )\s*$"
)
AMONG = {
    Language.EN: re.compile(
        r"(?:including|such as|among them|namely|like|:|—|–)\W*(?:\w+\W+){0,2}$"
    ),
    Language.RU: re.compile(r"(?:в том числе|включая|среди них|как|:|—|–|а именно)\W*$"),
    Language.KK: re.compile(r"(?:соның ішінде|оның ішінде|атап айтқанда|сияқты|:|—|–)\W*$"),
}
QUOTES = (("“", "”"), ("«", "»"))
# Parts that are somebody's: "the lawyer for A, B, said".
OWNED = frozenset({Part.RELATIVE, Part.LAWYER})


class Said(NamedTuple):
    """A part said of a name, with where the words that say it begin and end."""

    span: Span
    part: Part
    start: int
    end: int
    role: Role


@dataclass(frozen=True)
class Sentence:
    """A line with the names and the nouns of parts in it."""

    line: Line
    spans: Sequence[Span]
    roles: Sequence[Role]
    language: Language

    def between(self, first: int, end: int) -> str:
        """Return the text from behind word `first - 1` up to word `end`."""
        return between(self.line, first, end)

    def is_said(self, first: int, end: int) -> bool:
        """Say whether the words between a noun and a name leave them one person's."""
        return is_said(self.line, first, end, self.language)

    def said(self, span: Span, role: Role) -> Said:
        """Return the part of a noun for a name, citing the office."""
        ends = [one.end for one in self.spans] + [one.end for one in self.roles]
        left = max((end for end in ends if end <= role.first), default=0)
        right = min(
            (one.first for one in self.spans if one.first >= role.end), default=len(self.line.words)
        )
        start, end = cited(self.line, (role.first, role.end), (left, right), self.language)
        return Said(span, role.part, start, end, role)


def parts_said(
    line: Line, spans: Sequence[Span], roles: Sequence[Role], language: Language
) -> list[Said]:
    """Return the parts that the nouns of a line give to the names in it."""
    sentence = Sentence(line, spans, roles, language)
    found = [
        sentence.said(span, role)
        for place, span in enumerate(spans)
        for role in _before(sentence, span, spans[:place])
        if not _is_whose(sentence, role, spans[place : place + 2])
    ]
    claimed = {said.role for said in found}
    for place, span in enumerate(spans):
        following = spans[place + 1].first if place + 1 < len(spans) else len(line.words)
        found += [sentence.said(span, role) for role in _behind(sentence, span, following, claimed)]
    return [*found, *_shared(sentence, found)]


def _before(sentence: Sentence, span: Span, earlier: Sequence[Span]) -> Iterator[Role]:
    """Yield the nouns in front of a name that say what this person is."""
    left = earlier[-1].end if earlier else 0
    candidates = [role for role in sentence.roles if left <= role.first and role.end <= span.first]
    chosen: Role | None = None
    for role in reversed(candidates):
        is_near = span.first - role.end <= LONGEST_OFFICE
        if _is_quoted(sentence.between(role.end, span.first)):
            # "We will find another commentator," Ivanov said.
            break
        if role.is_owner or not is_near or not sentence.is_said(role.end, span.first):
            break
        if agrees(role, span, sentence.language):
            chosen = role
            break
    if chosen is None:
        if earlier and sentence.language is not Language.KK:
            yield from _past_owner(sentence, span, earlier[-1])
        return
    yield chosen
    for one, following in pairwise(reversed(candidates[: candidates.index(chosen) + 1])):
        if not _is_chained(sentence, following, one):
            return
        yield following


def _is_whose(sentence: Sentence, role: Role, names: Sequence[Span]) -> bool:
    """Say whether a name only tells whose relative is named next: "муж Динары, Алибек Ким,"."""
    if sentence.language is not Language.RU or role.part is not Part.RELATIVE or len(names) == 1:
        return False
    owner, named = names
    return (
        role.end == owner.first
        and sentence.between(owner.end, named.first).strip() == ","
        and not is_nominative(owner.forms)
        and is_nominative(named.forms) is not False
        and is_set_off(sentence.line, named.first)
    )


def _is_quoted(text: str) -> bool:
    """Say whether quoted speech ends between a noun and a name."""
    return any(text.count(close) > text.count(start) for start, close in QUOTES)


def _is_chained(sentence: Sentence, one: Role, following: Role) -> bool:
    """Say whether two nouns are said of one: "blogger and activist", "spokesman Major"."""
    if one.is_owner or one.is_bare != following.is_bare:
        return False
    text = sentence.between(one.end, following.first)
    if CHAINS.match(text) or (not text.strip() and sentence.language is not Language.RU):
        return True
    return bool(one.is_bare) and sentence.is_said(one.end, following.first)


def _past_owner(sentence: Sentence, span: Span, owner: Span) -> Iterator[Role]:
    """Yield what stands before the owner: "адвокат журналистки Марии Ивановой Айман Умарова",
    "the wife of journalist Marat Ivanov, Ainagul, said".
    """
    is_english = sentence.language is Language.EN
    gap = sentence.between(owner.end, span.first).strip()
    is_set = gap == "," and is_set_off(sentence.line, span.first)
    if not is_set and (gap or is_english):
        return
    if not is_english and (is_nominative(owner.forms) or is_nominative(span.forms) is False):
        return
    for role in reversed([one for one in sentence.roles if one.end <= owner.first]):
        if not sentence.is_said(role.end, owner.first):
            return
        is_head = role.end < owner.first if is_english else bool(role.is_bare)
        if is_head and (role.part in OWNED or not gap):
            yield role
            return


def agrees(role: Role, span: Span, language: Language) -> bool:
    """Say whether noun and name can be one person's, by case and gender."""
    if language is not Language.RU:
        return True
    bare, gender = is_nominative(span.forms), gender_of(span.forms)
    if role.is_plural:
        return role.part not in OWNED or bare is not False
    if bare is not None and role.is_bare is not None and role.is_bare != bare:
        return False
    if role.is_feminine and gender == MALE:
        return False
    # "Муж Ивановой" and "муж Ким" are somebody's; relatives have first names.
    is_surname_alone = len(span.forms) == 1 and not span.forms[0].is_given
    if role.part is Part.RELATIVE and is_surname_alone:
        return False
    return bare is not False or not _is_owner(role, span, gender)


def _is_owner(role: Role, span: Span, gender: str) -> bool:
    """Say whether a Russian name rather says whose: "адвоката Марии", "сестры Марии"."""
    if role.part is Part.LAWYER:
        return is_genitive_like(span.forms)
    if role.part is not Part.RELATIVE or between(span.line, role.end, span.first).strip():
        return False
    if gender == FEMALE and not role.is_feminine:
        return True
    return role.is_feminine and is_genitive_like(span.forms)


def _behind(
    sentence: Sentence, span: Span, following: int, claimed: Collection[Role]
) -> Iterator[Role]:
    """Yield the nouns behind a name that say what this person is: ", editor of Vlast,"."""
    previous: Role | None = None
    for role in sentence.roles:
        if role.first < span.end or role.first >= following:
            continue
        if role in claimed or (role.is_plural and not _is_listed(sentence, span)):
            return
        if previous is None:
            if not is_apposition(sentence.line, span.end, role, sentence.language):
                return
        elif not CHAINS.match(sentence.between(previous.end, role.first)):
            return
        yield role
        previous = role


def _is_listed(sentence: Sentence, span: Span) -> bool:
    """Say whether a name closes a list of names, of all of which a plural may be said."""
    place = next(i for i, one in enumerate(sentence.spans) if one is span)
    if place > 0 and _is_joined(sentence, sentence.spans[place - 1], span):
        return True
    return sentence.language is Language.EN


def _shared(sentence: Sentence, found: list[Said]) -> Iterator[Said]:
    """Yield a plural noun for every name of the list behind it or in front of it."""
    having = {id(said.span) for said in found}
    for role in sentence.roles:
        if role.is_plural:
            for span in _list_behind(sentence, role, found):
                if id(span) not in having:
                    yield sentence.said(span, role)
    spans = sentence.spans
    for said in found:
        at = next(i for i, span in enumerate(spans) if span is said.span)
        if not said.role.is_plural or said.start < said.span.start:
            continue
        while at > 0 and _is_joined(sentence, spans[at - 1], spans[at]):
            at -= 1
            if id(spans[at]) not in having:
                yield said._replace(span=spans[at])


def _is_joined(sentence: Sentence, one: Span, other: Span) -> bool:
    return bool(JOINS[sentence.language].match(sentence.between(one.end, other.first)))


def _list_behind(sentence: Sentence, role: Role, found: list[Said]) -> list[Span]:
    """Return the names listed behind a plural noun: "journalists, including A and B"."""
    behind = [span for span in sentence.spans if span.first >= role.end]
    if not behind:
        return []
    is_direct = any(said.span is behind[0] and said.role is role for said in found)
    text = sentence.between(role.end, behind[0].first)
    if not is_direct and not AMONG[sentence.language].search(text):
        return []
    listed = [behind[0]]
    for one, other in pairwise(behind):
        if not _is_joined(sentence, one, other):
            break
        listed.append(other)
    return listed
