"""The accountability ladder, worked by hand: which entry puts a case where it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from tests.timelines.facts_made import event, incident, response, step
from tracker.cases.codes import Accountability
from tracker.fake_accounts.codes import AccountEvent
from tracker.responses.codes import ActType, ProceedingDirection, Standing, StepOfProceeding
from tracker.responses.rules import steps_in_order
from tracker.review.codes import EditorialState
from tracker.timelines.build import Fact
from tracker.timelines.situation import derive_accountability_step

VISIT = incident("INC-1", "2025-03-04", "2025-03-06")
SAID = response("RSP-1", "2025-03-10", ActType.CONDEMNATION)
ANNOUNCED = response("RSP-2", "2025-03-12", ActType.INVESTIGATION_ANNOUNCED)
S = StepOfProceeding


@dataclass(frozen=True)
class Turn:
    """A step as the order of a proceeding reads it."""

    of: Fact

    @property
    def step(self):
        return self.of.step

    @property
    def earliest(self):
        return self.of.when.earliest

    @property
    def latest(self):
        return self.of.when.latest


def stands(*facts):
    rung = derive_accountability_step([VISIT, *facts], "KZ")
    return rung.step.value, rung.reached_by and (
        rung.reached_by.ref,
        rung.reached_by.when.latest.isoformat(),
    )


def file(ref, **steps):
    """Return the steps of a proceeding by their months in 2025."""
    return [step(ref, f"2025-{month:02}-01", S(code)) for code, month in steps.items()]


def test_nothing_stands_at_no_response():
    assert stands() == ("no_response", None)


@pytest.mark.parametrize(
    "nothing",
    [
        response("RSP-1", "2025-03-10", ActType.NO_COMMENT),
        response("RSP-1", "2025-03-10", ActType.COUNTERMEASURE),
        response("RSP-1", "2025-03-10", ActType.CONDEMNATION, standing=Standing.OTHER_STATE),
        response("RSP-1", "2025-03-10", ActType.CONDEMNATION, state=EditorialState.RETRACTED),
        step("PRC-1", "2025-03-10", S.FILED),
        step("PRC-1", "2025-03-10", S.TRIAL, country="PL"),
        step("PRC-1", "2025-03-10", S.SENTENCE, direction=ProceedingDirection.AGAINST_TARGET),
        step("PRC-1", "2025-03-10", S.VERDICT, direction=ProceedingDirection.BY_TARGET),
        event("ACC-1", "2025-03-10", AccountEvent.REMOVED_BY_PLATFORM, by_state=False),
    ],
    ids=lambda one: f"{one.kind}-{one.types[0].code}",
)
def test_what_is_no_answer_of_the_responsible_state_reaches_nothing(nothing):
    assert stands(nothing) == ("no_response", None)


@pytest.mark.parametrize(
    ("reaches", "what"),
    [
        ("statements_only", SAID),
        ("statements_only", response("RSP-1", "2025-03-10", ActType.PLEDGE)),
        ("statements_only", response("RSP-1", "2025-03-10", ActType.COMPLAINT_REGISTERED)),
        ("statements_only", step("PRC-1", "2025-03-10", S.REGISTERED)),
        ("statements_only", event("ACC-1", "2025-03-10", AccountEvent.BLOCKED)),
        ("investigation_announced", ANNOUNCED),
        ("investigation_registered", response("RSP-1", "2025-03-10", ActType.INVESTIGATION_OPENED)),
        ("investigation_registered", step("PRC-1", "2025-03-10", S.OPENED)),
        ("investigation_registered", step("PRC-1", "2025-03-10", S.SUSPENDED)),
        ("suspects_or_charges", step("PRC-1", "2025-03-10", S.SUSPECT_IDENTIFIED)),
        ("suspects_or_charges", step("PRC-1", "2025-03-10", S.CHARGED)),
        ("trial", step("PRC-1", "2025-03-10", S.TRIAL)),
        ("trial", step("PRC-1", "2025-03-10", S.VERDICT)),
        ("partial_justice", step("PRC-1", "2025-03-10", S.SENTENCE)),
        ("partial_justice", step("PRC-1", "2025-03-10", S.COMPULSORY_TREATMENT)),
        ("closed_without_result", step("PRC-1", "2025-03-10", S.REFUSED)),
        (
            "closed_without_result",
            response("RSP-1", "2025-03-10", ActType.INVESTIGATION_CLOSED),
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else one.types[0].code,
)
def test_each_act_and_step_reaches_its_rung(reaches, what):
    assert stands(what)[0] == reaches
    assert stands(what)[1][0] == what.ref


def test_the_entry_that_reached_the_step_first_is_named():
    later = response("RSP-3", "2025-04-12", ActType.INVESTIGATION_ANNOUNCED)

    assert stands(SAID, later, ANNOUNCED) == ("investigation_announced", ("RSP-2", "2025-03-12"))


def test_what_is_suspended_stays_where_it_was():
    facts = file("PRC-1", opened=2, charged=3, suspended=4)

    assert stands(*facts) == ("suspects_or_charges", ("PRC-1", "2025-03-01"))


def test_a_file_that_is_closed_ends_what_was_announced_before_and_what_it_had_reached():
    facts = file("PRC-1", opened=4, suspect_identified=5, closed=6)

    assert stands(SAID, ANNOUNCED, *facts) == ("closed_without_result", ("PRC-1", "2025-06-01"))


def test_words_after_the_end_open_nothing_again_but_a_registered_investigation_does():
    closed = file("PRC-1", opened=2, closed=3)
    opened = response("RSP-3", "2025-05-12", ActType.INVESTIGATION_OPENED)

    assert stands(*closed, ANNOUNCED)[0] == "closed_without_result"
    assert stands(*closed, opened) == ("investigation_registered", ("RSP-3", "2025-05-12"))
    assert stands(*closed, step("PRC-1", "2025-05-12", S.OPENED))[0] == "investigation_registered"


def test_another_file_that_is_open_keeps_the_case_where_that_one_stands():
    facts = [*file("PRC-1", opened=2, closed=3), *file("PRC-2", opened=1, charged=2)]

    assert stands(*facts) == ("suspects_or_charges", ("PRC-2", "2025-02-01"))


def test_a_file_closed_after_its_sentence_leaves_the_sentence():
    assert stands(*file("PRC-1", trial=2, sentence=3, closed=4)) == (
        "partial_justice", ("PRC-1", "2025-03-01"),
    )  # fmt: skip


def test_words_that_end_something_are_no_step_above_a_file_that_goes_on():
    closed = response("RSP-3", "2025-05-20", ActType.INVESTIGATION_CLOSED)
    refused = response("RSP-4", "2025-03-20", ActType.INVESTIGATION_REFUSED)

    assert stands(*file("PRC-1", charged=3, trial=4), closed) == ("trial", ("PRC-1", "2025-04-01"))
    assert stands(*file("PRC-1", sentence=4), refused)[0] == "partial_justice"
    assert stands(refused, *file("PRC-1", trial=5)) == ("trial", ("PRC-1", "2025-05-01"))
    # Where nothing else goes on, they are the end.
    assert stands(*file("PRC-1", closed=2), closed) == (
        "closed_without_result", ("RSP-3", "2025-05-20"),
    )  # fmt: skip
    assert stands(*file("PRC-1", registered=2), closed)[0] == "closed_without_result"


def test_what_is_opened_by_word_before_and_after_the_end_is_open_since_the_second_time():
    before = response("RSP-3", "2025-03-10", ActType.INVESTIGATION_OPENED)
    after = response("RSP-4", "2025-05-10", ActType.INVESTIGATION_OPENED)
    closed = step("PRC-1", "2025-04-12", S.CLOSED)

    assert stands(before, closed)[0] == "closed_without_result"
    assert stands(before, closed, after) == (
        "investigation_registered", ("RSP-4", "2025-05-10"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "stands_at", "since"),
    [
        ({"refused": 2, "quashed": 3}, "investigation_registered", 3),
        ({"closed": 2, "quashed": 3, "opened": 4, "trial": 5}, "trial", 5),
        ({"sentence": 2, "quashed": 3, "opened": 4, "trial": 5}, "justice_disputed", 3),
        ({"sentence": 2, "quashed": 3, "compulsory_treatment": 5}, "partial_justice", 5),
        ({"verdict": 2, "quashed": 3}, "justice_disputed", 3),
        ({"sentence": 2, "quashed": 3, "verdict": 4}, "trial", 4),
        ({"verdict": 2, "closed": 3, "quashed": 4}, "investigation_registered", 4),
        ({"charged": 2, "quashed": 3}, "suspects_or_charges", 2),
    ],
    ids=lambda one: "-".join(one) if isinstance(one, dict) else "",
)
def test_only_a_quashed_judgment_is_disputed_and_only_until_the_next(steps, stands_at, since):
    assert stands(*file("PRC-1", **steps)) == (stands_at, ("PRC-1", f"2025-{since:02}-01"))


@pytest.mark.parametrize(
    ("first", "then", "stands_at"),
    [
        (("refused", "2025-05"), ("opened", "2025-05-10"), "investigation_registered"),
        (("opened", "2025-05"), ("closed", "2025-05-20"), "closed_without_result"),
        (("trial", "2025-05"), ("closed", "2025-05-20"), "closed_without_result"),
        (("verdict", "2025-06"), ("quashed", "2025-06-10"), "justice_disputed"),
        (("sentence", "2025-05"), ("quashed", "2025-05-10"), "justice_disputed"),
    ],
    ids=lambda one: one[0] if isinstance(one, tuple) else "",
)
def test_steps_whose_days_overlap_are_taken_in_the_turn_of_the_proceeding(first, then, stands_at):
    # Given the wrong way round: their turn alone tells which of them came first.
    turn = steps_in_order([Turn(step("PRC-1", day, S(code))) for code, day in (then, first)])
    taken = [replace(one.of, part_key=f"{place:04}") for place, one in enumerate(turn)]

    assert stands(*reversed(taken)) == (stands_at, ("PRC-1", then[1]))


def test_a_sentence_after_one_that_was_quashed_is_justice_in_part_again():
    again = step("PRC-1", "2025-06-01", S.SENTENCE)

    assert stands(*file("PRC-1", sentence=2, quashed=3), again) == (
        "partial_justice", ("PRC-1", "2025-06-01"),
    )  # fmt: skip


def test_a_quashed_judgment_is_disputed():
    assert stands(*file("PRC-1", trial=2, sentence=3, quashed=4)) == (
        "justice_disputed", ("PRC-1", "2025-04-01"),
    )  # fmt: skip


def test_what_asks_for_a_judgement_is_never_derived():
    derived = {
        derive_accountability_step([what], "KZ").step
        for code in S
        for what in (step("PRC-1", "2025-03-10", code), *file("PRC-2", sentence=1))
    }

    assert not derived & {Accountability.FULL_JUSTICE, Accountability.COMPLETE_IMPUNITY}
