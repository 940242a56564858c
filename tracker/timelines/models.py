"""The figures of open cases that are kept, since counting them takes all their records."""

from __future__ import annotations

from datetime import date

from sqlalchemy import JSON, Boolean, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.cases.codes import Accountability
from tracker.db import INTERNAL, Base, choice
from tracker.permissions import Visibility
from tracker.records import REF_LENGTH
from tracker.scoping import Visible


class KeptFigures(Visible, Base):
    """The figures of a case, counted from what some of its readers see.

    `internal`: what all users see; `restricted`: what a member of the team sees. See decision 42.
    """

    __tablename__ = "case_figures"

    case_id: Mapped[int] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True, info=INTERNAL
    )
    team_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=INTERNAL)
    visibility: Mapped[Visibility] = mapped_column(
        choice(Visibility), primary_key=True, info=INTERNAL
    )
    step: Mapped[Accountability] = mapped_column(choice(Accountability, name="step"), info=INTERNAL)
    # Since when an unanswered case was public, between bounds, and the record that says so.
    public_earliest: Mapped[date | None] = mapped_column(Date, info=INTERNAL)
    public_latest: Mapped[date | None] = mapped_column(Date, info=INTERNAL)
    public_ref: Mapped[str] = mapped_column(String(REF_LENGTH), info=INTERNAL)
    is_silent: Mapped[bool] = mapped_column(Boolean, info=INTERNAL)
    is_unanswered: Mapped[bool] = mapped_column(Boolean, info=INTERNAL)
    claims_answer: Mapped[bool] = mapped_column(Boolean, info=INTERNAL)
    # The place of its latest dated event among those of all cases.
    last_latest: Mapped[date | None] = mapped_column(Date, info=INTERNAL)
    last_earliest: Mapped[date | None] = mapped_column(Date, info=INTERNAL)
    last_ref: Mapped[str] = mapped_column(String(REF_LENGTH), info=INTERNAL)
    # The refs of its records with consequences: no others are read to show it.
    records: Mapped[list[str]] = mapped_column(JSON, info=INTERNAL)
