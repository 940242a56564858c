"""What a request wrote for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event


@contextmanager
def kept_writes() -> Iterator[list[str]]:
    """Collect every statement that wrote something in a transaction that was to be kept."""
    kept: list[str] = []

    def note(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split(None, 1)[0].upper() in {"INSERT", "UPDATE", "DELETE"}:
            connection.info.setdefault("written", []).append(statement)

    def keep(connection: Any) -> None:
        kept.extend(connection.info.pop("written", []))

    def forget(connection: Any) -> None:
        connection.info.pop("written", None)

    heard: dict[str, Callable[..., None]] = {
        "before_cursor_execute": note,
        "commit": keep,
        "rollback": forget,
    }
    for name, listener in heard.items():
        event.listen(Engine, name, listener)
    try:
        yield kept
    finally:
        for name, listener in heard.items():
            event.remove(Engine, name, listener)
