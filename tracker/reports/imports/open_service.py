"""A file that was not imported, removed with all its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from tracker.audit.service import record_event
from tracker.db import db
from tracker.reports.imports.models import ImportRow
from tracker.reports.imports.service import refuse_taken

if TYPE_CHECKING:
    from tracker.permissions import Actor
    from tracker.reports.imports.models import ImportBatch


def remove_file(batch: ImportBatch, *, by: Actor) -> None:
    """Remove a file with every row; that it was here, and who removed it, stays in the trail."""
    refuse_taken(batch)
    gone = {"removed": [batch.ref], "sha256": batch.sha256, "rows": batch.row_count}
    record_event("import:remove", batch.ref, by=by, changes=gone)
    db.session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    db.session.delete(batch)
