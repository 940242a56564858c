"""The page of a record's confidential values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField

from tracker.records import Record
from tracker.web.forms import VersionedForm, page
from tracker.web.saving import handle_form, without_write_lock


class ConfidentialForm(VersionedForm):
    """Confidential values, for staff of the record's team; one field per column, with its name."""

    IN_HISTORY = False

    def populate(self, record: Any) -> None:  # noqa: ANN401 (a confidential row)
        """Fill the form with the stored values."""
        self.version.data = str(record.version)
        for field in self._values():
            field.data = getattr(record, field.name) or ""

    def form_values(self) -> dict[str, str]:
        """Return the submitted values by column."""
        return {field.name: field.data or "" for field in self._values()}

    def _values(self) -> list[Any]:
        # The form's own hidden fields: its CSRF token and version.
        return [field for field in self if not isinstance(field, HiddenField)]


def confidential_page(
    record: Record,
    form: ConfidentialForm,
    *,
    note: Callable[[], None],
    find: Callable[[], Any],
    keep: Callable[[Any, dict[str, str]], None],
) -> Response | tuple[str, int]:
    """Show or save confidential values; the caller checks permissions.

    `note` logs the viewer, `find` returns the row, and `keep` stores the submitted values in it.
    """
    log_before_reading(form, note)
    row = find()
    return handle_form(
        form,
        lambda: keep(row, form.form_values()),
        to=url_for(f"{record.ENDPOINT}.show", ref=record.ref),
        record=row,
    ) or page("layout/confidential.html", form=form, record=record)


def log_before_reading(form: VersionedForm, note: Callable[[], None]) -> None:
    """Log the viewer before anything confidential is read."""
    if form.is_submitted():
        without_write_lock(note)
    else:
        note()
