"""The filter of timelines: what an address asks for, what is let through, and how it is said."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from werkzeug.datastructures import MultiDict

from tests.timelines.facts_made import fact
from tracker import clock
from tracker.errors import BadQuery
from tracker.fake_accounts.codes import AccountEvent
from tracker.incidents.codes import Verification
from tracker.review.codes import EditorialState
from tracker.timelines.build import build_timeline
from tracker.timelines.codes import EntryKind
from tracker.timelines.filters import TimelineFilter

THREAT = fact(
    "INC-1", "2025-03", EntryKind.INCIDENT, "threat.death", verification=Verification.LIKELY
)
VISIT = fact("INC-2", "2025-04-02", EntryKind.INCIDENT, "intimidation.visit")
WRONG = fact("INC-3", "2025-04-03", state=EditorialState.RETRACTED)
BLOCKED = fact(
    "ACC-1", "2025-04-04", EntryKind.ACCOUNT_EVENT, "blocked", event=AccountEvent.BLOCKED
)
ANSWER = fact("RSP-1", "2025-05-05", EntryKind.RESPONSE, "condemnation")
ALL = build_timeline([THREAT, VISIT, WRONG, BLOCKED, ANSWER])


def read(*pairs: tuple[str, str]) -> TimelineFilter:
    return TimelineFilter.from_args(MultiDict(pairs))


@pytest.mark.parametrize(
    ("asked", "refs"),
    [
        ([], ["INC-1", "INC-2", "ACC-1", "RSP-1"]),
        ([("retracted", "yes")], ["INC-1", "INC-2", "INC-3", "ACC-1", "RSP-1"]),
        ([("lane", "done")], ["INC-1", "INC-2"]),
        # A takedown stands among what the authorities did: the lane follows the record.
        ([("lane", "authorities")], ["ACC-1", "RSP-1"]),
        ([("kind", "account_event")], ["ACC-1"]),
        ([("type", "threat.")], ["INC-1"]),
        ([("type", "threat.death"), ("type", "condemnation")], ["INC-1", "RSP-1"]),
        # No class: a code by which another one begins.
        ([("type", "threat")], []),
        ([("verification", "likely")], ["INC-1"]),
        # By overlap: of a month any day may be meant.
        ([("from", "2025-03-31"), ("to", "2025-04-02")], ["INC-1", "INC-2"]),
        ([("from", "2025-04-03")], ["ACC-1", "RSP-1"]),
        ([("lane", "authorities"), ("to", "2025-04-30")], ["ACC-1"]),
    ],
)
def test_what_is_asked_for_is_let_through(asked, refs):
    assert [entry.fact.ref for entry in read(*asked).matching_entries(ALL)] == refs


def test_entries_keep_the_number_that_they_have_in_the_whole():
    assert [entry.number for entry in read(("lane", "authorities")).matching_entries(ALL)] == [4, 5]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("lane", "left"),
        ("kind", "rumour"),
        ("type", "Threat!"),
        ("verification", "sure"),
        ("retracted", "no"),
        ("unfolded", "1"),
        ("known_on", "yesterday"),
        ("from", "2025-02-30"),
        ("to", "2025"),
        ("country", "KZ"),
    ],
)
def test_an_unknown_value_is_refused_and_its_field_named(field, text):
    with pytest.raises(BadQuery) as refused:
        read((field, text))

    assert refused.value.field == field


def test_a_day_that_has_not_come_is_refused():
    with pytest.raises(BadQuery) as refused:
        read(("known_on", (clock.current_date() + timedelta(days=1)).isoformat()))

    assert refused.value.field == "known_on"


def test_an_end_before_the_beginning_is_refused():
    with pytest.raises(BadQuery):
        read(("from", "2025-03-02"), ("to", "2025-03-01"))


def test_links_carry_every_value_and_nothing_else():
    pairs = [
        ("lane", "done"), ("kind", "incident"), ("type", "threat."), ("type", "smear.official"),
        ("verification", "likely"), ("retracted", "yes"), ("known_on", "2025-06-01"),
        ("from", "2025-01-01"), ("to", "2025-12-31"), ("unfolded", "yes"),
    ]  # fmt: skip
    filters = read(*pairs)

    assert TimelineFilter.from_args(MultiDict(filters.to_args())) == filters
    assert TimelineFilter().to_args() == {}


def test_the_heading_says_all_that_is_asked_for():
    filters = read(
        ("lane", "authorities"), ("type", "threat."), ("type", "pledge"),
        ("verification", "likely"), ("known_on", "2025-06-01"), ("from", "2025-01-01"),
    )  # fmt: skip

    assert filters.describe({"pledge": "Pledge"}) == (
        "Official response, Threats or Pledge, verification: likely, from 1 January 2025, "
        "as known on 1 June 2025, retracted excluded"
    )
    assert read(("retracted", "yes")).describe() == "retracted included"
    assert filters.known_on == date(2025, 6, 1)
