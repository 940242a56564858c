"""Loading a record by the ref in the address: hidden, missing and malformed are one 404."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from flask import url_for
from sqlalchemy import Select, select

from tracker.db import db
from tracker.errors import NotFound
from tracker.web.filters import REF

if TYPE_CHECKING:
    from flask import Flask

    from tracker.records import Record

R = TypeVar("R", bound="Record")


def load(model: type[R], ref: str, *options: Any) -> R:  # noqa: ANN401 (loader options)
    """Return the viewer's record of that ref; raise NotFound otherwise."""
    if not REF.fullmatch(ref):
        raise NotFound
    statement: Select[R] = select(model).where(model.ref == ref).options(*options)
    record = db.session.scalars(statement).unique().first()
    if record is None:
        raise NotFound
    return record


def record_url(record: Record) -> str:
    """Return the address of a record's page."""
    return url_for(f"{record.ENDPOINT}.show", ref=record.ref)


def init_app(app: Flask) -> None:
    """Offer `record_url(record)` to the templates."""
    app.jinja_env.globals["record_url"] = record_url
