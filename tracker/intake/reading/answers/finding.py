"""How authorities answered what was done to the journalist: who, with what words, how often."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.intake.reading.answers.deeds import (
    doer_of,
    hits_of,
    is_past,
    newest_year,
    speaker_of,
    spoken_hits,
)
from tracker.intake.reading.answers.joining import OFFICIAL, SCENE, TARGET
from tracker.intake.reading.answers.occasions import STANDING, Draft, occasions, telling
from tracker.intake.reading.answers.speakers import Cast
from tracker.intake.reading.answers.speech import spans_in
from tracker.intake.reading.answers.stances import (
    ANYONE,
    DOES,
    IMPERSONAL,
    ORDER,
    best,
    fitting,
    labels_in,
    plain_kind,
    stance_of,
)
from tracker.intake.reading.answers.talk import Talk
from tracker.responses.codes import ActType, Stance, Standing

if TYPE_CHECKING:
    from tracker.intake.reading.answers.joining import Mark
    from tracker.intake.reading.answers.stances import Hit
    from tracker.intake.reading.answers.talk import Turn
    from tracker.intake.reading.answers.voices import Claim
    from tracker.intake.reading.found import Person, Response
    from tracker.intake.reading.targets.aiming import Aimed
    from tracker.intake.reading.text import Reading

# Shorter quotations are part of what somebody else says of them.
QUOTED_WORDS = 4
MOST_ACTS = 2
# A sentence about the journalist makes so many beside it count.
NEAR = 2
# What a statement must hold beside the speaker and the verb, in words.
TOLD_WORDS, LED_WORDS, CALLED_WORDS = 5, 3, 2
THAT = frozenset({"that", "что", "будто", "деп", "екенін"})
OUTSIDE = frozenset({Standing.OTHER_STATE, Standing.INTERGOVERNMENTAL})
# Incidents that are words of officials themselves, and no answer to anything.
HOSTILE = frozenset({"smear.official", "threat.legal", "censorship.pressure"})
BREAKS = {
    "en": r"[;:]|,? (?:and|but|while|though|although|whereas|adding|however)(?= )|, ",
    "ru": r"[;:]|, (?:а|но|и|однако|добавив|хотя|при этом)(?= )| и (?=\w+(?:л|ла|ли|ло|ют|ет)\b)",
    "kk": r"[;:]|, (?:ал|бірақ|алайда|сондай-ақ)(?= )|(?<=ып),? |(?<=іп),? ",
}


def responses_in(reading: Reading, people: list[Person], aimed: Aimed) -> list[Response]:
    """Return what authorities said or did about what was done, in the order of the article."""
    if not aimed.is_incident:
        return []
    spans = spans_in(reading)
    cast = Cast(reading, people, aimed)
    talk = Talk(reading, cast, spans)
    reader = _Reader(reading, cast, talk, aimed)
    drafts = [draft for number in range(len(talk.turns)) for draft in reader.drafts(number)]
    return occasions(reading, telling(drafts))


class _Reader:
    """Finds the acts in each sentence of a talk."""

    def __init__(self, reading: Reading, cast: Cast, talk: Talk, aimed: Aimed) -> None:
        self.reading, self.cast, self.talk, self.aimed = reading, cast, talk, aimed
        self.language = reading.language.value
        self.newest = newest_year(reading)
        about = [self._is_about(turn) for turn in talk.turns]
        self.bears = [
            any(about[max(0, number - NEAR) : number + NEAR + 1]) for number in range(len(about))
        ]

    def drafts(self, number: int) -> list[Draft]:
        """Return the acts in one sentence."""
        turn = self.talk.turns[number]
        if self.cast.is_heading(turn.view.line) or is_past(self.language, turn, self.newest):
            return []
        hits = hits_of(self.language, turn, self.aimed)
        found: list[Draft] = []
        for spoken in turn.spoken:
            if spoken.mark is not None and spoken.mark.side == OFFICIAL and self.bears[number]:
                found += self._direct(turn, spoken.span.start, spoken.span.end, spoken.mark, hits)
        found += self._told(number, hits, is_quoted=bool(found))
        words = turn.view.words
        told: list[Claim | Hit] = [*(claim for claim, _mark in turn.claims), *hits]
        told_at = [(words[one.first].start, words[one.end - 1].end) for one in told if _has(one)]
        return [draft._replace(told_at=tuple(told_at)) for draft in found]

    def _is_about(self, turn: Turn) -> bool:
        """Say whether a sentence is about the journalist or what was done."""
        line = turn.view.line.sentence
        return (
            any(mark.side == TARGET for mark in turn.view.marks.values())
            or any(line.start <= act.passage.start < line.end for act in self.aimed.acts)
            or "about" in labels_in(self.language, "gates", turn.view.line.words)
        )

    def _direct(self, turn: Turn, start: int, end: int, mark: Mark, told: list[Hit]) -> list[Draft]:
        words = [word for word in turn.view.line.words if start <= word.start < end]
        hit = best(spoken_hits(self.language, words, self.aimed)) or best(
            one for one in told if one.rule.by == DOES
        )
        if hit is None and len(words) < QUOTED_WORDS:
            return []
        if hit is None and ((mark.kind == SCENE and not mark.name) or self._is_hostile(turn)):
            return []
        kind = fitting(hit.rule.kind if hit else plain_kind(self.language, words), mark.kind)
        stance = stance_of(self.language, kind, hit.rule.stance if hit else Stance.UNCLEAR, words)
        last = max(words[-1].end, start + len(self.reading.text[start:end].rstrip(" ,;—–-")))
        quotation = next(
            (one.start for one in self.talk.spans if one.start <= start < one.end), start
        )
        first = words[0].start
        if len(words) < QUOTED_WORDS:
            # Two words say too little without who said them.
            first, last = turn.view.line.sentence.start, turn.view.line.sentence.end
        return [Draft(kind, first, last, quotation, stance, mark, 0.8, "quoted")]

    def _told(self, number: int, hits: list[Hit], *, is_quoted: bool) -> list[Draft]:
        """Return what a sentence reports in its own words; what it quotes is left out."""
        turn = self.talk.turns[number]
        if is_quoted:
            hits = [hit for hit in hits if hit.rule.by in (ANYONE, IMPERSONAL)]
        chosen = self._chosen(turn, hits)
        if chosen:
            return [self._reported(turn, hit, is_only=len(chosen) == 1) for hit in chosen]
        mark = next((one for claim, one in turn.claims if _states(claim, one)), None)
        if is_quoted or mark is None or not self.bears[number] or not self._is_statement(turn):
            return []
        line, words = turn.view.line.sentence, turn.view.line.words
        kind = fitting(plain_kind(self.language, words), mark.kind)
        stance = stance_of(self.language, kind, Stance.UNCLEAR, words)
        start, end = self._woven(turn, line.start, line.end) or (line.start, line.end)
        quotation = start if start > line.start else -1
        return [Draft(kind, start, end, quotation, stance, mark, 0.5, "reported")]

    def _is_statement(self, turn: Turn) -> bool:
        """Say whether something is said at all, and no order given or insult repeated."""
        line = turn.view.line.sentence
        is_outside = any(mark and STANDING.get(mark.kind) in OUTSIDE for _c, mark in turn.claims)
        is_led = any(claim.is_source for claim, _mark in turn.claims)
        is_led |= any(word.folded in THAT for word in turn.view.words)
        # Kazakh says in three words what takes five elsewhere.
        needed = LED_WORDS if is_led or self.language == "kk" else TOLD_WORDS
        needed = CALLED_WORDS if is_outside else needed
        used = {k for claim, _mark in turn.claims for k in range(claim.first, claim.end)}
        told = {mark for _claim, mark in turn.claims}
        used |= {k for k, mark in turn.view.marks.items() if mark in told}
        return (
            not self._is_hostile(turn)
            and not line.text.rstrip().endswith(":")
            and len(turn.view.words) - len(used) >= needed
            and "order" not in labels_in(self.language, "gates", turn.view.words)
        )

    def _is_hostile(self, turn: Turn) -> bool:
        """Say whether the sentence repeats the insult or threat that is itself the incident."""
        line = turn.view.line.sentence
        return any(
            act.code in HOSTILE and line.start <= act.passage.start < line.end
            for act in self.aimed.acts
        )

    def _chosen(self, turn: Turn, hits: list[Hit]) -> list[Hit]:
        """Return the best act of each clause, two at most."""
        clauses: dict[tuple[int, int], list[Hit]] = {}
        for hit in hits:
            clauses.setdefault(self._clause(turn, hit), []).append(hit)
        kinds: dict[ActType, Hit] = {}
        for one in map(best, clauses.values()):
            if one is not None:
                kinds.setdefault(one.rule.kind, one)
        ranked = sorted(kinds.values(), key=lambda one: ORDER.index(one.rule.kind))[:MOST_ACTS]
        return sorted(ranked, key=lambda one: one.first)

    def _clause(self, turn: Turn, hit: Hit) -> tuple[int, int]:
        """Return where the clause begins and ends in which the words of an act stand."""
        line = turn.view.line.sentence
        first, last = turn.view.words[hit.first].start, turn.view.words[hit.end - 1].end
        start, end = line.start, line.end
        for one in re.finditer(BREAKS[self.language], line.text):
            if line.start + one.end() <= first:
                start = line.start + one.end()
            elif line.start + one.start() >= last:
                end = line.start + one.start()
                break
        return start + len(self.reading.text[start:end]) - len(
            self.reading.text[start:end].lstrip()
        ), end

    def _reported(self, turn: Turn, hit: Hit, *, is_only: bool) -> Draft:
        line = turn.view.line.sentence
        start, end = (line.start, line.end) if is_only else self._clause(turn, hit)
        # Who tells that others are investigating is the one who answers.
        mark = speaker_of(turn, hit)
        if mark is None:
            doer = doer_of(self.language, turn, hit)
            mark = doer if doer is not None and doer.side == OFFICIAL else turn.around
        kind = fitting(hit.rule.kind, mark.kind if mark else "")
        stance = stance_of(self.language, kind, hit.rule.stance, turn.view.words)
        first, last = turn.view.words[hit.first].start, turn.view.words[hit.end - 1].end
        woven = self._woven(turn, first, last)
        if woven is not None:
            start, end = woven if is_only else (max(start, woven[0]), min(end, woven[1]))
        quotation = start if woven else -1
        return Draft(kind, start, end, quotation, stance, mark, 0.6, hit.rule.by)

    def _woven(self, turn: Turn, first: int, last: int) -> tuple[int, int] | None:
        """Return the longest quotation inside a reported sentence that holds an act."""
        found = [
            (one.start, one.end)
            for one in turn.view.woven
            if first <= one.start < one.end <= last or one.start <= first < last <= one.end
        ]
        return max(found, key=lambda one: one[1] - one[0], default=None)


def _has(told: Claim | Hit) -> bool:
    """Say whether any words tell it: who is led in by a colon has no verb."""
    return told.first < told.end


def _states(claim: Claim, mark: Mark | None) -> bool:
    """Say whether a claim by itself is a statement; "called on" is one only of other states and
    bodies between them, and what a policeman says on the spot is part of what was done.
    """
    if mark is None or mark.side != OFFICIAL or (mark.kind == SCENE and not mark.name):
        return False
    return not claim.is_weak or STANDING.get(mark.kind) in OUTSIDE
