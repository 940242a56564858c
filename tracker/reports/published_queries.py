"""Reading what is published, with the connection that can read nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, String, column, select, table

from tracker.db import UTCDateTime, engines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import RowMapping

BATCH = 500
NUMBERS = frozenset({"revision", "n_journalists"})
# The header of the public file, fixed and never translated: exactly the columns of the view.
COLUMNS = (
    "ref", "revision", "status", "retract_reason", "title", "summary_en", "summary_ru",
    "summary_kk", "sources", "targets", "n_journalists", "primary_type", "types", "occurred_edtf",
    "reported_month", "country", "region", "verification", "published_at",
)  # fmt: skip


def published_rows() -> Iterator[RowMapping]:
    """Yield what anybody may have of each incident that ever was published, the first one first."""
    view = table("public_export", *(column(name, _type_of(name)) for name in COLUMNS))
    rows = select(view).order_by(view.c.published_at, view.c.ref)
    with engines().export.connect() as connection:
        found = connection.execution_options(yield_per=BATCH).execute(rows)
        yield from found.mappings()


def _type_of(name: str) -> Any:  # noqa: ANN401 (a column type)
    if name == "published_at":
        return UTCDateTime()
    return Integer() if name in NUMBERS else String()
