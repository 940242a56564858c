"""Published figures, held against the digest under which they were published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import String, cast, func, select

from tracker.audit.proof_models import Proved
from tracker.reports.monthly.models import PublishedMonth
from tracker.reports.monthly.tally import digest_of_kept

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
        return select(func.trim(month + " " + kept.country), kept.figures).order_by(kept.id)

    @classmethod
    def is_as_told(cls, rows: Sequence[Row[Any]], told: Mapping[str, Any]) -> bool:
        """Say whether they are still there and give the digest."""
        return bool(rows) and told.get("digest") == digest_of_kept(rows[0].figures)
