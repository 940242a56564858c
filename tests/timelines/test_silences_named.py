"""Each silence says about what nobody spoke: an incident, several, or the case as a whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.timelines.facts_made import incident, response, step
from tracker.responses.codes import ActType, ProceedingDirection, StepOfProceeding
from tracker.review.codes import EditorialState
from tracker.timelines.build import Fact
from tracker.timelines.codes import EntryKind
from tracker.timelines.situation import situation_of_case, situation_of_incident
from tracker.timelines.text import timeline_text

TODAY = date(2025, 7, 1)
VISIT = incident("INC-1", "2025-03-01", "2025-03-02", title="A visit")
CALLS = incident("INC-2", "2025-04-01", "2025-04-02", title="Calls")
THREAT = incident("INC-3", "2025-05-01", "2025-05-02", title="A threat")
# To the situation of journalists: it ends the waiting of the case alone.
OF_ALL = response("RSP-1", "2025-05-20", ActType.CONDEMNATION)
TO_CALLS = response("RSP-2", "2025-06-01", ActType.CONDEMNATION, to="INC-2")


def test_each_silence_names_its_incidents_or_the_case():
    stands = situation_of_case([VISIT, CALLS, THREAT, OF_ALL, TO_CALLS], "KZ", today=TODAY)
    named = {
        one.fact.when.latest.isoformat(): one.fact.targets
        for one in stands.entries
        if one.fact.kind is EntryKind.SILENCE
    }

    assert named == {
        "2025-05-20": ("the case as a whole",),
        "2025-06-01": ("Calls (INC-2)",),
        "2025-07-01": ("A visit (INC-1)", "1 more incident"),
    }


def test_a_silence_says_what_was_done_in_proceedings_of_the_target_that_do_not_count():
    def steps(direction: ProceedingDirection) -> list[Fact]:
        return [
            step("PRC-1", day, code, to="INC-1", direction=direction)
            for day, code in (
                ("2025-03-03", StepOfProceeding.FILED),
                ("2025-03-10", StepOfProceeding.REGISTERED),
                ("2025-04-10", StepOfProceeding.REFUSED),
            )
        ]

    def notes(*facts: Fact) -> list[str]:
        entries = situation_of_case(facts, "KZ", today=TODAY).entries
        return [one.fact.note for one in entries if one.fact.kind is EntryKind.SILENCE]

    counts = "no response that counts is on record"
    by_target = steps(ProceedingDirection.BY_TARGET)
    assert notes(VISIT) == [counts]
    assert notes(VISIT, *by_target) == [
        f"{counts}; in proceedings by the target: Complaint registered, Refused"
    ]
    # What concerns another incident alone is not named, nor what was done before.
    assert notes(CALLS, *by_target) == [counts]
    assert notes(VISIT, *steps(ProceedingDirection.AGAINST_TARGET)) == [counts]
    retracted = [replace(one, state=EditorialState.RETRACTED) for one in by_target]
    assert notes(VISIT, *retracted) == [counts]


def test_the_text_says_about_what_nobody_spoke():
    stands = situation_of_incident("INC-1", [VISIT], "KZ", today=TODAY)

    assert "   About: A visit (INC-1)\n" in timeline_text([], stands.entries, lambda one: one.ref)
