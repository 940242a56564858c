"""Reading the export log, and finding who has a row of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased, joinedload

from tracker.db import db
from tracker.incidents.guarded_models import with_merged
from tracker.incidents.models import Incident, IncidentTarget
from tracker.people.models import Journalist, Outlet
from tracker.permissions import Permission
from tracker.records import record_models
from tracker.reports.models import GONE, ExportedRow, ExportRecipient, ExportRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from tracker.permissions import Actor

PLACE: tuple[Any, ...] = (ExportRun.began_at, ExportRun.ref)
# What of a filter may name or point to somebody: for whoever asked it alone.
TELLING = frozenset({"journalist", "outlet", "q", "after", "before", "case", "import"})


def visible_runs(actor: Actor, *, holding: str = "") -> Select[ExportRun]:
    """Return the files that somebody took, or that anybody took for those who watch over them.

    `holding`: only those with a row of this record, or of an incident aimed at this journalist or
    outlet, whether it named her or not; of others' files only where the actor sees the record.
    """
    rows = select(ExportRun).options(joinedload(ExportRun.by), joinedload(ExportRun.recipient))
    sees_all = actor.may(Permission.REVIEW) or actor.may(Permission.ADMINISTER)
    if holding:
        held = select(ExportedRow.run_id).where(ExportedRow.digest != GONE)
        # Each by the index; in one condition PostgreSQL would read every row that ever left.
        either = [held.where(ExportedRow.ref == holding)]
        if can_be_target(holding):
            either.append(held.where(ExportedRow.ref.in_(_incident_refs_against(holding))))
        rows = rows.where(or_(*(ExportRun.id.in_(one) for one in either)))
        sees_all = sees_all and _is_seen(holding)
    return rows if sees_all else rows.where(ExportRun.by_id == actor.id)


def can_be_target(ref: str) -> bool:
    """Return whether a ref is of somebody who are targeted by incidents."""
    return ref.partition("-")[0] in {Journalist.PREFIX, Outlet.PREFIX}


def logged_row_counts(runs: Sequence[ExportRun]) -> dict[int, int]:
    """Return of how many records it is known that they may have left, for each run whose end was
    not written down; of one that the end of the program cut off of none, also where it had begun
    to list them.
    """
    unfinished = [run for run in runs if run.ended_at is None]
    rows = select(ExportedRow.run_id, func.count().label("number")).where(
        ExportedRow.run_id.in_([run.id for run in unfinished if run.rows])
    )
    counted = {
        row.run_id: row.number for row in db.session.execute(rows.group_by(ExportedRow.run_id))
    }
    return {run.id: counted.get(run.id, 0) for run in unfinished}


def count_runs_without_rows(actor: Actor) -> int:
    """Return how many of the files shown to somebody have neither an end nor a list of their rows:
    each may hold any record.
    """
    rows = visible_runs(actor).where(
        ExportRun.ended_at.is_(None),
        ExportRun.rows == 0,
    )
    return db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def previous_identical_runs(runs: Sequence[ExportRun]) -> dict[int, tuple[str, bool]]:
    """Return for each run, where the same person had asked the same before, the ref of the last
    whole one and whether it held the same rows.
    """
    before, earlier = aliased(ExportRun), aliased(ExportRun)
    last = select(func.max(earlier.id)).correlate(ExportRun)
    last = last.where(
        earlier.question == ExportRun.question,
        earlier.id < ExportRun.id,
        earlier.ended_at.is_not(None),
    )
    rows = (
        select(ExportRun.id, before.ref, before.sha256 == ExportRun.sha256)
        .join(before, before.id == last.scalar_subquery())
        .where(ExportRun.id.in_([run.id for run in runs]), ExportRun.ended_at.is_not(None))
    )
    return {number: (ref, is_same) for number, ref, is_same in db.session.execute(rows)}


def recipients() -> list[str]:
    """Return the names of all who were given files."""
    return list(db.session.scalars(select(ExportRecipient.name).order_by(ExportRecipient.name)))


def recipients_by_name(session: Session, name: str) -> list[ExportRecipient]:
    """Return who was given files under a name, the first of them first: large or small letters
    make no other people.
    """
    rows = session.scalars(select(ExportRecipient).order_by(ExportRecipient.id))
    return [one for one in rows if one.name.casefold() == name.casefold()]


def _incident_refs_against(ref: str) -> Select[str]:
    """Select the refs of the incidents that the viewer sees, aimed at whom the viewer sees, and of
    those merged into them: files hold these as well.
    """
    rows = select(IncidentTarget.incident_id)
    if ref.startswith(f"{Journalist.PREFIX}-"):
        rows = rows.join(IncidentTarget.journalist).where(Journalist.ref == ref)
    else:
        rows = rows.join(IncidentTarget.outlet).where(Outlet.ref == ref)
    return select(Incident.ref).where(Incident.id.in_(with_merged(rows)))


def _is_seen(ref: str) -> bool:
    """Return whether the viewer sees the record of a ref."""
    model: Any = record_models().get(ref.partition("-")[0])
    return model is not None and bool(
        db.session.scalars(select(model.id).where(model.ref == ref)).first()
    )
