"""Queries of fake accounts by filter, party, incident or chain, for pages, dossier and register."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from tracker import clock
from tracker.articles.models import Citation
from tracker.articles.queries import citation_load_options, originals_by_article
from tracker.bulk_insert import is_in_json_list
from tracker.db import db
from tracker.fake_accounts import codes, rules
from tracker.fake_accounts.dossier_rules import DossierContext
from tracker.fake_accounts.filters import NO_PLATFORM, AccountFilter
from tracker.fake_accounts.lineage_rules import SuccessionLink
from tracker.fake_accounts.models import (
    AccountImpersonation,
    AccountSuccession,
    FakeAccount,
    FakeAccountEvent,
    IncidentAccount,
)
from tracker.i18n import _, current_language
from tracker.incidents import naming_queries
from tracker.incidents.models import Incident, IncidentCitation, IncidentTarget
from tracker.incidents.queries import joined_row_load_options as for_few_incidents
from tracker.incidents.queries import sort_latest_first
from tracker.people import queries as people_queries
from tracker.people.models import Institution, Journalist, Outlet
from tracker.review.codes import APPROVED_STATES
from tracker.review.queries import is_not_retracted
from tracker.vocabulary.codes import Answer, TermSet
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import find_term
from tracker.web.filters import choices_hint


def row_load_options() -> list[Any]:
    """Return the SQLAlchemy loader options for all that a list shows of fake accounts."""
    return [
        joinedload(FakeAccount.platform),
        selectinload(FakeAccount.events),
        *_impersonation_load_options(),
    ]


def page_load_options() -> list[Any]:
    """Return the SQLAlchemy loader options for all that the page of a fake account shows."""
    return [
        joinedload(FakeAccount.platform),
        *_impersonation_load_options(),
        selectinload(FakeAccount.events).options(
            joinedload(FakeAccountEvent.institution), joinedload(FakeAccountEvent.article)
        ),
        selectinload(FakeAccount.incidents)
        .joinedload(IncidentAccount.incident)
        .options(*for_few_incidents()),
        selectinload(FakeAccount.successors)
        .joinedload(AccountSuccession.successor)
        .joinedload(FakeAccount.platform),
        citation_load_options(FakeAccount.citations),
    ]


def _impersonation_load_options() -> list[Any]:
    """Return the loader options for the impersonations of an account and the parties in them."""
    children = selectinload(FakeAccount.impersonates)
    return [
        children.joinedload(AccountImpersonation.journalist),
        children.joinedload(AccountImpersonation.outlet),
        children.joinedload(AccountImpersonation.institution),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterRecords:
    """The records that a filter names; a field is None if the filter names no such record, or the
    platform is `NO_PLATFORM`.
    """

    platform: Term | None
    journalist: Journalist | None
    outlet: Outlet | None
    institution: Institution | None

    def labels_by_code(self) -> dict[str, str]:
        """Return the localized labels of the records, by their code or ref."""
        names = {NO_PLATFORM: str(_("not known"))}
        if self.platform:
            names[self.platform.code] = self.platform.label_in(current_language())
        owners = (self.journalist, self.outlet, self.institution)
        return names | {one.ref: one.heading for one in owners if one}


def find_filter_records(filters: AccountFilter) -> FilterRecords:
    """Return the records that a filter names; raise BadQuery for one that the viewer cannot see."""
    term = find_term(TermSet.PLATFORM, filters.platform) if filters.platform else None
    if filters.platform not in {"", NO_PLATFORM} and term is None:
        raise filters.unknown_value_error("platform", filters.platform, choices_hint())
    return FilterRecords(
        platform=term,
        journalist=filters.get_named_record("journalist", people_queries.journalist_by_ref),
        outlet=filters.get_named_record("outlet", people_queries.outlet_by_ref),
        institution=filters.get_named_record("institution", people_queries.institution_by_ref),
    )


def accounts_matching(filters: AccountFilter) -> Select[FakeAccount]:
    """Return a select of the accounts that match a filter, for lists; raise BadQuery if invalid."""
    rows = select(FakeAccount).where(*filter_conditions(filters)).options(*row_load_options())
    return rows.execution_options(shared=filters.shared)


def filter_conditions(filters: AccountFilter) -> list[ColumnElement[bool]]:
    """Return the SQL conditions of a filter; raise BadQuery for a record the viewer cannot see."""
    named = find_filter_records(filters)
    asked: list[ColumnElement[bool]] = list(filters.build_conditions(FakeAccount))
    if filters.q:
        asked.append(people_queries.matches_words_condition(FakeAccount, filters.q))
    if filters.platform:
        # "IS NULL" if it is not recorded.
        asked.append(FakeAccount.platform_id == (named.platform.id if named.platform else None))
    if filters.status:
        asked.append(status_condition(filters.status))
    if filters.fate:
        asked.append(fate_condition(filters.fate))
    if filters.reappeared:
        asked.append(reappearance_condition(filters.reappeared))
    return [
        *asked,
        *_event_conditions(filters),
        *_impersonation_conditions(named, official_name=filters.official),
    ]


def _event_conditions(filters: AccountFilter) -> Iterator[ColumnElement[bool]]:
    """Yield the SQL conditions of a filter on events of an account and on incidents in which it was
    used.
    """
    asked: list[ColumnElement[bool]] = []
    if filters.happened:
        yield FakeAccount.state.in_(APPROVED_STATES)
        asked += [
            FakeAccountEvent.latest >= filters.happened.first,
            FakeAccountEvent.latest < filters.happened.day_after,
        ]
    if filters.event:
        asked.append(FakeAccountEvent.event == filters.event)
    if asked:
        yield FakeAccount.id.in_(select(FakeAccountEvent.account_id).where(*asked))
    if filters.country:
        used = select(IncidentAccount.account_id).join(IncidentAccount.incident)
        yield FakeAccount.id.in_(
            used.where(Incident.country == filters.country, is_not_retracted(Incident))
        )


def _impersonation_conditions(
    named: FilterRecords, *, official_name: str
) -> list[ColumnElement[bool]]:
    """Return the SQL conditions that an account impersonates `named` and `official_name` if set."""
    whom: list[ColumnElement[bool]] = []
    if named.journalist:
        whom.append(AccountImpersonation.journalist_id == named.journalist.id)
    if named.outlet:
        whom.append(AccountImpersonation.outlet_id == named.outlet.id)
    if named.institution:
        whom.append(AccountImpersonation.institution_id == named.institution.id)
    if official_name:
        whom.append(AccountImpersonation.official == official_name)
    return [_has_impersonation_condition(one) for one in whom]


def _has_impersonation_condition(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the SQL condition that an account has an impersonation that meets a condition."""
    return FakeAccount.id.in_(select(AccountImpersonation.account_id).where(condition))


def account_by_ref(ref: str) -> FakeAccount | None:
    """Return the account with this ref, None if the viewer sees none."""
    return db.session.scalars(select(FakeAccount).where(FakeAccount.ref == ref)).first()


def accounts_used_in(incident: Incident) -> list[FakeAccount]:
    """Return the accounts that were used in an incident, in the order of recording."""
    ids = select(IncidentAccount.account_id).where(IncidentAccount.incident_id == incident.id)
    return _load_rows(select(FakeAccount).where(FakeAccount.id.in_(ids)))


def accounts_impersonating(party: Journalist | Outlet) -> list[FakeAccount]:
    """Return the accounts that impersonate a journalist or outlet, in the order of recording."""
    column = (
        AccountImpersonation.journalist_id
        if isinstance(party, Journalist)
        else AccountImpersonation.outlet_id
    )
    return _load_rows(select(FakeAccount).where(_has_impersonation_condition(column == party.id)))


def accounts_by_handle(handle: str, *, platform_id: int | None, team_id: int) -> list[FakeAccount]:
    """Return a team's accounts with a handle, compared without case, on a platform."""
    rows = select(FakeAccount).where(
        func.lower(FakeAccount.handle) == handle.lower(),
        FakeAccount.platform_id == platform_id,
        FakeAccount.team_id == team_id,
    )
    return _load_rows(rows)


def successions_in_chain(
    account: FakeAccount, *, without_retracted: bool = False
) -> list[SuccessionLink]:
    """Return the successions in the chain of an account, between accounts that the viewer sees."""
    shown = select(FakeAccount.id)
    if without_retracted:
        shown = shown.where(is_not_retracted(FakeAccount))
    ends = AccountSuccession.account_id, AccountSuccession.successor_id
    are_shown = [end.in_(shown) for end in ends]
    pairs = select(*ends).where(*are_shown).subquery()
    chain = select(literal(account.id).label("id")).cte(recursive=True)
    is_before = pairs.c.account_id == chain.c.id
    chain = chain.union(
        select(case((is_before, pairs.c.successor_id), else_=pairs.c.account_id))
        .select_from(pairs)
        .join(chain, or_(is_before, pairs.c.successor_id == chain.c.id))
    )
    in_chain = AccountSuccession.account_id.in_(select(chain.c.id))
    grounds = AccountSuccession.certainty, AccountSuccession.basis
    rows = select(*ends, *grounds).where(in_chain, *are_shown)
    return [SuccessionLink(*row) for row in db.session.execute(rows.order_by(AccountSuccession.id))]


def accounts_by_ids(ids: Sequence[int]) -> list[FakeAccount]:
    """Return the accounts with these ids, in the same order, as far as the viewer sees them."""
    found = {one.id: one for one in _load_rows(select(FakeAccount).where(FakeAccount.id.in_(ids)))}
    return [found[one] for one in ids if one in found]


def successions_to(account: FakeAccount) -> list[AccountSuccession]:
    """Return the successions from earlier accounts to this account."""
    rows = (
        select(AccountSuccession)
        .where(AccountSuccession.successor_id == account.id)
        .order_by(AccountSuccession.id)
        .options(joinedload(AccountSuccession.account).joinedload(FakeAccount.platform))
    )
    return list(db.session.scalars(rows))


def incidents_citing_same_articles(
    citations: Iterable[Citation], *, excluding: Iterable[int]
) -> list[Incident]:
    """Return the incidents that cite one of the cited articles, except the ids `excluding`."""
    articles = {one.article_id for one in citations}
    citing = select(IncidentCitation.record_id).where(IncidentCitation.article_id.in_(articles))
    rows = select(Incident).where(Incident.id.in_(citing), Incident.id.not_in(list(excluding)))
    return list(db.session.scalars(sort_latest_first(rows).options(*for_few_incidents())).unique())


def _load_rows(rows: Select[FakeAccount]) -> list[FakeAccount]:
    """Return the accounts of a select, in the order of recording, with all that a list shows."""
    posed = joinedload(FakeAccount.impersonates)
    in_a_row = (
        joinedload(FakeAccount.platform),
        joinedload(FakeAccount.events),
        posed.joinedload(AccountImpersonation.journalist),
        posed.joinedload(AccountImpersonation.outlet),
        posed.joinedload(AccountImpersonation.institution).joinedload(Institution.names),
    )
    ordered = rows.order_by(FakeAccount.recorded_at, FakeAccount.ref).options(*in_a_row)
    return list(db.session.scalars(ordered).unique())


def status_condition(status: codes.AccountStatus) -> Any:  # noqa: ANN401 (a condition)
    """Return the SQL condition that an account has a status, derived as by `rules.status_of`."""
    last = _last_event_subquery(rules.STATUS_EVENTS)
    said = _last_event_subquery(rules.STATUS_EVENTS - {codes.AccountEvent.CHECKED_GONE})
    if status is codes.AccountStatus.UNKNOWN:
        return last.is_(None)
    if status is codes.AccountStatus.ACTIVE:
        return last.in_(rules.ACTIVATING_EVENTS)
    if status is codes.AccountStatus.GONE:
        return (last == codes.AccountEvent.CHECKED_GONE) & or_(
            said.is_(None), said.in_(rules.ACTIVATING_EVENTS)
        )
    return said.in_([event for event, end in rules.STATUS_BY_EVENT.items() if end is status])


def fate_condition(fate: codes.AccountFate) -> ColumnElement[bool]:
    """Return the SQL condition that an account has a fate in figures, and is not retracted."""
    shown = _first_day_subquery(FakeAccountEvent.earliest, rules.ONLINE_EVENTS)
    gone = _first_day_subquery(FakeAccountEvent.latest, rules.TAKEDOWN_EVENTS)
    is_down = gone.is_not(None) & (FakeAccount.identified == Answer.YES)
    found: dict[codes.AccountFate, ColumnElement[bool]] = {
        codes.AccountFate.TAKEN_DOWN: is_down & (shown <= gone),
        codes.AccountFate.UNDATED: is_down & or_(shown.is_(None), shown > gone),
        codes.AccountFate.STILL_UP: gone.is_(None)
        & shown.is_not(None)
        & (FakeAccount.identified == Answer.YES),
        codes.AccountFate.NOT_COUNTED: or_(
            FakeAccount.identified != Answer.YES, shown.is_(None) & gone.is_(None)
        ),
    }
    return is_not_retracted(FakeAccount) & found[fate]


def reappearance_condition(reappeared: codes.Reappearance) -> ColumnElement[bool]:
    """Return the SQL condition that a taken-down account reappeared with this certainty."""
    is_down = or_(
        fate_condition(codes.AccountFate.TAKEN_DOWN), fate_condition(codes.AccountFate.UNDATED)
    )
    possible = AccountSuccession.certainty == codes.SuccessionCertainty.POSSIBLE
    surely = _successor_condition(~possible)
    if reappeared is codes.Reappearance.YES:
        return is_down & surely
    return is_down & _successor_condition(possible) & ~surely


def _successor_condition(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the SQL condition that an account has a successor that is visible and not retracted.
    `condition`: a condition that its AccountSuccession must meet.
    """
    after = aliased(FakeAccount)
    return FakeAccount.id.in_(
        select(AccountSuccession.account_id)
        .join(after, AccountSuccession.successor_id == after.id)
        .where(is_not_retracted(after), condition)
    )


def _last_event_subquery(events: Collection[codes.AccountEvent]) -> Any:  # noqa: ANN401 (an event, or NULL)
    """Return a subquery of the type of an account's last event of these types, NULL without one."""
    return (
        select(FakeAccountEvent.event)
        .where(FakeAccountEvent.account_id == FakeAccount.id, FakeAccountEvent.event.in_(events))
        .order_by(
            case(
                (FakeAccountEvent.event.in_(rules.SIGHTING_EVENTS), FakeAccountEvent.earliest),
                else_=FakeAccountEvent.latest,
            ).desc(),
            FakeAccountEvent.earliest.desc(),
            case(rules.EVENT_ORDER, value=FakeAccountEvent.event).desc(),
        )
        .limit(1)
        .correlate(FakeAccount)
        .scalar_subquery()
    )


def _first_day_subquery(day_column: Any, events: Collection[codes.AccountEvent]) -> Any:  # noqa: ANN401 (a column; a day, or NULL)
    """Return a subquery of the least `day_column` of an account's events of some types, or NULL."""
    return (
        select(func.min(day_column))
        .where(FakeAccountEvent.account_id == FakeAccount.id, FakeAccountEvent.event.in_(events))
        .correlate(FakeAccount)
        .scalar_subquery()
    )


def dossier_load_options() -> list[Any]:
    """Return the SQLAlchemy loader options for all that the dossier of an account needs."""
    used_in = selectinload(FakeAccount.incidents).joinedload(IncidentAccount.incident)
    targets = used_in.joinedload(Incident.targets)
    posing = selectinload(FakeAccount.impersonates)
    return [
        *page_load_options(),
        posing.joinedload(AccountImpersonation.journalist).selectinload(Journalist.names),
        posing.joinedload(AccountImpersonation.outlet).selectinload(Outlet.names),
        targets.joinedload(IncidentTarget.journalist).selectinload(Journalist.names),
        targets.joinedload(IncidentTarget.outlet).selectinload(Outlet.names),
        used_in.selectinload(Incident.actors),
    ]


def dossier_context(account: FakeAccount) -> DossierContext:
    """Return the context of the dossier of an account, from records that the viewer sees.

    Digests are only of original files without masked passages, owned by the viewer's teams.
    """
    return DossierContext(
        sha256_by_article_id={
            row.article_id: row.sha256
            for row in originals_by_article(one.article_id for one in account.citations)
        },
        redacted_names=naming_queries.names_redacted_by_any_team(),
        withheld_in_sources=naming_queries.withheld_names_in_sources(account.citations),
        unnameable_journalists=naming_queries.unnameable_journalists_in_sources(account.citations),
    )


class _EventRow(NamedTuple):
    """The columns of an event on which the status of its account depends."""

    account_id: int
    event: codes.AccountEvent
    earliest: date
    latest: date


class _DayBounds(NamedTuple):
    """A day that is known between bounds."""

    earliest: date
    latest: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRegister:
    """The accounts that match a filter and are not retracted. `accounts`: by id; `by_platform`: by
    platform id, None for none; `by_party`: by impersonated party (a record, or the name of an
    official); `links`: the successions of all accounts that the viewer sees, matching or not.
    """

    accounts: dict[int, rules.CountedAccount]
    links: list[SuccessionLink]
    by_platform: dict[int | None, list[rules.CountedAccount]] = field(default_factory=dict)
    by_party: dict[Any, list[rules.CountedAccount]] = field(default_factory=dict)


def load_counted_accounts(filters: AccountFilter) -> list[rules.CountedAccount]:
    """Return the accounts that match a filter and are not retracted, as figures count them."""
    asked = [*filter_conditions(filters), is_not_retracted(FakeAccount)]
    return list(_counted_accounts(asked, _load_succession_links()).values())


def load_register(filters: AccountFilter) -> AccountRegister:
    """Return the register of the accounts that match a filter; raise BadQuery if it is invalid."""
    asked = [*filter_conditions(filters), is_not_retracted(FakeAccount)]
    links = _load_succession_links()
    accounts = _counted_accounts(asked, links)
    by_platform: dict[int | None, list[rules.CountedAccount]] = defaultdict(list)
    for one in accounts.values():
        by_platform[one.platform_id].append(one)
    ids = select(FakeAccount.id).where(*asked)
    by_party = _group_by_party(ids, accounts)
    return AccountRegister(
        accounts=accounts, links=links, by_platform=by_platform, by_party=by_party
    )


def _counted_accounts(
    filter_conditions: Sequence[Any], links: Iterable[SuccessionLink]
) -> dict[int, rules.CountedAccount]:
    """Return the accounts that meet conditions, by id. Equal accounts are the same object."""
    certainties: dict[int, set[codes.SuccessionCertainty]] = defaultdict(set)
    for link in links:
        certainties[link.account_id].add(link.certainty)
    rows = db.session.execute(_counted_accounts_select(filter_conditions)).all()
    is_active = _active_account_ids(
        [row.id for row in rows if row.opened and row.down_latest and row.opened >= row.down_latest]
    )
    made: dict[tuple[Any, ...], rules.CountedAccount] = {}
    found, today = {}, clock.current_date()
    for number, *values, _opened in rows:
        back = rules.reappearance_of(certainties.get(number, ()))
        key = (*values, number in is_active, back)
        found[number] = made.get(key) or made.setdefault(key, _build_counted_account(key, today))
    return found


def _build_counted_account(values: tuple[Any, ...], today: date) -> rules.CountedAccount:
    """Return an account as figures count it. `values`: `identified`, platform id, the four days of
    `_counted_accounts_select`, whether it is active, its reappearance.
    """
    identified, platform_id, *days, is_active, reappeared = values
    shown, ended = _build_day_bounds(*days[:2]), _build_day_bounds(*days[2:])
    if shown and ended and rules.is_first_seen_after_takedown(shown, ended):
        shown = None
    fate, span = rules.fate_and_day_count(
        shown, ended, is_identified=identified is Answer.YES, today=today
    )
    return rules.CountedAccount(
        fate=fate, days=span, is_active=is_active, reappeared=reappeared, platform_id=platform_id
    )


def _build_day_bounds(earliest: date | None, latest: date | None) -> _DayBounds | None:
    """Return a day between two bounds, None if an account has no such day (both are None)."""
    return None if earliest is None or latest is None else _DayBounds(earliest, latest)


def _counted_accounts_select(filter_conditions: Sequence[Any]) -> Select[Any]:
    """Return a select of the accounts that meet conditions. Columns: id, `identified`, platform id,
    first and last possible day of the first day up, first and last possible day of the first
    takedown, and the day of the last event after which the account was active.
    """
    happened = FakeAccountEvent

    def first_day(day: Any, events: Collection[codes.AccountEvent]) -> Any:  # noqa: ANN401 (columns)
        return func.min(case((happened.event.in_(events), day)))

    opened = case(
        (happened.event.in_(rules.SIGHTING_EVENTS), happened.earliest), else_=happened.latest
    )
    return (
        select(FakeAccount.id, FakeAccount.identified, FakeAccount.platform_id)
        .add_columns(
            first_day(happened.earliest, rules.ONLINE_EVENTS),
            first_day(happened.latest, rules.ONLINE_EVENTS),
            first_day(happened.earliest, rules.TAKEDOWN_EVENTS),
            first_day(happened.latest, rules.TAKEDOWN_EVENTS).label("down_latest"),
            func.max(case((happened.event.in_(rules.ACTIVATING_EVENTS), opened))).label("opened"),
        )
        .outerjoin(FakeAccount.events)
        .where(*filter_conditions)
        .group_by(FakeAccount.id, FakeAccount.identified, FakeAccount.platform_id)
        .order_by(FakeAccount.id)
    )


def _active_account_ids(ids: Sequence[int]) -> set[int]:
    """Return the ids of the active accounts among the accounts with these ids."""
    if not ids:
        return set()
    some = is_in_json_list(
        FakeAccountEvent.account_id, db.session.get_bind().dialect.name, json.dumps(ids)
    )
    rows = select(
        FakeAccountEvent.account_id,
        FakeAccountEvent.event,
        FakeAccountEvent.earliest,
        FakeAccountEvent.latest,
    ).where(some)
    found: dict[int, list[_EventRow]] = defaultdict(list)
    for row in db.session.execute(rows):
        found[row.account_id].append(_EventRow(*row))
    return {
        number
        for number, events in found.items()
        if rules.status_of(events) is codes.AccountStatus.ACTIVE
    }


def _load_succession_links() -> list[SuccessionLink]:
    """Return the successions between accounts that the viewer sees and that are not retracted."""
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
        .where(is_not_retracted(before), is_not_retracted(after))
        .order_by(AccountSuccession.id)
    )
    return [SuccessionLink(*row) for row in db.session.execute(rows)]


def _group_by_party(
    ids: Select[Any], accounts: dict[int, rules.CountedAccount]
) -> dict[Any, list[rules.CountedAccount]]:
    """Return accounts by impersonated party that the viewer sees; `ids`: select of account ids."""
    posing = AccountImpersonation
    keys = {
        Journalist: posing.journalist_id,
        Outlet: posing.outlet_id,
        Institution: posing.institution_id,
    }
    rows = select(posing.account_id, posing.official, *keys.values())
    rows = rows.where(posing.account_id.in_(ids)).order_by(posing.id)
    parties = {
        kind: {
            one.id: one for one in db.session.scalars(_impersonated_parties_select(kind, key, ids))
        }
        for kind, key in keys.items()
    }
    found: dict[Any, dict[int, rules.CountedAccount]] = defaultdict(dict)
    for account_id, official, *numbers in db.session.execute(rows):
        meant = (parties[kind].get(one) for kind, one in zip(keys, numbers, strict=True))
        whom = next((one for one in meant if one is not None), official)
        if whom:
            found[whom][account_id] = accounts[account_id]
    return {whom: list(accounts_by_id.values()) for whom, accounts_by_id in found.items()}


def _impersonated_parties_select(model: Any, key: Any, account_ids: Select[Any]) -> Select[Any]:  # noqa: ANN401 (a model, a column)
    """Return a select of the impersonated records of a model; `key`: the column with their ids."""
    rows = select(model).where(
        model.id.in_(select(key).where(AccountImpersonation.account_id.in_(account_ids)))
    )
    return rows.options(selectinload(Institution.names)) if model is Institution else rows
