"""Reading incidents for a file: batch after batch, never a list of all."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from tracker.cases.models import Case, CaseIncident
from tracker.db import engines
from tracker.incidents.models import Incident
from tracker.incidents.queries import latest_first, with_everything

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select

    from tracker.scoping import Viewer

BATCH = 500
PLACE = (Incident.latest, Incident.earliest, Incident.ref)


def batches_of(
    rows: Select[Incident], viewer: Viewer, *, size: int = BATCH
) -> Iterator[tuple[list[Incident], dict[int, list[str]]]]:
    """Yield incidents as a list orders them, with the refs of their cases, for one viewer.

    The session is this reading's own: the file outlives the request that asked for it.
    """
    with Session(engines().reading, info={"viewer": viewer}) as session:
        ordered = latest_first(rows).limit(size).options(*with_everything())
        page = ordered
        while True:
            found = list(session.scalars(page).unique())
            if found:
                yield found, _cases_of(session, [one.id for one in found])
            if len(found) < size:
                return
            last = found[-1]
            place = tuple_(*(literal(getattr(last, one.key), one.type) for one in PLACE))
            page = ordered.where(tuple_(*PLACE) < place)
            session.expunge_all()


def _cases_of(session: Session, ids: list[int]) -> dict[int, list[str]]:
    """Return the refs of the cases of incidents, the home case first."""
    rows = session.execute(
        select(CaseIncident.incident_id, Case.ref)
        .join(Case, CaseIncident.case_id == Case.id)
        .where(CaseIncident.incident_id.in_(ids))
        .order_by(CaseIncident.is_home.desc(), Case.ref)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for incident_id, ref in rows:
        found[incident_id].append(ref)
    return found
