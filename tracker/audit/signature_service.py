"""Whose change a record bears: who saves it without changing anything has not revised it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import MANYTOONE

from tracker.records import Record


class Signature:
    """Who revised a record last, and the state that left it in, before it is saved again."""

    def __init__(self, record: Any) -> None:  # noqa: ANN401 (any mapped row; some are no Record)
        self.record, self.kept = record, {}
        if isinstance(record, Record):
            record.is_signed = False
            self.version = record.version
            self.kept = {key: getattr(record, key) for key in record.SIGNED}

    def take_back(self) -> bool:
        """Undo `revised` until it is known whether a child changed; say whether it was undone.

        It stands where the row itself changed: each UPDATE raises the version, so that there is to
        be one only. It stands as well where a query in between sent it to the database.
        """
        if not self.kept or not self.record.is_signed or self._was_sent() or self._row_differs():
            return False
        for key, value in self.kept.items():
            setattr(self.record, key, value)
        return True

    def _was_sent(self) -> bool:
        return bool(self.record.version != self.version)

    def _row_differs(self) -> bool:
        state, mapper = inspect(self.record), inspect(type(self.record))
        keys = {one.key for one in mapper.column_attrs} - self.record.SIGNED
        keys |= {one.key for one in mapper.relationships if one.direction is MANYTOONE}
        return any(state.attrs[key].history.has_changes() for key in keys)
