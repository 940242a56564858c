"""The rows of a file, handed out: every cell as it came, with what became of its row."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker.reports.codes import ExportKind
from tracker.reports.imports.rows_file_queries import header_of, rows_with_fates
from tracker.reports.ledger_service import begin_run, row_digest, watched
from tracker.reports.queries import reading_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tracker.permissions import Actor
    from tracker.reports.imports.codes import RowFate
    from tracker.reports.ledger_service import Run
    from tracker.scoping import Viewer

BEFORE_CELLS = ("row", "fate", "incident")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsAsked:
    """Which rows are asked for: of which file, all or those of one fate, for whose eyes."""

    batch_id: int
    batch_ref: str
    viewer: Viewer
    fate: RowFate | None = None


def begin_rows_file(asked: RowsAsked, *, suffix: str, by: Actor) -> Run:
    """Write into the ledger who takes the rows of which file, before the first byte leaves."""
    said = {"import": asked.batch_ref} | ({"rows": asked.fate.value} if asked.fate else {})
    return begin_run(
        # A file of incidents: what it is says the import that is asked for.
        ExportKind.INCIDENTS,
        said,
        # Its header came with it, and may be read by its team alone.
        tables=[],
        # Nothing in it is put into words here.
        language="en",
        suffix=suffix,
        by=by,
    )


def rows_file(asked: RowsAsked, run: Run) -> Iterator[bytes]:
    """Yield the rows of one moment, exactly as they came, after number, fate and ref; the run is
    closed after the last byte.
    """
    return watched(_noted(asked, run), run)


def _noted(asked: RowsAsked, run: Run) -> Iterator[bytes]:
    """Yield lines once it is noted which records are in them: the file itself, in which names stand
    also where a row became nothing, and the incidents.
    """
    with reading_for(asked.viewer) as session:
        header = header_of(session, asked.batch_id)
        run.note([(asked.batch_ref, row_digest(header))], count=0)
        # The header leaves with the first rows: a file that breaks off has listed some.
        head: list[Sequence[Any]] = [(*BEFORE_CELLS, *header)]
        for some in rows_with_fates(session, asked.batch_id, asked.fate):
            lines = [(number, str(fate), ref or "", *cells) for number, fate, ref, cells in some]
            noted = [(one[2], row_digest(map(str, one))) for one in lines if one[2]]
            run.note(noted, count=len(lines))
            yield _lines([*head, *lines])
            head = []
        if head:
            yield _lines(head)


def _lines(rows: Iterable[Sequence[Any]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode("utf-8", "surrogatepass")
