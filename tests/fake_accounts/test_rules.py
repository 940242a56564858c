"""What the events of an account come to, and how accounts follow one another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from tracker.fake_accounts.codes import AccountEvent, AccountKind, AccountStatus
from tracker.fake_accounts.rules import format_handle, status_of, would_create_cycle
from tracker.when import OPEN_START


@dataclass(frozen=True)
class Happened:
    event: AccountEvent
    latest: date
    earliest: date


def on(day: int, event: str, *, since: int | None = None, undated: bool = False) -> Happened:
    first = OPEN_START if undated else date(2025, 6, since or day)
    return Happened(AccountEvent(event), date(2025, 6, day), first)


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ([], "unknown"),
        ([on(1, "first_seen")], "active"),
        ([on(1, "reported_to_platform")], "unknown"),
        ([on(1, "first_seen"), on(2, "block_ordered")], "active"),
        ([on(1, "first_seen"), on(2, "blocked")], "blocked"),
        ([on(1, "first_seen"), on(2, "suspended")], "suspended"),
        ([on(1, "first_seen"), on(2, "removed_by_platform")], "removed"),
        ([on(1, "first_seen"), on(2, "removed_by_owner")], "removed"),
        ([on(2, "blocked"), on(3, "restored")], "active"),
        ([on(2, "removed_by_platform"), on(3, "seen_again")], "active"),
        ([on(2, "blocked"), on(3, "checked_active")], "active"),
        ([on(1, "first_seen"), on(2, "checked_gone")], "gone"),
        ([on(2, "checked_gone")], "gone"),
        ([on(2, "blocked"), on(3, "checked_gone")], "blocked"),
        ([on(2, "blocked"), on(3, "seen_again"), on(4, "checked_gone")], "gone"),
        ([on(3, "seen_again"), on(2, "blocked")], "active"),
        # A sighting without a date, or on some day of a month, undoes no block.
        ([on(9, "first_seen", undated=True), on(2, "blocked")], "blocked"),
        ([on(9, "checked_active", undated=True), on(2, "blocked")], "blocked"),
        ([on(30, "first_seen", since=1), on(2, "blocked")], "blocked"),
        ([on(9, "first_seen", undated=True), on(9, "blocked", undated=True)], "blocked"),
        ([on(1, "first_seen"), on(9, "blocked", undated=True)], "blocked"),
        ([on(9, "first_seen", undated=True)], "active"),
        ([on(2, "blocked"), on(9, "restored", undated=True)], "active"),
    ],
)
def test_the_status_is_what_the_last_deciding_event_made_it(events, status):
    assert status_of(events) is AccountStatus(status)


def test_what_is_seen_and_blocked_on_one_day_is_blocked():
    assert status_of([on(1, "blocked"), on(1, "first_seen")]) is AccountStatus.BLOCKED


def test_of_two_intervals_with_one_end_the_later_beginning_decides():
    assert (
        status_of([on(9, "blocked", since=2), on(9, "seen_again", since=1)])
        is AccountStatus.BLOCKED
    )


def test_a_handle_is_written_with_at_only_where_people_do():
    assert format_handle("anna", AccountKind.PROFILE) == "@anna"
    assert format_handle("+7 700 000 00 00", AccountKind.PHONE_NUMBER) == "+7 700 000 00 00"
    assert format_handle("", AccountKind.PROFILE) == ""


def test_no_account_comes_after_itself():
    assert would_create_cycle([(1, 2), (2, 3)], 3, 1)
    assert would_create_cycle([], 1, 1)
    assert not would_create_cycle([(1, 2), (2, 3)], 1, 3)
