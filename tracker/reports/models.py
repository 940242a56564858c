"""The export log: who took which file, with which rows in it; and saved exports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker import clock
from tracker.db import INTERNAL, Base, UTCDateTime, choice, sortable
from tracker.records import REF_LENGTH, new_ref
from tracker.reports.codes import ExportKind, Profile
from tracker.users.models import User

LONGEST_SAVED_NAME = 80
# The name of a recipient.
LONGEST_RECIPIENT = 120
# Stands for the digest where the row is no more in the file, and the file says so.
GONE = ""


class ExportRecipient(Base):
    """An external recipient of files, with a name."""

    __tablename__ = "export_recipients"
    __table_args__ = (CheckConstraint("name <> ''", name="name_not_empty"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    name: Mapped[str] = mapped_column(String(LONGEST_RECIPIENT), unique=True, info=INTERNAL)


class ExportRun(Base):
    """One file that left, or began to: written before its first byte, closed after its last."""

    __tablename__ = "export_runs"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (sha256 = '')", name="ended_with_a_digest"),
        CheckConstraint("rows >= 0", name="rows_counted"),
        Index("ix_export_runs_page", "began_at", "ref"),
    )
    PREFIX = "EXP"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    ref: Mapped[str] = mapped_column(
        sortable(REF_LENGTH), default=lambda: new_ref("EXP"), unique=True, info=INTERNAL
    )
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True, info=INTERNAL)
    kind: Mapped[ExportKind] = mapped_column(choice(ExportKind), info=INTERNAL)
    profile: Mapped[Profile] = mapped_column(choice(Profile), info=INTERNAL)
    # The filter, as its links write it; `form`: how a package or a dossier was written; `case`: of
    # which a dossier tells; `import`: whose rows these are.
    asked: Mapped[dict[str, Any]] = mapped_column(JSON, info=INTERNAL)
    # What each table in it carried, by the table's name.
    columns: Mapped[dict[str, list[str]]] = mapped_column(JSON, info=INTERNAL)
    language: Mapped[str] = mapped_column(String(2), info=INTERNAL)
    # The digest of who asked for what: taken again, it is the same.
    question: Mapped[str] = mapped_column(String(32), index=True, info=INTERNAL)
    recipient_id: Mapped[int | None] = mapped_column(
        ForeignKey("export_recipients.id"), index=True, info=INTERNAL
    )
    rows: Mapped[int] = mapped_column(Integer, default=0, info=INTERNAL)
    # Of what its tables held: the same rows give the same digest whenever they are taken.
    sha256: Mapped[str] = mapped_column(String(64), default="", info=INTERNAL)
    began_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, info=INTERNAL)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)

    by: Mapped[User] = relationship()
    recipient: Mapped[ExportRecipient | None] = relationship()


class ExportedRow(Base):
    """One record in one file, with the digest of its row; GONE where the file says that a row which
    its recipient has from another one is no more.
    """

    __tablename__ = "exported_rows"

    run_id: Mapped[int] = mapped_column(
        ForeignKey("export_runs.id"), primary_key=True, info=INTERNAL
    )
    ref: Mapped[str] = mapped_column(
        sortable(REF_LENGTH), primary_key=True, index=True, info=INTERNAL
    )
    digest: Mapped[str] = mapped_column(String(32), info=INTERNAL)


class SavedExport(Base):
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
    name: Mapped[str] = mapped_column(String(LONGEST_SAVED_NAME), info=INTERNAL)
    asked: Mapped[dict[str, Any]] = mapped_column(JSON, info=INTERNAL)
