"""Reading what is published, with the connection that can read nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, String, column, func, select, table

from tracker.db import UTCDateTime, engines
from tracker.reports.tables import PUBLISHED, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import RowMapping

BATCH = 500
NUMBERS = frozenset(one.name for one in PUBLISHED.columns if one.kind is Kind.NUMBER)
# The header of the public file, fixed and never translated: exactly the columns of the view.
COLUMNS = PUBLISHED.header


def published_rows() -> Iterator[RowMapping]:
    """Yield what anybody may have of each incident that ever was published, the first one first."""
    view = table("public_export", *(column(name, _type_of(name)) for name in COLUMNS))
    rows = select(view).order_by(view.c.published_at, view.c.ref)
    with engines().export.connect() as connection:
        found = connection.execution_options(yield_per=BATCH).execute(rows)
        yield from found.mappings()


def count_of_published() -> int:
    """Return how many incidents ever were published."""
    with engines().export.connect() as connection:
        view = table("public_export", column("ref"))
        return connection.scalar(select(func.count(view.c.ref))) or 0


def _type_of(name: str) -> Any:  # noqa: ANN401 (a column type)
    if name == "published_at":
        return UTCDateTime()
    return Integer() if name in NUMBERS else String()
