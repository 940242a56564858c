"""What a fake account's events and successions come to, said in SQL: conditions of its list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import aliased

from tracker.fake_accounts.codes import (
    AccountEvent,
    AccountFate,
    AccountStatus,
    Reappearance,
    SuccessionCertainty,
)
from tracker.fake_accounts.life_rules import SHOWS, TAKES_DOWN
from tracker.fake_accounts.models import AccountSuccession, FakeAccount, FakeAccountEvent
from tracker.fake_accounts.rules import DECIDING, ENDS, OPENS, PLACE, SHOWN_UP
from tracker.review.queries import counts
from tracker.vocabulary.codes import Answer

if TYPE_CHECKING:
    from collections.abc import Collection


def has_status(status: AccountStatus) -> Any:  # noqa: ANN401 (a condition)
    """Say of an account in SQL what `rules.status_of` says of its events."""
    last = _last_of(DECIDING)
    said = _last_of(DECIDING - {AccountEvent.CHECKED_GONE})
    if status is AccountStatus.UNKNOWN:
        return last.is_(None)
    if status is AccountStatus.ACTIVE:
        return last.in_(OPENS)
    if status is AccountStatus.GONE:
        return (last == AccountEvent.CHECKED_GONE) & or_(said.is_(None), said.in_(OPENS))
    return said.in_([event for event, end in ENDS.items() if end is status])


def has_fate(fate: AccountFate) -> ColumnElement[bool]:
    """Say of an account in SQL what `life_rules.life_of` says of its events; what is retracted has
    none.
    """
    shown = _first_of(FakeAccountEvent.earliest, SHOWS)
    gone = _first_of(FakeAccountEvent.latest, TAKES_DOWN)
    is_down = gone.is_not(None) & (FakeAccount.identified == Answer.YES)
    found: dict[AccountFate, ColumnElement[bool]] = {
        AccountFate.TAKEN_DOWN: is_down & (shown <= gone),
        AccountFate.UNDATED: is_down & or_(shown.is_(None), shown > gone),
        AccountFate.STILL_UP: gone.is_(None)
        & shown.is_not(None)
        & (FakeAccount.identified == Answer.YES),
        AccountFate.NOT_COUNTED: or_(
            FakeAccount.identified != Answer.YES, shown.is_(None) & gone.is_(None)
        ),
    }
    return counts(FakeAccount) & found[fate]


def came_back(reappeared: Reappearance) -> ColumnElement[bool]:
    """Say of an account in SQL what `register_rules.reappearance_of` says of its successors."""
    is_down = or_(has_fate(AccountFate.TAKEN_DOWN), has_fate(AccountFate.UNDATED))
    possible = AccountSuccession.certainty == SuccessionCertainty.POSSIBLE
    surely = _succeeded(~possible)
    if reappeared is Reappearance.YES:
        return is_down & surely
    return is_down & _succeeded(possible) & ~surely


def _succeeded(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say that an account has a successor which counts, and which the viewer sees."""
    after = aliased(FakeAccount)
    return FakeAccount.id.in_(
        select(AccountSuccession.account_id)
        .join(after, AccountSuccession.successor_id == after.id)
        .where(counts(after), condition)
    )


def _last_of(events: Collection[AccountEvent]) -> Any:  # noqa: ANN401 (an event, or NULL)
    return (
        select(FakeAccountEvent.event)
        .where(FakeAccountEvent.account_id == FakeAccount.id, FakeAccountEvent.event.in_(events))
        .order_by(
            case(
                (FakeAccountEvent.event.in_(SHOWN_UP), FakeAccountEvent.earliest),
                else_=FakeAccountEvent.latest,
            ).desc(),
            FakeAccountEvent.earliest.desc(),
            case(PLACE, value=FakeAccountEvent.event).desc(),
        )
        .limit(1)
        .correlate(FakeAccount)
        .scalar_subquery()
    )


def _first_of(day: Any, events: Collection[AccountEvent]) -> Any:  # noqa: ANN401 (a column; a day, or NULL)
    return (
        select(func.min(day))
        .where(FakeAccountEvent.account_id == FakeAccount.id, FakeAccountEvent.event.in_(events))
        .correlate(FakeAccount)
        .scalar_subquery()
    )
