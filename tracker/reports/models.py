"""The export log: who downloaded which file, with its rows; and saved exports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker import clock
from tracker.db import INTERNAL, Base, UTCDateTime, code_point_string, text_enum
from tracker.records import REF_LENGTH, generate_ref
from tracker.reports.codes import ExportKind, Profile
from tracker.users.models import User

MAX_SAVED_NAME_LENGTH = 80  # characters of the name of a saved export
MAX_RECIPIENT_NAME_LENGTH = 120  # characters
# The digest of a row that a file reports as no longer existing.
NO_DIGEST = ""


class ExportRecipient(Base):
    """An external recipient of files, by name."""

    __tablename__ = "export_recipients"
    __table_args__ = (CheckConstraint("name <> ''", name="name_not_empty"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    name: Mapped[str] = mapped_column(String(MAX_RECIPIENT_NAME_LENGTH), unique=True, info=INTERNAL)


class ExportRun(Base):
    """An entry of the export log: created before the first byte of a file, ended after the last."""

    __tablename__ = "export_runs"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (sha256 = '')", name="ended_with_a_digest"),
        CheckConstraint("rows >= 0", name="rows_counted"),
        Index("ix_export_runs_page", "began_at", "ref"),
    )
    PREFIX = "EXP"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    ref: Mapped[str] = mapped_column(
        code_point_string(REF_LENGTH),
        default=lambda: generate_ref("EXP"),
        unique=True,
        info=INTERNAL,
    )
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True, info=INTERNAL)
    kind: Mapped[ExportKind] = mapped_column(text_enum(ExportKind), info=INTERNAL)
    profile: Mapped[Profile] = mapped_column(text_enum(Profile), info=INTERNAL)
    # The filter, as in its links; `form`: the format of a package, a dossier or a chart; `case`:
    # that of a dossier; `import`: that of exported rows; `chart`: the name of a chart.
    asked: Mapped[dict[str, Any]] = mapped_column(JSON, info=INTERNAL)
    # The columns of each table, by the table's name.
    columns: Mapped[dict[str, list[str]]] = mapped_column(JSON, info=INTERNAL)
    language: Mapped[str] = mapped_column(String(2), info=INTERNAL)
    # The digest of user and request: the same when it is repeated.
    question: Mapped[str] = mapped_column(String(32), index=True, info=INTERNAL)
    recipient_id: Mapped[int | None] = mapped_column(
        ForeignKey("export_recipients.id"), index=True, info=INTERNAL
    )
    rows: Mapped[int] = mapped_column(Integer, default=0, info=INTERNAL)
    # The digest of its tables' content: the same rows give the same digest at any time.
    sha256: Mapped[str] = mapped_column(String(64), default="", info=INTERNAL)
    began_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)

    by: Mapped[User] = relationship()
    recipient: Mapped[ExportRecipient | None] = relationship()


class ExportedRow(Base):
    """One record in one exported file, with the digest of its row.

    The digest is `NO_DIGEST` if the file says that a row of an earlier file no longer exists.
    """

    __tablename__ = "exported_rows"

    run_id: Mapped[int] = mapped_column(
        ForeignKey("export_runs.id"), primary_key=True, info=INTERNAL
    )
    ref: Mapped[str] = mapped_column(
        code_point_string(REF_LENGTH), primary_key=True, index=True, info=INTERNAL
    )
    digest: Mapped[str] = mapped_column(String(32), info=INTERNAL)


class SavedExport(Base):
    """The options of an export that a user saved under a name: query parameters of its page.

    A bookmark, not data, and so not in the audit log.
    """

    __tablename__ = "export_choices"
    __table_args__ = (
        UniqueConstraint("user_id", "name"),
        CheckConstraint("name <> ''", name="name_not_empty"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), info=INTERNAL)
    name: Mapped[str] = mapped_column(String(MAX_SAVED_NAME_LENGTH), info=INTERNAL)
    asked: Mapped[dict[str, Any]] = mapped_column(JSON, info=INTERNAL)
