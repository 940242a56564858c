"""Finding fake accounts: by filter, by whom they pose as, by incident, and along their chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from tracker.articles.queries import with_sources
from tracker.db import db
from tracker.errors import BadQuery
from tracker.fake_accounts.codes import AccountEvent, AccountStatus
from tracker.fake_accounts.models import (
    AccountImpersonation,
    AccountSuccession,
    FakeAccount,
    FakeAccountEvent,
    IncidentAccount,
)
from tracker.fake_accounts.rules import DECIDING, ENDS, OPENS, PLACE, chain
from tracker.i18n import _
from tracker.incidents.models import Incident, IncidentCitation
from tracker.incidents.queries import for_a_line as for_an_incident
from tracker.incidents.queries import latest_first
from tracker.people.models import Journalist
from tracker.people.queries import has_words, journalist_by_ref, outlet_by_ref
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import term_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement

    from tracker.articles.models import Citation
    from tracker.fake_accounts.filters import AccountFilter
    from tracker.people.models import Outlet
    from tracker.vocabulary.models import Term


def for_a_line() -> list[Any]:
    """Return what loads accounts with all that a line of a list shows."""
    return [
        joinedload(FakeAccount.platform),
        selectinload(FakeAccount.events),
        *_with_impersonated(),
    ]


def with_everything() -> list[Any]:
    """Return what loads an account with all that its page shows."""
    return [
        joinedload(FakeAccount.platform),
        *_with_impersonated(),
        selectinload(FakeAccount.events).options(
            joinedload(FakeAccountEvent.institution), joinedload(FakeAccountEvent.article)
        ),
        selectinload(FakeAccount.incidents)
        .selectinload(IncidentAccount.incident)
        .options(*for_an_incident()),
        selectinload(FakeAccount.successors)
        .selectinload(AccountSuccession.successor)
        .joinedload(FakeAccount.platform),
        with_sources(FakeAccount.citations),
    ]


def _with_impersonated() -> list[Any]:
    children = selectinload(FakeAccount.impersonates)
    return [
        children.joinedload(AccountImpersonation.journalist),
        children.joinedload(AccountImpersonation.outlet),
        children.joinedload(AccountImpersonation.institution),
    ]


def named_by(filters: AccountFilter) -> tuple[Term | None, Journalist | None, Outlet | None]:
    """Return the platform, journalist and outlet that a filter names; raise BadQuery for one that
    there is not, for this viewer.
    """
    term = term_of(TermSet.PLATFORM, filters.platform) if filters.platform else None
    journalist = journalist_by_ref(filters.journalist) if filters.journalist else None
    outlet = outlet_by_ref(filters.outlet) if filters.outlet else None
    found = {"platform": term, "journalist": journalist, "outlet": outlet}
    for name, one in found.items():
        asked = getattr(filters, name)
        if asked and one is None:
            raise BadQuery(name, _("Unknown value: %(value)s", value=asked[:40]))
    return term, journalist, outlet


def accounts_matching(filters: AccountFilter) -> Select[FakeAccount]:
    """Return the accounts that a filter lets through, with what a line of a list shows.

    Raises BadQuery as `named_by` does.
    """
    term, journalist, outlet = named_by(filters)
    rows = select(FakeAccount).options(*for_a_line())
    if filters.q:
        rows = rows.where(has_words(FakeAccount, filters.q))
    if term:
        rows = rows.where(FakeAccount.platform_id == term.id)
    if filters.kind:
        rows = rows.where(FakeAccount.kind == filters.kind)
    if filters.status:
        rows = rows.where(_is(filters.status))
    if journalist:
        rows = rows.where(_poses_as(AccountImpersonation.journalist_id == journalist.id))
    if outlet:
        rows = rows.where(_poses_as(AccountImpersonation.outlet_id == outlet.id))
    return rows


def _poses_as(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return FakeAccount.id.in_(select(AccountImpersonation.account_id).where(condition))


def _is(status: AccountStatus) -> Any:  # noqa: ANN401 (a condition)
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


def _last_of(events: frozenset[AccountEvent]) -> Any:  # noqa: ANN401 (an event, or NULL)
    return (
        select(FakeAccountEvent.event)
        .where(FakeAccountEvent.account_id == FakeAccount.id, FakeAccountEvent.event.in_(events))
        .order_by(
            FakeAccountEvent.latest.desc(),
            FakeAccountEvent.earliest.desc(),
            case(PLACE, value=FakeAccountEvent.event).desc(),
        )
        .limit(1)
        .correlate(FakeAccount)
        .scalar_subquery()
    )


def account_by_ref(ref: str) -> FakeAccount | None:
    """Return the viewer's account of that ref."""
    return db.session.scalars(select(FakeAccount).where(FakeAccount.ref == ref)).first()


def accounts_used_in(incident: Incident) -> list[FakeAccount]:
    """Return the accounts that were used in an incident, the first recorded first."""
    ids = select(IncidentAccount.account_id).where(IncidentAccount.incident_id == incident.id)
    return _listed(select(FakeAccount).where(FakeAccount.id.in_(ids)))


def accounts_impersonating(bearer: Journalist | Outlet) -> list[FakeAccount]:
    """Return the accounts that pose as a journalist or an outlet, the first recorded first."""
    column = (
        AccountImpersonation.journalist_id
        if isinstance(bearer, Journalist)
        else AccountImpersonation.outlet_id
    )
    return _listed(select(FakeAccount).where(_poses_as(column == bearer.id)))


def accounts_called(handle: str, *, platform_id: int | None, team_id: int) -> list[FakeAccount]:
    """Return the accounts of a team that have this handle on this platform, in any case."""
    rows = select(FakeAccount).where(
        func.lower(FakeAccount.handle) == handle.lower(),
        FakeAccount.platform_id == platform_id,
        FakeAccount.team_id == team_id,
    )
    return _listed(rows)


def succession_pairs() -> list[tuple[int, int]]:
    """Return (account, successor) of every succession that the viewer may see."""
    rows = select(AccountSuccession.account_id, AccountSuccession.successor_id)
    return [(row[0], row[1]) for row in db.session.execute(rows)]


def chain_of(account: FakeAccount) -> list[FakeAccount]:
    """Return the whole chain in which an account stands, predecessors first; hidden ones are left
    out. An account without any stands in none.
    """
    ids = chain(succession_pairs(), account.id)
    if len(ids) == 1:
        return []
    found = {one.id: one for one in _listed(select(FakeAccount).where(FakeAccount.id.in_(ids)))}
    return [found[one] for one in ids if one in found]


def predecessors_of(account: FakeAccount) -> list[AccountSuccession]:
    """Return the successions by which other accounts reappeared as this one."""
    rows = (
        select(AccountSuccession)
        .where(AccountSuccession.successor_id == account.id)
        .order_by(AccountSuccession.id)
        .options(joinedload(AccountSuccession.account).joinedload(FakeAccount.platform))
    )
    return list(db.session.scalars(rows))


def incidents_of_sources(citations: Iterable[Citation], *, but: Iterable[int]) -> list[Incident]:
    """Return the incidents that cite one of the articles cited, but for some (ids)."""
    articles = {one.article_id for one in citations}
    citing = select(IncidentCitation.record_id).where(IncidentCitation.article_id.in_(articles))
    rows = select(Incident).where(Incident.id.in_(citing), Incident.id.not_in(list(but)))
    return list(db.session.scalars(latest_first(rows).options(*for_an_incident())).unique())


def _listed(rows: Select[FakeAccount]) -> list[FakeAccount]:
    ordered = rows.order_by(FakeAccount.recorded_at, FakeAccount.ref).options(*for_a_line())
    return list(db.session.scalars(ordered).unique())
