"""Every open case in outline, in a number of queries that does not grow with them.

What is retracted counts nowhere, and is left out; so is every incident from which nothing follows
for its case, since of these there are very many.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tracker import clock
from tracker.articles.codes import SourceKind
from tracker.articles.models import Article
from tracker.cases.codes import Lifecycle
from tracker.cases.models import Case
from tracker.db import db
from tracker.fake_accounts.models import AccountCitation, FakeAccount, FakeAccountEvent
from tracker.incidents.models import Incident, IncidentCitation, IncidentTarget, TargetStatus
from tracker.inserting import is_among
from tracker.people.models import Institution
from tracker.responses.appeal_models import Appeal
from tracker.responses.appeal_queries import lack_response
from tracker.responses.models import OfficialResponse, ResponseAct
from tracker.responses.proceeding_models import Proceeding, ProceedingCitation, ProceedingStep
from tracker.responses.proceeding_rules import in_turn
from tracker.review.queries import counts
from tracker.timelines import means
from tracker.timelines.build import Fact, Quote, Source, Tag
from tracker.timelines.codes import EntryKind
from tracker.timelines.facts import is_of_state, means_of_event, shared_out
from tracker.timelines.filed_queries import answers_elsewhere, in_open_cases, telling
from tracker.timelines.open_cases import OpenCase
from tracker.when import OPEN_START, Precision, When

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from sqlalchemy import Row, Select, Subquery

UNDATED = When(OPEN_START, OPEN_START, Precision.UNKNOWN)


def open_cases(*, latest: int = 0) -> list[OpenCase]:
    """Return the cases that are not closed, those that changed last first; `latest`: how many
    incidents stand in them because they happened last, whatever follows from them.
    """
    facts: dict[int, list[Fact]] = defaultdict(list)
    incidents = partial(_incidents, latest)
    for read in (incidents, _accounts, _responses, _appeals, _proceedings):
        for number, found in read():
            facts[number] += found
    rows = select(Case.id, Case.ref, Case.country, Case.accountability)
    rows = rows.where(Case.lifecycle != Lifecycle.CLOSED)
    today = clock.today()
    return [
        OpenCase(row.id, row.ref, row.country, row.accountability, facts[row.id], today)
        for row in db.session.execute(rows.order_by(Case.updated_at.desc(), Case.ref))
    ]


def _incidents(latest: int) -> Iterator[tuple[int, list[Fact]]]:
    placed = in_open_cases(Incident)
    rows = _rows(Incident, placed, Incident.extent, Incident.country, *_dates(Incident))
    found = db.session.execute(rows.where(Incident.id.in_(telling(placed, latest=latest)))).all()
    ids = json.dumps([row.record_id for row in found])
    public = _public_by(IncidentCitation, ids)
    befell: dict[int, list[Row[Any]]] = defaultdict(list)
    statuses = select(IncidentTarget.incident_id, TargetStatus.id, *_dates(TargetStatus))
    statuses = statuses.join(IncidentTarget.statuses)
    for row in db.session.execute(
        statuses.where(_among(IncidentTarget.incident_id)), {"rows": ids}
    ):
        befell[row.incident_id].append(row)
    for row in found:
        common = _common(row.ref, Incident)
        incident = Fact(
            kind=EntryKind.INCIDENT,
            when=_when(row),
            extent=row.extent,
            quotes=public.get(row.record_id, ()),
            country=row.country,
            **common,
        )
        befell_here = [
            Fact(kind=EntryKind.TARGET_STATUS, when=_when(one), part=str(one.id), **common)
            for one in befell.get(row.record_id, ())
        ]
        yield row.case_id, [incident, *befell_here]


def _accounts() -> Iterator[tuple[int, list[Fact]]]:
    placed = in_open_cases(FakeAccount)
    cited = _cited_by(AccountCitation, select(placed.c.record_id))
    rows = (
        _rows(FakeAccount, placed, FakeAccount.identified, FakeAccountEvent.id)
        .add_columns(FakeAccountEvent.event, FakeAccountEvent.article_id, *_dates(FakeAccountEvent))
        .add_columns(Institution.kind, Institution.country)
        .outerjoin(FakeAccount.events)
        .outerjoin(FakeAccountEvent.institution)
        .order_by(FakeAccountEvent.latest, FakeAccountEvent.id)
    )
    for number, happened in _each(rows):
        common, mine = _common(happened[0].ref, FakeAccount), cited[happened[0].record_id]
        if happened[0].event is None:
            known = Fact(kind=EntryKind.ACCOUNT, when=UNDATED, quotes=_public(mine), **common)
            yield number, [known]
            continue
        shares = shared_out(mine, happened)
        yield number, [_event(*one, common) for one in zip(happened, shares, strict=True)]


def _event(row: Row[Any], citations: Iterable[Any], common: dict[str, Any]) -> Fact:
    return Fact(
        kind=EntryKind.ACCOUNT_EVENT,
        when=_when(row),
        part=str(row.id),
        event=row.event,
        types=(Tag(row.event, ""),),
        quotes=_public(citations),
        country=row.country or "",
        means=means_of_event(row.event, row if row.kind else None, row.identified),
        **common,
    )


def _responses() -> Iterator[tuple[int, list[Fact]]]:
    placed = in_open_cases(OfficialResponse)
    rows = (
        _rows(OfficialResponse, placed, OfficialResponse.standing, *_dates(OfficialResponse))
        .add_columns(Institution.country, ResponseAct.act, ResponseAct.is_substantive)
        .add_columns(answers_elsewhere(placed).label("elsewhere"))
        .join(OfficialResponse.institution)
        .outerjoin(OfficialResponse.acts)
    )
    for number, of in _each(rows):
        acts = [(row.act, row.is_substantive) for row in of if row.act]
        response = Fact(
            kind=EntryKind.RESPONSE,
            when=_when(of[0]),
            types=tuple(Tag(act, "") for act, _substance in acts),
            country=of[0].country or "",
            means=means.of_response(of[0].standing, acts),
            answers_case=not of[0].elsewhere,
            **_common(of[0].ref, OfficialResponse),
        )
        yield number, [response]


def _appeals() -> Iterator[tuple[int, list[Fact]]]:
    placed = in_open_cases(Appeal)
    rows = _rows(Appeal, placed, Institution.kind, Institution.country, *_dates(Appeal))
    rows = rows.add_columns(lack_response().label("lacks_response"))
    for number, (one,) in _each(rows.join(Appeal.institution)):
        appeal = Fact(
            kind=EntryKind.APPEAL,
            when=_when(one),
            country=one.country or "",
            lacks_answer=bool(one.lacks_response) and is_of_state(one),
            means=means.Means.TOLD if is_of_state(one) else means.Means.NOTHING,
            **_common(one.ref, Appeal),
        )
        yield number, [appeal]


def _proceedings() -> Iterator[tuple[int, list[Fact]]]:
    placed = in_open_cases(Proceeding)
    cited = _cited_by(ProceedingCitation, select(placed.c.record_id))
    rows = (
        _rows(Proceeding, placed, Proceeding.direction, Proceeding.country, ProceedingStep.id)
        .add_columns(ProceedingStep.step, ProceedingStep.article_id, *_dates(ProceedingStep))
        .outerjoin(Proceeding.steps)
    )
    for number, taken in _each(rows):
        mine = cited[taken[0].record_id]
        if taken[0].step is None:
            yield number, [_step(taken[0], "", mine)]
            continue
        steps = in_turn(taken)
        shares = zip(steps, shared_out(mine, steps), strict=True)
        yield number, [_step(row, f"{place:04}", of) for place, (row, of) in enumerate(shares)]


def _step(row: Row[Any], part: str, citations: Iterable[Any]) -> Fact:
    return Fact(
        kind=EntryKind.PROCEEDING_STEP,
        when=_when(row) if row.step else UNDATED,
        part=part,
        direction=row.direction,
        step=row.step,
        types=(Tag(row.step or row.direction, ""),),
        quotes=_public(citations),
        country=row.country,
        means=means.of_step(row.direction, row.step) if row.step else means.Means.NOTHING,
        **_common(row.ref, Proceeding),
    )


def _rows(model: type[Any], placed: Subquery, *columns: Any) -> Select[Any]:  # noqa: ANN401 (columns)
    rows = select(placed.c.case_id, model.id.label("record_id"), model.ref, *columns)
    rows = rows.select_from(model).join(placed, placed.c.record_id == model.id)
    rows = rows.where(counts(model))
    return rows.order_by(placed.c.case_id, model.ref)


def _each(rows: Select[Any]) -> Iterator[tuple[int, list[Row[Any]]]]:
    """Yield the rows of each record in each case, by the case."""
    found = db.session.execute(rows)
    for (number, _ref), of in groupby(found, key=lambda row: (row.case_id, row.ref)):
        yield number, list(of)


def _among(column: Any) -> Any:  # noqa: ANN401 (a column, a condition)
    """Return the condition that a key is among those that are given as one text."""
    return is_among(column, db.session().get_bind().dialect.name)


def _public_by(citations: type[Any], ids: str) -> dict[int, tuple[Quote, ...]]:
    """Return when each record was made public, by each of its sources."""
    rows = (
        select(citations.record_id, Article.earliest, Article.latest)
        .join(Article, Article.id == citations.article_id)
        .where(Article.kind == SourceKind.ARTICLE, _among(citations.record_id))
        .distinct()
    )
    found: dict[int, tuple[Quote, ...]] = {}
    for number, *days in db.session.execute(rows, {"rows": ids}):
        found[number] = (*found.get(number, ()), _told(*days))
    return found


def _cited_by(citations: type[Any], ids: Select[Any]) -> dict[int, list[Row[Any]]]:
    """Return the citations of each record, with the kinds and the dates of their sources."""
    cited: dict[int, list[Row[Any]]] = defaultdict(list)
    rows = (
        select(citations.record_id, citations.part_id, citations.article_id)
        .add_columns(Article.kind, *_dates(Article))
        .outerjoin(Article, Article.id == citations.article_id)
        .where(citations.record_id.in_(ids))
        .order_by(citations.id)
    )
    for row in db.session.execute(rows):
        cited[row.record_id].append(row)
    return cited


def _public(citations: Iterable[Any]) -> tuple[Quote, ...]:
    return tuple(
        _told(row.earliest, row.latest) for row in citations if row.kind is SourceKind.ARTICLE
    )


def _told(first: date, last: date) -> Quote:
    return Quote("", Source("", "", "", "", When(first, last, Precision.RANGE)))


def _common(ref: str, model: type[Any]) -> dict[str, Any]:
    return {"ref": ref, "endpoint": model.ENDPOINT, "title": "", "is_outline": True}


def _dates(dated: type[Any]) -> list[Any]:
    return [dated.earliest, dated.latest, dated.precision]


def _when(row: Row[Any]) -> When:
    return When(row.earliest, row.latest, row.precision)
