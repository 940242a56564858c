"""Counting what is asked of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from tracker.db import current_engines

# The pragma says before the first one whether a transaction may write.
OF_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA query_only")


Statement = tuple[str, Any]


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements of a block, those that begin and end transactions left out."""
    seen: list[str] = []
    with _each_statement(lambda statement, _values: seen.append(statement)):
        yield seen


@contextmanager
def collected() -> Iterator[list[Statement]]:
    """Collect the same with their values, once for each row that one statement writes."""
    seen: list[Statement] = []
    with _each_statement(lambda statement, rows: seen.extend((statement, one) for one in rows)):
        yield seen


@contextmanager
def _each_statement(note: Callable[[str, Iterable[Any]], None]) -> Iterator[None]:
    def executed(*told: Any) -> None:
        _connection, _cursor, statement, values, _context, is_many = told
        if not statement.startswith(OF_TRANSACTIONS):
            note(statement, values if is_many else [values])

    pages = current_engines().reading, current_engines().writing
    for engine in pages:
        sa.event.listen(engine, "before_cursor_execute", executed)
    try:
        yield
    finally:
        for engine in pages:
            sa.event.remove(engine, "before_cursor_execute", executed)
