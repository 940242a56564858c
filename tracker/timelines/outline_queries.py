"""Outlines: of records too many to be told, what is needed to count them, in one query a kind."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tracker import clock
from tracker.db import db
from tracker.fake_accounts.models import FakeAccount, FakeAccountEvent
from tracker.incidents.models import Incident, IncidentTarget, IncidentType, TargetStatus
from tracker.responses.models import OfficialResponse, ResponseAct
from tracker.timelines.build import Fact, Tag
from tracker.timelines.codes import EntryKind
from tracker.timelines.facts import written
from tracker.vocabulary.models import Term
from tracker.when import OPEN_START, Precision, When

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Row, Select


def outlines_of(
    model: type[Any], ids: Select[Any], is_told: Callable[[Any], bool]
) -> Iterator[Fact] | None:
    """Return the facts of these records without words and quotes, None for a kind of which nobody
    has so many. `is_told`: of a target, whether what became of it belongs here.
    """
    if model is Incident:
        return _incidents(ids, is_told)
    if model is FakeAccount:
        return _accounts(ids)
    return _responses(ids) if model is OfficialResponse else None


def _incidents(ids: Select[Any], is_told: Callable[[Any], bool]) -> Iterator[Fact]:
    rows = (
        _rows(Incident, ids, Term.code, IncidentTarget.journalist_id, IncidentTarget.outlet_id)
        .add_columns(
            Incident.verification, *_dates(Incident),
            TargetStatus.id.label("part"), TargetStatus.status, *_dates(TargetStatus, "then_"),
        )
        .outerjoin(IncidentType, IncidentType.incident_id == Incident.id)
        .outerjoin(Term, Term.id == IncidentType.term_id)
        .outerjoin(IncidentTarget, IncidentTarget.incident_id == Incident.id)
        .outerjoin(TargetStatus, TargetStatus.target_id == IncidentTarget.id)
    )  # fmt: skip
    for of in _by_record(rows):
        first = of[0]
        common = {**_common(first, Incident), "verification": first.verification}
        yield Fact(
            kind=EntryKind.INCIDENT,
            when=_when(first),
            types=_tags(row.code for row in of),
            **common,
        )
        for row in {row.part: row for row in of if row.part and is_told(row)}.values():
            yield Fact(
                kind=EntryKind.TARGET_STATUS,
                when=_when(row, "then_"),
                part=f"status {row.part}",
                types=_tags([row.status]),
                **common,
            )


def _accounts(ids: Select[Any]) -> Iterator[Fact]:
    rows = (
        _rows(FakeAccount, ids, FakeAccount.kind, FakeAccountEvent.id.label("part"))
        .add_columns(FakeAccountEvent.event, *_dates(FakeAccountEvent))
        .outerjoin(FakeAccountEvent, FakeAccountEvent.account_id == FakeAccount.id)
    )
    for of in _by_record(rows):
        for row in of:
            common = _common(row, FakeAccount)
            if row.part is None:
                known_by = When(OPEN_START, clock.day_of(row.recorded_at), Precision.UNKNOWN)
                types = _tags([row.kind])
                yield Fact(kind=EntryKind.ACCOUNT, when=known_by, types=types, **common)
                continue
            yield Fact(
                kind=EntryKind.ACCOUNT_EVENT,
                when=_when(row),
                part=f"event {row.part}",
                event=row.event,
                types=_tags([row.event]),
                **common,
            )


def _responses(ids: Select[Any]) -> Iterator[Fact]:
    rows = (
        _rows(OfficialResponse, ids, ResponseAct.act)
        .add_columns(*_dates(OfficialResponse))
        .outerjoin(ResponseAct, ResponseAct.response_id == OfficialResponse.id)
    )
    for of in _by_record(rows):
        types = _tags(row.act for row in of)
        common = _common(of[0], OfficialResponse)
        yield Fact(kind=EntryKind.RESPONSE, when=_when(of[0]), types=types, **common)


def _rows(model: type[Any], ids: Select[Any], *columns: Any) -> Select[Any]:  # noqa: ANN401 (columns)
    common = (model.ref, model.state, model.recorded_at, model.updated_at)
    return select(*common, *columns).where(model.id.in_(ids)).order_by(model.ref)


def _by_record(rows: Select[Any]) -> Iterator[list[Row[Any]]]:
    for _ref, of in groupby(db.session.execute(rows), key=lambda row: row.ref):
        yield list(of)


def _dates(dated: type[Any], before: str = "") -> list[Any]:
    names = ("earliest", "latest", "precision")
    return [getattr(dated, name).label(before + name) for name in names]


def _when(row: Row[Any], before: str = "") -> When:
    first, last = getattr(row, before + "earliest"), getattr(row, before + "latest")
    return When(first, last, getattr(row, before + "precision"))


def _common(row: Row[Any], model: type[Any]) -> dict[str, Any]:
    return {
        "ref": row.ref,
        "endpoint": model.ENDPOINT,
        "title": "",
        "state": row.state,
        "is_outline": True,
        **written(row),
    }


def _tags(codes: Any) -> tuple[Tag, ...]:  # noqa: ANN401 (codes of any set)
    return tuple(Tag(str(code), "") for code in dict.fromkeys(codes) if code)
