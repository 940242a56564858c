"""What came in and could not be read, held against its digest, which its record's entry covers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tracker.audit.models import Proved
from tracker.intake.models import IntakeItem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Row, Select


class Unread(Proved):
    """The bytes of a file that waits for its text."""

    CALLED = "file of"
    AT_ONCE = 10

    @classmethod
    def to_prove(cls) -> Select[*tuple[Any, ...]]:
        """Select the bytes with their digest."""
        columns = (IntakeItem.ref, IntakeItem.content, IntakeItem.sha256)
        return select(*columns).where(IntakeItem.content.is_not(None)).order_by(IntakeItem.id)

    @classmethod
    def is_as_told(cls, rows: Sequence[Row[Any]], told: Mapping[str, Any]) -> bool:
        """Say whether the bytes give it."""
        del told
        return bool(hashlib.sha256(rows[0].content).hexdigest() == rows[0].sha256)
