"""The figures of published months, the proof of the figures, and commentaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker import clock
from tracker.audit.models import LogCheck, has_logged_actor_and_time
from tracker.db import INTERNAL, PUBLIC, Base, UTCDateTime
from tracker.reports.monthly.sheet import json_digest
from tracker.users.models import User

# The info of columns with free text: the audit log has only a digest, so that no name is in it.
FREE_TEXT_INFO = INTERNAL | {"audited": "digest"}


class PublishedMonth(Base):
    """The published figures of a month and country ("" for all), counted over the records that all
    users could see.

    Written once and never changed; later differences are shown as revisions.
    """

    __tablename__ = "published_months"
    __table_args__ = (sa.UniqueConstraint("month", "country"),)

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, info=INTERNAL)
    # Its first day.
    month: Mapped[date] = mapped_column(sa.Date, info=PUBLIC)
    country: Mapped[str] = mapped_column(sa.String(2), default="", info=PUBLIC)
    # By table and code: the number, and the refs behind it with what each adds. Without names.
    figures: Mapped[dict[str, Any]] = mapped_column(sa.JSON, info=INTERNAL)
    published_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=PUBLIC)
    published_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), info=INTERNAL)

    published_by: Mapped[User] = relationship()


class MonthlyText(Base):
    """The commentary on a month and country ("" for all), visible to all users.

    `team_id`: the team whose monitor wrote the text last. The text has no names that this team
    redacted.
    """

    __tablename__ = "monthly_texts"
    __table_args__ = (sa.UniqueConstraint("month", "country"),)

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, info=INTERNAL)
    version: Mapped[int] = mapped_column(sa.Integer, nullable=False, info=INTERNAL)
    month: Mapped[date] = mapped_column(sa.Date, info=INTERNAL)
    country: Mapped[str] = mapped_column(sa.String(2), default="", info=INTERNAL)
    summary: Mapped[str] = mapped_column(sa.Text, default="", info=FREE_TEXT_INFO)
    on_incidents: Mapped[str] = mapped_column(sa.Text, default="", info=FREE_TEXT_INFO)
    on_responses: Mapped[str] = mapped_column(sa.Text, default="", info=FREE_TEXT_INFO)
    written_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)
    written_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), info=INTERNAL)
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("teams.id"), info=INTERNAL)

    written_by: Mapped[User] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads it from the class)

    @property
    def name(self) -> str:
        """The name in the audit log: month and country, such as `2025-06 KZ`."""
        return f"{self.month.isoformat()[: len('2025-06')]} {self.country}".strip()


class FiguresLogCheck(LogCheck):
    """The proof that the figures of published months were not changed or removed."""

    LABEL = "month"
    ACTIONS = ("monthly:publish",)
    BATCH_SIZE = 10

    @classmethod
    def select_rows(cls) -> sa.Select[*tuple[Any, ...]]:
        """Select the figures by month and country as the audit log writes them: `2025-06 KZ`."""
        kept = PublishedMonth
        month = sa.func.substr(sa.cast(kept.month, sa.String), 1, len("2025-06"))
        by = User.name.label("publisher")
        rows = sa.select(
            sa.func.trim(month + " " + kept.country), kept.figures, kept.published_at, by
        )
        return rows.outerjoin(User, User.id == kept.published_by_id).order_by(kept.id)

    @classmethod
    def matches_log(cls, rows: Sequence[sa.Row[Any]], logged: Mapping[str, Any]) -> bool:
        """Return whether the audit log confirms the figures of a month and country. `rows`: the row
        with the figures, none if it was removed; `logged`: the digest of the figures, the author
        and the time in the audit log, which must be those of the row.
        """
        if not rows or logged.get("digest") != json_digest(rows[0].figures):
            return False
        [row] = rows
        return has_logged_actor_and_time(
            logged, cls.ACTIONS[0], by=row.publisher, at=row.published_at
        )
