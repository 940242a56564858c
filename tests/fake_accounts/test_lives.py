"""How long accounts were up, and what many lives come to: worked by hand, and by all readings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.fake_accounts.codes import AccountEvent, AccountFate, Reappearance
from tracker.fake_accounts.codes import SuccessionCertainty as Certainty
from tracker.fake_accounts.rules import (
    AccountLife,
    CountedAccount,
    account_life_of,
    compute_figures,
    median_time_online,
    reappearance_of,
)
from tracker.i18n import DayCount
from tracker.when import parse_when

TODAY = date(2025, 12, 31)


@dataclass(frozen=True)
class Happened:
    event: AccountEvent
    earliest: date
    latest: date


def happened(event: str, when: str) -> Happened:
    read = parse_when(when, latest_possible_date=TODAY)
    return Happened(AccountEvent(event), read.earliest, read.latest)


def life(*events: tuple[str, str], is_identified: bool = True) -> AccountLife:
    return account_life_of(
        [happened(*one) for one in events], is_identified=is_identified, today=TODAY
    )


def median_of_lives(lives: Iterable[AccountLife]) -> DayCount | None:
    return median_time_online((one, 1) for one in lives)


@pytest.mark.parametrize(
    ("events", "fate", "days"),
    [
        # 4 June to 10 June: six days.
        ([("first_seen", "2025-06-04"), ("blocked", "2025-06-10")], "taken_down", (6, 6)),
        # Some day of June to 10 July: from 30 June ten days, from 1 June thirty-nine.
        ([("first_seen", "2025-06"), ("suspended", "2025-07-10")], "taken_down", (10, 39)),
        # Both within June: none to twenty-nine.
        ([("first_seen", "2025-06"), ("removed_by_owner", "2025-06")], "taken_down", (0, 29)),
        # Nobody knows when it began: at least from 9 June, the last possible day, to 10 June.
        ([("first_seen", "before 2025-06-10"), ("blocked", "2025-06-10")], "taken_down", (1, None)),
        # Whoever reports it has seen it; an order takes nothing down.
        ([("reported_to_platform", "2025-06-01"), ("block_ordered", "2025-06-03"),
          ("removed_by_platform", "2025-06-05")], "taken_down", (4, 4)),
        # The first takedown counts, whatever came after it.
        ([("first_seen", "2025-06-01"), ("blocked", "2025-06-03"), ("restored", "2025-06-04"),
          ("removed_by_platform", "2025-08-01")], "taken_down", (2, 2)),
        ([("first_seen", "2025-06-01"), ("checked_gone", "2025-06-09")], "taken_down", (8, 8)),
        # Of two blocks in doubt the first: from 5 June, and by 20 June for certain.
        ([("first_seen", "2025-06-01"), ("blocked", "2025-06-20"),
          ("removed_by_platform", "2025-06-05/2025-07-05")], "taken_down", (4, 19)),
        # Still up counts to today: 210 days from 4 June to 31 December.
        ([("first_seen", "2025-06-04")], "still_up", (210, 210)),
        ([("first_seen", "2025-06-04"), ("checked_active", "2025-08-01")], "still_up", (210, 210)),
        # A block alone does not say since when it was up, nor does what came back after it.
        ([("blocked", "2025-06-10")], "undated", None),
        ([("blocked", "2025-06-10"), ("seen_again", "2025-06-12")], "undated", None),
        ([], "not_counted", None),
    ],
)  # fmt: skip
def test_a_life_is_what_its_events_say(events, fate, days):
    found = life(*events)

    assert found.fate is AccountFate(fate)
    assert found.days == (DayCount(*days) if days else None)


def test_how_long_an_account_was_up_is_not_known_where_its_block_has_no_date():
    found = life(("first_seen", "2025-06-04"), ("blocked", ""))

    assert found.fate is AccountFate.TAKEN_DOWN
    assert found.days is not None
    assert not found.days.is_informative
    median = median_of_lives([found])
    assert median is not None
    assert not median.is_informative


def test_what_no_source_identifies_is_outside_the_figures():
    found = life(("first_seen", "2025-06-04"), ("blocked", "2025-06-10"), is_identified=False)

    assert (found.fate, found.days) == (AccountFate.NOT_COUNTED, None)


def down(least: int, most: int | None = -1) -> AccountLife:
    return AccountLife(
        AccountFate.TAKEN_DOWN, None, None, None, DayCount(least, least if most == -1 else most)
    )


def up(least: int, most: int | None = -1) -> AccountLife:
    return AccountLife(
        AccountFate.STILL_UP, None, None, None, DayCount(least, least if most == -1 else most)
    )


@pytest.mark.parametrize(
    ("lives", "median"),
    [
        ([], None),
        ([down(5)], (5, 5)),
        # Two of four down by day 3: exactly half.
        ([down(1), down(3), down(7), down(9)], (3, 3)),
        ([down(1), down(3), down(7)], (3, 3)),
        # One of two down on day 4, the other one up for longer: half.
        ([down(4), up(100)], (4, 4)),
        # One of three: never half. Dropping those up, it would be four days.
        ([down(4), up(100), up(100)], None),
        # 2 of 5 up for a day or two leave early: 4/5 is never reached by them. On day 3 one of the
        # three left goes (2/3), on day 6 the second (1/3).
        ([up(1), up(2), down(3), down(6), up(9)], (6, 6)),
        # Down on day 2 (5/6); one up for 4 days leaves; then 4 left: day 5 (5/6 · 3/4 = 5/8), day 8
        # (5/8 · 2/3 = 5/12): half by day 8.
        ([down(2), up(4), down(5), down(8), down(20), up(30)], (8, 8)),
        # On one day those taken down come before those last seen up: 1/2 on day 3.
        ([down(3), up(3)], (3, 3)),
        # Uncertain dates: half by day 2 at the least, by day 9 at the most.
        ([down(2, 6), down(4, 9), down(30)], (4, 9)),
        # Nobody knows when either began: half may never have been reached within any day.
        ([down(2, None), down(3, None)], (2, None)),
        ([up(10), up(20)], None),
    ],
)
def test_the_median_counts_those_still_up(lives, median):
    assert median_of_lives(lives) == (DayCount(*median) if median else None)


def test_lives_outside_the_figures_move_no_median():
    undated = AccountLife(AccountFate.UNDATED, None, None, None, None)

    assert median_of_lives([down(5), undated]) == DayCount(5, 5)


def plain_median(lives: list[tuple[bool, int]]) -> float:
    """Return the Kaplan–Meier median of days that are known, by the textbook's table."""
    share = Fraction(1)
    for day in sorted({days for is_down, days in lives if is_down}):
        at_risk = sum(days >= day for _down, days in lives)
        share *= 1 - Fraction(sum(days == day for is_down, days in lives if is_down), at_risk)
        if share <= Fraction(1, 2):
            return day
    return float("inf")


@st.composite
def readings(draw: st.DrawFn) -> tuple[list[AccountLife], list[tuple[bool, int]]]:
    """Return lives between bounds, and one reading of their dates."""
    lives, read = [], []
    for _one in range(draw(st.integers(1, 9))):
        least = draw(st.integers(0, 12))
        most = least + draw(st.integers(0, 8))
        is_down = draw(st.booleans())
        lives.append(down(least, most) if is_down else up(least, most))
        read.append((is_down, draw(st.integers(least, most))))
    return lives, read


@given(readings())
def test_no_reading_of_the_dates_gives_a_median_outside_the_bounds(made):
    lives, read = made
    found = median_of_lives(lives)
    true = plain_median(read)

    least = found.at_least if found else float("inf")
    most = found.at_most if found and found.at_most is not None else float("inf")
    assert least <= true <= most


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40)), max_size=12))
def test_days_that_are_known_give_the_textbooks_median(read):
    found = median_of_lives([down(days) if is_down else up(days) for is_down, days in read])
    true = plain_median(read)

    assert (found.at_least if found else float("inf")) == true
    assert found is None or found.at_least == found.at_most


@given(st.lists(st.integers(0, 40), min_size=1, max_size=9), st.integers(0, 9))
def test_accounts_still_up_never_shorten_the_median(days, more):
    lives = [down(one) for one in days]
    before = median_of_lives(lives)
    after = median_of_lives([*lives, *[up(100)] * more])

    assert before is not None
    assert after is None or after.at_least >= before.at_least


@given(
    st.lists(
        st.tuples(st.sampled_from(AccountEvent), st.integers(0, 300), st.integers(0, 60)),
        max_size=8,
    ),
    st.booleans(),
)
def test_every_account_has_one_fate_and_bounds_in_order(events, is_identified):
    start = date(2025, 1, 1)
    happened = [
        Happened(event, start + timedelta(day), start + timedelta(day + width))
        for event, day, width in events
    ]
    found = account_life_of(happened, is_identified=is_identified, today=date(2026, 6, 1))

    timed = found.fate in {AccountFate.TAKEN_DOWN, AccountFate.STILL_UP}
    assert (found.days is not None) == timed
    if found.days:
        assert found.days.at_most is not None
        assert 0 <= found.days.at_least <= found.days.at_most


@pytest.mark.parametrize(
    ("certainties", "reappeared"),
    [
        ([], None),
        ([Certainty.POSSIBLE], Reappearance.POSSIBLY),
        ([Certainty.LIKELY], Reappearance.YES),
        ([Certainty.POSSIBLE, Certainty.CONFIRMED], Reappearance.YES),
    ],
)
def test_an_account_came_back_as_surely_as_its_surest_successor(certainties, reappeared):
    assert reappearance_of(certainties) is reappeared


def kept(
    of: AccountLife, back: Reappearance | None = None, *, active: bool = False
) -> CountedAccount:
    return CountedAccount(fate=of.fate, days=of.days, is_active=active, reappeared=back)


def test_the_figures_are_what_one_counts_by_hand():
    undated = AccountLife(AccountFate.UNDATED, None, None, None, None)
    outside = AccountLife(AccountFate.NOT_COUNTED, None, None, None, None)
    figures = compute_figures(
        [
            kept(down(3), Reappearance.YES),
            kept(down(5), Reappearance.POSSIBLY, active=True),
            kept(up(40), Reappearance.YES, active=True),
            kept(undated, Reappearance.YES),
            kept(outside, Reappearance.YES),
        ]
    )

    # Three have days: 3, 5 and still up. Half by day 5.
    assert (figures.counted_in_median, figures.median) == (3, DayCount(5, 5))
    assert list(figures.count_by_fate.values()) == [2, 1, 1, 1]
    assert sum(figures.count_by_fate.values()) == figures.accounts == 5
    # Of three that were taken down two came back, and possibly the third.
    assert (figures.reappeared, figures.possibly_reappeared, figures.taken_down) == (2, 1, 3)
    assert figures.up_again_by_fate == {AccountFate.TAKEN_DOWN: 1}
