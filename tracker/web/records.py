"""Loading a record by ref: hidden, missing and malformed refs give the same 404."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import request, url_for
from sqlalchemy import Select, select

from tracker.db import db
from tracker.errors import NotFound
from tracker.web.filters import REF
from tracker.web.guards import require_editor

if TYPE_CHECKING:
    from flask import Flask

    from tracker.permissions import Owned
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


def load_to_edit(model: type[R], ref: str, *options: Any) -> R:  # noqa: ANN401 (loader options)
    """Return a record that the signed-in person may change; stop with 403 otherwise."""
    record = load(model, ref, *options)
    require_editor(cast("Owned", record))
    return record


def record_from_query(model: type[R], name: str, *options: Any) -> R | None:  # noqa: ANN401 (loader options)
    """Return the record named by a query parameter, None if not given."""
    ref = request.args.get(name)
    return load(model, ref, *options) if ref is not None else None


def record_url(record: Record) -> str:
    """Return the address of a record's page."""
    return url_for(f"{record.ENDPOINT}.show", ref=record.ref)


def next_url_after_logging(record: Record, article: Record | None) -> str:
    """Return where the button leads: to the next one like it, to the article, or to the record."""
    then = request.form.get("then") if article is not None else None
    if article is not None and then == "another":
        return url_for(f"{record.ENDPOINT}.new", article=article.ref, like=record.ref)
    return record_url(article if article is not None and then == "article" else record)


def init_app(app: Flask) -> None:
    """Offer `record_url(record)` to the templates."""
    app.jinja_env.globals["record_url"] = record_url
