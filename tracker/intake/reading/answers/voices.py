"""Who speaks in a sentence, and who does what it tells: each verb of saying with its speaker."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from tracker.intake.reading.acts.book import with_lists
from tracker.intake.reading.answers.grammar import grammar_of, is_inside, is_nominative
from tracker.intake.reading.answers.joining import OFFICIAL, OTHER, PRONOUN, TARGET, Mark
from tracker.intake.reading.answers.speech import Span, within
from tracker.intake.reading.text import Word

if TYPE_CHECKING:
    from tracker.intake.reading.answers.speakers import Cast
    from tracker.intake.reading.text import Line

QUOTE = "@quote"
PLACEHOLDERS = {OFFICIAL: "@official", TARGET: "@target", OTHER: "@other"}
# How far, in words, a speaker stands from the verb: before it, and behind it.
BEFORE, BEHIND = 14, 4
WOVEN_WORDS = 4
AND = frozenset({"and", "but", "и", "но"})
APART = re.compile(r"[;:]|\s[—–-]\s")
APART_KAZAKH = re.compile(r"[;:]")
# An article or adjective between a preposition and a body.
SMALL = frozenset({"the", "a", "an", "local", "city"})
PLURAL = ("ли", "ют", "ят", "ут", "ат", "ются", "ятся")
PLATFORM = "platform"


class Claim(NamedTuple):
    """A verb of saying at words `first` up to `end` and who says it; None where it is not told.

    A `weak` one says nothing by itself ("called", "demanded"); an `is_impersonal` one is of the
    letter or reply spoken of before ("it reads").
    """

    first: int
    end: int
    mark: Mark | None
    is_weak: bool = False
    is_impersonal: bool = False
    # "According to the police": what stands beside it is what they say.
    is_source: bool = False


@dataclass
class View:
    """A sentence with everybody in it, and every quotation, as one word each."""

    line: Line
    words: list[Word] = field(default_factory=list)
    marks: dict[int, Mark] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    # Words woven into the sentence between quotation marks: nobody there says anything of his own.
    woven: list[Span] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    def is_woven(self, place: int) -> bool:
        """Say whether a word stands between quotation marks inside the sentence."""
        return any(one.start <= self.words[place].start < one.end for one in self.woven)

    def officials(self) -> list[Mark]:
        """Return the authorities in the sentence, quoted words aside."""
        return [mark for mark in self.marks.values() if mark.side == OFFICIAL]


def view_of(line: Line, cast: Cast, spans: list[Span], quoted: list[Span]) -> View:
    """Return a sentence as its claims are looked for; `quoted` is all that has quotation marks."""
    view = View(line, spans=within(spans, line))
    view.woven = [
        one for one in within(quoted, line)
        if len(line.sentence.text[one.start - line.sentence.start :][: one.end - one.start].split())
        >= WOVEN_WORDS
        and not any(span.start <= one.start < span.end for span in view.spans)
    ]  # fmt: skip
    marks = {mark.first: mark for mark in cast.marks(line)}
    place = 0
    last_span: Span | None = None
    while place < len(line.words):
        word = line.words[place]
        inside = next((one for one in view.spans if one.start <= word.start < one.end), None)
        mark = marks.get(place)
        if inside is not None:
            if inside != last_span:
                view.words.append(Word(inside.start, inside.end, QUOTE, QUOTE))
            last_span = inside
            place += 1
        elif mark is not None and _speaks(mark, line, cast.language):
            last = line.words[mark.end - 1]
            view.marks[len(view.words)] = mark
            # "Two men" stay words: they may be suspects of whom the phrases speak.
            is_one = mark.side in (OFFICIAL, TARGET) or bool(mark.name)
            folded = PLACEHOLDERS[mark.side] if is_one and mark.side != PRONOUN else word.folded
            view.words.append(Word(word.start, last.end if is_one else word.end, word.text, folded))
            place = mark.end if is_one else place + 1
        else:
            view.words.append(word)
            place += 1
    view.claims = [
        one for one in _claims(view, cast.language)
        if one.first >= len(view.words) or not view.is_woven(one.first)
    ]  # fmt: skip
    return view


def subject_of(
    view: View, language: str, first: int, end: int, *, speaks: bool = True
) -> Mark | None:
    """Return who does what the words `first` up to `end` say: behind them if the sentence is turned
    round ("said the minister"), else the nearest one before that can be a subject.
    """
    if language == "ru":
        # "В полиции сообщили", but not "в полиции сообщила".
        verbs = view.words[first : max(end, first + 1)]
        speaks = speaks and any(word.folded.endswith(PLURAL) for word in verbs)
    behind = _behind(view, language, end, speaks=speaks)
    if behind is not None and (language == "kk" or _is_turned(view, first)):
        return behind
    before = _before(view, language, first, speaks=speaks)
    return before or behind


def _is_turned(view: View, first: int) -> bool:
    """Say whether a quotation or comma stands right before the verb: its subject follows then."""
    if first == 0 or view.words[first - 1].folded == QUOTE:
        return True
    gap = _between(view, first - 1, first)
    return "," in gap or "—" in gap or "–" in gap


def _before(view: View, language: str, first: int, *, speaks: bool = True) -> Mark | None:
    # "Met her and said": whose verb it is stands at the head, as in Kazakh.
    is_headed = language == "kk" or (first > 0 and view.words[first - 1].folded in AND)
    jump = first if is_headed else _apposition(view, first)
    found: Mark | None = None
    for place in range(jump - 1, max(-1, jump - 1 - BEFORE), -1):
        is_quote = view.words[min(place + 1, len(view.words) - 1)].folded == QUOTE
        gap = _between(view, place, place + 1) if place + 1 < first else ""
        if not is_quote and (APART_KAZAKH if language == "kk" else APART).search(gap):
            break
        if found is not None and "," in gap and language != "kk":
            break
        if place in view.marks and can_be_subject(view, language, place, speaks=speaks):
            # A Kazakh sentence begins with the one who says what ends it.
            if not is_headed:
                return view.marks[place]
            found = view.marks[place]
    return found


def _apposition(view: View, first: int) -> int:
    """Return where to look from: before "…, who met the press," when such words stand between."""
    if not first or "," not in _between(view, first - 1, first):
        return first
    for place in range(first - 2, max(0, first - BEFORE), -1):
        if "," in _between(view, place, place + 1):
            return place + 1
    return first


def _behind(view: View, language: str, end: int, *, speaks: bool) -> Mark | None:
    reach = 3 if language == "kk" else BEHIND
    for place in range(end, min(end + reach, len(view.words))):
        gap = _between(view, place - 1, place) if place else ""
        if APART.search(gap) or (place > end and "," in gap) or "." in gap:
            return None
        if view.words[place].folded == QUOTE:
            return None
        if place in view.marks and can_be_subject(view, language, place, speaks=speaks):
            return view.marks[place]
    return None


def _between(view: View, place: int, other: int) -> str:
    start = view.line.sentence.start
    return view.line.sentence.text[view.words[place].end - start : view.words[other].start - start]


def can_be_subject(view: View, language: str, place: int, *, speaks: bool = True) -> bool:
    """Say whether whoever stands at a word is not merely spoken to or of there.

    Those who speak may do so "in the ministry".
    """
    mark = view.marks[place]
    if view.is_woven(place):
        return False
    if mark.side == PRONOUN:
        return True
    if language == "kk":
        return is_nominative(view.line.words[mark.end - 1].folded, speaks=speaks)
    grammar = grammar_of(language)
    before = view.words[place - 1].folded if place else ""
    if before in SMALL and place > 1:
        before = view.words[place - 2].folded
    if before in grammar.spoken_to or language == "en":
        return before not in grammar.spoken_to and before != "by"
    head = view.line.words[mark.first]
    if before in grammar.into:
        return speaks and is_inside(head)
    genitive = grammar.genitive_person if mark.is_person else grammar.genitive
    is_case = grammar.oblique.search(head.folded) or genitive.search(head.folded)
    return head.text.isupper() or not is_case


def _speaks(mark: Mark, line: Line, language: str) -> bool:
    """Say whether a mark is somebody at all: "a Telegram channel" and "on Facebook" are not."""
    if mark.kind != PLATFORM or mark.is_person:
        return True
    grammar = grammar_of(language)
    before = line.words[mark.first - 1].folded if mark.first else ""
    behind = line.words[mark.end : mark.end + 1]
    if behind and any(grammar.not_platform.at(behind, 0)):
        return False
    if language == "kk":
        last = line.words[mark.end - 1].folded
        return not re.search(r"-?(?:да|де|та|те|дағы|дегі|тағы|тегі|ға|ге|қа|ке)$", last)
    if before in grammar.into:
        # "В Meta ответили": a company answers, on a platform one writes.
        beside = line.words[max(0, mark.first - 2) : mark.first - 1]
        beside += line.words[mark.end : mark.end + BEHIND]
        return any(word.folded.endswith(("ли", "ют")) for word in beside)
    return before not in grammar.spoken_to


def _claims(view: View, language: str) -> list[Claim]:
    grammar = grammar_of(language)
    found = _led(view, language)
    for is_weak, first, end in _longest(grammar.verbs.find(view.words)):
        found.append(Claim(first, end, subject_of(view, language, first, end), is_weak))
    for _label, first, end in _longest(grammar.impersonal.find(view.words)):
        if not any(one.mark and one.first < end and first < one.end for one in found):
            found = [one for one in found if not (one.first < end and first < one.end)]
            found.append(Claim(first, end, None, is_impersonal=True))
    for _label, first, end in _longest(grammar.before.find(view.words)):
        mark = next(
            (
                view.marks[k]
                for k in range(end, min(end + BEHIND, len(view.words)))
                if k in view.marks
            ),
            None,
        )
        if mark is not None and mark.side != PRONOUN:
            found.append(Claim(first, end, mark, is_source=True))
    for _label, first, end in _longest(grammar.after.find(view.words)):
        found.append(Claim(first, end, view.marks.get(first), is_source=True))
    for _label, first, end in _longest(grammar.again.find(view.words)):
        again = Mark(first, end, PRONOUN, "person", is_person=True)
        found.append(Claim(first, end, again, is_source=True))
    return sorted(found, key=lambda one: one.first)


def _led(view: View, language: str) -> list[Claim]:
    """Return who is led in by a colon: "The press service: “…”"."""
    found = []
    for place in range(1, len(view.words)):
        if view.words[place].folded == QUOTE and ":" in _between(view, place - 1, place):
            mark = _before(view, language, place)
            if mark is not None:
                found.append(Claim(place, place, mark))
    return found


def _longest(found: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for one in sorted(found, key=lambda hit: hit.first - hit.end):
        if not any(one.first < other.end and other.first < one.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda hit: hit.first)


def with_placeholders(phrase: str, lists: dict[str, Any]) -> str:
    """Return a phrase with its lists and the placeholders for people written out."""
    return with_lists(phrase, {**lists, **PLACEHOLDERS})
