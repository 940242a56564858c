"""Where people are named in an article: spans of words, and how sure it is that each is a name."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from tracker.articles.codes import Language
from tracker.intake.reading.capitals import is_headline, is_stop, particles, runs, words_of_list
from tracker.intake.reading.gaps import behind
from tracker.intake.reading.lexicon import LANGUAGES, Phrases, lexicon
from tracker.intake.reading.people.nameparts import LIKELY, MAYBE, SURE, UNKNOWN, cut
from tracker.intake.reading.people.nominative import is_nominative
from tracker.intake.reading.people.offices import is_said
from tracker.intake.reading.people.wordforms import LONGEST_ACRONYM, Form, form

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.intake.reading.outlets.naming import Named
    from tracker.intake.reading.people.offices import Role
    from tracker.intake.reading.text import Line, Reading

NO_NAME = 0.0
LONGEST_TITLE = 4
# From here on a name is taken for one.
ENOUGH = 0.6
# What a surname that stands alone elsewhere in the article adds to an unknown full name.
SHORTENED = 0.4
FULL_NAME = (2, 3)
AGE = re.compile(
    r"\s*[,(]\s*(?:aged? )?\d{1,2}\b\s*(?:-year-old|лет|год|жас)?\s*[,).]|\s\d{1,2} жас(?:та|қа)\b"
)
# "Rakiya Sule (Maiduguri)." opens a case of a report.
CASE = re.compile(r"\s\([A-Z][a-z][^)]{2,30}\)[.:]")
OPENING = re.compile(r"(?:^|[.!?…:]\s|[«“\"„—–-]\s?)$")
# "ФОКа", "КНБшник": an acronym with a case ending is no name.
DECLINED_ACRONYM = re.compile(r"[А-ЯЁ]{2,}(?:[аеуыи]|ом|ами|ах|шник\w*)")


@dataclass(frozen=True)
class Span:
    """A name as written once: words `first` to `end` of a line, and how sure it is."""

    line: Line
    first: int
    end: int
    forms: tuple[Form, ...]
    score: float

    @property
    def start(self) -> int:
        """Return the offset of its first letter."""
        return self.line.words[self.first].start

    @property
    def stop(self) -> int:
        """Return the offset behind its last letter, a possessive ending left out."""
        last = self.line.words[self.end - 1]
        return last.start + len(self.forms[-1].text)

    @property
    def text(self) -> str:
        """Return the name as written, with single spaces."""
        offset = self.line.sentence.start
        return " ".join(self.line.sentence.text[self.start - offset : self.stop - offset].split())

    @property
    def begins(self) -> bool:
        """Say whether it opens a sentence, where any word has a capital."""
        offset = self.line.sentence.start
        return bool(OPENING.search(self.line.sentence.text[: self.start - offset]))

    def without_first(self) -> Span:
        """Return the span without its first word, which may be no name."""
        return replace(self, first=self.first + 1, forms=self.forms[1:], score=MAYBE)


@cache
def _organisations() -> Phrases:
    return Phrases(
        (phrase, None)
        for folder in sorted(LANGUAGES.iterdir())
        for phrase in (
            *lexicon(folder.name, "organisations").get("names", ()),
            *lexicon(folder.name, "newsrooms").get("never", ()),
        )
    )


def spans_of(
    reading: Reading, roles: Sequence[Sequence[Role]], outlets: Sequence[Named]
) -> list[Span]:
    """Return every span that may name a person, in order.

    `roles` has the nouns of parts of each line, `outlets` what is named and no person.
    """
    lowered = {word.folded for line in reading.lines for word in line.words if word.text.islower()}
    by_line: dict[int, list[Named]] = {}
    for one in outlets:
        by_line.setdefault(one.line.number, []).append(one)
    found = []
    for number, line in enumerate(reading.lines):
        masked = _masked(line, roles[number], by_line.get(line.number, []), reading.language)
        is_title = is_headline(line, reading.language)
        for first, last in runs(line, reading.language):
            for segment in _segments(line, first, last, masked, reading.language):
                for span in _spans(line, segment, reading.language, lowered):
                    score = span.score + _evidence(span, reading, roles[number])
                    if is_title and span.score < SURE:
                        score = NO_NAME
                    found.append(replace(span, score=score))
    return _with_shortened(found) if reading.language is Language.EN else found


def _with_shortened(spans: list[Span]) -> list[Span]:
    """Believe unknown full names of which the article also uses the last word alone, as it does
    with people: "Rodrigo Tampos" and "Tampos".
    """
    alone = {span.forms[0].key for span in spans if len(span.forms) == 1 and span.score > NO_NAME}
    return [
        replace(span, score=span.score + SHORTENED)
        if UNKNOWN < span.score < ENOUGH
        and len(span.forms) in FULL_NAME
        and span.forms[-1].key in alone
        else span
        for span in spans
    ]


def _masked(
    line: Line, roles: Sequence[Role], outlets: Sequence[Named], language: Language
) -> set[int]:
    """Return the words of a line that are outlets, organisations or nouns of parts."""
    masked = {i for one in outlets for i in range(one.first, one.end)}
    for found in _organisations().find(line.words):
        if line.words[found.first].is_capital:
            masked.update(range(found.first, found.end))
    for role in roles:
        if not _is_surname(line, role.first, language):
            masked.update(range(role.first, role.end))
    return masked


def _is_surname(line: Line, number: int, language: Language) -> bool:
    """Say whether a noun is somebody's surname: the king of "Larry King"."""
    if number == 0 or not line.words[number].is_capital or language is Language.RU:
        return False
    before = line.words[number - 1]
    return before.is_capital and form(before.text, language).is_given


def _segments(
    line: Line, first: int, last: int, masked: set[int], language: Language
) -> Iterator[tuple[int, int]]:
    """Divide a run where a word cannot be a part of a name."""
    start = first
    for number in range(first, last):
        word = line.words[number]
        if number in masked or _divides(line, number, language):
            if start < number:
                yield start, number
            start = number + 1
        elif language is Language.EN and word.text.endswith(("'s", "’s")):
            # A possessive ends a name: "Orda's Maria Ivanova".
            yield start, number + 1
            start = number + 1
    if start < last:
        yield start, last


def _divides(line: Line, number: int, language: Language) -> bool:
    word = line.words[number]
    if any(letter.isdecimal() for letter in word.text):
        return True
    one = form(word.text, language)
    if one.is_initial and "." not in word.text:
        return not behind(line, word.end).startswith(".")
    if is_stop(word.folded, language) and word.folded not in particles(language):
        return not (one.is_given and one.is_bare and _has_surname(line, number, language))
    if DECLINED_ACRONYM.fullmatch(word.text):
        return True
    if word.text.isupper() and 1 < len(word.text) <= LONGEST_ACRONYM and not one.is_initial:
        return not one.is_given and not one.is_surname
    return "." in word.text and not one.is_surname and not one.is_initial


def _has_surname(line: Line, number: int, language: Language) -> bool:
    """Say whether a surname stands directly behind a word that is both a name and a common one."""
    if number + 1 >= len(line.words):
        return False
    word = line.words[number + 1]
    other = form(word.text, language)
    is_name = other.is_surname or other.is_patronymic
    return word.is_capital and is_name and not is_stop(word.folded, language)


def _spans(
    line: Line, segment: tuple[int, int], language: Language, lowered: set[str]
) -> Iterator[Span]:
    first, last = segment
    forms = [form(line.words[i].text, language) for i in range(first, last)]
    common = [line.words[i].folded in lowered for i in range(first, last)]
    for begin, end, score in cut(forms, common, begins=first == 0, language=language):
        yield Span(line, first + begin, first + end, tuple(forms[begin:end]), score)


def _evidence(span: Span, reading: Reading, roles: Sequence[Role]) -> float:
    """Return what the words around say for or against a person's name."""
    line, language, words = span.line, reading.language, span.line.words
    before = words[span.first - 1].folded if span.first else ""
    after = words[span.end].folded if span.end < len(words) else ""
    rest = behind(line, span.stop)
    score = 0.0
    if before in words_of_list(language, "titles"):
        score += 0.5
    if span.score > UNKNOWN:
        saying = words_of_list(language, "saying")
        score += 0.35 * (before in saying or after in saying)
        score += 0.4 * any(_fits(role, span, language) for role in roles)
        is_followed = any(span.end <= role.first <= span.end + 2 for role in roles)
        score += 0.3 * (is_followed and rest.startswith(","))
        score += 0.4 * bool(AGE.match(rest))
        score += 0.3 * (language is Language.EN and span.begins and bool(CASE.match(rest)))
    streets = words_of_list(language, "streets")
    if before in streets or after in streets:
        score -= 1.0
    if before in words_of_list(language, "places") or before == "the":
        score -= 0.3 if len(span.forms) > 1 else 0.6
    if (span.start, span.stop) in reading.speech:
        score -= 0.3 if len(span.forms) > 1 else 0.5
    elif span.score < SURE and _is_in_title(span, reading):
        score -= 0.5
    return score


def _is_in_title(span: Span, reading: Reading) -> bool:
    """Say whether a name is a part of a short title between quotation marks."""
    return any(
        start <= span.start
        and span.stop <= end
        and " " in reading.text[start:end].strip()
        and len(reading.text[start:end].split()) <= LONGEST_TITLE
        for start, end in reading.speech
    )


def _fits(role: Role, span: Span, language: Language) -> bool:
    """Say whether a noun before a name can be this person's: "жителя Учалов" is not."""
    if role.end > span.first or role.is_owner or (role.is_plural and span.score < LIKELY):
        return False
    if not is_said(span.line, role.end, span.first, language):
        return False
    if language is not Language.RU or role.is_plural:
        return True
    bare = is_nominative(span.forms)
    return bare is None or role.is_bare is None or bare == role.is_bare
