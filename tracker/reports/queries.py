"""Reading sessions for files, saved exports, and the export log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session, aliased, joinedload

from tracker.db import current_engines, db
from tracker.errors import BadQuery
from tracker.i18n import _
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.guarded_models import incident_ids_with_merged
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.queries import SORT_ORDER, filter_labels_by_code, incident_by_ref
from tracker.people.models import Journalist, Outlet
from tracker.permissions import Actor, Permission
from tracker.records import record_models
from tracker.reports.models import NO_DIGEST, ExportedRow, ExportRecipient, ExportRun, SavedExport
from tracker.scoping import Viewer

# The columns by which the export log is sorted.
EXPORT_LOG_ORDER: tuple[Any, ...] = (ExportRun.began_at, ExportRun.ref)
# Options of an export that may name or refer to somebody: shown only to the user who chose them.
OPTIONS_HIDDEN_FROM_OTHERS = frozenset(
    {"journalist", "outlet", "q", "record", "after", "before", "case", "import", "logged_by"}
)


def describe_filter(incidents: IncidentFilter) -> str:
    """Return the filter of incidents as text, "" for a filter that may name somebody."""
    if OPTIONS_HIDDEN_FROM_OTHERS & set(incidents.to_args()):
        return ""
    told = incidents.describe(filter_labels_by_code(incidents))
    return str(_("Incidents that you may see: %(filter)s.", filter=told))


def filter_by_page_position(rows: Select[Incident], args: Mapping[str, str]) -> Select[Incident]:
    """Limit incidents to those after or before the ref in the query parameters, in list order.

    Without `after=REF` or `before=REF` the select is unchanged. Raises BadQuery for both, and for a
    ref that the viewer does not see.
    """
    given = page_position_args(args)
    if len(given) > 1:
        raise BadQuery("before", _("Give after or before, not both."))
    for name in given:
        incident = incident_by_ref(args[name])
        if incident is None:
            raise BadQuery(name, _("No such place in this list."))
        place, key = _sort_position(incident), tuple_(*SORT_ORDER)
        rows = rows.where(key < place if name == "after" else key > place)
    return rows


def page_position_args(args: Mapping[str, str]) -> dict[str, str | list[str]]:
    """Return the parameters `after` and `before` if they are set; each is the ref after or before
    which the list is shown. `args`: query parameters, or the arguments of a command.
    """
    return {name: args[name] for name in ("after", "before") if args.get(name)}


@contextmanager
def open_read_session(viewer: Viewer) -> Iterator[Session]:
    """Open a session that reads one snapshot of the database for a viewer."""
    with Session(_snapshot_engine(), info={"viewer": viewer}) as session:
        yield session


def saved_exports(actor: Actor) -> list[SavedExport]:
    """Return the saved exports of an actor, sorted by name."""
    rows = select(SavedExport).where(SavedExport.user_id == actor.id)
    return list(db.session.scalars(rows.order_by(SavedExport.name)))


def find_saved_export(name: str, *, owner: Actor) -> SavedExport | None:
    """Return the saved export of a user with a name, None if there is none."""
    rows = select(SavedExport).where(SavedExport.user_id == owner.id, SavedExport.name == name)
    return db.session.scalars(rows).first()


def _snapshot_engine() -> Engine:
    """Return a read-only engine whose transactions read a snapshot.

    An incident whose date changes during an export must not appear twice or be left out.
    """
    reading = current_engines().reading
    if reading.dialect.name == "sqlite":
        return reading
    return reading.execution_options(isolation_level="REPEATABLE READ")


def _sort_position(incident: Incident) -> Any:  # noqa: ANN401 (a row value)
    """Return the values of an incident in the columns of `SORT_ORDER`, as an SQL row."""
    return tuple_(*(literal(getattr(incident, one.key), one.type) for one in SORT_ORDER))


def visible_export_runs(actor: Actor, *, record_ref: str = "") -> Select[ExportRun]:
    """Select the exports in the export log that a user may see. `record_ref`: only those with a
    row of the record with this ref, or of an incident that targets this journalist or outlet.

    Those of the user; for reviewers and administrators, those of all users, but with `record_ref`
    only if they see the record. A target counts whether it is named in the file or not.
    """
    rows = select(ExportRun).options(joinedload(ExportRun.by), joinedload(ExportRun.recipient))
    sees_all = actor.has_permission(Permission.REVIEW) or actor.has_permission(
        Permission.ADMINISTER
    )
    if record_ref:
        held = select(ExportedRow.run_id).where(ExportedRow.digest != NO_DIGEST)
        # Each by the index; in one condition PostgreSQL would read every logged row.
        either = [held.where(ExportedRow.ref == record_ref)]
        if can_be_target(record_ref):
            either.append(held.where(ExportedRow.ref.in_(_refs_of_incidents_targeting(record_ref))))
        rows = rows.where(or_(*(ExportRun.id.in_(one) for one in either)))
        sees_all = sees_all and _is_visible(record_ref)
    return rows if sees_all else rows.where(ExportRun.by_id == actor.id)


def can_be_target(ref: str) -> bool:
    """Return whether a ref is that of a journalist or outlet, which incidents can target."""
    return ref.partition("-")[0] in {Journalist.PREFIX, Outlet.PREFIX}


def logged_row_counts(runs: Sequence[ExportRun]) -> dict[int, int]:
    """Return, by run id, how many records each export that was not sent completely may have sent.

    The count is 0 if the program ended before the rows of the export were logged completely.
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
    """Return how many visible exports were not sent completely and have no list of their rows.

    Each of them may contain any record.
    """
    rows = visible_export_runs(actor).where(
        ExportRun.ended_at.is_(None),
        ExportRun.rows == 0,
    )
    return db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def previous_identical_runs(runs: Sequence[ExportRun]) -> dict[int, tuple[str, bool]]:
    """Return, by run id, the last earlier export of the same user with the same options that was
    sent completely: its ref, and whether it had the same rows.
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


def list_recipient_names() -> list[str]:
    """Return the names of all recipients of exports, sorted."""
    return list(db.session.scalars(select(ExportRecipient.name).order_by(ExportRecipient.name)))


def find_recipients(session: Session, name: str) -> list[ExportRecipient]:
    """Return the recipients with a name, ignoring case, the oldest first."""
    rows = session.scalars(select(ExportRecipient).order_by(ExportRecipient.id))
    return [one for one in rows if one.name.casefold() == name.casefold()]


def _refs_of_incidents_targeting(ref: str) -> Select[str]:
    """Select the refs of visible incidents that target a visible journalist or outlet.

    Also of the incidents that such incidents were merged into, which exports contain too.
    """
    rows = select(IncidentTarget.incident_id)
    if ref.startswith(f"{Journalist.PREFIX}-"):
        rows = rows.join(IncidentTarget.journalist).where(Journalist.ref == ref)
    else:
        rows = rows.join(IncidentTarget.outlet).where(Outlet.ref == ref)
    return select(Incident.ref).where(Incident.id.in_(incident_ids_with_merged(rows)))


def _is_visible(ref: str) -> bool:
    """Return whether the session's viewer sees the record with a ref."""
    model: Any = record_models().get(ref.partition("-")[0])
    return model is not None and bool(
        db.session.scalars(select(model.id).where(model.ref == ref)).first()
    )
