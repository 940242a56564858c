"""Pairs of records of one name that somebody found not to be duplicates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker import clock
from tracker.db import INTERNAL, Base, UTCDateTime
from tracker.people.models import Institution, Journalist, Outlet
from tracker.scoping import Follows, follows
from tracker.users.models import User


class Namesakes:
    """Two records that are not one, who found that, and when. A mixin: a table for each kind.

    The one that was recorded first stands first, so that a pair stands here once. A record that is
    made one with a third stays here as it is: whoever asks follows where it leads.
    """

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    told_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, info=INTERNAL)
    told_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"), info=INTERNAL)


def _one_pair(table: str) -> tuple[Any, ...]:
    return (
        CheckConstraint("one_id < other_id", name="each_pair_once"),
        Index(f"uq_{table}_pair", "one_id", "other_id", unique=True),
    )


class JournalistNamesakes(Namesakes, Follows, Base):
    """Two journalists of one name."""

    __tablename__ = "journalist_namesakes"
    __table_args__ = (
        follows("journalists", "one_id"), *_one_pair("journalist_namesakes"),
    )  # fmt: skip

    one_id: Mapped[int] = mapped_column(info=INTERNAL)
    other_id: Mapped[int] = mapped_column(ForeignKey("journalists.id"), index=True, info=INTERNAL)

    told_by: Mapped[User] = relationship()


class OutletNamesakes(Namesakes, Follows, Base):
    """Two outlets of one name."""

    __tablename__ = "outlet_namesakes"
    __table_args__ = (follows("outlets", "one_id"), *_one_pair("outlet_namesakes"))

    one_id: Mapped[int] = mapped_column(info=INTERNAL)
    other_id: Mapped[int] = mapped_column(ForeignKey("outlets.id"), index=True, info=INTERNAL)

    told_by: Mapped[User] = relationship()


class InstitutionNamesakes(Namesakes, Base):
    """Two institutions of one name; they have no team, as institutions have none."""

    __tablename__ = "institution_namesakes"
    __table_args__ = _one_pair("institution_namesakes")

    one_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), info=INTERNAL)
    other_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), index=True, info=INTERNAL)

    told_by: Mapped[User] = relationship()


NAMESAKES: dict[type[Journalist | Outlet | Institution], type[Any]] = {
    Journalist: JournalistNamesakes,
    Outlet: OutletNamesakes,
    Institution: InstitutionNamesakes,
}
