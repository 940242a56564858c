"""Publishing a month: its figures are kept as they are, for good."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from tracker import clock
from tracker.audit.service import record_event
from tracker.db import db
from tracker.errors import InvalidInput, Refused
from tracker.i18n import _
from tracker.incidents.codes import FigureTable
from tracker.permissions import Permission
from tracker.reports.cells import guarded
from tracker.reports.monthly.models import PublishedMonth
from tracker.reports.monthly.queries import published, tables_of
from tracker.reports.monthly.sheet import HEADER
from tracker.reports.monthly.tally import NOTHING, digest_of_kept, to_keep
from tracker.scoping import as_everybody

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.permissions import Actor
    from tracker.reports.monthly.filters import MonthlyFilter
    from tracker.reports.monthly.tally import Tables

# Excel reads Cyrillic in a CSV only behind this mark.
BOM = "\ufeff"


def digest_of(tables: Tables) -> str:
    """Return a fingerprint of figures: who publishes them has read exactly these."""
    return digest_of_kept(to_keep(tables))


def publish_month(filters: MonthlyFilter, *, read: str, by: Actor) -> PublishedMonth:
    """Freeze the figures of a month that is over, over what everybody in the house may see.

    `read`: the digest of the figures that the person read.
    """
    if not by.may(Permission.REVIEW):
        raise Refused(_("Only monitors publish figures."))
    if not filters.is_one_month or not filters.is_over:
        raise InvalidInput(read=_("Only a single month that is over can be published."))
    if published(filters) is not None:
        raise InvalidInput(read=_("This month is published already, and stays as it was."))
    with as_everybody():
        tables = tables_of(filters)
    if digest_of(tables) != read:
        raise InvalidInput(read=_("The figures have changed since: read them again."))
    made = PublishedMonth(
        month=filters.months.first,
        country=filters.country,
        figures=to_keep(tables),
        published_by_id=by.id,
        published_at=clock.now(),
    )
    db.session.add(made)
    total = tables[FigureTable.ALL].get("all", NOTHING).number
    record_event(
        "monthly:publish",
        f"{filters.months} {filters.country}".strip(),
        by=by,
        changes={"incidents": total, "digest": read, "at": made.published_at.isoformat()},
    )
    return made


def as_csv(rows: Iterable[list[str]]) -> bytes:
    """Return the figures as a file: UTF-8 with BOM, lines ended by CR LF, header first."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([HEADER, *([guarded(cell) for cell in row] for row in rows)])
    return (BOM + buffer.getvalue()).encode()
