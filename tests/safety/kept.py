"""What a request wrote for good, and what a form would send that was opened just now."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event, select

from tests.safety.forms_found import Form
from tests.safety.hostile import Pairs
from tracker.records import record_models
from tracker.scoping import system_session


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


def up_to_date(app: Flask, form: Form) -> Pairs:
    """Return what an untouched form sends, with the version that its record has by now."""
    ref = re.search(r"[A-Z]{3}-[0-9A-Z]{10}", form.action)
    if ref is None:
        return list(form.held)
    model = record_models()[ref[0][:3]]
    with app.app_context(), system_session("the version of a record", reading=True) as session:
        version = session.scalar(select(model.version).where(model.ref == ref[0]))
    return [(name, str(version) if name == "version" else value) for name, value in form.held]
