"""Clocks, worked by hand: what starts and stops them, and between which bounds they lie."""

from __future__ import annotations

from datetime import date

import pytest

from tests.timelines.facts_made import appeal, article, at, event, incident, response, step
from tracker.fake_accounts.codes import AccountEvent
from tracker.i18n import DayCount
from tracker.incidents.codes import Extent
from tracker.responses.codes import ActType, ProceedingDirection, Standing, StepOfProceeding
from tracker.review.codes import EditorialState
from tracker.timelines.clocks import (
    claimed_answers,
    clocks_of_case,
    clocks_of_incidents,
    first_occurrence_interval,
    promise_clocks,
    silence_clocks,
    sort_longest_first,
)
from tracker.timelines.codes import ClockKind, ClockStart

TODAY = date(2025, 6, 20)
VISIT = incident("INC-1", "2025-03-04", "2025-03-06")
ANY = (ClockKind.NO_RESPONSE, ClockStart.PUBLIC)
REAL = (ClockKind.NOT_SUBSTANTIVE, ClockStart.PUBLIC)
ANY_NOTIFIED = (ClockKind.NO_RESPONSE, ClockStart.NOTIFIED)


def told(clocks):
    """Return each clock as how long it ran and what stopped it."""
    return {
        (one.kind, one.start): (one.days, one.stop_event.fact.ref if one.stop_event else None)
        for one in clocks
    }


def of_incident(*facts, ref="INC-1", today=TODAY):
    return told(clocks_of_incidents(facts, today=today)[ref])


def of_case(*facts, country="KZ", today=TODAY):
    return told(clocks_of_case(facts, country, today=today))


def test_without_any_answer_the_clocks_run_from_the_earliest_article():
    # 6 March to 20 June: 25 days of March, 30 of April, 31 of May, 20 of June.
    assert of_incident(VISIT) == {ANY: (DayCount(106, 106), None), REAL: (DayCount(106, 106), None)}


def test_mere_words_stop_the_first_clock_and_not_the_second():
    words = response("RSP-1", "2025-03-20", ActType.CONDEMNATION, to="INC-1")

    clocks = of_incident(VISIT, words)

    assert clocks[ANY] == (DayCount(14, 14), "RSP-1")
    assert clocks[REAL] == (DayCount(106, 106), None)


def test_an_act_of_substance_stops_all_clocks():
    opened = response("RSP-1", "2025-03-20", ActType.INVESTIGATION_OPENED, to="INC-1")

    assert of_incident(VISIT, opened) == {
        ANY: (DayCount(14, 14), "RSP-1"),
        REAL: (DayCount(14, 14), "RSP-1"),
    }


def test_uncertain_dates_give_bounds():
    # Known between 1 and 31 March, answered on some day of April: 1 to 60 days.
    unclear = incident("INC-1", "2025-02-10", "2025-03")
    words = response("RSP-1", "2025-04", ActType.STATEMENT, to="INC-1")

    assert of_incident(unclear, words)[ANY] == (DayCount(1, 60), "RSP-1")


def test_the_first_answer_may_be_the_one_whose_day_is_not_known():
    # The letter of March may have come before the statement of the 20th, but certainly not after
    # the end of March: the first answer came on 8 March at the earliest and on the 20th at the
    # latest.
    letter = response("RSP-1", "2025-03-08/2025-03-31", ActType.STATEMENT, to="INC-1")
    spoken = response("RSP-2", "2025-03-20", ActType.STATEMENT, to="INC-1")

    assert of_incident(VISIT, letter, spoken)[ANY] == (DayCount(2, 14), "RSP-2")


def test_what_may_have_been_before_the_one_that_is_named_is_named_with_its_own_days():
    registered = response("RSP-1", "2025-03-12", ActType.COMPLAINT_REGISTERED, to="INC-1")
    blocked = event("ACC-1", "2025-03", AccountEvent.BLOCKED, to="INC-1")
    later = response("RSP-2", "2025-03-12/2025-03-20", ActType.STATEMENT, to="INC-1")

    [first, *_others] = clocks_of_incidents([VISIT, registered, blocked, later], today=TODAY)[
        "INC-1"
    ]

    # 6 March to the 12th; the block may have been at once.
    assert first.days == DayCount(0, 6)
    assert first.stop_event
    assert [(one.fact.ref, one.earliest.day, one.latest.day) for one in first.stop_event.parts] == [
        ("RSP-1", 12, 12), ("ACC-1", 1, 31),
    ]  # fmt: skip
    [alone, *_others] = clocks_of_incidents([VISIT, registered, later], today=TODAY)["INC-1"]
    assert alone.stop_event
    assert [one.fact.ref for one in alone.stop_event.parts] == ["RSP-1"]


def test_an_undated_source_says_nothing_of_the_most_days():
    undated = incident("INC-1", "2025-03-04", "", quotes=(article(""),))

    assert of_incident(undated)[ANY] == (DayCount(0, None), None)


def test_how_long_an_undated_answer_took_is_not_known():
    words = response("RSP-1", "", ActType.STATEMENT, to="INC-1")
    [clock, *_others] = clocks_of_incidents([VISIT, words], today=TODAY)["INC-1"]

    assert clock.stop_event is not None
    assert (clock.stop_event.fact.ref, clock.days.is_informative) == ("RSP-1", False)
    # Beside an answer with a date it may only have been earlier.
    dated = response("RSP-2", "2025-03-20", ActType.STATEMENT, to="INC-1")
    [clock, *_others] = clocks_of_incidents([VISIT, words, dated], today=TODAY)["INC-1"]
    assert clock.days == DayCount(0, 14)


def test_what_no_article_tells_is_not_public():
    quotes = (article("2025-03-06", is_public=False),)

    assert of_incident(incident("INC-1", "2025-03-04", "", quotes=quotes)) == {}


def test_an_answer_before_the_first_article_leaves_no_day_of_silence():
    # The article of 6 March tells of the incident and of the answer given on the 5th.
    words = response("RSP-1", "2025-03-05", ActType.STATEMENT, to="INC-1")

    assert of_incident(VISIT, words)[ANY] == (DayCount(0, 0), "RSP-1")


def test_a_repeated_incident_counts_from_its_first_occurrence():
    # It began on some day of December 2024; 1 December to 20 June are 201 days, 31 December 171.
    campaign = incident("INC-1", "2024-12/2025-05", "2025-06-18", extent=Extent.REPEATED)

    assert of_incident(campaign)[ANY] == (DayCount(171, 201), None)


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2024-12/2025-05", date(2024, 12, 1), date(2024, 12, 31)),
        ("2024-12-05/2025-05", date(2024, 12, 5), date(2024, 12, 5)),
        ("2023/2024", date(2023, 1, 1), date(2023, 12, 31)),
        ("2025-06-10/2025-06-12", date(2025, 6, 10), date(2025, 6, 10)),
        # Known on 20 June, which cuts the range: whether a day, a month or a year is meant is lost.
        ("2024-12/2025-06", date(2024, 12, 1), date(2024, 12, 31)),
        ("2023/2025", date(2023, 1, 1), date(2023, 12, 31)),
        ("2025-01/2025-06", date(2025, 1, 1), date(2025, 1, 31)),
        ("2024-12-05/2025-06", date(2024, 12, 5), date(2024, 12, 5)),
        ("2025-06-01/2025-06-12", date(2025, 6, 1), date(2025, 6, 12)),
        ("2025-03", date(2025, 3, 1), date(2025, 3, 31)),
        ("before 2025-03", date(1, 1, 1), date(2025, 2, 28)),
    ],
)
def test_the_first_of_several_times_lies_in_the_unit_with_which_they_begin(typed, first, last):
    when = first_occurrence_interval(at(typed))

    assert (when.earliest, when.latest) == (first, last)


@pytest.mark.parametrize(
    "stops_nothing",
    [
        response("RSP-1", "2025-03-20", ActType.NO_COMMENT, to="INC-1"),
        response("RSP-1", "2025-03-20", ActType.NO_REPLY, to="INC-1"),
        response("RSP-1", "2025-03-20", ActType.COUNTERMEASURE, to="INC-1"),
        response(
            "RSP-1", "2025-03-20", ActType.CONDEMNATION, to="INC-1", standing=Standing.OTHER_STATE
        ),
        response(
            "RSP-1", "2025-03-20", ActType.TAKEDOWN, to="INC-1", standing=Standing.PLATFORM
        ),
        response(
            "RSP-1", "2025-03-20", ActType.STATEMENT, to="INC-1", state=EditorialState.RETRACTED
        ),
        response("RSP-1", "2025-03-20", ActType.STATEMENT, to="INC-2"),
        step("PRC-1", "2025-03-20", StepOfProceeding.APPEAL, to="INC-1"),
        step("PRC-1", "2025-03-20", StepOfProceeding.CHARGED, to="INC-1", country="PL"),
        step(
            "PRC-1", "2025-03-20", StepOfProceeding.CHARGED, to="INC-1",
            direction=ProceedingDirection.AGAINST_TARGET,
        ),
        step(
            "PRC-1", "2025-03-20", StepOfProceeding.VERDICT, to="INC-1",
            direction=ProceedingDirection.BY_TARGET,
        ),
        event("ACC-1", "2025-03-20", AccountEvent.BLOCKED, to="INC-1", by_state=False),
        event("ACC-1", "2025-03-20", AccountEvent.REMOVED_BY_PLATFORM, to="INC-1"),
        event("ACC-1", "2025-03-20", AccountEvent.REMOVED_BY_OWNER, to="INC-1"),
    ],
    ids=lambda one: f"{one.kind}-{one.types[0].code}",
)  # fmt: skip
def test_these_stop_no_clock(stops_nothing):
    clocks = of_incident(VISIT, stops_nothing)

    assert clocks[ANY] == clocks[REAL] == (DayCount(106, 106), None)


@pytest.mark.parametrize(
    ("stops", "of_substance"),
    [
        (step("PRC-1", "2025-03-20", StepOfProceeding.OPENED, to="INC-1"), True),
        (step("PRC-1", "2025-03-20", StepOfProceeding.REFUSED, to="INC-1"), True),
        (step("PRC-1", "2025-03-20", StepOfProceeding.REGISTERED, to="INC-1"), False),
        (event("ACC-1", "2025-03-20", AccountEvent.BLOCKED, to="INC-1"), True),
        (event("ACC-1", "2025-03-20", AccountEvent.BLOCK_ORDERED, to="INC-1"), True),
        (response("RSP-1", "2025-03-20", ActType.COMPLAINT_REGISTERED, to="INC-1"), False),
        (response("RSP-1", "2025-03-20", ActType.REFERRAL, to="INC-1"), False),
    ],
    ids=lambda one: one.types[0].code if hasattr(one, "types") else "",
)
def test_files_and_blocks_are_acts_of_the_authority(stops, of_substance):
    clocks = of_incident(VISIT, stops)

    assert clocks[ANY] == (DayCount(14, 14), stops.ref)
    assert clocks[REAL][1] == (stops.ref if of_substance else None)


@pytest.mark.parametrize(
    "tells",
    [
        appeal("APP-1", "2025-03-10", to="INC-1"),
        step("PRC-1", "2025-03-10", StepOfProceeding.FILED, to="INC-1"),
        event("ACC-1", "2025-03-10", AccountEvent.REPORTED_TO_AUTHORITY, to="INC-1"),
    ],
    ids=lambda one: one.kind,
)
def test_the_second_reading_counts_since_the_authority_was_told(tells):
    words = response("RSP-1", "2025-03-20", ActType.STATEMENT, to="INC-1")

    clocks = of_incident(VISIT, tells, words)

    assert (clocks[ANY], clocks[ANY_NOTIFIED]) == (
        (DayCount(14, 14), "RSP-1"),
        (DayCount(10, 10), "RSP-1"),
    )


def test_what_was_said_before_the_authority_was_told_is_no_answer_to_that():
    words = response("RSP-1", "2025-03-20", ActType.STATEMENT, to="INC-1")
    letter = appeal("APP-1", "2025-05-01", to="INC-1")

    clocks = of_incident(VISIT, words, letter)

    assert clocks[ANY] == (DayCount(14, 14), "RSP-1")
    assert clocks[ANY_NOTIFIED] == (DayCount(50, 50), None)


def test_an_appeal_to_another_state_tells_the_responsible_one_nothing():
    letter = appeal("APP-1", "2025-03-10", to="INC-1", country="PL")

    assert ANY_NOTIFIED not in of_incident(VISIT, letter)


def test_what_is_announced_runs_until_something_is_done():
    said = response("RSP-1", "2025-03-20", ActType.INVESTIGATION_ANNOUNCED, to="INC-1")
    again = response("RSP-2", "2025-04-20", ActType.STATEMENT, to="INC-1")
    done = step("PRC-1", "2025-05-20", StepOfProceeding.OPENED, to="INC-1")
    announced = (ClockKind.ANNOUNCED, ClockStart.PUBLIC)

    # 20 March to 20 June: 92 days; to 20 May: 61.
    assert of_incident(VISIT, said, again)[announced] == (DayCount(92, 92), None)
    assert of_incident(VISIT, said, again, done)[announced] == (DayCount(61, 61), "PRC-1")


def test_each_promise_has_a_clock_of_its_own():
    first = response("RSP-1", "2025-03-20", ActType.PLEDGE, to="INC-1")
    kept = step("PRC-1", "2025-04-20", StepOfProceeding.OPENED, to="INC-1")
    second = response("RSP-2", "2025-05-20", ActType.PLEDGE, to="INC-1")
    other = response("RSP-3", "2025-04-01", ActType.PLEDGE, to="INC-2")

    clocks = promise_clocks([VISIT, first, kept, second, other], "KZ", today=TODAY)

    assert [
        (c.start_event.fact.ref, c.days, c.stop_event and c.stop_event.fact.ref) for c in clocks
    ] == [
        ("RSP-1", DayCount(31, 31), "PRC-1"),
        ("RSP-3", DayCount(80, 80), None),
        ("RSP-2", DayCount(31, 31), None),
    ]


def test_a_response_to_the_situation_stops_the_clock_of_the_case_and_not_that_of_its_incident():
    words = response("RSP-1", "2025-03-20", ActType.STATEMENT)

    assert of_case(VISIT, words)[ANY] == (DayCount(14, 14), "RSP-1")
    assert of_incident(VISIT, words)[ANY] == (DayCount(106, 106), None)


def test_the_clock_of_a_case_starts_with_the_first_of_its_incidents_to_be_public():
    earlier = incident("INC-2", "2025-03-05", "2025-03-05")

    assert of_case(VISIT, earlier)[ANY] == (DayCount(107, 107), None)


def test_words_from_before_anything_happened_answer_no_case():
    words = response("RSP-1", "2025-03-03", ActType.STATEMENT)

    assert of_case(VISIT, words)[ANY] == (DayCount(106, 106), None)


@pytest.mark.parametrize(
    "earlier",
    [
        event("ACC-1", "2025-03-03", AccountEvent.BLOCKED, to="INC-1"),
        event("ACC-1", "2025-03-03", AccountEvent.REPORTED_TO_AUTHORITY, to="INC-1"),
        step("PRC-1", "2025-03-03", StepOfProceeding.OPENED, to="INC-1"),
    ],
    ids=lambda one: one.types[0].code,
)
def test_what_came_before_it_happened_neither_answers_an_incident_nor_tells_of_it(earlier):
    assert of_incident(VISIT, earlier) == of_incident(VISIT)


def test_a_case_without_anything_public_has_no_clock():
    assert of_case() == of_case(appeal("APP-1", "2025-03-10")) == {}
    assert of_case(incident("INC-1", "2025-03-04")) == {}


def test_a_silence_lies_between_what_was_done_and_the_answer_or_today():
    second = incident("INC-2", "2025-04-01", "2025-04-02")
    third = incident("INC-3", "2025-05-01", "2025-05-02")
    words = response("RSP-1", "2025-04-20", ActType.STATEMENT, to="INC-1 INC-2")
    facts = [VISIT, second, third, words]
    clocks = [one for found in clocks_of_incidents(facts, today=TODAY).values() for one in found]

    gaps = silence_clocks([*clocks, *clocks_of_case(facts, "KZ", today=TODAY)])

    assert [
        (g.start_event.fact.ref, g.days, g.stop_event and g.stop_event.fact.ref) for g in gaps
    ] == [
        ("INC-1", DayCount(45, 45), "RSP-1"),
        ("INC-3", DayCount(49, 49), None),
    ]


def test_what_is_answered_at_once_leaves_no_silence():
    words = response("RSP-1", "2025-03-06", ActType.STATEMENT, to="INC-1")

    assert silence_clocks(clocks_of_incidents([VISIT, words], today=TODAY)["INC-1"]) == []


def test_a_repeated_incident_whose_range_was_cut_counts_from_some_day_of_its_first_month():
    campaign = incident("INC-1", "2024-12/2025-06", "2025-06-18", extent=Extent.REPEATED)

    assert of_incident(campaign)[ANY] == (DayCount(171, 201), None)


def test_a_repeated_incident_that_nobody_knows_the_beginning_of_counts_from_its_article():
    campaign = incident("INC-1", "before 2025-03", "2025-03-06", extent=Extent.REPEATED)

    assert of_incident(campaign)[ANY] == (DayCount(106, 106), None)


def test_the_longest_is_what_has_run_longest_for_certain():
    undated = incident("INC-2", "2025-03-04", "", quotes=(article(""),))
    unclear = incident("INC-3", "2025-03-04", "", quotes=(article("2025-06"),))
    found = clocks_of_incidents([undated, unclear, VISIT], today=TODAY).values()

    first = sort_longest_first(one for clocks in found for one in clocks if one.is_silence)

    # Of the two that have run for at least no day, one may have run for any number.
    assert [(one.start_event.fact.ref, one.days) for one in first] == [
        ("INC-1", DayCount(106, 106)), ("INC-2", DayCount(0, None)), ("INC-3", DayCount(0, 19)),
    ]  # fmt: skip


def test_what_has_no_date_lets_no_words_from_before_the_rest_answer_the_case():
    early = response("RSP-1", "2019-03-03", ActType.STATEMENT)
    profile = event("ACC-1", "", AccountEvent.FIRST_SEEN)

    assert of_case(VISIT, profile, early)[ANY] == (DayCount(106, 106), None)
    # Where nothing has a date, it may have come after.
    undated = incident("INC-1", "", "2025-03-06")
    assert of_case(undated, early)[ANY] == (DayCount(0, 0), "RSP-1")


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        # What became of an account does nothing to anybody, so words after it are no answer yet.
        (AccountEvent.CHECKED_GONE, (DayCount(106, 106), None)),
        (AccountEvent.REPORTED_TO_PLATFORM, (DayCount(106, 106), None)),
        (AccountEvent.SEEN_AGAIN, (DayCount(0, 0), "RSP-1")),
    ],
)
def test_only_an_account_at_work_is_something_that_can_be_answered(seen, expected):
    early = response("RSP-1", "2025-02-10", ActType.STATEMENT)

    assert of_case(VISIT, event("ACC-1", "2025-02-01", seen), early)[ANY] == expected


def test_a_promise_about_nothing_by_itself_is_kept_by_anything_done_in_the_case():
    promise = response("RSP-1", "2025-03-20", ActType.PLEDGE)
    kept = step("PRC-1", "2025-04-20", StepOfProceeding.OPENED, to="INC-1")

    (clock,) = promise_clocks([VISIT, promise, kept], "KZ", today=TODAY)

    assert (clock.days, clock.stop_event and clock.stop_event.fact.ref) == (
        DayCount(31, 31),
        "PRC-1",
    )


def test_another_state_promises_nothing_and_keeps_no_promise():
    promise = response("RSP-1", "2025-03-20", ActType.PLEDGE, to="INC-1")
    abroad = response("RSP-2", "2025-03-21", ActType.PLEDGE, to="INC-1", country="PL")
    opened = step("PRC-1", "2025-04-20", StepOfProceeding.OPENED, to="INC-1", country="PL")

    found = promise_clocks([VISIT, promise, abroad, opened], "KZ", today=TODAY)

    assert [(one.start_event.fact.ref, one.days, one.stop_event) for one in found] == [
        ("RSP-1", DayCount(92, 92), None)
    ]


def test_an_appeal_in_the_case_against_her_begins_no_clock_and_stops_none():
    against = ProceedingDirection.AGAINST_TARGET
    charged = step(
        "PRC-1", "2025-04-01", StepOfProceeding.CHARGED, direction=against,
        quotes=(article("2025-04-03"),),
    )  # fmt: skip
    # The article on her appeal came out before that on the charge.
    appealed = step(
        "PRC-1", "2025-04-10", StepOfProceeding.APPEAL, direction=against,
        quotes=(article("2025-04-02"),),
    )  # fmt: skip

    assert of_case(appealed) == {}
    # 3 April to 20 June: 27, 31 and 20 days.
    assert of_case(charged, appealed)[ANY] == (DayCount(78, 78), None)


def test_an_appeal_that_is_said_to_be_answered_is_told_and_stops_no_clock():
    asked = appeal("APP-1", "2025-03-10", to="INC-1", lacks_answer=True)
    abroad = appeal("APP-2", "2025-03-10", to="INC-1", country="PL", lacks_answer=True)
    gone = appeal(
        "APP-3", "2025-03-10", to="INC-1", lacks_answer=True, state=EditorialState.RETRACTED
    )
    facts = [VISIT, abroad, gone, asked, appeal("APP-4", "2025-03-11", to="INC-1")]

    assert of_incident(*facts)[ANY] == (DayCount(106, 106), None)
    assert [one.ref for one in claimed_answers(facts, "KZ")] == ["APP-1"]
