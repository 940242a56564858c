"""The rule of the timeline: order, lanes, and what never stands among the answers."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from tests.timelines.facts_made import appeal, at, fact, response, step
from tracker.articles.codes import Bearing
from tracker.fake_accounts.codes import AccountEvent
from tracker.incidents.codes import Extent
from tracker.responses.codes import ActType, ProceedingDirection, StepOfProceeding
from tracker.timelines.build import LabelledCode, Quote, Source, build_timeline, facts_as_known_on
from tracker.timelines.codes import EntryKind, Lane

COUNTER = LabelledCode("countermeasure", "Countermeasure")
PLEDGE = LabelledCode("pledge", "Pledge")


def order(facts):
    return [entry.fact.ref for entry in build_timeline(facts)]


@pytest.mark.parametrize(
    ("why", "refs"),
    [
        (
            "what ended earlier is told earlier, however long before it may have begun",
            {"INC-1": "2024-12/2025-03", "INC-2": "2025-04-01"},
        ),
        (
            "of two that end on one day, the longer began first",
            {"INC-1": "2025-01/2025-05", "INC-2": "2025-05-31"},
        ),
        (
            "a month stands at its last day, behind every day in it",
            {"INC-1": "2025-03-30", "INC-2": "2025-03", "INC-3": "2025-04-01"},
        ),
        (
            "an open start begins before all others that end with it",
            {"INC-1": "before 2025-06", "INC-2": "2025-05", "INC-3": "2025-05-31"},
        ),
        (
            "without a date it stands at the day by which it was known",
            {"INC-1": "2025-06-19", "INC-2": "", "INC-3": "2025-06-20"},
        ),
        (
            "of two with the same dates the ref decides, so that every database agrees",
            {"INC-1": "2025-03-04", "INC-2": "2025-03-04"},
        ),
    ],
)
def test_entries_stand_in_the_order_of_a_story(why, refs):
    facts = [fact(ref, typed) for ref, typed in refs.items()]
    random.Random(7).shuffle(facts)

    assert order(facts) == list(refs), why


@pytest.mark.parametrize(
    ("answered", "made", "refs"),
    [
        # An article of 19 June tells of the answer, and of an incident whose end it does not tell.
        ("2024-12/2025-06-19", "before 2025-06-20", ["INC-9", "RSP-1"]),
        ("2025-06-19", "before 2025-06-20", ["INC-9", "RSP-1"]),
        ("2025-06-19", "", ["INC-9", "RSP-1"]),
        ("2025-06-19", "2025-06", ["INC-9", "RSP-1"]),
        # Of one day: the answer was not first.
        ("2025-06-19", "2025-06-19", ["INC-9", "RSP-1"]),
        # What is known to have been earlier stays earlier.
        ("2025-06-19", "before 2025-06", ["RSP-1", "INC-9"]),
        ("2025-06-19", "2025-06-18", ["RSP-1", "INC-9"]),
    ],
)
def test_an_answer_stands_after_what_it_answers_where_the_dates_allow_it(answered, made, refs):
    # The refs alone would put the answer of one day first.
    known = [fact("INC-9", answered), response("RSP-1", made, ActType.STATEMENT, to="INC-9")]

    assert order(known) == order(known[::-1]) == refs
    # What it does not answer is no reason to wait.
    other = response("RSP-1", "before 2025-06-20", ActType.STATEMENT, to="INC-8")
    assert order([fact("INC-9", "2025-06-19"), other]) == ["RSP-1", "INC-9"]


def test_entries_are_numbered_as_the_picture_and_the_list_show_them():
    entries = build_timeline([fact("INC-2", "2025-02"), fact("INC-1", "2025-01")])

    assert [(entry.number, entry.fact.ref) for entry in entries] == [(1, "INC-1"), (2, "INC-2")]


def test_a_fact_that_comes_in_twice_is_told_once():
    assert order([fact("INC-1", "2025-01"), fact("INC-1", "2025-01")]) == ["INC-1"]


def test_several_facts_of_one_record_are_all_told():
    entries = build_timeline(
        [
            fact("INC-1", "2025-01-05"),
            fact("INC-1", "2025-01-05", EntryKind.TARGET_STATUS, part_key="1"),
            fact("INC-1", "2025-01-05", EntryKind.TARGET_STATUS, part_key="2"),
        ]
    )

    assert [(entry.fact.kind, entry.fact.part_key) for entry in entries] == [
        ("incident", ""),
        ("target_status", "1"),
        ("target_status", "2"),
    ]


def test_a_search_by_the_police_is_what_was_done_whoever_did_it():
    search = fact("INC-1", "2025-01-05", EntryKind.INCIDENT, "legal.search", actors=("police",))

    assert build_timeline([search])[0].lane is Lane.DONE


@pytest.mark.parametrize("event", list(AccountEvent))
def test_blocks_and_takedowns_stand_with_the_authorities_and_other_events_do_not(event):
    answers = {"block_ordered", "blocked", "suspended", "removed_by_platform"}
    told = build_timeline([fact("ACC-1", "2025-02-03", EntryKind.ACCOUNT_EVENT, event=event)])

    assert (told[0].lane is Lane.AUTHORITIES) == (event.value in answers)


def test_a_response_stands_with_the_authorities():
    told = build_timeline([fact("RSP-1", "2025-02-03", EntryKind.RESPONSE, "condemnation")])

    assert (told[0].lane, told[0].tone) == (Lane.AUTHORITIES, "authorities")


def test_a_countermeasure_is_told_apart_from_the_response_in_which_it_came():
    response = fact(
        "RSP-1",
        "2025-02-03",
        EntryKind.RESPONSE,
        "pledge",
        "countermeasure",
        quotes=(
            Quote("We shall look into it.", None, quoted_act=PLEDGE),
            Quote("She will answer for slander.", None, quoted_act=COUNTER),
            Quote("The ministry spoke today.", None),
        ),
    )

    counter, answer = build_timeline([response])

    assert [tag.code for tag in answer.fact.types] == ["pledge"]
    assert [quote.words for quote in answer.fact.quotes] == [
        "We shall look into it.",
        "The ministry spoke today.",
    ]
    assert (counter.fact.kind, counter.tone) == (EntryKind.COUNTERMEASURE, "countermeasure")
    assert [quote.words for quote in counter.fact.quotes] == [
        "She will answer for slander.",
        "The ministry spoke today.",
    ]


def test_a_response_that_is_only_a_countermeasure_is_no_response_at_all():
    told = build_timeline([fact("RSP-1", "2025-02-03", EntryKind.RESPONSE, "countermeasure")])

    assert [entry.fact.kind for entry in told] == [EntryKind.COUNTERMEASURE]


def test_a_quote_says_whether_its_source_disputes_the_entry():
    assert Quote("It never happened.", None, Bearing.CONTRADICTS).contradicts
    assert not Quote("It happened.", None).contradicts


def test_only_what_lasted_fills_its_interval():
    assert fact("INC-1", "2025-01/2025-03", extent=Extent.LASTING).has_lasted
    assert fact("INC-1", "2025-01/2025-03", extent=Extent.REPEATED).has_lasted
    assert fact("INC-1", "2025-01/2025-03", EntryKind.TARGET_STATUS).has_lasted
    assert not fact("INC-1", "2025-01/2025-03").has_lasted
    # She left the country on some day of April.
    assert not fact("INC-1", "2025-04", EntryKind.TARGET_STATUS).has_lasted
    assert fact("INC-1", "after 2025-04", EntryKind.TARGET_STATUS).has_lasted


@pytest.mark.parametrize(
    ("why", "what", "stands"),
    [
        (
            "what is asked stands where its answer is missing, and looks like none",
            appeal("APP-1", "2025-03-04"),
            ("authorities", "asked"),
        ),
        (
            "steps against perpetrators are acts of the authorities",
            step("PRC-1", "2025-03-04", StepOfProceeding.CHARGED),
            ("authorities", "authorities"),
        ),
        (
            "but what somebody files is only asked",
            step("PRC-1", "2025-03-04", StepOfProceeding.FILED),
            ("authorities", "asked"),
        ),
        (
            "steps against her are what was done, by whatever court",
            step(
                "PRC-1", "2025-03-04", StepOfProceeding.CHARGED,
                direction=ProceedingDirection.AGAINST_TARGET,
            ),
            ("done", "done"),
        ),
        (
            "so is what the prosecutor files against her",
            step(
                "PRC-1", "2025-03-04", StepOfProceeding.FILED,
                direction=ProceedingDirection.AGAINST_TARGET,
            ),
            ("done", "done"),
        ),
        (
            "but whoever appeals there asks a court for something, though it is her case",
            step(
                "PRC-1", "2025-03-04", StepOfProceeding.APPEAL,
                direction=ProceedingDirection.AGAINST_TARGET,
            ),
            ("done", "asked"),
        ),
        (
            "her own suit is asked of the authorities, from its first step to its last",
            step(
                "PRC-1", "2025-03-04", StepOfProceeding.VERDICT,
                direction=ProceedingDirection.BY_TARGET,
            ),
            ("authorities", "asked"),
        ),
        (
            "a silence is the authorities', and hatched",
            fact("INC-1", "2025-03/2025-04", EntryKind.SILENCE),
            ("authorities", "silence"),
        ),
    ],
)  # fmt: skip
def test_lane_and_tone_of_what_was_asked_and_what_courts_did(why, what, stands):
    (entry,) = build_timeline([what])

    assert (entry.lane.value, entry.tone.value) == stands, why


def test_as_known_on_a_day_leaves_out_what_was_written_later_and_marks_what_changed_since():
    source = Source("ART-1", "An article", "Dala News", "", at("2025-03-06"))
    quotes = (
        Quote("Known then.", source, cited_on=date(2025, 4, 1)),
        Quote("Known later.", source, cited_on=date(2025, 5, 1)),
    )
    written: dict[str, Any] = {"recorded_on": date(2025, 4, 1), "changed_on": date(2025, 4, 1)}
    early = fact("INC-1", "2025-03-04", quotes=quotes, **written)
    changed = fact("INC-2", "2025-03-04", **(written | {"changed_on": date(2025, 4, 2)}))
    later = fact("INC-3", "2025-03-04", **(written | {"recorded_on": date(2025, 4, 2)}))

    # Of a file that was recorded then, a step that came after.
    after = step("PRC-1", "2025-05-04", StepOfProceeding.TRIAL, **written)

    found = facts_as_known_on([early, changed, later, after], date(2025, 4, 1))

    assert [(one.ref, one.is_changed_later) for one in found] == [
        ("INC-1", False),
        ("INC-2", True),
    ]
    assert [quote.words for quote in found[0].quotes] == ["Known then."]
