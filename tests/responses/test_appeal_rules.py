"""When an appeal is overdue, and which dates contradict each other."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.responses.codes import AppealOutcome
from tracker.responses.models import Appeal, OfficialResponse
from tracker.responses.rules import (
    is_answer_too_early,
    is_due_before_sent,
)
from tracker.review.codes import EditorialState
from tracker.when import parse_when

DUE = date(2025, 7, 15)
KNOWN_BY = date(2026, 1, 1)


def appeal(**given: object) -> Appeal:
    values = {"due_on": DUE, "outcome": AppealOutcome.PENDING, "state": EditorialState.DRAFT}
    return Appeal(**(values | given))


@pytest.mark.parametrize(
    ("given", "today", "days"),
    [
        # On the day itself an answer may still come.
        ({}, date(2025, 7, 15), 0),
        ({}, date(2025, 7, 16), 1),
        ({}, date(2025, 8, 15), 31),
        ({"due_on": None}, date(2025, 8, 15), 0),
        ({"outcome": AppealOutcome.ANSWERED}, date(2025, 8, 15), 0),
        ({"outcome": AppealOutcome.REFERRED}, date(2025, 8, 15), 0),
        # Somebody has said already that no answer will come: nothing is awaited.
        ({"outcome": AppealOutcome.NO_REPLY}, date(2025, 8, 15), 0),
        ({"state": EditorialState.RETRACTED}, date(2025, 8, 15), 0),
    ],
)
def test_an_appeal_is_overdue_from_the_day_after_while_an_answer_is_awaited(given, today, days):
    assert appeal(**given).days_overdue(today) == days


@pytest.mark.parametrize(
    ("sent", "day", "contradicts"),
    [
        ("2025-06-16", date(2025, 6, 15), True),
        ("2025-06-16", date(2025, 6, 16), False),
        # Some day in June: only what lies before all of it is certainly wrong.
        ("2025-06", date(2025, 6, 1), False),
        ("2025-06", date(2025, 5, 31), True),
        ("", date(2020, 1, 1), False),
    ],
)
def test_only_what_is_certainly_before_the_sending_contradicts_it(sent, day, contradicts):
    when = parse_when(sent, latest_possible_date=KNOWN_BY)

    assert is_due_before_sent(day, when) is contradicts
    assert (
        is_answer_too_early(parse_when(day.isoformat(), latest_possible_date=KNOWN_BY), when)
        is contradicts
    )


@pytest.mark.parametrize(
    ("answered", "late"),
    [("2025-06-30", 0), ("2025-07-01", 1), ("2025-08", 32), ("2025-06", 0), ("", 0)],
)
def test_an_answer_came_late_by_as_many_days_as_it_certainly_did(answered, late):
    asked = appeal(due_on=date(2025, 6, 30), outcome=AppealOutcome.ANSWERED)
    assert asked.days_late == 0

    response = OfficialResponse()
    response.when = parse_when(answered, latest_possible_date=KNOWN_BY)
    asked.response = response

    assert asked.days_late == late
