"""Load the records of a timeline as facts, with a constant number of queries.

If there are too many records to show in full, the older ones are loaded as outlines: facts without
texts, to be counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, and_, case, false, literal, or_, select, true, union_all
from sqlalchemy.orm import joinedload, lazyload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from tracker import clock
from tracker.articles.models import Article
from tracker.cases.models import CaseResponse
from tracker.cases.queries import case_responses_with_incidents
from tracker.db import db
from tracker.fake_accounts.models import (
    AccountImpersonation,
    FakeAccount,
    FakeAccountEvent,
    IncidentAccount,
)
from tracker.incidents.models import Incident, IncidentTarget, IncidentType, TargetStatus
from tracker.incidents.queries import joined_types_load_option
from tracker.people.models import Institution
from tracker.people.queries import load_institution_names
from tracker.records import DateRangeMixin
from tracker.responses.codes import AnswerScope
from tracker.responses.models import (
    Appeal,
    AppealIncident,
    OfficialResponse,
    Proceeding,
    ProceedingIncident,
    ProceedingParty,
    ProceedingStep,
    ResponseAct,
    ResponseAnswer,
)
from tracker.review.queries import is_not_retracted
from tracker.timelines import facts as timeline_facts
from tracker.timelines.build import Fact, LabelledCode
from tracker.timelines.codes import EntryKind
from tracker.vocabulary.models import Term
from tracker.when import OPEN_START, Precision, When

# The most ids in one SQL statement. A page loads fewer records in full; SQLite accepts 32,766 ids.
CHUNK_SIZE = 10_000
# The most records of a kind that are loaded in full by default; older ones are loaded without
# texts.
MAX_RECORDS_OF_KIND = 500
# The first and the last day of a period; None: no bound.
DateBounds = tuple[date | None, date | None]
WHOLE_PERIOD: DateBounds = (None, None)
# The ids of incidents, by the kind of link and the id of the linked record. `LINK_USED`: the
# account was used in the incidents; `LINK_NAMED`: the response names the incidents; `LINK_IN_CASE`:
# the response answers a whole case, which has the incidents; `LINK_FILED`: the response is filed in
# the case of the timeline; it then has the id 0 instead of incidents.
IncidentIdsByLink = defaultdict[tuple[str, int], set[int]]
LINK_USED, LINK_NAMED, LINK_IN_CASE, LINK_FILED = "used", "named", "in case", "filed"


@dataclass(slots=True)
class LoadedFacts:
    """The facts of a timeline; older ones may be without texts (`Fact.is_outline`). `is_truncated`:
    further facts were left out altogether.
    """

    facts: list[Fact]
    is_truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordScope:
    """The records that one timeline shows, given as queries of their ids.

    `incidents`: its incidents, with the records about them; `further_records`: other records by
    model, filed with them or about the same person; `excludes_linked_records`: no records but
    `incidents` and `further_records`; `for_figures`: load no texts; `is_target_included`: called
    with a target of an incident, or a row with its `journalist_id` and `outlet_id`, returns whether
    its statuses are shown; `preferred_period`: the period whose records are loaded in full first;
    `max_records_of_kind`: records of a kind loaded in full.
    """

    incidents: Select[Any]
    further_records: Mapping[type[Any], Select[Any]]
    excludes_linked_records: bool = False
    for_figures: bool = False
    is_target_included: Callable[[IncidentTarget], bool] = lambda _target: True
    preferred_period: DateBounds = WHOLE_PERIOD
    max_records_of_kind: int = MAX_RECORDS_OF_KIND

    def is_in_scope(self, model: type[Any], join_model: type[Any], record_id: Any) -> Any:  # noqa: ANN401 (a column; a condition)
        """Return the SQL condition that a record belongs to the timeline: it is in
        `further_records`, or it is about one of `incidents`; the latter does not count if
        `excludes_linked_records`. `model`: the model of the record; `join_model`: the model of the
        rows that join such a record to an incident; `record_id`: the column of these rows with the
        id of the record.
        """
        ids = [self.further_records[model]] if model in self.further_records else []
        if not self.excludes_linked_records:
            ids.append(select(record_id).where(join_model.incident_id.in_(self.incidents)))
        return or_(false(), *(model.id.in_(one) for one in ids))

    def is_in_period(self, model: type[Any]) -> Any:  # noqa: ANN401 (a condition)
        """Return the SQL condition that a row overlaps `preferred_period`. `model`: the model of
        the row, which must have the columns of a date.
        """
        first, last = self.preferred_period
        after = model.latest >= first if first else true()
        return and_(after, model.earliest <= last if last else true())


def load_facts(scope: RecordScope) -> LoadedFacts:
    """Return the facts of the records in scope."""
    found, includes_names = LoadedFacts([]), not scope.for_figures
    read = _load_records(scope, found)
    links = _load_incident_links(scope, read)
    known: dict[int, Incident] = {incident.id: incident for incident in read[Incident]}
    for incident in known.values():
        if includes_names:
            found.facts.extend(timeline_facts.facts_of_incident(incident, scope.is_target_included))
        else:
            found.facts.append(timeline_facts.fact_of_incident_for_figures(incident))
    for account in read[FakeAccount]:
        about = _incident_refs(links[LINK_USED, account.id], known)
        found.facts.extend(
            timeline_facts.facts_of_account(account, about, is_quoted=includes_names)
        )
    if includes_names:
        _load_incidents_of_hidden_parties(read[Proceeding])
    for proceeding in read[Proceeding]:
        about = _incident_refs((one.incident_id for one in proceeding.incidents), known)
        found.facts.extend(
            timeline_facts.facts_of_proceeding(proceeding, about, includes_names=includes_names)
        )
    # A response to an appeal answers the incidents of the appeal.
    answered: dict[int, frozenset[str]] = {}
    for appeal in read[Appeal]:
        about = _incident_refs((one.incident_id for one in appeal.incidents), known)
        found.facts.append(timeline_facts.fact_of_appeal(appeal, about))
        if appeal.response_id and not appeal.is_retracted:
            answered[appeal.response_id] = about | answered.get(appeal.response_id, frozenset())
    found.facts.extend(_facts_of_responses(scope, read[OfficialResponse], links, known, answered))
    return found


def _load_records(scope: RecordScope, found: LoadedFacts) -> dict[type[Any], list[Any]]:
    """Return, by model, the records that are loaded in full. Other records are added to `found` as
    facts without texts; if there are records of which this is impossible, `found.is_truncated` is
    set.
    """
    kinds = {
        FakeAccount: _account_load_options(scope),
        Proceeding: _proceeding_load_options(),
        Appeal: _appeal_load_options(),
        OfficialResponse: _response_load_options(scope),
    }
    mine = Incident.id.in_(scope.incidents)
    read: dict[type[Any], list[Any]] = {
        Incident: _newest_records(scope, found, Incident, mine, _incident_load_options(scope))
    }
    belonging = _scope_conditions(scope)
    there = (
        set(scope.further_records)
        if scope.excludes_linked_records
        else _models_with_records(belonging)
    )
    for kind, options in kinds.items():
        belongs = belonging[kind]
        read[kind] = _newest_records(scope, found, kind, belongs, options) if kind in there else []
    load_institution_names()
    return read


def _scope_conditions(scope: RecordScope) -> dict[type[Any], Any]:
    """Return the condition that a record is in scope, for each kind of record but incidents."""
    asked = scope.is_in_scope(Appeal, AppealIncident, AppealIncident.appeal_id)
    answering = scope.is_in_scope(OfficialResponse, ResponseAnswer, ResponseAnswer.response_id)
    if not scope.excludes_linked_records:
        to_cases = case_responses_with_incidents(scope.incidents).with_only_columns(
            CaseResponse.response_id
        )
        to_appeals = select(Appeal.response_id).where(asked, is_not_retracted(Appeal))
        in_either = (OfficialResponse.id.in_(rows) for rows in (to_cases, to_appeals))
        answering = or_(answering, *in_either)
    return {
        FakeAccount: scope.is_in_scope(FakeAccount, IncidentAccount, IncidentAccount.account_id),
        Proceeding: scope.is_in_scope(
            Proceeding, ProceedingIncident, ProceedingIncident.proceeding_id
        ),
        Appeal: asked,
        OfficialResponse: answering,
    }


def _models_with_records(condition_by_kind: Mapping[type[Any], Any]) -> set[type[Any]]:
    """Return the kinds of records of which any record fulfils the condition of its kind."""
    kinds = {kind.__name__: kind for kind in condition_by_kind}
    rows = union_all(
        *(
            select(literal(name)).where(select(kind.id).where(condition_by_kind[kind]).exists())
            for name, kind in kinds.items()
        )
    )
    return {kinds[name] for name in db.session.scalars(rows)}


def _load_incidents_of_hidden_parties(proceedings: Iterable[Proceeding]) -> None:
    """Load, in one query, the incidents of proceedings that have people hidden from the viewer: the
    incidents say what to show instead of the hidden names.
    """
    rows = [
        row
        for one in proceedings
        if any(party.journalist_id and party.journalist is None for party in one.parties)
        for row in one.incidents
    ]
    if rows:
        about = select(Incident).where(Incident.id.in_({row.incident_id for row in rows}))
        read = db.session.scalars(about.options(joinedload(Incident.targets))).unique()
        incidents = {one.id: one for one in read}
        for row in rows:
            set_committed_value(row, "incident", incidents.get(row.incident_id))


def _load_incident_links(
    scope: RecordScope, records_by_model: Mapping[type[Any], list[Any]]
) -> IncidentIdsByLink:
    """Return the incidents linked to accounts and responses, in one query. `records_by_model`: the
    records loaded in full.

    These are the incidents in which an account was used, that a response names, or that a response
    answers with a whole case; and the responses filed in the case of the timeline.
    """
    accounts, responses = (
        [one.id for one in records_by_model[kind]] for kind in (FakeAccount, OfficialResponse)
    )
    found: IncidentIdsByLink = defaultdict(set)
    # For many cases together the number of queries is constant.
    if not (accounts or responses or scope.excludes_linked_records):
        return found
    # The join limits the incidents to those that the viewer may see.
    named = select(ResponseAnswer.response_id, ResponseAnswer.incident_id)
    named = named.join(ResponseAnswer.incident).where(ResponseAnswer.response_id.in_(responses))
    used = select(IncidentAccount.account_id, IncidentAccount.incident_id)
    asked: dict[str, Any] = {
        LINK_USED: used.where(IncidentAccount.account_id.in_(accounts)),
        LINK_NAMED: named,
        LINK_IN_CASE: case_responses_with_incidents(scope.incidents),
    }
    if OfficialResponse in scope.further_records:
        asked[LINK_FILED] = scope.further_records[OfficialResponse].add_columns(literal(0))
    rows = union_all(*(rows.add_columns(literal(link)) for link, rows in asked.items()))
    for record_id, incident_id, link in db.session.execute(rows):
        found[link, record_id].add(incident_id)
    return found


def _facts_of_responses(
    scope: RecordScope,
    responses: Sequence[OfficialResponse],
    links: IncidentIdsByLink,
    known_incidents: Mapping[int, Incident],
    answered_refs: Mapping[int, frozenset[str]],
) -> Iterator[Fact]:
    """Yield the facts of responses. `links`: the incidents to which each response is linked;
    `known_incidents`: the incidents of the timeline, by id; `answered_refs`: by the id of a
    response, the refs of the incidents of the appeals that it answers.
    """
    for one in responses:
        named = _incident_refs(links[LINK_NAMED, one.id], known_incidents) | answered_refs.get(
            one.id, frozenset()
        )
        is_elsewhere = not named and _answers_another_case(scope, one, links, known_incidents)
        about = named | _incident_refs(links[LINK_IN_CASE, one.id], known_incidents)
        for fact in timeline_facts.facts_of_response(one, about, is_quoted=not scope.for_figures):
            yield replace(fact, answers_case=not is_elsewhere)


def _answers_another_case(
    scope: RecordScope,
    response: OfficialResponse,
    links: IncidentIdsByLink,
    known_incidents: Mapping[int, Incident],
) -> bool:
    """Return whether a response that names no incident of this timeline answers another case.
    `known_incidents`: the incidents of this timeline by id.

    It does if it names visible incidents elsewhere, or answers a whole case and is not filed here.
    """
    if OfficialResponse not in scope.further_records or scope.excludes_linked_records:
        return False
    if response.answers_scope is AnswerScope.CASE:
        return not links[LINK_FILED, response.id]
    is_named = response.answers_scope is AnswerScope.INCIDENTS
    return is_named and bool(links[LINK_NAMED, response.id] - known_incidents.keys())


def _incident_refs(
    incident_ids: Iterable[int], known_incidents: Mapping[int, Incident]
) -> frozenset[str]:
    """Return the refs of the incidents with these ids, as far as they are in `known_incidents`."""
    return frozenset(known_incidents[one].ref for one in incident_ids if one in known_incidents)


def _is_record_in_period(scope: RecordScope, model: type[Any]) -> Any:  # noqa: ANN401 (a condition)
    """Return the condition that a record, or one of its dated parts, is in the period."""
    if model is Incident:
        with_status = select(IncidentTarget.incident_id).join(IncidentTarget.statuses)
        by_status = Incident.id.in_(with_status.where(scope.is_in_period(TargetStatus)))
        return or_(scope.is_in_period(Incident), by_status)
    if model is FakeAccount:
        return FakeAccount.events.any(scope.is_in_period(FakeAccountEvent))
    if model is Proceeding:
        return Proceeding.steps.any(scope.is_in_period(ProceedingStep))
    return scope.is_in_period(model)


def _newest_records(
    scope: RecordScope,
    found: LoadedFacts,
    model: type[Any],
    condition: Any,  # noqa: ANN401 (a condition)
    options: list[Any],
) -> list[Any]:
    """Return at most `scope.max_records_of_kind` records of a model that fulfil an SQL condition:
    first records in the preferred period, then the newest. Further records are added to `found` as
    facts without texts; if the model allows no such facts, `found.is_truncated` is set instead.
    `options`: loader options.
    """
    order = (
        (model.latest, model.earliest)
        if issubclass(model, DateRangeMixin)
        else (model.recorded_at,)
    )
    places = [column.desc() for column in (*order, model.ref)]
    if scope.preferred_period != WHOLE_PERIOD:
        places.insert(0, case((_is_record_in_period(scope, model), 0), else_=1))
    rows = (
        select(model)
        .where(condition)
        .order_by(*places)
        .limit(scope.max_records_of_kind + 1)
        .options(*options)
    )
    records = list(db.session.scalars(rows).unique())
    if len(records) > scope.max_records_of_kind:
        others = (
            select(model.id).where(condition).order_by(*places).offset(scope.max_records_of_kind)
        )
        outlines = outlined_facts(model, others, scope.is_target_included)
        found.facts.extend(outlines or ())
        found.is_truncated |= outlines is None
    return records[: scope.max_records_of_kind]


# Short relationships are joined, others are loaded in one more query for all records, so that the
# number of queries is constant.

# The loader option that leaves out names of institutions: all are loaded together, later.
_WITHOUT_INSTITUTION_NAMES = lazyload(Institution.names)


def _select_in_load_option(collection: Any) -> Any:  # noqa: ANN401 (loader options)
    """Return the loader option of a collection that is loaded in one more query for all records."""
    return selectinload(collection, chunksize=CHUNK_SIZE)


def _incident_load_options(scope: RecordScope) -> list[Any]:
    """Return the loader options for incidents with all that their facts need."""
    sources = _source_load_option(_select_in_load_option(Incident.citations), Incident.citations)
    if scope.for_figures:
        return [sources]
    targets = _select_in_load_option(Incident.targets)
    return [
        joined_types_load_option(),
        joinedload(Incident.actors),
        targets.joinedload(IncidentTarget.journalist),
        targets.joinedload(IncidentTarget.outlet),
        targets.joinedload(IncidentTarget.statuses),
        sources,
    ]


def _account_load_options(scope: RecordScope) -> list[Any]:
    """Return the loader options for accounts with all that their facts need."""
    posed, events = joinedload(FakeAccount.impersonates), joinedload(FakeAccount.events)
    loaded = [
        joinedload(FakeAccount.platform),
        posed.joinedload(AccountImpersonation.journalist),
        posed.joinedload(AccountImpersonation.outlet),
        posed.joinedload(AccountImpersonation.institution).options(_WITHOUT_INSTITUTION_NAMES),
        events.joinedload(FakeAccountEvent.institution).options(_WITHOUT_INSTITUTION_NAMES),
    ]
    if scope.for_figures:
        return loaded
    return [
        *loaded,
        _source_load_option(_select_in_load_option(FakeAccount.citations), FakeAccount.citations),
    ]


def _response_load_options(scope: RecordScope) -> list[Any]:
    """Return the loader options for responses with all that their facts need."""
    acts = joinedload(OfficialResponse.acts)
    loaded = [
        joinedload(OfficialResponse.institution).options(_WITHOUT_INSTITUTION_NAMES),
        acts.joinedload(ResponseAct.acting_institution).options(_WITHOUT_INSTITUTION_NAMES),
        joinedload(OfficialResponse.other_stances),
    ]
    if scope.for_figures:
        return loaded
    return [
        *loaded,
        _source_load_option(joinedload(OfficialResponse.citations), OfficialResponse.citations),
    ]


def _appeal_load_options() -> list[Any]:
    """Return the loader options for appeals with all that their facts need."""
    return [
        joinedload(Appeal.institution).options(_WITHOUT_INSTITUTION_NAMES),
        joinedload(Appeal.response),
        joinedload(Appeal.incidents),
        _source_load_option(joinedload(Appeal.citations), Appeal.citations),
    ]


def _proceeding_load_options() -> list[Any]:
    """Return the loader options for proceedings with all that their facts need."""
    # Parties with their proceeding, whose incidents have the placeholders for withheld names.
    concerned = joinedload(Proceeding.parties).options(joinedload(ProceedingParty.proceeding))
    return [
        joinedload(Proceeding.institution).options(_WITHOUT_INSTITUTION_NAMES),
        concerned.joinedload(ProceedingParty.journalist),
        concerned.joinedload(ProceedingParty.outlet),
        joinedload(Proceeding.incidents),
        joinedload(Proceeding.steps)
        .joinedload(ProceedingStep.institution)
        .options(_WITHOUT_INSTITUTION_NAMES),
        _source_load_option(joinedload(Proceeding.citations), Proceeding.citations),
    ]


def _source_load_option(option: Any, citations: Any) -> Any:  # noqa: ANN401 (loader options)
    """Return a loader option that also loads the articles of citations and their publishers.
    `option`: the loader option that loads the citations; `citations`: the relationship to them.
    """
    article = citations.property.mapper.class_.article
    return option.joinedload(article).joinedload(Article.publisher)


def outlined_facts(
    model: type[Any], ids: Select[Any], is_target_included: Callable[[Any], bool]
) -> Iterator[Fact] | None:
    """Return the facts of the records with these ids without texts and quotes, only to be counted;
    None for appeals and proceedings, for which this is impossible. `is_target_included`: returns
    whether the statuses of a target become facts, given a row with the target's `journalist_id` and
    `outlet_id`.
    """
    if model is Incident:
        return _outlined_incidents(ids, is_target_included)
    if model is FakeAccount:
        return _outlined_accounts(ids)
    return _outlined_responses(ids) if model is OfficialResponse else None


def _outlined_incidents(
    ids: Select[Any], is_target_included: Callable[[Any], bool]
) -> Iterator[Fact]:
    """Yield the facts of incidents and of statuses of targets, without texts. `is_target_included`:
    returns whether the statuses of a target become facts, as in `outlined_facts`.
    """
    rows = (
        _outline_query(Incident, ids, Term.code)
        .add_columns(IncidentTarget.journalist_id, IncidentTarget.outlet_id)
        .add_columns(Incident.verification, *_date_columns(Incident))
        .add_columns(TargetStatus.id.label("part"), TargetStatus.status)
        .add_columns(*_date_columns(TargetStatus, "then_"))
        .outerjoin(IncidentType, IncidentType.incident_id == Incident.id)
        .outerjoin(Term, Term.id == IncidentType.term_id)
        .outerjoin(IncidentTarget, IncidentTarget.incident_id == Incident.id)
        .outerjoin(TargetStatus, TargetStatus.target_id == IncidentTarget.id)
    )  # fmt: skip
    for of_record in _rows_by_record(rows):
        first = of_record[0]
        common = {**_common_fact_values(first, Incident), "verification": first.verification}
        yield Fact(
            kind=EntryKind.INCIDENT,
            when=_when_of_row(first),
            types=_unlabelled_codes(row.code for row in of_record),
            **common,
        )
        for row in {
            row.part: row for row in of_record if row.part and is_target_included(row)
        }.values():
            yield Fact(
                kind=EntryKind.TARGET_STATUS,
                when=_when_of_row(row, "then_"),
                part_key=f"status {row.part}",
                types=_unlabelled_codes([row.status]),
                **common,
            )


def _outlined_accounts(ids: Select[Any]) -> Iterator[Fact]:
    """Yield the facts of the events of accounts, or of accounts without events, without texts."""
    rows = (
        _outline_query(FakeAccount, ids, FakeAccount.kind, FakeAccountEvent.id.label("part"))
        .add_columns(FakeAccountEvent.event, *_date_columns(FakeAccountEvent))
        .outerjoin(FakeAccountEvent, FakeAccountEvent.account_id == FakeAccount.id)
    )
    for of_record in _rows_by_record(rows):
        for row in of_record:
            common = _common_fact_values(row, FakeAccount)
            if row.part is None:
                when = When(OPEN_START, clock.local_date(row.recorded_at), Precision.UNKNOWN)
                types = _unlabelled_codes([row.kind])
                yield Fact(kind=EntryKind.ACCOUNT, when=when, types=types, **common)
                continue
            yield Fact(
                kind=EntryKind.ACCOUNT_EVENT,
                when=_when_of_row(row),
                part_key=f"event {row.part}",
                event=row.event,
                types=_unlabelled_codes([row.event]),
                **common,
            )


def _outlined_responses(ids: Select[Any]) -> Iterator[Fact]:
    """Yield the facts of responses, without texts."""
    rows = (
        _outline_query(OfficialResponse, ids, ResponseAct.act)
        .add_columns(*_date_columns(OfficialResponse))
        .outerjoin(ResponseAct, ResponseAct.response_id == OfficialResponse.id)
    )
    for of_record in _rows_by_record(rows):
        types = _unlabelled_codes(row.act for row in of_record)
        common = _common_fact_values(of_record[0], OfficialResponse)
        yield Fact(kind=EntryKind.RESPONSE, when=_when_of_row(of_record[0]), types=types, **common)


def _outline_query(model: type[Any], ids: Select[Any], *columns: Any) -> Select[Any]:  # noqa: ANN401 (columns)
    """Return a query of `columns`, and of the ref, the state and the days of recording and last
    change, for the records with these ids, sorted by ref.
    """
    common = (model.ref, model.state, model.recorded_at, model.updated_at)
    return select(*common, *columns).where(model.id.in_(ids)).order_by(model.ref)


def _rows_by_record(rows: Select[Any]) -> Iterator[list[Row[Any]]]:
    """Yield the rows of each record of a query that is sorted by ref."""
    for _ref, of_record in groupby(db.session.execute(rows), key=lambda row: row.ref):
        yield list(of_record)


def _date_columns(model: type[Any], prefix: str = "") -> list[Any]:
    """Return the columns of the date of a model, labelled with their names after a prefix."""
    names = ("earliest", "latest", "precision")
    return [getattr(model, name).label(prefix + name) for name in names]


def _when_of_row(row: Row[Any], prefix: str = "") -> When:
    """Return the date in a row with the columns of `_date_columns`. `prefix`: the text with which
    the names of these columns begin.
    """
    first, last = getattr(row, prefix + "earliest"), getattr(row, prefix + "latest")
    return When(first, last, getattr(row, prefix + "precision"))


def _common_fact_values(row: Row[Any], model: type[Any]) -> dict[str, Any]:
    """Return the fields of `Fact`, by name, that all facts of one record without texts share: its
    ref, endpoint, state and days, with an empty title.
    """
    return {
        "ref": row.ref,
        "endpoint": model.ENDPOINT,
        "title": "",
        "state": row.state,
        "is_outline": True,
        **timeline_facts.recorded_days(row),
    }


def _unlabelled_codes(codes: Any) -> tuple[LabelledCode, ...]:  # noqa: ANN401 (codes of any set)
    """Return each of some codes once, without a label; empty ones are left out."""
    return tuple(LabelledCode(str(code), "") for code in dict.fromkeys(codes) if code)
