"""Models of an incident's confidential rows and its publication, with the check against the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker import clock
from tracker.audit.chain import part_name
from tracker.audit.models import LogCheck, has_logged_actor_and_time
from tracker.db import CONFIDENTIAL, INTERNAL, PUBLIC, Base, UTCDateTime, db, text_enum
from tracker.incidents.codes import NamingDecision, NamingScope, Verification
from tracker.incidents.models import Incident, IncidentRowMixin, IncidentTarget
from tracker.incidents.publication_rules import PublicText, public_text_digest
from tracker.people.models import ConfidentialJournalistRowMixin
from tracker.review.models import PublishedText
from tracker.scoping import ConfidentialRow, owner_foreign_key, team_foreign_key
from tracker.users.models import User
from tracker.vocabulary.codes import Answer


class IncidentConfidential(ConfidentialRow, Base):
    """The witnesses and contacts of an incident, for staff of the owning team."""

    __tablename__ = "incidents_confidential"
    __table_args__ = (team_foreign_key("incidents", "incident_id"),)

    incident_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=INTERNAL)
    version: Mapped[int] = mapped_column(sa.Integer, nullable=False, info=INTERNAL)
    witness_names: Mapped[str] = mapped_column(sa.Text, default="", info=CONFIDENTIAL)
    addresses: Mapped[str] = mapped_column(sa.Text, default="", info=CONFIDENTIAL)
    contacts: Mapped[str] = mapped_column(sa.Text, default="", info=CONFIDENTIAL)
    source_notes: Mapped[str] = mapped_column(sa.Text, default="", info=CONFIDENTIAL)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads it from the class)


class TargetNamingDecision(ConfidentialJournalistRowMixin, Base):
    """The decision on whether a target may be named, with the grounds of the decision.

    The effect, `name_reach` and `named_as`, is on the target, where all features read it.
    """

    __tablename__ = "target_namings_confidential"
    __table_args__ = (
        team_foreign_key("incident_targets", "target_id"),
        sa.CheckConstraint(
            "(decision = 'consented') = (scope IS NOT NULL)", name="consent_has_a_scope"
        ),
    )

    ERASED_COLUMNS = ("how_asked",)
    AUDIT_ACTION = "incident:naming"

    target_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=INTERNAL)
    version: Mapped[int] = mapped_column(sa.Integer, nullable=False, info=INTERNAL)
    decision: Mapped[NamingDecision] = mapped_column(
        text_enum(NamingDecision), default=NamingDecision.NOT_ASKED, info=CONFIDENTIAL
    )
    scope: Mapped[NamingScope | None] = mapped_column(text_enum(NamingScope), info=CONFIDENTIAL)
    decided_on: Mapped[date | None] = mapped_column(sa.Date, info=CONFIDENTIAL)
    how_asked: Mapped[str] = mapped_column(sa.String(500), default="", info=CONFIDENTIAL)
    is_written: Mapped[Answer] = mapped_column(
        text_enum(Answer, name="is_written"), default=Answer.UNKNOWN, info=CONFIDENTIAL
    )
    is_minor: Mapped[Answer] = mapped_column(
        text_enum(Answer, name="is_minor"), default=Answer.UNKNOWN, info=CONFIDENTIAL
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads it from the class)

    @classmethod
    def is_about_journalist(cls, journalist_id: int) -> sa.ColumnElement[bool]:
        """Return the SQL condition that a decision is about a journalist's name."""
        target_ids = sa.select(IncidentTarget.id).where(
            IncidentTarget.journalist_id == journalist_id
        )
        return cls.target_id.in_(target_ids)

    @classmethod
    def audit_subject_refs(cls, journalist_id: int) -> sa.Select[Any]:
        """Return a select of refs: of all incidents against a journalist, and of the incidents
        merged into these. Log entries about naming decisions have such a ref as their subject.
        """
        incident_ids = sa.select(IncidentTarget.incident_id).where(
            IncidentTarget.journalist_id == journalist_id
        )
        return sa.select(Incident.ref).where(
            Incident.id.in_(incident_ids_with_merged(incident_ids))
        )

    @classmethod
    def audit_part_names(cls, journalist_id: int) -> list[str]:
        """Return the names under which the audit log has the targets that are a journalist, such as
        `incident_targets 12`.
        """
        rows = (
            sa.select(cls.target_id)
            .where(cls.is_about_journalist(journalist_id))
            .order_by(cls.target_id)
        )
        return [cls.audit_part_name(number) for number in db.session.scalars(rows)]

    @classmethod
    def audit_part_name(cls, target_id: int) -> str:
        """Return the name of the row of a target in the audit log: `incident_targets 12`."""
        return part_name(IncidentTarget.__tablename__, target_id)


def incident_ids_with_merged(ids: sa.Select[int]) -> sa.Select[int]:
    """Return the select of some incidents' ids and of the ids of all incidents merged into them."""
    found = sa.select(Incident.id).where(Incident.id.in_(ids)).cte(recursive=True)
    merged = Incident.merged_into_id == found.c.id
    found = found.union(sa.select(Incident.id).join(found, merged))
    return sa.select(found.c.id)


class Publication(IncidentRowMixin, PublishedText, Base):
    """The published text of an incident: the copy that was checked when it was published. Exports
    read the copy, not the incident.

    The view `public_export` shows it, and nothing else of the tracker, to the export connection.
    """

    RECORD_ATTRIBUTE = "incident"

    __tablename__ = "publications"
    __table_args__ = (
        owner_foreign_key("incidents", "incident_id"),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR (title = '' AND summary_en = '' AND summary_ru = '' "
            "AND summary_kk = '' AND targets = '' AND sources = '')",
            name="withdrawn_says_nothing",
        ),
    )

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, info=INTERNAL)
    incident_id: Mapped[int] = mapped_column(unique=True, info=INTERNAL)
    # How often it was published; and the version of the incident that was copied.
    revision: Mapped[int] = mapped_column(sa.Integer, default=1, info=PUBLIC)
    version: Mapped[int] = mapped_column(sa.Integer, info=INTERNAL)
    title: Mapped[str] = mapped_column(sa.String(300), info=PUBLIC)
    summary_en: Mapped[str] = mapped_column(sa.Text, info=PUBLIC)
    summary_ru: Mapped[str] = mapped_column(sa.Text, info=PUBLIC)
    summary_kk: Mapped[str] = mapped_column(sa.Text, info=PUBLIC)
    # Who it is attributed to: publishers with the addresses of their articles.
    sources: Mapped[str] = mapped_column(sa.Text, info=PUBLIC)
    targets: Mapped[str] = mapped_column(sa.Text, info=PUBLIC)
    n_journalists: Mapped[int] = mapped_column(sa.Integer, info=PUBLIC)
    primary_type: Mapped[str] = mapped_column(sa.String(60), info=PUBLIC)
    types: Mapped[str] = mapped_column(sa.String(500), info=PUBLIC)
    occurred_edtf: Mapped[str] = mapped_column(sa.String(60), info=PUBLIC)
    reported_month: Mapped[str] = mapped_column(sa.String(7), info=PUBLIC)
    country: Mapped[str] = mapped_column(sa.String(2), info=PUBLIC)
    region: Mapped[str] = mapped_column(sa.String(10), info=PUBLIC)
    verification: Mapped[Verification] = mapped_column(text_enum(Verification), info=PUBLIC)
    published_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=PUBLIC)
    published_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), info=INTERNAL)
    # When it was withdrawn: retracted, or because a name in it may no longer be published.
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PUBLIC)

    incident: Mapped[Incident] = relationship()

    def withdraw(self) -> None:
        """Withdraw the publication and empty its texts; the row with its dates stays."""
        if self.withdrawn_at is None:
            self.withdrawn_at = clock.utc_now()
        self.title = self.sources = self.targets = ""
        self.summary_en = self.summary_ru = self.summary_kk = ""


class PublicationLogCheck(LogCheck):
    """The comparison of published incidents with the audit log, for `flask audit verify`: whether
    each published text is the one that was published last, and is withdrawn if the log says so.
    """

    LABEL = "publication of"
    ACTIONS = ("publication:copy", "incident:withdraw", "review:retracted", "package:load")

    @classmethod
    def select_rows(cls) -> sa.Select[*tuple[Any, ...]]:
        """Return the select of all publications: the ref of the incident, the incident that it was
        merged into, the version, times and publisher, and the published text.
        """
        copy = Publication
        columns = (
            Incident.ref, Incident.merged_into_id, copy.revision, copy.version, copy.withdrawn_at,
            copy.published_at, User.name.label("publisher"),
        )  # fmt: skip
        text = [getattr(copy, one.name) for one in fields(PublicText)]
        joined = sa.select(*columns, *text).join(Incident, Incident.id == copy.incident_id)
        return joined.outerjoin(User, User.id == copy.published_by_id).order_by(Incident.id)

    @classmethod
    def matches_log(cls, rows: Sequence[sa.Row[Any]], logged: Mapping[str, Any]) -> bool:
        """Return whether a publication is the newest copy in the log, or was withdrawn since.
        `rows`: the one row of `select_rows` for an incident, or none; `logged`: the newest values
        in the incident's log entries, and by action the sequence number of the newest entry.
        """
        copied = logged.get("publication:copy", 0)
        if not copied and "package:load" in logged:
            # The publication, if any, was loaded from a package: no log entry has its text.
            return True
        if not rows or not copied:
            return not rows and not copied
        [row] = rows
        if row.version != logged.get("version", row.version):
            return False
        if not has_logged_actor_and_time(
            logged, "publication:copy", by=row.publisher, at=row.published_at
        ):
            return False
        last = max(logged.get(act, 0) for act in cls.ACTIONS)
        taken_back = last > copied or row.merged_into_id is not None
        is_withdrawn = row.withdrawn_at is not None
        if is_withdrawn or taken_back:
            return is_withdrawn and taken_back
        return (logged["revision"], logged["sha256"]) == (row.revision, public_text_digest(row))
