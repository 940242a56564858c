"""Where days stand on the axis, and which of them are marked."""

from __future__ import annotations

from datetime import date

import pytest

from tests.timelines.facts_made import at
from tracker.i18n import use_language
from tracker.timelines.canvas import MARGIN_PERCENT, NARROWEST_BAR_PERCENT, Canvas, build_axis
from tracker.timelines.picture import _tick_label_lines


def axis_of(*typed: str):
    axis = build_axis(at(one) for one in typed)
    assert axis is not None
    return axis


def test_nothing_dated_has_no_axis():
    assert build_axis([]) is None


def test_an_axis_holds_whole_months():
    axis = axis_of("2025-01-14", "2025-03-02")

    assert (axis.first, axis.end) == (date(2025, 1, 1), date(2025, 4, 1))
    assert (axis.position_of(axis.first), axis.position_of(axis.end)) == (
        MARGIN_PERCENT,
        100 - MARGIN_PERCENT,
    )


def test_an_open_start_does_not_stretch_the_axis_back_to_the_year_one():
    assert axis_of("before 2025-02", "2025-03-04").first == date(2025, 1, 1)


@pytest.mark.parametrize(
    ("first", "last", "marks"),
    [
        ("2025-03-04", "2025-03-04", ["2025-03", "2025-04"]),
        ("2025-01-04", "2025-04-04", ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05"]),
        ("2024-12-01", "2025-06-04", ["2025-01", "2025-03", "2025-05", "2025-07"]),
        ("2024-01-01", "2025-06-04", ["2024-01", "2024-07", "2025-01", "2025-07"]),
        ("2021-05-01", "2025-06-04", ["2021", "2022", "2023", "2024", "2025"]),
        ("1990-05-01", "2025-06-04", ["1990", "2000", "2010", "2020"]),
    ],
)
def test_months_or_years_are_marked_by_how_long_it_took(first, last, marks):
    ticks = axis_of(first, last).ticks

    assert [str(tick.day)[: 7 if tick.has_month else 4] for tick in ticks] == marks


def test_the_year_is_named_once_and_then_at_each_january():
    ticks = axis_of("2024-07-01", "2025-03-04").ticks

    assert [(str(tick.day)[:7], tick.has_year) for tick in ticks] == [
        ("2024-07", True),
        ("2024-09", False),
        ("2024-11", False),
        ("2025-01", True),
        ("2025-03", False),
    ]


@pytest.mark.parametrize("years", range(1, 126, 4))
def test_there_are_never_too_many_marks_for_a_telephone_nor_none(years):
    assert 1 <= len(axis_of(f"{2025 - years}-03-04", "2025-06-04").ticks) <= 5


@pytest.mark.parametrize("code", ["en", "ru", "kk"])
def test_no_mark_runs_into_the_next_one_on_a_telephone(app, code):
    # At 360 px the picture is 320 px wide, and a letter takes about 7.5 px.
    wide, letter, apart = 320, 7.5, 2
    with app.test_request_context(), use_language(code):
        for months in range(1, 170):
            first = 2010 * 12 + months % 12
            ends_on = first + months - 1
            axis = axis_of(*(f"{one // 12}-{one % 12 + 1:02}" for one in (first, ends_on)))
            canvas = Canvas("", "")
            canvas.draw_axis(axis, _tick_label_lines)
            ends: dict[str, float] = {}
            for mark in canvas.root.iter("text"):
                row, size = mark.attrib["y"], letter * len(mark.text or "")
                before = {"start": 0, "middle": size / 2, "end": size}[mark.attrib["text-anchor"]]
                left = float(mark.attrib["x"].rstrip("%")) * wide / 100 - before
                assert left >= ends.get(row, 0), (months, mark.text)
                ends[row] = left + size + apart


def test_an_interval_is_as_wide_as_its_days():
    axis = axis_of("2025-01-01", "2025-04-30")
    one_day = (100 - 2 * MARGIN_PERCENT) / 120

    start, width = axis.start_and_width_of(at("2025-02"))

    assert start == pytest.approx(MARGIN_PERCENT + 31 * one_day)
    assert width == pytest.approx(28 * one_day)


def test_what_is_too_short_to_be_seen_is_drawn_wider_about_the_same_middle():
    axis = axis_of("2000-01-01", "2025-04-30")

    start, width = axis.start_and_width_of(at("2010-02-01/2010-02-03"))

    assert width == NARROWEST_BAR_PERCENT
    assert start + width / 2 == pytest.approx(axis.middle_of(date(2010, 2, 2)))


def test_an_open_start_is_drawn_from_the_edge():
    axis = axis_of("before 2025-02", "2025-03-04")

    start, width = axis.start_and_width_of(at("before 2025-02"))

    assert start == 0
    assert width == pytest.approx(axis.position_of(date(2025, 2, 1)))
