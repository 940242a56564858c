"""Published figures, held against the digest under which they were published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import String, cast, func, select

from tracker.audit.models import Proved, is_signed
from tracker.reports.monthly.models import PublishedMonth
from tracker.reports.monthly.tally import digest_of_kept
from tracker.users.models import User

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Row, Select


class Figures(Proved):
    """The figures of a month and country, which are never changed or removed."""

    CALLED = "month"
    ACTS = ("monthly:publish",)
    AT_ONCE = 10

    @classmethod
    def to_prove(cls) -> Select[*tuple[Any, ...]]:
        """Select the figures by month and country as the trail writes them: `2025-06 KZ`."""
        kept = PublishedMonth
        month = func.substr(cast(kept.month, String), 1, len("2025-06"))
        by = User.name.label("publisher")
        rows = select(func.trim(month + " " + kept.country), kept.figures, kept.published_at, by)
        return rows.outerjoin(User, User.id == kept.published_by_id).order_by(kept.id)

    @classmethod
    def is_as_told(cls, rows: Sequence[Row[Any]], told: Mapping[str, Any]) -> bool:
        """Say whether they are still there, give the digest, and are by whom and when it says."""
        if not rows or told.get("digest") != digest_of_kept(rows[0].figures):
            return False
        [row] = rows
        return is_signed(told, cls.ACTS[0], by=row.publisher, at=row.published_at)
