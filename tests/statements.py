"""Counting what is asked of the database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tracker.db import engines

if TYPE_CHECKING:
    from collections.abc import Iterator

# The pragma says before the first one whether a transaction may write.
OF_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA query_only")


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements of a block, those that begin and end transactions left out."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(OF_TRANSACTIONS):
            seen.append(statement)

    engine = engines().writing
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
