"""Which accounts are one chain, how long it is, and where each stands in the picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.fake_accounts.test_lives import TODAY, life
from tracker.fake_accounts.codes import SuccessionBasis, SuccessionCertainty
from tracker.fake_accounts.lineage_rules import SuccessionLink, build_lineage_chart, find_chains
from tracker.fake_accounts.rules import AccountLife


def link(account: int, successor: int, certainty: str = "confirmed") -> SuccessionLink:
    return SuccessionLink(
        account, successor, SuccessionCertainty(certainty), SuccessionBasis.SAME_TEXT
    )


@dataclass(frozen=True)
class Account:
    id: int
    life: AccountLife


def test_four_generations_are_one_chain():
    # 1 > 2 > 3 > 4 with a side branch 2 > 5; 3 > 4 is only possible: three for certain, or four.
    (chain,) = find_chains([link(1, 2), link(2, 3, "likely"), link(3, 4, "possible"), link(2, 5)])

    assert chain.member_ids == (1, 2, 3, 5, 4)
    assert (chain.certain_length, chain.possible_length) == (3, 4)


def test_of_a_very_long_chain_the_earliest_are_drawn_or_those_around_one():
    (chain,) = find_chains([link(one, one + 1) for one in range(1, 200)])

    assert chain.certain_length == len(chain.member_ids) == 200
    assert chain.charted_member_ids() == tuple(range(1, 61))
    assert chain.charted_member_ids(account_id=100) == tuple(range(70, 130))
    assert chain.charted_member_ids(account_id=200) == tuple(range(141, 201))
    drawn = [Account(one, life()) for one in chain.charted_member_ids()]
    picture = build_lineage_chart(drawn, [link(60, 61)], today=TODAY, total_accounts=200)
    assert (len(picture.rows), picture.total_accounts, picture.lines) == (60, 200, ())


def test_chains_are_told_apart_the_longest_first():
    found = find_chains([link(8, 9), link(1, 2), link(2, 3)])

    assert [one.member_ids for one in found] == [(1, 2, 3), (8, 9)]


def test_what_is_only_possible_may_be_no_chain():
    (chain,) = find_chains([link(1, 2, "possible")])

    assert (chain.certain_length, chain.possible_length) == (1, 2)


def test_nothing_follows_nothing():
    assert find_chains([]) == []


# Pairs run upwards, as in real life: nothing comes before itself.
LINKS = st.lists(
    st.tuples(st.integers(1, 12), st.integers(1, 12), st.sampled_from(SuccessionCertainty))
    .filter(lambda one: one[0] < one[1])
    .map(lambda one: link(*one)),
    max_size=15,
)


@given(LINKS)
def test_every_account_stands_in_one_chain_after_those_before_it(links):
    found = find_chains(links)
    members = [one for chain in found for one in chain.member_ids]

    assert sorted(members) == sorted({end for one in links for end in one.pair})
    for chain in found:
        assert 1 <= chain.certain_length <= chain.possible_length <= len(chain.member_ids)
        place = {one: number for number, one in enumerate(chain.member_ids)}
        for one in links:
            if one.account_id in place:
                assert place[one.account_id] < place[one.successor_id]


def test_accounts_that_come_back_to_themselves_end_all_the_same():
    (chain,) = find_chains([link(1, 2), link(2, 3), link(3, 1)])

    assert set(chain.member_ids) == {1, 2, 3}
    assert (chain.certain_length, chain.possible_length) == (3, 3)


def test_two_accounts_that_follow_each_other_are_two_one_after_another():
    (certain,) = find_chains([link(1, 2), link(2, 1)])
    (possible,) = find_chains([link(1, 2), link(2, 1, "possible")])

    assert (certain.certain_length, certain.possible_length) == (2, 2)
    assert (possible.certain_length, possible.possible_length) == (2, 2)


def test_a_chain_that_forks_names_each_account_once():
    (chain,) = find_chains([link(3, 4), link(2, 4), link(1, 3), link(1, 2)])

    assert chain.member_ids == (1, 2, 3, 4)


def test_a_picture_draws_what_is_certain_within_what_is_possible():
    first = Account(1, life(("first_seen", "2025-06"), ("blocked", "2025-08-10")))
    second = Account(2, life(("first_seen", "2025-08-11")))
    unknown = Account(3, life())
    drawn = build_lineage_chart(
        [first, second, unknown], [link(1, 2), link(2, 3, "possible"), link(9, 8)], today=TODAY
    )
    one, two, three = [row.bar for row in drawn.rows]

    assert one is not None
    assert two is not None
    assert one.certain_part is not None
    # June to 10 August; for certain only from 30 June.
    assert one.x < one.certain_part[0]
    assert one.x + one.width >= one.certain_part[0] + one.certain_part[1]
    assert (one.lacks_takedown, two.lacks_takedown, three) == (False, True, None)
    # The axis runs from 1 June to today: the second begins where the first ends.
    assert one.x == 4.0
    assert round(two.x + two.width, 6) == 96.0
    assert round(one.x + one.width, 6) == round(two.x, 6)
    assert [turn.x for turn in drawn.lines] == [two.x, 1.0]
    assert drawn.lines[0].y1 < drawn.lines[0].y2
    assert [[(n, of.certainty) for n, of in row.reappeared] for row in drawn.rows] == [
        [(2, "confirmed")], [(3, "possible")], []
    ]  # fmt: skip
    assert drawn.year_ticks == ((4.0, 2025),)


def test_a_picture_of_many_years_marks_where_some_begin():
    old = Account(1, life(("first_seen", "2001-03-04")))
    drawn = build_lineage_chart([old], [], today=TODAY)

    assert 2 <= len(drawn.year_ticks) <= 6
    assert all(4 <= x <= 96 for x, _year in drawn.year_ticks)


def test_a_picture_without_any_date_has_rows_and_no_bars():
    drawn = build_lineage_chart([Account(1, life()), Account(2, life())], [link(1, 2)], today=TODAY)

    assert [row.bar for row in drawn.rows] == [None, None]
    assert len(drawn.lines) == 1


def test_a_beginning_that_nobody_knows_makes_no_axis_of_two_thousand_years():
    dim = Account(1, life(("first_seen", "before 2025-06-10"), ("blocked", "2025-06-12")))
    drawn = build_lineage_chart([dim], [], today=TODAY)

    assert drawn.year_ticks == ((4.0, date(2025, 1, 1).year),)


def test_a_bar_is_dark_as_far_as_the_account_was_seen_or_taken_down():
    def until(*events: tuple[str, str]) -> date | None:
        """Return the day up to which the bar is dark, on an axis from 1 January to today."""
        whole = Account(1, life(("first_seen", "2025-01-01"), ("checked_active", "2025-12-31")))
        drawn = build_lineage_chart([whole, Account(2, life(*events))], [], today=TODAY)
        bar = drawn.rows[1].bar
        assert bar is not None
        if bar.certain_part is None:
            return None
        share = (sum(bar.certain_part) - 4.0) / 92.0
        return date(2025, 1, 1) + timedelta(days=round(share * 365) - 1)

    # Seen twice, and nobody has looked since: it is not known to be up today.
    assert until(("first_seen", "2025-03-01"), ("seen_again", "2025-06-10")) == date(2025, 6, 10)
    # What is taken down was up until then; what was found gone may have gone after it was seen.
    assert until(("first_seen", "2025-03-01"), ("blocked", "2025-08-10")) == date(2025, 8, 10)
    assert until(
        ("first_seen", "2025-03-01"), ("seen_again", "2025-06-10"), ("checked_gone", "2025-09-01")
    ) == date(2025, 6, 10)
    # One sighting on some day of March: no day is certain.
    assert until(("first_seen", "2025-03")) is None


def test_the_axis_names_the_year_in_which_the_first_bar_begins_where_it_has_room():
    def years(first_seen: str) -> list[int]:
        picture = build_lineage_chart(
            [Account(1, life(("first_seen", first_seen)))], [], today=date(2026, 6, 30)
        )
        return [year for _x, year in picture.year_ticks]

    assert years("2025-03-01") == [2025, 2026]
    assert years("2025-12-20") == [2026]
