"""The response record of an institution, worked by hand; and its page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tests.timelines.facts_made import appeal, event, incident, response, step
from tracker.fake_accounts.codes import AccountEvent
from tracker.i18n import DayCount
from tracker.responses.codes import ActType, Standing, StepOfProceeding
from tracker.review.codes import EditorialState
from tracker.timelines.clocks import MedianLatency, response_record_of

TODAY = date(2025, 6, 20)
FIRST = incident("INC-1", "2025-03-04", "2025-03-06")
SECOND = incident("INC-2", "2025-04-01", "2025-04-02")
THIRD = incident("INC-3", "2025-05-01", "2025-05-02")
MINE: dict[str, Any] = {"institution_ref": "INS-1"}


def record(*facts):
    return response_record_of("INS-1", [FIRST, SECOND, THIRD, *facts], today=TODAY)


def rows(found):
    return [
        (
            one.fact.ref,
            [i.ref for i in one.incidents],
            one.delay_since_publication,
            one.delay_since_request,
        )
        for one in found.acts
        if one.stops_clocks
    ]


def test_each_answer_says_after_how_long():
    letter = appeal("APP-1", "2025-03-10", to="INC-1 INC-2", **MINE)
    to_another = appeal("APP-2", "2025-03-07", to="INC-1", institution_ref="INS-2")
    words = response("RSP-1", "2025-03-20", ActType.STATEMENT, to="INC-1", **MINE)
    opened = step("PRC-1", "2025-05", StepOfProceeding.OPENED, to="INC-2", **MINE)
    others = response("RSP-2", "2025-03-07", ActType.STATEMENT, to="INC-1", institution_ref="INS-2")

    found = record(letter, to_another, words, opened, others)

    # 2 April to 1 May: 29 days, to 31 May: 59; 10 March to 1 May: 52, to 31 May: 82.
    assert rows(found) == [
        ("PRC-1", ["INC-2"], DayCount(29, 59), DayCount(52, 82)),
        ("RSP-1", ["INC-1"], DayCount(14, 14), DayCount(10, 10)),
    ]


def test_the_median_is_over_first_answers_between_its_bounds():
    again = response("RSP-2", "2025-06-10", ActType.STATEMENT, to="INC-1", **MINE)
    words = response("RSP-1", "2025-03-20", ActType.STATEMENT, to="INC-1", **MINE)
    more = response("RSP-3", "2025-05", ActType.STATEMENT, to="INC-2", **MINE)

    # 14 days, and 29 to 59: in the middle at least 21 and at most 37 (14 + 59 is 73).
    assert record(words, again, more).median_latency == MedianLatency(DayCount(21, 37), 2)
    assert record().median_latency is None


def test_who_was_asked_and_has_not_answered_is_counted_beside_it():
    letter = appeal("APP-1", "2025-03-10", to="INC-1 INC-2 INC-3", **MINE)
    words = response("RSP-1", "2025-03-20", ActType.STATEMENT, to="INC-1", **MINE)

    waiting = record(letter, words).unanswered_incidents

    assert [(one.incident.ref, [by.ref for by in one.requests]) for one in waiting] == [
        ("INC-2", ["APP-1"]),
        ("INC-3", ["APP-1"]),
    ]


def test_of_the_appeals_by_which_something_waits_those_said_to_be_answered_are_counted():
    pending = appeal("APP-1", "2025-05-10", to="INC-1 INC-2", **MINE)
    said = appeal("APP-2", "2025-05-11", to="INC-1 INC-2", lacks_answer=True, **MINE)

    assert record(pending, said).claimed_answer_count == 1


def test_what_has_waited_the_longest_comes_first():
    letter = appeal("APP-1", "2025-05-10", to="INC-1", **MINE)
    earlier = appeal("APP-2", "2025-04-10", to="INC-2", **MINE)

    assert [one.incident.ref for one in record(letter, earlier).unanswered_incidents] == [
        "INC-2",
        "INC-1",
    ]


def test_what_is_overdue_the_longest_comes_first():
    late = appeal("APP-1", "2025-03-10", to="INC-1", answer_due_on=date(2025, 4, 10), **MINE)
    later = appeal("APP-2", "2025-03-01", to="INC-1", answer_due_on=date(2025, 4, 1), **MINE)
    pending = appeal("APP-3", "2025-06-01", to="INC-1", **MINE)

    assert [one.ref for one in record(late, later, pending).overdue_appeals] == ["APP-2", "APP-1"]


def test_no_comment_countermeasures_and_what_is_retracted_are_no_answers():
    answers = [
        response("RSP-1", "2025-03-20", ActType.NO_COMMENT, to="INC-1", **MINE),
        response("RSP-2", "2025-03-20", ActType.COUNTERMEASURE, to="INC-1", **MINE),
        replace(
            response("RSP-3", "2025-03-20", ActType.STATEMENT, to="INC-1", **MINE),
            state=EditorialState.RETRACTED,
        ),
    ]
    platform = response(
        "RSP-4", "2025-03-20", ActType.TAKEDOWN, to="INC-1", standing=Standing.PLATFORM, **MINE
    )

    found = record(*answers, platform)

    assert (rows(found), found.answer_count, found.median_latency) == ([], 0, None)
    # They are told all the same, but for what is retracted.
    assert [one.fact.ref for one in found.acts] == ["RSP-4", "RSP-2", "RSP-1"]


def test_a_report_taken_in_the_book_is_an_answer_and_not_one_more_question():
    taken = response("RSP-1", "2025-03-20", ActType.COMPLAINT_REGISTERED, to="INC-1", **MINE)

    assert rows(record(taken)) == [("RSP-1", ["INC-1"], DayCount(14, 14), None)]
    assert record(taken).unanswered_incidents == []


def test_what_was_done_before_it_happened_answers_nothing():
    # Blocked on 3 March; on the 4th it came back; asked about on the 10th.
    block = event("ACC-1", "2025-03-03", AccountEvent.BLOCKED, to="INC-1", **MINE)
    letter = appeal("APP-1", "2025-03-10", to="INC-1", **MINE)

    found = record(block, letter)

    assert rows(found) == [("ACC-1", [], None, None)]
    assert (found.median_latency, len(found.unanswered_incidents)) == (None, 1)


def test_what_was_said_before_it_was_asked_leaves_the_question_unanswered():
    words = response("RSP-1", "2025-03-07", ActType.STATEMENT, to="INC-1", **MINE)
    letter = appeal("APP-1", "2025-03-10", to="INC-1", **MINE)
    # Of March: it may have been said after the letter.
    unclear = response("RSP-2", "2025-03", ActType.STATEMENT, to="INC-1", **MINE)

    assert len(record(words, letter).unanswered_incidents) == 1
    assert rows(record(words, letter)) == [("RSP-1", ["INC-1"], DayCount(1, 1), None)]
    assert record(words, letter, unclear).unanswered_incidents == []


def test_of_several_letters_the_first_is_what_an_answer_comes_after():
    first = appeal("APP-1", "2025-03-10", to="INC-1", **MINE)
    words = response("RSP-1", "2025-03-20", ActType.STATEMENT, to="INC-1", **MINE)
    again = appeal("APP-2", "2025-05-10", to="INC-1", **MINE)

    assert record(first, words, again).unanswered_incidents == []


def test_an_answer_is_not_overdue_on_the_day_by_which_it_is_due():
    due = appeal("APP-1", "2025-06-01", to="INC-1", answer_due_on=TODAY, **MINE)
    passed = appeal("APP-2", "2025-06-01", to="INC-1", answer_due_on=date(2025, 6, 19), **MINE)

    assert [one.ref for one in record(due, passed).overdue_appeals] == ["APP-2"]


def test_an_incident_in_outline_stands_beside_no_answer():
    outline = incident("INC-4", "2025-01-04", is_outline=True)
    words = response("RSP-1", "2025-03-20", ActType.STATEMENT, to="INC-1 INC-4", **MINE)

    assert rows(record(outline, words)) == [("RSP-1", ["INC-1"], DayCount(14, 14), None)]
