"""Load open cases with their facts in outline, with a constant number of queries.

A record belongs to an open case in which it is filed, or that has an incident it is about, as in
`queries.facts_of_case`. Retracted records are left out, and so are incidents that do not affect
the figures of their case, since there are very many.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from tracker import clock
from tracker.articles.codes import SourceKind
from tracker.articles.models import Article
from tracker.bulk_insert import is_in_json_list, json_cell, json_rows
from tracker.cases.codes import Lifecycle
from tracker.cases.models import Case, CaseIncident, CaseResponse
from tracker.cases.queries import CASE_JOINS, case_responses_with_incidents
from tracker.db import db
from tracker.fake_accounts.models import (
    AccountCitation,
    FakeAccount,
    FakeAccountEvent,
    IncidentAccount,
)
from tracker.incidents.codes import Extent
from tracker.incidents.models import Incident, IncidentCitation, IncidentTarget, TargetStatus
from tracker.people.models import Institution
from tracker.responses.appeal_queries import unrecorded_response_condition
from tracker.responses.codes import AnswerScope
from tracker.responses.models import (
    Appeal,
    AppealIncident,
    OfficialResponse,
    Proceeding,
    ProceedingCitation,
    ProceedingIncident,
    ProceedingStep,
    ResponseAct,
    ResponseAnswer,
)
from tracker.responses.rules import steps_in_order
from tracker.review.queries import is_not_retracted
from tracker.timelines import build
from tracker.timelines.build import Fact, LabelledCode, Quote, Source
from tracker.timelines.codes import EntryKind
from tracker.timelines.facts import citations_by_part, effects_of_account_event, is_state_body
from tracker.timelines.situation import OpenCase
from tracker.when import OPEN_START, Precision, When

# For each model of records: the model of the rows that join such a record to an incident, and the
# column of these rows with the id of the record.
INCIDENT_JOIN_OF_MODEL: dict[type[Any], tuple[type[Any], Any]] = {
    FakeAccount: (IncidentAccount, IncidentAccount.account_id),
    OfficialResponse: (ResponseAnswer, ResponseAnswer.response_id),
    Appeal: (AppealIncident, AppealIncident.appeal_id),
    Proceeding: (ProceedingIncident, ProceedingIncident.proceeding_id),
}
# The order of incidents, the latest first.
LATEST_FIRST = (Incident.latest.desc(), Incident.earliest.desc(), Incident.ref.desc())
# The date of facts without any date.
UNKNOWN_DATE = When(OPEN_START, OPEN_START, Precision.UNKNOWN)


def load_open_cases(
    *,
    ids: Iterable[int] | None = None,
    refs_by_case: Mapping[int, Iterable[str]] | None = None,
    latest: int = 0,
) -> list[OpenCase]:
    """Return the open cases with their facts, without texts, the last changed case first. `ids`:
    the ids of the cases, by default all; `refs_by_case`: instead of `ids`, the refs of the records
    to load, by case id; `latest`: how many of the newest incidents to load although they change no
    figures.
    """
    cases = open_case_ids(ids if refs_by_case is None else refs_by_case)
    pairs = [(number, ref) for number, refs in (refs_by_case or {}).items() for ref in refs]
    prefixes = {ref.partition("-")[0] for _number, ref in pairs}
    facts: dict[int, list[Fact]] = defaultdict(list)
    for kind, read in (
        (Incident, partial(_facts_of_incidents, cases, latest=latest)),
        (FakeAccount, _facts_of_accounts),
        (OfficialResponse, _facts_of_responses),
        (Appeal, _facts_of_appeals),
        (Proceeding, _facts_of_proceedings),
    ):
        if refs_by_case is not None and kind is not Incident and kind.PREFIX not in prefixes:
            continue
        case_records = (
            records_in_cases(cases, kind)
            if refs_by_case is None
            else _records_with_refs(pairs, kind)
        )
        for number, found in read(case_records):
            facts[number] += found
    rows = sa.select(Case.id, Case.ref, Case.country, Case.accountability).where(Case.id.in_(cases))
    today = clock.current_date()
    return [
        OpenCase(row.id, row.ref, row.country, row.accountability, facts[row.id], today)
        for row in db.session.execute(rows.order_by(Case.updated_at.desc(), Case.ref))
    ]


def open_case_ids(ids: Iterable[int] | None = None) -> sa.Select[int]:
    """Return a query of the ids of open cases; `ids`: if given, only cases with these ids."""
    cases = sa.select(Case.id).where(Case.lifecycle != Lifecycle.CLOSED)
    if ids is None:
        return cases
    dialect = db.session().get_bind().dialect.name
    return cases.where(is_in_json_list(Case.id, dialect, json.dumps(sorted(ids))))


def _facts_of_incidents(
    cases: sa.Select[int], case_records: sa.Subquery, *, latest: int
) -> Iterator[tuple[int, list[Fact]]]:
    """Yield, for each incident that changes the figures of its case, and for the `latest` newest
    incidents, the case id and the incident's facts. `cases`: a query of case ids; `case_records`: a
    subquery of pairs of `case_id` and `record_id`.
    """
    some = incidents_affecting_figures(case_records)
    if latest:
        case_records = records_in_cases(cases, Incident)
        some.append(sa.select(_latest_incident_ids(case_records, latest).c.id))
    rows = _record_rows_query(
        Incident, case_records, Incident.extent, Incident.country, *_date_columns(Incident)
    )
    found = db.session.execute(rows.where(Incident.id.in_(sa.union(*some)))).all()
    numbers = json.dumps([row.record_id for row in found])
    public = _publication_quotes_by_record(IncidentCitation, numbers)
    status_rows: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    statuses = sa.select(IncidentTarget.incident_id, TargetStatus.id, *_date_columns(TargetStatus))
    statuses = statuses.join(IncidentTarget.statuses)
    is_found = _is_in_ids_parameter(IncidentTarget.incident_id)
    for row in db.session.execute(statuses.where(is_found), {"rows": numbers}):
        status_rows[row.incident_id].append(row)
    for row in found:
        common = _common_fact_values(row.ref, Incident)
        incident = Fact(
            kind=EntryKind.INCIDENT,
            when=_when_of_row(row),
            extent=row.extent,
            quotes=public.get(row.record_id, ()),
            country=row.country,
            **common,
        )
        statuses_here = [
            Fact(
                kind=EntryKind.TARGET_STATUS, when=_when_of_row(one), part_key=str(one.id), **common
            )
            for one in status_rows.get(row.record_id, ())
        ]
        yield row.case_id, [incident, *statuses_here]


def _facts_of_accounts(case_records: sa.Subquery) -> Iterator[tuple[int, list[Fact]]]:
    """Yield the case id and the facts of each account in a subquery of `records_in_cases`."""
    cited = _citations_by_record(AccountCitation, sa.select(case_records.c.record_id))
    rows = (
        _record_rows_query(FakeAccount, case_records, FakeAccount.identified, FakeAccountEvent.id)
        .add_columns(
            FakeAccountEvent.event, FakeAccountEvent.article_id, *_date_columns(FakeAccountEvent)
        )
        .add_columns(Institution.kind, Institution.country)
        .outerjoin(FakeAccount.events)
        .outerjoin(FakeAccountEvent.institution)
        .order_by(FakeAccountEvent.latest, FakeAccountEvent.id)
    )
    for number, happened in _rows_by_record(rows):
        common, mine = (
            _common_fact_values(happened[0].ref, FakeAccount),
            cited[happened[0].record_id],
        )
        if happened[0].event is None:
            known = Fact(
                kind=EntryKind.ACCOUNT,
                when=UNKNOWN_DATE,
                quotes=_publication_quotes(mine),
                **common,
            )
            yield number, [known]
            continue
        shares = citations_by_part(mine, happened)
        yield number, [_fact_of_event(*one, common) for one in zip(happened, shares, strict=True)]


def _fact_of_event(row: sa.Row[Any], citations: Iterable[Any], common: dict[str, Any]) -> Fact:
    """Return the fact of an account event; `common`: the fields that facts of the account share."""
    return Fact(
        kind=EntryKind.ACCOUNT_EVENT,
        when=_when_of_row(row),
        part_key=str(row.id),
        event=row.event,
        types=(LabelledCode(row.event, ""),),
        quotes=_publication_quotes(citations),
        country=row.country or "",
        effects=effects_of_account_event(row.event, row if row.kind else None, row.identified),
        **common,
    )


def _facts_of_responses(case_records: sa.Subquery) -> Iterator[tuple[int, list[Fact]]]:
    """Yield the case id and the facts of each response in a subquery of `records_in_cases`."""
    rows = (
        _record_rows_query(
            OfficialResponse,
            case_records,
            OfficialResponse.standing,
            *_date_columns(OfficialResponse),
        )
        .add_columns(Institution.country, ResponseAct.act, ResponseAct.is_substantive)
        .add_columns(is_answer_to_another_case(case_records).label("elsewhere"))
        .join(OfficialResponse.institution)
        .outerjoin(OfficialResponse.acts)
    )
    for number, of in _rows_by_record(rows):
        acts = [(row.act, row.is_substantive) for row in of if row.act]
        response = Fact(
            kind=EntryKind.RESPONSE,
            when=_when_of_row(of[0]),
            types=tuple(LabelledCode(act, "") for act, _substance in acts),
            country=of[0].country or "",
            effects=build.effects_of_response(of[0].standing, acts),
            answers_case=not of[0].elsewhere,
            **_common_fact_values(of[0].ref, OfficialResponse),
        )
        yield number, [response]


def _facts_of_appeals(case_records: sa.Subquery) -> Iterator[tuple[int, list[Fact]]]:
    """Yield the case id and the facts of each appeal in a subquery of `records_in_cases`."""
    rows = _record_rows_query(
        Appeal, case_records, Institution.kind, Institution.country, *_date_columns(Appeal)
    )
    rows = rows.add_columns(unrecorded_response_condition().label("has_unrecorded_response"))
    for number, (one,) in _rows_by_record(rows.join(Appeal.institution)):
        appeal = Fact(
            kind=EntryKind.APPEAL,
            when=_when_of_row(one),
            country=one.country or "",
            lacks_answer=bool(one.has_unrecorded_response) and is_state_body(one),
            effects=build.Effects.NOTIFIED if is_state_body(one) else build.Effects.NOTHING,
            **_common_fact_values(one.ref, Appeal),
        )
        yield number, [appeal]


def _facts_of_proceedings(case_records: sa.Subquery) -> Iterator[tuple[int, list[Fact]]]:
    """Yield the case id and the facts of each proceeding in a subquery of `records_in_cases`."""
    cited = _citations_by_record(ProceedingCitation, sa.select(case_records.c.record_id))
    rows = (
        _record_rows_query(
            Proceeding, case_records, Proceeding.direction, Proceeding.country, ProceedingStep.id
        )
        .add_columns(ProceedingStep.step, ProceedingStep.article_id, *_date_columns(ProceedingStep))
        .outerjoin(Proceeding.steps)
    )
    for number, taken in _rows_by_record(rows):
        mine = cited[taken[0].record_id]
        if taken[0].step is None:
            yield number, [_fact_of_step(taken[0], "", mine)]
            continue
        steps = steps_in_order(taken)
        shares = zip(steps, citations_by_part(mine, steps), strict=True)
        facts = [_fact_of_step(row, f"{place:04}", of) for place, (row, of) in enumerate(shares)]
        yield number, facts


def _fact_of_step(row: sa.Row[Any], part: str, citations: Iterable[Any]) -> Fact:
    """Return the fact of a step, or of a proceeding without steps. `part`: the text that
    distinguishes the facts of one proceeding, for `Fact.part_key`.
    """
    return Fact(
        kind=EntryKind.PROCEEDING_STEP,
        when=_when_of_row(row) if row.step else UNKNOWN_DATE,
        part_key=part,
        direction=row.direction,
        step=row.step,
        types=(LabelledCode(row.step or row.direction, ""),),
        quotes=_publication_quotes(citations),
        country=row.country,
        effects=build.effects_of_step(row.direction, row.step)
        if row.step
        else build.Effects.NOTHING,
        **_common_fact_values(row.ref, Proceeding),
    )


def _record_rows_query(
    model: type[Any],
    case_records: sa.Subquery,
    *columns: Any,  # noqa: ANN401 (columns)
) -> sa.Select[Any]:
    """Return a query of records in cases, sorted by case and ref: `case_id`, `record_id`, `ref` and
    `columns`. Retracted records are left out. `case_records`: a subquery of pairs of `case_id` and
    `record_id`.
    """
    rows = sa.select(case_records.c.case_id, model.id.label("record_id"), model.ref, *columns)
    rows = rows.select_from(model).join(case_records, case_records.c.record_id == model.id)
    rows = rows.where(is_not_retracted(model))
    return rows.order_by(case_records.c.case_id, model.ref)


def _rows_by_record(rows: sa.Select[Any]) -> Iterator[tuple[int, list[sa.Row[Any]]]]:
    """Yield the case id and the rows of each record in each case."""
    found = db.session.execute(rows)
    for (number, _ref), of in groupby(found, key=lambda row: (row.case_id, row.ref)):
        yield number, list(of)


def _is_in_ids_parameter(column: Any) -> Any:  # noqa: ANN401 (a column, a condition)
    """Return the SQL condition that a column's value is in the SQL parameter `rows`, a JSON list of
    ids.
    """
    return is_in_json_list(column, db.session().get_bind().dialect.name)


def _publication_quotes_by_record(
    citation_model: type[Any], ids_json: str
) -> dict[int, tuple[Quote, ...]]:
    """Return, by record id, a quote without words for each article that reports the record: only
    its publication date is set. `ids_json`: the ids of the records as a JSON list.
    """
    rows = (
        sa.select(citation_model.record_id, Article.earliest, Article.latest)
        .join(Article, Article.id == citation_model.article_id)
        .where(Article.kind == SourceKind.ARTICLE, _is_in_ids_parameter(citation_model.record_id))
        .distinct()
    )
    found: dict[int, tuple[Quote, ...]] = {}
    for number, *days in db.session.execute(rows, {"rows": ids_json}):
        found[number] = (*found.get(number, ()), _quote_published_between(*days))
    return found


def _citations_by_record(
    citation_model: type[Any], record_ids: sa.Select[Any]
) -> dict[int, list[sa.Row[Any]]]:
    """Return the citations of each record, with kinds and dates of their sources, by record id."""
    cited: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    rows = (
        sa.select(citation_model.record_id, citation_model.part_id, citation_model.article_id)
        .add_columns(Article.kind, *_date_columns(Article))
        .outerjoin(Article, Article.id == citation_model.article_id)
        .where(citation_model.record_id.in_(record_ids))
        .order_by(citation_model.id)
    )
    for row in db.session.execute(rows):
        cited[row.record_id].append(row)
    return cited


def _publication_quotes(citations: Iterable[Any]) -> tuple[Quote, ...]:
    """Return a `Quote` for each citation of an article. The quote has no text; only the date of its
    source is set, since a record became public when a source was published. `citations`: rows with
    the kind and the dates of the source.
    """
    return tuple(
        _quote_published_between(row.earliest, row.latest)
        for row in citations
        if row.kind is SourceKind.ARTICLE
    )


def _quote_published_between(first: date, last: date) -> Quote:
    """Return a `Quote` without text, whose source was published between two days."""
    return Quote("", Source("", "", "", "", When(first, last, Precision.RANGE)))


def _common_fact_values(ref: str, model: type[Any]) -> dict[str, Any]:
    """Return the fields of `Fact`, by name, that all facts of one record without texts share: its
    ref and endpoint, with an empty title.
    """
    return {"ref": ref, "endpoint": model.ENDPOINT, "title": "", "is_outline": True}


def _date_columns(model: type[Any]) -> list[Any]:
    """Return the columns of the date of a model."""
    return [model.earliest, model.latest, model.precision]


def _when_of_row(row: sa.Row[Any]) -> When:
    """Return the date in a row with the columns of `_date_columns`."""
    return When(row.earliest, row.latest, row.precision)


def records_in_cases(cases: sa.Select[int], kind: type[Any]) -> sa.Subquery:
    """Return a subquery of the records of a kind that are filed in cases or are about an incident
    in them, as pairs of `case_id` and `record_id`. `cases`: a query of case ids.
    """
    case_join = next(one for one in CASE_JOINS if one.kind is kind)
    filed = sa.select(case_join.join_model.case_id, case_join.record_id_column.label("record_id"))
    pairs = [filed.where(case_join.join_model.case_id.in_(cases))]
    if kind in INCIDENT_JOIN_OF_MODEL:
        join, key = INCIDENT_JOIN_OF_MODEL[kind]
        pairs.append(_joined_records(cases, join.incident_id, key))
    if kind is OfficialResponse:
        # A response to an appeal answers the incidents of the appeal; a response to a whole case
        # answers the incidents of the case, whatever other cases they are in.
        answered = _joined_records(cases, AppealIncident.incident_id, Appeal.response_id)
        answered = answered.join(AppealIncident.appeal)
        pairs.append(answered.where(Appeal.response_id.is_not(None), is_not_retracted(Appeal)))
        mine = sa.select(CaseIncident.incident_id).where(CaseIncident.case_id.in_(cases))
        whole = case_responses_with_incidents(mine).subquery()
        pairs.append(_joined_records(cases, whole.c.incident_id, whole.c.response_id))
    return sa.union(*pairs).subquery()


def _records_with_refs(case_ref_pairs: Sequence[tuple[int, str]], kind: type[Any]) -> sa.Subquery:
    """Return a subquery of records of a kind, as pairs of `case_id` and `record_id`.
    `case_ref_pairs`: each has a case id and the ref of a record in that case; refs of other kinds
    of records are ignored.
    """
    dialect = db.session().get_bind().dialect.name
    listed = json_rows(dialect, json.dumps(case_ref_pairs))
    number, ref = (
        json_cell(listed, 0, sa.Integer(), dialect),
        json_cell(listed, 1, sa.Text(), dialect),
    )
    rows = sa.select(number.label("case_id"), kind.id.label("record_id"))
    return rows.select_from(listed).join(kind, kind.ref == ref).subquery()


def is_answer_to_another_case(case_records: sa.Subquery) -> Any:  # noqa: ANN401 (a condition)
    """Return the SQL condition that a response answers only another case, or only incidents of
    other cases. `case_records`: a subquery of pairs of `case_id` and `record_id`; the case of a
    pair is the one that the response does not answer.

    `loading_queries` decides the same for one case.
    """
    answered = sa.select(ResponseAnswer.id).join(
        Incident, Incident.id == ResponseAnswer.incident_id
    )
    answered = answered.where(ResponseAnswer.response_id == OfficialResponse.id)
    here = answered.join(CaseIncident, CaseIncident.incident_id == ResponseAnswer.incident_id)
    asked = (
        sa.select(Appeal.id)
        .join(Appeal.incidents)
        .join(Incident, Incident.id == AppealIncident.incident_id)
        .join(CaseIncident, CaseIncident.incident_id == AppealIncident.incident_id)
        .where(Appeal.response_id == OfficialResponse.id, is_not_retracted(Appeal))
    )
    filed = sa.select(CaseResponse.id).where(CaseResponse.response_id == OfficialResponse.id)
    of_case = CaseIncident.case_id == case_records.c.case_id
    is_filed = filed.where(CaseResponse.case_id == case_records.c.case_id).exists()
    scope = OfficialResponse.answers_scope
    of_another = sa.or_(
        sa.and_(scope == AnswerScope.INCIDENTS, answered.exists()),
        sa.and_(scope == AnswerScope.CASE, sa.not_(is_filed)),
    )
    return sa.and_(
        of_another, sa.not_(here.where(of_case).exists()), sa.not_(asked.where(of_case).exists())
    )


def incidents_affecting_figures(case_records: sa.Subquery) -> list[sa.Select[int]]:
    """Return queries of the ids of the incidents on which the figures of their cases depend: the
    last incident of a case, those that may be the first, repeated ones, and those with statuses of
    targets. `case_records`: a subquery of pairs of `case_id` and `record_id`.

    Any of its dates may make an incident the first.
    """
    is_dated = Incident.precision != Precision.UNKNOWN
    # Most repeated incidents are public from their first occurrence, whatever the dates of their
    # sources: all are read.
    is_repeated = Incident.extent == Extent.REPEATED
    is_public = sa.and_(
        Article.id == IncidentCitation.article_id,
        Article.kind == SourceKind.ARTICLE,
        sa.not_(is_repeated),
    )
    dated = sa.case((is_dated, Incident.earliest))
    dates = (Incident.earliest, dated, Article.earliest, Article.latest)
    firsts = [sa.func.min(one).over(partition_by=case_records.c.case_id) == one for one in dates]
    in_order = (sa.case((is_dated, 0), else_=1), *LATEST_FIRST)
    of_case = sa.func.first_value(Incident.id).over(
        partition_by=case_records.c.case_id, order_by=in_order
    )
    begins = (
        sa.select(
            Incident.id, sa.or_(is_repeated, of_case == Incident.id, *firsts).label("is_read")
        )
        .join(case_records, case_records.c.record_id == Incident.id)
        .outerjoin(Incident.citations)
        .outerjoin(Article, is_public)
        .where(is_not_retracted(Incident))
        .subquery()
    )
    became = sa.select(IncidentTarget.incident_id).join(IncidentTarget.statuses)
    return [
        sa.select(begins.c.id).where(begins.c.is_read),
        became.join(case_records, case_records.c.record_id == IncidentTarget.incident_id),
    ]


def _latest_incident_ids(case_records: sa.Subquery, most: int) -> sa.Subquery:
    """Return a subquery of the ids of the `most` latest incidents in all these cases together,
    without those in the future.
    """
    return (
        sa.select(Incident.id)
        .where(Incident.id.in_(sa.select(case_records.c.record_id)), is_not_retracted(Incident))
        .where(Incident.precision != Precision.UNKNOWN, Incident.earliest <= clock.current_date())
        .order_by(*LATEST_FIRST)
        .limit(most)
        .subquery()
    )


def _joined_records(cases: sa.Select[int], incident_id: Any, key: Any) -> sa.Select[Any]:  # noqa: ANN401 (columns of one join)
    """Return a query of `case_id` and `record_id` for the records that are joined to an incident of
    these cases. `incident_id`, `key`: the columns with the ids of the incident and of the record,
    in the table that joins them.
    """
    rows = sa.select(CaseIncident.case_id, key.label("record_id"))
    rows = rows.select_from(incident_id.table)
    rows = rows.join(CaseIncident, CaseIncident.incident_id == incident_id)
    return rows.where(CaseIncident.case_id.in_(cases))
