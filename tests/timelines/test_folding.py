"""Many entries fold into their months; nothing is lost by it."""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from tests.timelines.facts_made import fact
from tests.timelines.test_svg import NS, WORDS, lane, said
from tracker.i18n import next_month
from tracker.timelines.build import (
    MAX_ENTRIES_IN_FULL,
    MAX_ENTRIES_UNGROUPED,
    build_timeline,
    group_by_month,
    is_grouped_by_month,
)
from tracker.timelines.codes import EntryKind, Lane
from tracker.timelines.picture import draw_months

days = st.dates(date(2020, 1, 1), date(2025, 6, 1))


def on(*typed: str, **more):
    return build_timeline(fact(f"INC-{number:05}", day, **more) for number, day in enumerate(typed))


def draw(*facts):
    return ET.fromstring(draw_months(group_by_month(build_timeline(facts)), WORDS))


@given(st.lists(days, max_size=40))
def test_each_entry_stands_in_one_month_that_holds_its_last_day(found):
    entries = on(*(day.isoformat() for day in found))
    months = group_by_month(entries)

    assert [entry for month in months for entry in month.entries] == entries
    assert [month.first for month in months] == sorted({day.replace(day=1) for day in found})
    assert all(m.first <= e.fact.when.latest <= m.last_day for m in months for e in m.entries)
    assert sum(month.count_entries(one) for month in months for one in Lane) == len(entries)


def test_a_month_ends_on_the_day_before_the_next_one():
    assert [month.last_day for month in group_by_month(on("2024-02-03", "2024-12-31"))] == [
        date(2024, 2, 29), date(2024, 12, 31),
    ]  # fmt: skip
    assert next_month(date(2024, 12, 1)) == date(2025, 1, 1)


def test_a_hundred_are_told_one_by_one_and_more_by_months():
    assert not is_grouped_by_month(on(*["2024-02-03"] * MAX_ENTRIES_UNGROUPED))
    assert is_grouped_by_month(on(*["2024-02-03"] * (MAX_ENTRIES_UNGROUPED + 1)))


def test_the_newest_months_are_told_as_long_as_there_is_room():
    months = group_by_month(
        on(*["2024-01-01"] * 2, *["2024-02-01"] * MAX_ENTRIES_IN_FULL, "2024-03-01")
    )

    assert [month.is_in_full for month in months] == [False, False, True]
    assert [one.is_in_full for one in group_by_month(on("2024-01-01", *["2024-02-01"] * 499))] == [
        True, True,
    ]  # fmt: skip


def test_all_months_are_told_when_asked_for():
    months = group_by_month(
        on(*["2024-01-01"] * 2, *["2024-02-01"] * MAX_ENTRIES_IN_FULL), unfolded=True
    )

    assert [month.is_in_full for month in months] == [True, True]


def test_a_month_of_which_something_is_only_counted_leads_on_and_is_told_by_itself():
    counted = fact("INC-1", "2024-01-02", is_outline=True)
    in_full, other = fact("INC-2", "2024-01-03"), fact("INC-3", "2024-02-03")
    january, february = group_by_month(build_timeline([counted, in_full, other]), unfolded=True)
    (alone,) = group_by_month(build_timeline([counted, in_full]))

    assert (january.is_in_full, february.is_in_full, alone.is_in_full) == (False, True, True)
    assert [entry.fact.ref for entry in alone.entries_in_full] == ["INC-2"]
    assert january.count_entries(Lane.DONE) == 2


def test_the_columns_of_a_lane_are_as_high_as_its_entries():
    picture = draw(
        fact("INC-1", "2024-01-02"), fact("INC-2", "2024-01-03"), fact("INC-3", "2024-02-03"),
        fact("RSP-1", "2024-02-04", EntryKind.RESPONSE, "condemnation"),
    )  # fmt: skip
    heights = {
        group.find(f"{NS}title").text: group.find(f"{NS}rect").get("height")
        for name in Lane
        for group in lane(picture, name.value).findall(f"{NS}g")
    }

    assert heights == {"2024-01: 2": "96.0", "2024-02: 1": "48.0"}
    assert "at most 2" in said(picture)


def test_a_countermeasure_in_a_column_keeps_its_tone():
    picture = draw(
        fact("RSP-1", "2024-02-04", EntryKind.RESPONSE, "condemnation", "countermeasure")
    )
    column = lane(picture, "authorities").find(f"{NS}g")

    assert len({rect.get("fill") for rect in column.findall(f"{NS}rect")}) == 2
    assert "Countermeasure" in said(picture)


def test_a_silence_is_a_band_and_no_entry_of_a_month():
    picture = draw(
        fact("INC-1", "2024-01-02"),
        fact("INC-1", "2024-01-02/2024-03-05", EntryKind.SILENCE, title="No response for 63 days"),
    )
    groups = lane(picture, "authorities").findall(f"{NS}g")

    assert [group.find(f"{NS}title").text for group in groups] == [
        "2. No response for 63 days, 2024-03-05"
    ]
    assert "hatch" in groups[0].find(f"{NS}rect").get("fill")


def test_what_has_no_date_is_counted_beside_the_axis():
    picture = draw(fact("INC-1", "2024-01-02"), fact("ACC-1", "", EntryKind.ACCOUNT))

    assert "Date unknown: 1" in said(picture)
    assert len(lane(picture, "done").findall(f"{NS}g")) == 1
