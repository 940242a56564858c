"""What somebody who exports chose, kept under a name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import INTERNAL, Base

LONGEST_NAME = 80


class ExportChoice(Base):
    """Filter, columns, profile and format of a file, as its links write them: a mark of its owner,
    no fact about anything, and so in no trail.
    """

    __tablename__ = "export_choices"
    __table_args__ = (
        UniqueConstraint("user_id", "name"),
        CheckConstraint("name <> ''", name="name_not_empty"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), info=INTERNAL)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), info=INTERNAL)
    asked: Mapped[dict[str, Any]] = mapped_column(JSON, info=INTERNAL)
