"""A file that was not imported: read by another mapping, or removed with all its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from tracker.audit.service import audited, record_event
from tracker.db import db
from tracker.reports.imports.codes import ImportState
from tracker.reports.imports.models import ImportBatch, ImportRow
from tracker.reports.imports.service import plan_called, refuse_taken

if TYPE_CHECKING:
    from tracker.permissions import Actor


def choose_mapping(batch: ImportBatch, name: str, *, by: Actor) -> None:
    """Read the columns of a file by another mapping, "" for that which fits; it is checked anew."""
    refuse_taken(batch)
    plan = plan_called(name, list(batch.header))
    with audited(batch, "import:choose", by=by):
        batch.mapping, batch.found = plan.to_json(), {}
        batch.state = ImportState.RECEIVED
        batch.revised(by=by)


def remove_file(batch: ImportBatch, *, by: Actor) -> None:
    """Remove a file with every row; that it was here, and who removed it, stays in the trail."""
    refuse_taken(batch)
    gone = {"removed": [batch.ref], "sha256": batch.sha256, "rows": batch.row_count}
    record_event("import:remove", batch.ref, by=by, changes=gone)
    db.session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    db.session.delete(batch)
