"""Finding cases, what is filed in them, and the cases that a record is in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from tracker.articles.queries import whole
from tracker.cases.models import (
    Case,
    CaseAccount,
    CaseAppeal,
    CaseIncident,
    CaseLink,
    CaseProceeding,
    CaseResponse,
    Filed,
)
from tracker.cases.rules import TAKES_RECORDS
from tracker.db import db
from tracker.fake_accounts import queries as fake_accounts
from tracker.fake_accounts.models import AccountImpersonation, FakeAccount
from tracker.incidents import queries as incidents
from tracker.incidents.models import Incident, IncidentTarget
from tracker.people.models import Journalist
from tracker.people.queries import has_words
from tracker.responses import appeal_queries as appeals
from tracker.responses import proceeding_queries as proceedings
from tracker.responses import queries as responses
from tracker.responses.appeal_models import Appeal
from tracker.responses.models import OfficialResponse
from tracker.responses.proceeding_models import Proceeding
from tracker.review.queries import counts
from tracker.users.models import Team, User
from tracker.vocabulary.codes import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tracker.articles.models import Article
    from tracker.cases.filters import CaseFilter
    from tracker.permissions import Actor
    from tracker.records import Record

MOST_OFFERED = 200


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where records of one kind are filed: the join, its attribute, and the case's list of them;
    `for_a_line` loads what a line about such a record shows.
    """

    kind: type[Any]
    join: type[Filed]
    name: str
    names: str
    for_a_line: Callable[[], list[Any]]

    @property
    def key(self) -> Any:  # noqa: ANN401 (a column)
        """Return the column of the join that names the record."""
        return getattr(self.join, self.name + "_id")


SHELVES = (
    Shelf(Incident, CaseIncident, "incident", "incidents", incidents.for_a_line),
    Shelf(FakeAccount, CaseAccount, "account", "accounts", fake_accounts.for_a_line),
    Shelf(OfficialResponse, CaseResponse, "response", "responses", responses.for_a_line),
    Shelf(Appeal, CaseAppeal, "appeal", "appeals", appeals.for_a_line),
    Shelf(Proceeding, CaseProceeding, "proceeding", "proceedings", proceedings.for_a_line),
)


@dataclass(slots=True)
class Records:
    """What is filed in a case, as the viewer sees it; `homes`: ids of incidents counted here."""

    incidents: list[Incident] = field(default_factory=list)
    accounts: list[FakeAccount] = field(default_factory=list)
    responses: list[OfficialResponse] = field(default_factory=list)
    appeals: list[Appeal] = field(default_factory=list)
    proceedings: list[Proceeding] = field(default_factory=list)
    homes: frozenset[int] = frozenset()

    def all(self) -> list[Any]:
        """Return every record, incidents first."""
        return [
            *self.incidents,
            *self.accounts,
            *self.responses,
            *self.appeals,
            *self.proceedings,
        ]


def shelf_of(record: object) -> Shelf | None:
    """Return where records of this kind are filed, None for a kind that no case holds."""
    return next((shelf for shelf in SHELVES if isinstance(record, shelf.kind)), None)


def cases_matching(filters: CaseFilter) -> Select[Case]:
    """Return the cases that a filter lets through."""
    rows = select(Case)
    if filters.q:
        rows = rows.where(has_words(Case, filters.q))
    if filters.country:
        rows = rows.where(Case.country == filters.country)
    if filters.lifecycle:
        rows = rows.where(Case.lifecycle == filters.lifecycle)
    if filters.journalist:
        meant = select(Journalist.id).where(Journalist.ref == filters.journalist)
        rows = rows.where(_is_about(meant))
    return rows


def _is_about(journalist_ids: Select[Any]) -> Any:  # noqa: ANN401 (a condition)
    """Return the condition that an incident or fake account in the case is about one of them."""
    by_incident = (
        select(CaseIncident.case_id)
        .join(CaseIncident.incident)
        .join(Incident.targets)
        .where(IncidentTarget.journalist_id.in_(journalist_ids))
    )
    by_account = (
        select(CaseAccount.case_id)
        .join(CaseAccount.account)
        .join(FakeAccount.impersonates)
        .where(AccountImpersonation.journalist_id.in_(journalist_ids))
    )
    return or_(Case.id.in_(by_incident), Case.id.in_(by_account))


def countries_of_cases() -> list[str]:
    """Return the countries of the cases that the viewer may see."""
    return list(db.session.scalars(select(Case.country).distinct().order_by(Case.country)))


def counts_in(cases: Iterable[Case]) -> dict[int, dict[str, int]]:
    """Return for each case how many records of each kind count and the viewer may see in it."""
    ids = [case.id for case in cases]
    found = {number: {shelf.names: 0 for shelf in SHELVES} for number in ids}
    for shelf in SHELVES:
        # The join cuts the count to records that the viewer may see.
        rows = (
            select(shelf.join.case_id, func.count())
            .join(getattr(shelf.join, shelf.name))
            .where(shelf.join.case_id.in_(ids), counts(shelf.kind))
            .group_by(shelf.join.case_id)
        )
        for number, count in db.session.execute(rows):
            found[number][shelf.names] = count
    return found


def records_of(case: Case, *, entire: bool = False) -> Records:
    """Return what is filed in a case, with all that a line about each shows; `entire`: with all
    that hangs on each.
    """
    found = Records()
    for shelf in SHELVES:
        ids = select(shelf.key).where(shelf.join.case_id == case.id)
        kind = shelf.kind
        order = (
            (kind.latest, kind.earliest, kind.ref)
            if hasattr(kind, "latest")
            else (kind.recorded_at, kind.ref)
        )
        options = whole(kind) if entire else shelf.for_a_line()
        rows = select(kind).where(kind.id.in_(ids)).order_by(*order).options(*options)
        setattr(found, shelf.names, list(db.session.scalars(rows).unique()))
    homes = select(CaseIncident.incident_id).where(
        CaseIncident.case_id == case.id, CaseIncident.is_home == Answer.YES
    )
    found.homes = frozenset(db.session.scalars(homes))
    return found


def records_citing(article: Article) -> list[Any]:
    """Return the records that cite an article and can be filed, the first logged first."""
    found: list[Any] = []
    for shelf in SHELVES:
        kind = shelf.kind
        citation = kind.citations.property.mapper.class_
        ids = select(citation.record_id).where(citation.article_id == article.id)
        rows = select(kind).where(kind.id.in_(ids)).order_by(kind.recorded_at, kind.ref)
        found.extend(db.session.scalars(rows.options(*shelf.for_a_line())).unique())
    return found


def incident_ids_of(case: Case) -> Select[int]:
    """Return a select of the ids of the incidents in a case, for `within=` of the incidents."""
    return select(CaseIncident.incident_id).where(CaseIncident.case_id == case.id)


def account_ids_of(case: Case) -> Select[int]:
    """Return a select of the ids of the fake accounts in a case."""
    return select(CaseAccount.account_id).where(CaseAccount.case_id == case.id)


def response_ids_of(case: Case) -> Select[int]:
    """Return a select of the ids of the official responses in a case."""
    return select(CaseResponse.response_id).where(CaseResponse.case_id == case.id)


def proceeding_ids_of(case: Case) -> Select[int]:
    """Return a select of the ids of the proceedings in a case."""
    return select(CaseProceeding.proceeding_id).where(CaseProceeding.case_id == case.id)


def filings_of(records: Sequence[Record]) -> dict[Record, list[Any]]:
    """Return for each record its places in cases that the viewer may see, the first filed first."""
    found: dict[Record, list[Any]] = {record: [] for record in records}
    for shelf in SHELVES:
        mine = {record.id: record for record in records if isinstance(record, shelf.kind)}
        if not mine:
            continue
        join: Any = shelf.join
        rows = (
            select(join).where(shelf.key.in_(mine)).order_by(join.id).options(joinedload(join.case))
        )
        for row in db.session.scalars(rows):
            found[mine[getattr(row, shelf.name + "_id")]].append(row)
    return found


def cases_of(record: Record) -> list[Case]:
    """Return the cases in which a record is filed, its first one first."""
    return [row.case for row in filings_of([record])[record]]


def cases_of_incident(incident: Incident) -> list[Case]:
    """Return the cases in which an incident is filed, the one at which it is counted first."""
    rows = filings_of([incident])[incident]
    return [row.case for row in sorted(rows, key=lambda row: row.is_home is not Answer.YES)]


def with_everything() -> list[Any]:
    """Return what loads a case with all that its page and its trail read."""
    return [*whole(Case), selectinload(Case.links).joinedload(CaseLink.other)]


def case_by_ref(ref: str) -> Case | None:
    """Return the viewer's case of that ref, whole."""
    rows = select(Case).where(Case.ref == ref).options(*with_everything())
    return db.session.scalars(rows).unique().first()


def cases_to_file_in(records: Sequence[Record], *, by: Actor) -> list[Case]:
    """Return the cases that take records and that the actor may change: first those about the same
    journalists, then by how lately they changed; at most 200.
    """
    rows = (
        select(Case)
        .where(Case.team_id.in_(by.team_ids), Case.lifecycle.in_(TAKES_RECORDS))
        .order_by(Case.updated_at.desc(), Case.ref)
    )
    known = [record.id for record in records if isinstance(record, Incident)]
    targeted = select(IncidentTarget.journalist_id).where(
        IncidentTarget.incident_id.in_(known), IncidentTarget.journalist_id.is_not(None)
    )
    likely = list(db.session.scalars(rows.where(_is_about(targeted)).limit(MOST_OFFERED)))
    rest = [one for one in db.session.scalars(rows.limit(MOST_OFFERED)) if one not in likely]
    return [*likely, *rest][:MOST_OFFERED]


def links_to(case: Case) -> list[CaseLink]:
    """Return the links that other cases have to this one; pages show their inverse."""
    rows = select(CaseLink).where(CaseLink.other_id == case.id).order_by(CaseLink.id)
    return list(db.session.scalars(rows.options(joinedload(CaseLink.case))))


def possible_leads(team_id: int) -> list[User]:
    """Return the people of a team who can still sign in."""
    rows = select(User).join(User.teams).where(Team.id == team_id, User.disabled_at.is_(None))
    return list(db.session.scalars(rows.order_by(User.name)))


def latest_cases(limit: int) -> list[Case]:
    """Return the cases that changed last."""
    return list(
        db.session.scalars(select(Case).order_by(Case.updated_at.desc(), Case.ref).limit(limit))
    )
