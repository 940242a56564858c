"""An article as a talk: who says each sentence and each quotation, carried over "she added"."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tracker.intake.reading.answers.joining import (
    COMPANY,
    GENERIC,
    NOT_KINDS,
    OFFICIAL,
    ORGANISATIONS,
    OTHER,
    OUTLETS,
    PRONOUN,
    SPEAKING,
    Mark,
)
from tracker.intake.reading.answers.speech import Span
from tracker.intake.reading.answers.voices import PLATFORM, QUOTE, View, view_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.intake.reading.answers.speakers import Cast
    from tracker.intake.reading.answers.voices import Claim
    from tracker.intake.reading.text import Reading

# A speaker is carried over so many sentences, a body spoken to over fewer.
CARRIED, ASKED = 3, 2
# So far back a name is looked for, so that a long text takes no longer by the sentence.
REMEMBERED = 200


class Spoken(NamedTuple):
    """Words of somebody's own in one sentence, and who says them, None where nobody is told."""

    span: Span
    mark: Mark | None


@dataclass
class Turn:
    """A sentence with everybody resolved whom its pronouns and bare offices mean."""

    view: View
    claims: list[tuple[Claim, Mark | None]] = field(default_factory=list)
    spoken: list[Spoken] = field(default_factory=list)
    # The authority spoken of just before, for "there", "the reply" and steps without a subject.
    around: Mark | None = None
    # Who "he", "she" and "they" are in it.
    carried: Mark | None = None
    # Gives "the ministry" the name under which it came before.
    full: Callable[[Mark | None], Mark | None] = field(default=lambda mark: mark)
    cast: Cast | None = None

    @property
    def speaker(self) -> Mark | None:
        """Return the last one who says something in it."""
        if self.spoken and self.spoken[-1].mark is not None and not self.claims:
            return self.spoken[-1].mark
        return next((mark for _claim, mark in reversed(self.claims) if mark is not None), None)

    def resolve(self, mark: Mark | None) -> Mark | None:
        """Return whom a mark of this sentence means."""
        if mark is None or mark.side != PRONOUN:
            return mark
        if mark.kind == "place":
            return self.around
        if mark.kind == COMPANY:
            is_platform = self.around is not None and self.around.kind == PLATFORM
            return self.around if is_platform else mark._replace(side=OTHER)
        if mark.kind == "body":
            # "At city hall they said".
            here = [one for one in self.view.officials() if one.first < mark.first]
            if here and not here[-1].is_person:
                return here[-1]
        told = self.cast.meant(self.view.line.words[mark.first].start) if self.cast else None
        if told is not None:
            return told
        # "The spokesman said he would": who speaks in the sentence already.
        said = [
            one for claim, one in self.claims
            if one is not None and claim.mark is not None and claim.mark.first < mark.first
        ]  # fmt: skip
        return said[-1] if said else self.carried

    def meant_by_nobody(self) -> Mark | None:
        """Return whose an "it should be" is: of the lawyer who thinks so in this sentence, or else
        of the authority named last.
        """
        said = next((mark for _claim, mark in reversed(self.claims) if mark is not None), None)
        return said if said is not None and said.side != OFFICIAL else self.around


class Talk:
    """All turns of an article, in order."""

    def __init__(self, reading: Reading, cast: Cast, spans: list[Span]) -> None:
        self.turns: list[Turn] = []
        self.spans = spans
        self.cast = cast
        self._known: list[Mark] = []
        quoted = [Span(*one) for one in reading.speech]
        for line in reading.lines:
            self._take(view_of(line, cast, spans, quoted), cast)
        for number, turn in enumerate(self.turns):
            self._owners(number, turn)

    def _take(self, view: View, cast: Cast) -> None:
        turn = Turn(
            view, around=self._around(view), carried=self._carried(), full=self.full, cast=cast
        )
        for claim in view.claims:
            mark = turn.meant_by_nobody() if claim.is_impersonal else turn.resolve(claim.mark)
            turn.claims.append((claim, self.full(mark)))
        self._known += [one for one in view.marks.values() if _is_body(one) or one.name]
        self.turns.append(turn)

    def full(self, mark: Mark | None) -> Mark | None:
        """Give "the ministry" and "the spokesman" the name under which they came before."""
        if mark is None or mark.side != OFFICIAL:
            return mark
        if mark.kind == GENERIC or (mark.kind == SPEAKING and not mark.body):
            body = self._last_body()
            if body is not None and body.side == OFFICIAL:
                return mark._replace(kind=body.kind, body=body.body)
            return mark if mark.kind == GENERIC else mark._replace(side=OTHER)
        known = [
            one
            for one in self._known[-REMEMBERED:]
            if one.side == OFFICIAL and one.kind == mark.kind
        ]
        return mark if mark.name else _fuller(mark, known)

    def _last_body(self) -> Mark | None:
        """Return the body a bare "spokesman" speaks for: the first in the sentence named last."""
        for turn in reversed(self.turns[-REMEMBERED:]):
            for _place, one in sorted(turn.view.marks.items()):
                if _is_body(one) and one.kind not in NOT_KINDS:
                    return self.full(one)
        return None

    def _around(self, view: View) -> Mark | None:
        """Return the last authority named, spoken to included, in this or the sentences before."""
        own = [one for one in view.officials() if one.kind not in NOT_KINDS] or view.officials()
        if own:
            return self.full(own[0])
        for turn in reversed(self.turns[-ASKED:]):
            if turn.view.officials():
                return self.full(turn.view.officials()[-1])
            if turn.speaker is not None and turn.speaker.side == OFFICIAL:
                return turn.speaker
        return None

    def _carried(self) -> Mark | None:
        """Return the one who spoke last, if nobody else stands between."""
        for turn in reversed(self.turns[-CARRIED:]):
            if turn.speaker is not None:
                return turn.speaker
            people = [one for one in turn.view.marks.values() if one.is_person]
            if people and people[0].side != PRONOUN:
                return self.full(people[0])
        return None

    def _owners(self, number: int, turn: Turn) -> None:
        for span in turn.view.spans:
            mark = self._nearest(turn, span) or self._beside(number, span)
            turn.spoken.append(Spoken(span, mark))

    def _nearest(self, turn: Turn, span: Span) -> Mark | None:
        """Return who says a quotation by the claim next to it in its own sentence."""
        places = [
            k for k, word in enumerate(turn.view.words)
            if word.folded == QUOTE and word.start == span.start
        ]  # fmt: skip
        if not places or not turn.claims:
            return None
        place = places[0]

        def distance(claim: Claim) -> int:
            return place - claim.end if claim.first < place else claim.first - place

        nearest = min(turn.claims, key=lambda one: (distance(one[0]), one[1] is None))
        return nearest[1]

    def _told_of(self, turn: Turn, span: Span) -> Mark | None:
        """Return the last one named before a quotation in a sentence that tells of it."""
        named = [
            (k, mark) for k, mark in sorted(turn.view.marks.items())
            if turn.view.words[k].start < span.start
        ]  # fmt: skip
        return turn.resolve(named[-1][1]) if named else None

    def _beside(self, number: int, span: Span) -> Mark | None:
        """Return who says a quotation whose own sentence does not: the sentences around do."""
        turn = self.turns[number]
        paragraph = turn.view.line.paragraph
        inside = self._told_of(turn, span)
        if inside is not None:
            return inside
        before = self.turns[number - 1] if number else None
        after = self.turns[number + 1] if number + 1 < len(self.turns) else None
        if after is not None and after.claims and _is_one_quotation(turn, after):
            return self._nearest(after, after.view.spans[0])
        if before is not None and before.speaker is not None:
            is_close = before.view.line.paragraph == paragraph
            is_led = before.view.line.sentence.text.rstrip().endswith(":")
            if is_close or is_led or before.view.spans:
                return before.speaker
        led_out = self._led_out(number) if after is not None and _goes_on(turn, after) else None
        return led_out or (before.speaker if before is not None else None)

    def _led_out(self, number: int) -> Mark | None:
        """Return who a following sentence says has spoken, over the rest of the quotation."""
        for after in self.turns[number + 1 : number + 1 + CARRIED]:
            if after.claims:
                return next((mark for _claim, mark in after.claims if mark is not None), None)
            if not after.view.spans:
                break
        return None


def _fuller(mark: Mark, known: list[Mark]) -> Mark:
    """Return the latest of a kind that has the person's name, or a longer name of the body."""
    for one in reversed([one for one in known if one.side == OFFICIAL]):
        if mark.is_person and one.name:
            return one
        if not mark.is_person and len(one.body) > len(mark.body):
            return mark._replace(body=one.body)
    return mark


def _is_body(mark: Mark) -> bool:
    """Say whether a mark is a body, an outlet or an organisation rather than a person."""
    return bool(mark.body) or mark.kind in (OUTLETS, ORGANISATIONS)


def _is_one_quotation(turn: Turn, after: Turn) -> bool:
    """Say whether a quotation runs from one sentence into the next."""
    spans, line = after.view.spans, after.view.line.sentence
    return (
        bool(spans)
        and spans[0].start <= line.start + 1
        and turn.view.spans[-1].end >= turn.view.line.sentence.end
    )


def _goes_on(turn: Turn, after: Turn) -> bool:
    """Say whether the next sentence belongs to the same quotation or tells who said it."""
    line = after.view.line
    return line.paragraph == turn.view.line.paragraph or line.sentence.text[:1].islower()
