"""What leaves with the rows of a file of others, read in a session that outlives the request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, true

from tracker.incidents.models import Incident
from tracker.reports.imports.models import ImportBatch, ImportRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from tracker.reports.imports.codes import RowFate

AT_ONCE = 2000


def header_of(session: Session, batch_id: int) -> list[str]:
    """Return the header of a file; raise NoResultFound for one that was removed meanwhile, of which
    nothing is to leave that looks whole.
    """
    return list(session.scalars(select(ImportBatch.header).where(ImportBatch.id == batch_id)).one())


def rows_with_fates(
    session: Session, batch_id: int, fate: RowFate | None = None
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield all rows of a file, or those of one fate, some at a time: number, fate, ref of the
    incident, and cells.
    """
    last: Any = 0
    while True:
        rows = (
            select(ImportRow.number, ImportRow.fate, Incident.ref, ImportRow.cells)
            .outerjoin(Incident, ImportRow.incident_id == Incident.id)
            .where(ImportRow.batch_id == batch_id, ImportRow.number > last)
            .where(true() if fate is None else ImportRow.fate == fate)
            .order_by(ImportRow.number)
            .limit(AT_ONCE)
        )
        found = [tuple(one) for one in session.execute(rows)]
        if not found:
            return
        yield found
        last = found[-1][0]
