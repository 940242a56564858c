"""The filter of the list of cases; find cases, the records filed in them, and proposals for new
cases.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, false, func, literal, or_, select, union_all
from sqlalchemy import case as sql_case
from sqlalchemy.orm import joinedload, selectinload

from tracker.articles.models import Article
from tracker.articles.queries import full_record_load_options, heading_load_options
from tracker.audit.queries import load_visible_records
from tracker.cases import rules
from tracker.cases.codes import Lifecycle
from tracker.cases.models import (
    Case,
    CaseAccount,
    CaseAppeal,
    CaseFiling,
    CaseIncident,
    CaseLink,
    CaseProceeding,
    CaseResponse,
)
from tracker.db import db
from tracker.fake_accounts import queries as fake_accounts
from tracker.fake_accounts.models import AccountImpersonation, FakeAccount
from tracker.i18n import lazy
from tracker.incidents import queries as incidents
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.queries import row_load_options, sort_latest_first
from tracker.incidents.rules import target_name
from tracker.kit.filters import ListFilter, code_filter, country_filter, ref_filter, text_filter
from tracker.people.models import Journalist, Outlet
from tracker.people.queries import matches_words_condition
from tracker.permissions import Actor
from tracker.records import Record
from tracker.responses import appeal_queries as appeals
from tracker.responses import proceeding_queries as proceedings
from tracker.responses import queries as responses
from tracker.responses.codes import AnswerScope
from tracker.responses.models import Appeal, AppealIncident, OfficialResponse, Proceeding
from tracker.review.queries import is_not_retracted
from tracker.users.models import Team, User
from tracker.vocabulary.codes import Answer
from tracker.when import Precision

# The latest incidents, which are examined for proposals of cases.
MAX_INCIDENTS_EXAMINED = 1000
MAX_CASES_PROPOSED = 10
# The most records filed in a case in one step.
MAX_RECORDS_FILED_AT_ONCE = 50
# The SQL condition that a target is an outlet. The row of a targeted journalist may have an outlet
# too, which is not a target itself.
_TARGET_IS_OUTLET = IncidentTarget.kind == TargetKind.OUTLET
MAX_CASES_TO_CHOOSE_FROM = 200  # cases to choose from when filing records


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter(ListFilter):
    """The filter of the list of cases, from query parameters; empty fields do not filter."""

    q: str = text_filter()
    country: str = country_filter(column="country")
    lifecycle: Lifecycle | None = code_filter(Lifecycle, lazy("Status"), column="lifecycle")
    journalist: str = ref_filter("JRN", lazy("Journalist"), heading=lazy("about %(name)s"))


@dataclass(frozen=True, slots=True)
class CaseJoin:
    """A kind of record that cases hold, and the model of the rows that join these records to cases
    (`join_model`). `record_attribute`: the attribute of such a row that holds the record;
    `collection`: the attribute of `Case` that holds these rows; `list_load_options`: returns the
    loader options for showing such records in a list.
    """

    kind: type[Any]
    join_model: type[CaseFiling]
    record_attribute: str
    collection: str
    list_load_options: Callable[[], list[Any]]

    @property
    def record_id_column(self) -> Any:  # noqa: ANN401 (a column)
        """The column of the join table with the id of the record."""
        return getattr(self.join_model, self.record_attribute + "_id")


# All kinds of records that cases hold, incidents first.
CASE_JOINS = (
    CaseJoin(Incident, CaseIncident, "incident", "incidents", incidents.row_load_options),
    CaseJoin(FakeAccount, CaseAccount, "account", "accounts", fake_accounts.row_load_options),
    CaseJoin(OfficialResponse, CaseResponse, "response", "responses", responses.row_load_options),
    CaseJoin(Appeal, CaseAppeal, "appeal", "appeals", appeals.row_load_options),
    CaseJoin(Proceeding, CaseProceeding, "proceeding", "proceedings", proceedings.row_load_options),
)
# Pairs of a collection of a case and the attribute of its rows that holds the record.
CASE_COLLECTIONS = [(case_join.collection, case_join.record_attribute) for case_join in CASE_JOINS]


@dataclass(slots=True)
class CaseRecords:
    """The visible records of a case. `main_case_incident_ids`: the ids of the incidents that have
    this case as their main case.
    """

    incidents: list[Incident] = field(default_factory=list)
    accounts: list[FakeAccount] = field(default_factory=list)
    responses: list[OfficialResponse] = field(default_factory=list)
    appeals: list[Appeal] = field(default_factory=list)
    proceedings: list[Proceeding] = field(default_factory=list)
    main_case_incident_ids: frozenset[int] = frozenset()

    def list_all(self) -> list[Any]:
        """Return every record, incidents first."""
        return [
            *self.incidents,
            *self.accounts,
            *self.responses,
            *self.appeals,
            *self.proceedings,
        ]


def case_join_of(record: object) -> CaseJoin | None:
    """Return the `CaseJoin` of a record's kind, None if cases hold no records of this kind."""
    return next((case_join for case_join in CASE_JOINS if isinstance(record, case_join.kind)), None)


def cases_matching(filters: CaseFilter) -> Select[Case]:
    """Return a select of the cases that match a filter."""
    rows = select(Case).where(*filters.build_conditions(Case))
    if filters.q:
        rows = rows.where(matches_words_condition(Case, filters.q))
    if filters.journalist:
        meant = select(Journalist.id).where(Journalist.ref == filters.journalist)
        rows = rows.where(_is_about_journalists(meant))
    return rows


def _is_about_journalists(journalist_ids: Select[Any]) -> Any:  # noqa: ANN401 (a condition)
    """Return the SQL condition that a case has an incident or fake account about journalists.
    `journalist_ids`: a select of their ids.
    """
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


def records_of(case: Case, *, with_all_parts: bool = False) -> CaseRecords:
    """Return the records of a case. `with_all_parts`: load all parts of each record, and not only
    what the page of the case shows of it.
    """
    beside: dict[type[Any], list[Any]] = {
        Appeal: [joinedload(Appeal.response)],
        Proceeding: [joinedload(Proceeding.steps)],
    }
    found = CaseRecords()
    filed, found.main_case_incident_ids = _filed_kinds_and_main_incidents(case)
    for case_join in CASE_JOINS:
        kind = case_join.kind
        if kind not in filed:
            continue
        ids = select(case_join.record_id_column).where(case_join.join_model.case_id == case.id)
        order = (
            (kind.latest, kind.earliest, kind.ref)
            if hasattr(kind, "latest")
            else (kind.recorded_at, kind.ref)
        )
        options = (
            full_record_load_options(kind)
            if with_all_parts
            else [*heading_load_options(kind), *beside.get(kind, [])]
        )
        rows = select(kind).where(kind.id.in_(ids)).order_by(*order).options(*options)
        setattr(found, case_join.collection, list(db.session.scalars(rows).unique()))
    return found


def _filed_kinds_and_main_incidents(case: Case) -> tuple[set[type[Any]], frozenset[int]]:
    """Return the kinds of records in a case, and the ids of incidents whose main case it is."""
    kinds, incident_ids = set(), set()
    rows = [
        select(literal(number), case_join.record_id_column, _is_main_case(case_join)).where(
            case_join.join_model.case_id == case.id
        )
        for number, case_join in enumerate(CASE_JOINS)
    ]
    for number, key, is_home in db.session.execute(union_all(*rows)):
        kinds.add(CASE_JOINS[number].kind)
        if is_home:
            incident_ids.add(key)
    return kinds, frozenset(incident_ids)


def _is_main_case(case_join: CaseJoin) -> Any:  # noqa: ANN401 (an expression)
    """Return an SQL expression: 1 if the row files an incident in its main case, otherwise 0."""
    is_home = CaseIncident.is_home == Answer.YES if case_join.kind is Incident else false()
    return sql_case((is_home, 1), else_=0)


def records_citing(article: Article) -> list[Any]:
    """Return the records that cite an article and that cases can hold, the first recorded first.

    Records already in the session are not read again.
    """
    citing = []
    for number, case_join in enumerate(CASE_JOINS):
        citation = case_join.kind.citations.property.mapper.class_
        rows = select(literal(number), citation.record_id)
        citing.append(rows.where(citation.article_id == article.id))
    ids: dict[int, set[int]] = defaultdict(set)
    for number, key in db.session.execute(union_all(*citing)):
        ids[number].add(key)
    found: list[Any] = []
    for number, keys in sorted(ids.items()):
        records = _load_missing_records(CASE_JOINS[number], keys)
        found.extend(sorted(records, key=lambda one: (one.recorded_at, one.ref)))
    return found


def _load_missing_records(case_join: CaseJoin, ids: set[int]) -> list[Any]:
    """Return the records of a kind with these ids; only those not in the session are queried."""
    known = {one.id: one for one in db.session if isinstance(one, case_join.kind) and one.id in ids}
    rows = select(case_join.kind).where(case_join.kind.id.in_(ids - known.keys()))
    if ids <= known.keys():
        return [*known.values()]
    return [
        *known.values(),
        *db.session.scalars(rows.options(*case_join.list_load_options())).unique(),
    ]


def incident_ids_of(case: Case) -> Select[int]:
    """Return a query of the ids of the incidents in a case."""
    return select(CaseIncident.incident_id).where(CaseIncident.case_id == case.id)


def filings_by_record(records: Sequence[Record]) -> dict[Record, list[Any]]:
    """Return, for each record, the rows that file it in visible cases, the first filed first. They
    are of the classes derived from `CaseFiling`, with their cases loaded.
    """
    found: dict[Record, list[Any]] = {record: [] for record in records}
    for case_join in CASE_JOINS:
        mine = {record.id: record for record in records if isinstance(record, case_join.kind)}
        if not mine:
            continue
        join: Any = case_join.join_model
        rows = (
            select(join)
            .where(case_join.record_id_column.in_(mine))
            .order_by(join.id)
            .options(joinedload(join.case))
        )
        for row in db.session.scalars(rows):
            found[mine[getattr(row, case_join.record_attribute + "_id")]].append(row)
    return found


@dataclass(frozen=True, slots=True)
class CasePlacement:
    """A case in which a record is filed; `is_home`: the case is an incident's main case."""

    case: Case
    is_home: bool


def placements_by_record(records: Sequence[Record]) -> dict[Record, list[CasePlacement]]:
    """Return, for each record, the visible cases in which it is filed, the first filed first.

    Executes one query for all kinds of records.
    """
    found: dict[Record, list[CasePlacement]] = {record: [] for record in records}
    mine: dict[int, dict[int, Record]] = {}
    for number, case_join in enumerate(CASE_JOINS):
        if of_kind := {one.id: one for one in records if isinstance(one, case_join.kind)}:
            mine[number] = of_kind
    if mine:
        ids = {_ids_parameter(number): list(of_kind) for number, of_kind in mine.items()}
        for number, key, home, at in db.session.execute(_placements_query(tuple(mine)), ids):
            found[mine[number][key]].append(CasePlacement(at, is_home=bool(home)))
    return found


@cache
def _placements_query(kind_indexes: tuple[int, ...]) -> Select[Any]:
    """Return the query of the cases in which records are filed. `kind_indexes`: the positions in
    `CASE_JOINS` of the kinds of records; the record ids are bind parameters `ids_0` and so on, by
    this position. Columns: the position of the kind, the record id, 1 for a main case, the Case.
    """
    rows = []
    for kind_index in kind_indexes:
        case_join = CASE_JOINS[kind_index]
        join: Any = case_join.join_model
        columns = (
            literal(kind_index).label("kind"),
            case_join.record_id_column.label("record_id"),
            join.id.label("row_id"),
            join.case_id.label("case_id"),
            _is_main_case(case_join).label("home"),
        )
        asked: Any = bindparam(_ids_parameter(kind_index), expanding=True)
        rows.append(select(*columns).where(case_join.record_id_column.in_(asked)))
    filed = union_all(*rows).subquery()
    placed = select(filed.c.kind, filed.c.record_id, filed.c.home, Case)
    return placed.join(Case, Case.id == filed.c.case_id).order_by(filed.c.row_id)


def _ids_parameter(kind_index: int) -> str:
    """Return the name of the SQL bind parameter with the ids of the records of one kind.
    `kind_index`: the position of the kind in `CASE_JOINS`.
    """
    return f"ids_{kind_index}"


def records_page_load_options() -> list[Any]:
    """Return the loader options for the page with the records of a case."""
    return [joinedload(Case.references), joinedload(Case.lead)]


def full_case_load_options() -> list[Any]:
    """Return the loader options for a case with all parts that the audit log compares."""
    return [*full_record_load_options(Case), selectinload(Case.links).joinedload(CaseLink.other)]


def case_by_ref(ref: str) -> Case | None:
    """Return the visible case with a ref, None if there is none."""
    rows = select(Case).where(Case.ref == ref).options(*full_case_load_options())
    return db.session.scalars(rows).unique().first()


def cases_for_filing(records: Sequence[Record], *, by: Actor) -> list[Case]:
    """Return at most 200 cases in which the actor may file these records: first those about a
    journalist whom an incident among the records targets, then the others, the last changed first.
    """
    rows = select(Case).where(
        Case.team_id.in_(by.team_ids), Case.lifecycle.in_(rules.LIFECYCLES_ACCEPTING_RECORDS)
    )
    known = [record.id for record in records if isinstance(record, Incident)]
    targeted = select(IncidentTarget.journalist_id).where(
        IncidentTarget.incident_id.in_(known), IncidentTarget.journalist_id.is_not(None)
    )
    is_other = sql_case((_is_about_journalists(targeted), 0), else_=1)
    likely_first = rows.order_by(is_other, Case.updated_at.desc(), Case.ref)
    return list(db.session.scalars(likely_first.limit(MAX_CASES_TO_CHOOSE_FROM)))


def links_of(case: Case) -> list[CaseLink]:
    """Return the links from a case to other cases, then the links from other cases to it.

    Links to and from cases that the viewer may not see are left out.
    """
    rows = (
        select(CaseLink)
        .where(or_(CaseLink.case_id == case.id, CaseLink.other_id == case.id))
        .order_by(CaseLink.id)
        .options(joinedload(CaseLink.case), joinedload(CaseLink.other))
    )
    seen = [link for link in db.session.scalars(rows) if link.other is not None]
    return sorted(seen, key=lambda link: link.case_id != case.id)


def possible_leads(team_id: int) -> list[User]:
    """Return the users who may lead a case of a team: its members who can sign in, by name."""
    rows = select(User).join(User.teams).where(Team.id == team_id, User.disabled_at.is_(None))
    return list(db.session.scalars(rows.order_by(User.name)))


def latest_cases(limit: int) -> list[Case]:
    """Return the last changed cases, at most `limit`, the latest first."""
    return list(
        db.session.scalars(select(Case).order_by(Case.updated_at.desc(), Case.ref).limit(limit))
    )


@dataclass(frozen=True, slots=True)
class CaseProposal:
    """Incidents that may belong in one case, latest first. `shared_names`: the names of the
    targets that two or more of them have in common.
    """

    incidents: list[Incident]
    shared_names: list[str]


def case_proposals() -> list[CaseProposal]:
    """Return proposals for new cases: groups of related incidents that are in no case, among the
    latest 1,000 that the viewer sees.
    """
    targets = _recent_unfiled_targets()
    ends: dict[int, Any] = {one.incident_id: (one.latest, one.incident_id) for one in targets}
    groups = sorted(
        (
            sorted(group, key=ends.__getitem__, reverse=True)
            for group in rules.group_related_incidents(targets)
        ),
        key=lambda group: ends[group[0]],
        reverse=True,
    )
    shown = [group[:MAX_RECORDS_FILED_AT_ONCE] for group in groups[:MAX_CASES_PROPOSED]]
    ids = [number for group in shown for number in group]
    rows = select(Incident).where(Incident.id.in_(ids)).options(*row_load_options())
    loaded = {one.id: one for one in db.session.scalars(rows)} if ids else {}
    found = [[loaded[number] for number in group] for group in shown]
    return [CaseProposal(incidents, shared_target_names(incidents)) for incidents in found]


def _recent_unfiled_targets() -> list[rules.TargetedIncident]:
    """Return the journalists and outlets targeted by incidents that are in no case, among the
    latest incidents that are not retracted.
    """
    latest = sort_latest_first(select(Incident).where(is_not_retracted(Incident))).limit(
        MAX_INCIDENTS_EXAMINED
    )
    filed = select(CaseIncident.id).where(CaseIncident.incident_id == Incident.id)
    rows = (
        select(Incident.id, Incident.earliest, Incident.latest, Journalist.id, Outlet.id)
        .join(Incident.targets)
        .outerjoin(IncidentTarget.journalist)
        .outerjoin(IncidentTarget.outlet)
        .where(
            Incident.id.in_(latest.with_only_columns(Incident.id)),
            or_(Journalist.id.is_not(None), Outlet.id.is_not(None) & _TARGET_IS_OUTLET),
            ~filed.exists(),
        )
        .order_by(IncidentTarget.id)
    )
    return [
        rules.TargetedIncident(
            incident, ("outlet", outlet) if person is None else ("person", person), first, last
        )
        for incident, first, last, person, outlet in db.session.execute(rows)
    ]


def shared_target_names(incidents: Iterable[Incident]) -> list[str]:
    """Return the names of the targets of two or more of the incidents, most frequent first."""
    found: Counter[tuple[type, int]] = Counter()
    names: dict[tuple[type, int], str] = {}
    for incident in incidents:
        mine = {
            (type(whom), whom.id): target_name(target)
            for target in incident.targets
            if (whom := target.journalist or (target.kind is TargetKind.OUTLET and target.outlet))
        }
        found.update(mine.keys())
        names |= mine
    return [names[key] for key, times in found.most_common() if times > 1]


def records_by_refs(refs: Sequence[str]) -> list[Any]:
    """Return the visible records with these refs, of kinds that cases hold, in this order."""
    options = {case_join.kind: case_join.list_load_options for case_join in CASE_JOINS}
    return list(load_visible_records(refs, options, lambda kind: options[kind]()).values())


def case_responses_with_incidents(incident_ids: Select[Any]) -> Any:  # noqa: ANN401 (a select of two columns)
    """Return a query of each response to a whole case, with each incident of that case that may
    have begun by the date of the response. The columns are `response_id` and `incident_id`.
    `incident_ids`: a select of the ids of the incidents to consider.
    """
    return (
        select(CaseResponse.response_id, CaseIncident.incident_id)
        .join(CaseIncident, CaseIncident.case_id == CaseResponse.case_id)
        .join(CaseResponse.response)
        .join(CaseIncident.incident)
        .where(
            OfficialResponse.answers_scope == AnswerScope.CASE,
            Incident.earliest <= OfficialResponse.latest,
            CaseIncident.incident_id.in_(incident_ids),
        )
    )


def has_indirect_response(incident: Incident) -> bool:
    """Return whether there is a response to a case of an incident or to an appeal about it."""
    if incidents.models_with_rows_about(incident).isdisjoint({CaseIncident, AppealIncident}):
        return False
    return db.session.scalar(_indirect_response_query(), {"id": incident.id}) is not None


@cache
def _indirect_response_query() -> Select[Any]:
    """Return the query of the id of one response to a case of an incident, or to an appeal about
    the incident. The SQL bind parameter `id` is the id of the incident.
    """
    one = select(Incident.id).where(Incident.id == bindparam("id"))
    to_cases = case_responses_with_incidents(one).with_only_columns(CaseResponse.response_id)
    to_appeals = select(Appeal.response_id).where(
        Appeal.incidents.any(incident_id=bindparam("id")), is_not_retracted(Appeal)
    )
    is_either = or_(OfficialResponse.id.in_(to_cases), OfficialResponse.id.in_(to_appeals))
    found = select(OfficialResponse.id).where(is_either, is_not_retracted(OfficialResponse))
    return found.limit(1)


def countries_of_cases() -> list[str]:
    """Return the codes of the countries of the cases that the viewer may see."""
    return list(db.session.scalars(select(Case.country).distinct().order_by(Case.country)))


def record_counts_of_cases(cases: Iterable[Case]) -> dict[int, dict[str, int]]:
    """Return the number of records in each case that are visible and not retracted, by case id and
    by the name of the collection of `Case`, such as `incidents`.
    """
    ids = [case.id for case in cases]
    found = {number: {case_join.collection: 0 for case_join in CASE_JOINS} for number in ids}
    # The joins limit the counts to records that the viewer may see.
    counted = (
        select(literal(case_join.collection), case_join.join_model.case_id, func.count())
        .join(getattr(case_join.join_model, case_join.record_attribute))
        .where(case_join.join_model.case_id.in_(ids), is_not_retracted(case_join.kind))
        .group_by(case_join.join_model.case_id)
        for case_join in CASE_JOINS
    )
    for name, number, count in db.session.execute(union_all(*counted)):
        found[number][name] = count
    return found


def journalist_names_of_cases(cases: Iterable[Case]) -> dict[int, list[str]]:
    """Return the names of the journalists targeted in each case, by case id."""
    rows = (
        select(CaseIncident.case_id, Journalist.name, Journalist.sort_key)
        .join(CaseIncident.incident)
        .join(Incident.targets)
        .join(IncidentTarget.journalist)
        .where(CaseIncident.case_id.in_([case.id for case in cases]), is_not_retracted(Incident))
        .distinct()
        .order_by(Journalist.sort_key)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for number, name, _key in db.session.execute(rows):
        found[number].append(name)
    return found


def first_or_last_incidents(cases: Iterable[Case], *, last: bool = False) -> dict[int, Incident]:
    """Return, by case id, the first dated incident of each case or, with `last`, the last one;
    retracted incidents are left out.
    """
    order = Incident.latest.desc() if last else Incident.earliest
    place = func.row_number().over(partition_by=CaseIncident.case_id, order_by=(order, Incident.id))
    ordered = (
        select(CaseIncident.case_id, Incident.id, place.label("place"))
        .join(CaseIncident.incident)
        .where(
            CaseIncident.case_id.in_([case.id for case in cases]),
            is_not_retracted(Incident),
            Incident.precision != Precision.UNKNOWN,
        )
        .subquery()
    )
    rows = select(ordered.c.case_id, Incident).join(Incident, Incident.id == ordered.c.id)
    return {row[0]: row[1] for row in db.session.execute(rows.where(ordered.c.place == 1))}
