"""What an article says was done to somebody: the passages that name an act, and how real it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tracker.intake.reading.acts.book import book
from tracker.intake.reading.acts.deeds import deeds_in, is_half_quoted
from tracker.intake.reading.acts.objects import by_object, is_of_fake, is_over_harm
from tracker.intake.reading.acts.overlaps import told
from tracker.intake.reading.acts.own import is_own
from tracker.intake.reading.acts.posing import posed_as
from tracker.intake.reading.acts.reality import is_supposed, reality_of
from tracker.intake.reading.acts.telling import without_telling
from tracker.intake.reading.found import Act
from tracker.intake.reading.kinds import Reality

if TYPE_CHECKING:
    from tracker.intake.reading.acts.book import Hit
    from tracker.intake.reading.text import Line, Reading


# What is done by words alone may be told by who says them and by what is said.
OF_WORDS = ("threat.", "smear.official", "harassment.mob", "censorship.pressure")


# What looks like an act to its target and is none.
NO_ACT = (is_own, is_over_harm, is_of_fake)


def acts_in(reading: Reading) -> list[Act]:
    """Return every act in order; one passage may name acts of several types, each type once."""
    acts = [act for line in reading.lines for act in _in_sentence(reading, line)]
    if is_supposed(reading):
        return [replace(act, reality=Reality.HYPOTHETICAL) for act in acts]
    return acts


def _in_sentence(reading: Reading, line: Line) -> list[Act]:
    language = reading.language.value
    hits = [
        hit
        for hit in book(language).find(without_telling(reading, line))
        if not _is_across(reading, line, hit)
    ]
    codes = {hit.rule.code for hit in hits}
    # What a phrase says is not said once more by a verb and a thing.
    hits += [hit for hit in deeds_in(reading, line) if hit.rule.code not in codes]
    hits = [by_object(language, line.words, hit) for hit in hits]
    hits = told([hit for hit in hits if not any(one(language, line.words, hit) for one in NO_ACT)])
    return [_act(reading, line, hit) for hit in sorted(hits, key=_place)]


def _is_across(reading: Reading, line: Line, hit: Hit) -> bool:
    """Say whether one half of an act is what somebody says and the other is not."""
    if hit.is_whole or hit.rule.code.startswith(OF_WORDS):
        return False
    words = line.words
    return is_half_quoted(reading.text[words[hit.first].start : words[hit.end - 1].end])


def _place(hit: Hit) -> tuple[int, int, str]:
    return hit.first, hit.end, hit.rule.code


def _act(reading: Reading, line: Line, hit: Hit) -> Act:
    start, end = line.words[hit.first].start, line.words[hit.end - 1].end
    reality = reality_of(reading, line, hit)
    # A lie that is denied has been told all the same.
    is_untrue = reality in (Reality.DENIED, Reality.NEGATED)
    if is_untrue and hit.rule.code.startswith("disinformation."):
        reality = Reality.HAPPENED
    return Act(
        code=hit.rule.code,
        passage=reading.passage(start, end),
        reality=reality,
        score=hit.rule.score,
        toward=hit.rule.toward,
        purported_as=posed_as(reading.language.value, line.words, hit),
    )
