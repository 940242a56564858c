"""What the register reads: the lives of all accounts that match a filter, in few columns."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload

from tracker import clock
from tracker.db import db
from tracker.fake_accounts.lineage_rules import Link
from tracker.fake_accounts.models import (
    AccountImpersonation,
    AccountSuccession,
    FakeAccount,
    FakeAccountEvent,
)
from tracker.fake_accounts.queries import conditions
from tracker.fake_accounts.register_rules import CountedAccount, reappearance_of
from tracker.fake_accounts.rules import life_of, status_of
from tracker.review.queries import counts_condition
from tracker.vocabulary.codes import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy import Select

    from tracker.fake_accounts.codes import AccountEvent, SuccessionCertainty
    from tracker.fake_accounts.filters import AccountFilter


class _Event(NamedTuple):
    account_id: int
    event: AccountEvent
    earliest: date
    latest: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The accounts asked for that count, also by platform (id) and by whom they pose as (somebody
    on record, or an official in words); and all links between accounts that count.
    """

    accounts: list[CountedAccount]
    links: list[Link]
    by_platform: dict[int, list[CountedAccount]] = field(default_factory=dict)
    by_person: dict[Any, list[CountedAccount]] = field(default_factory=dict)


def accounts_for_figures(filters: AccountFilter) -> list[CountedAccount]:
    """Return what figures ask of the accounts that match a filter and that count."""
    return _counted_accounts([*conditions(filters), counts_condition(FakeAccount)], _links())


def register_of(filters: AccountFilter) -> Register:
    """Return what matches a filter and counts; raise BadQuery as `resolve_filter` does."""
    asked, links = [*conditions(filters), counts_condition(FakeAccount)], _links()
    accounts = _counted_accounts(asked, links)
    by_platform: dict[int, list[CountedAccount]] = defaultdict(list)
    for one in accounts:
        if one.platform_id is not None:
            by_platform[one.platform_id].append(one)
    ids = select(FakeAccount.id).where(*asked)
    by_person = _by_person(ids, {one.id: one for one in accounts})
    return Register(accounts=accounts, links=links, by_platform=by_platform, by_person=by_person)


def _counted_accounts(asked: Sequence[Any], links: Iterable[Link]) -> list[CountedAccount]:
    certainties: dict[int, list[SuccessionCertainty]] = defaultdict(list)
    for link in links:
        certainties[link.account].append(link.certainty)
    events, today = _events(select(FakeAccount.id).where(*asked)), clock.today()
    rows = select(FakeAccount.id, FakeAccount.identified, FakeAccount.platform_id).where(*asked)
    return [
        CountedAccount(
            id=number,
            platform_id=platform_id,
            life=life_of(events[number], is_identified=identified is Answer.YES, today=today),
            status=status_of(events[number]),
            reappeared=reappearance_of(certainties[number]),
        )
        for number, identified, platform_id in db.session.execute(rows.order_by(FakeAccount.id))
    ]


def _events(ids: Select[Any]) -> dict[int, list[_Event]]:
    rows = select(
        FakeAccountEvent.account_id,
        FakeAccountEvent.event,
        FakeAccountEvent.earliest,
        FakeAccountEvent.latest,
    ).where(FakeAccountEvent.account_id.in_(ids))
    found: dict[int, list[_Event]] = defaultdict(list)
    for row in db.session.execute(rows):
        found[row.account_id].append(_Event(*row))
    return found


def _links() -> list[Link]:
    """Return the successions between accounts that count and that the viewer sees."""
    before, after = aliased(FakeAccount), aliased(FakeAccount)
    rows = (
        select(
            AccountSuccession.account_id,
            AccountSuccession.successor_id,
            AccountSuccession.certainty,
            AccountSuccession.basis,
        )
        .join(before, AccountSuccession.account_id == before.id)
        .join(after, AccountSuccession.successor_id == after.id)
        .where(counts_condition(before), counts_condition(after))
        .order_by(AccountSuccession.id)
    )
    return [Link(*row) for row in db.session.execute(rows)]


def _by_person(
    ids: Select[Any], accounts: dict[int, CountedAccount]
) -> dict[Any, list[CountedAccount]]:
    """Return the accounts by whom they pose as; somebody hidden from the viewer stands nowhere."""
    rows: Iterable[AccountImpersonation] = db.session.scalars(
        select(AccountImpersonation)
        .where(AccountImpersonation.account_id.in_(ids))
        .options(
            joinedload(AccountImpersonation.journalist),
            joinedload(AccountImpersonation.outlet),
            joinedload(AccountImpersonation.institution),
        )
        .order_by(AccountImpersonation.id)
    )
    found: dict[Any, dict[int, CountedAccount]] = defaultdict(dict)
    for row in rows:
        whom = row.meant() or row.official
        if whom:
            found[whom][row.account_id] = accounts[row.account_id]
    return {whom: list(of.values()) for whom, of in found.items()}
