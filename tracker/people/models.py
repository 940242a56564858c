"""Models of journalists, outlets and institutions, and all their names."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, Self

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from tracker import clock, scoping
from tracker.db import (
    CONFIDENTIAL,
    INTERNAL,
    PUBLIC,
    Base,
    UTCDateTime,
    code_point_string,
    text_enum,
)
from tracker.i18n import current_language, lazy
from tracker.kit.fields import ExportAudience, code_field
from tracker.people import codes
from tracker.people.matching import find_name_in_language
from tracker.records import DateRangeMixin, Record, date_order_check
from tracker.search.models import Searchable
from tracker.users.models import User


class Mergeable:
    """A mixin of records that may be merged into another record of their kind. `moved`: the ids of
    the rows that a merge moved to the other record, by "table.relationship"; they are moved back if
    the merge is undone.
    """

    moved: Mapped[dict[str, list[int]]] = mapped_column(
        sa.JSON, default=dict, server_default="{}", info=INTERNAL | {"audited": "digest"}
    )

    @declared_attr
    def merged_into_id(cls) -> Mapped[int | None]:
        """Return the id of the record that this one was merged into."""
        made: Any = cls
        return mapped_column(
            sa.ForeignKey(f"{made.__tablename__}.id"), index=True, default=None, info=INTERNAL
        )

    @declared_attr
    def merged_into(cls) -> Mapped[Self | None]:
        """Return the record that this one was merged into, None if it was not merged."""
        made: Any = cls
        return relationship(
            made, remote_side=lambda: made.id, foreign_keys=lambda: made.merged_into_id
        )


def no_self_merge_constraint() -> sa.CheckConstraint:
    """Return the CHECK that no record is merged into itself."""
    return sa.CheckConstraint("merged_into_id <> id", name="leads_to_another")


class ConfidentialJournalistRowMixin(scoping.ConfidentialRow):
    """A mixin of confidential rows about a journalist. `ERASED_COLUMNS`: the columns of free text
    that an erasure empties; `AUDIT_ACTION`: the audit action of a change of these columns.
    """

    ERASED_COLUMNS: ClassVar[tuple[str, ...]]
    AUDIT_ACTION: ClassVar[str]

    @classmethod
    def is_about_journalist(cls, journalist_id: int) -> sa.ColumnElement[bool]:
        """Return the SQL condition that a row is about a journalist."""
        raise NotImplementedError

    @classmethod
    def audit_subject_refs(cls, journalist_id: int) -> sa.Select[Any]:
        """Return a select of the refs that audit log entries about the rows of a journalist have as
        their subject. Each is the ref of a record to which such rows belong.
        """
        raise NotImplementedError

    @classmethod
    def audit_part_names(cls, journalist_id: int) -> list[str]:
        """Return the names of the parts of records, such as one target of an incident, to which the
        rows about a journalist belong. Changes of the rows are logged under these names.
        """
        raise NotImplementedError


class NameVariant(scoping.ChildRow):
    """A mixin of a name of a record: the main name or another one. `matching_key`, `loose_key`: the
    name in reduced Latin letters; other spellings of the name have equal keys.

    One table per kind of record. Equal keys are a strong suggestion, never a merge.
    """

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, info=INTERNAL)
    name: Mapped[str] = mapped_column(sa.String(200), info=INTERNAL)
    kind: Mapped[codes.NameKind] = mapped_column(text_enum(codes.NameKind), info=INTERNAL)
    script: Mapped[codes.Script] = mapped_column(text_enum(codes.Script), info=INTERNAL)
    matching_key: Mapped[str] = mapped_column(sa.String(400), index=True, info=INTERNAL)
    loose_key: Mapped[str] = mapped_column(sa.String(400), index=True, info=INTERNAL)


class ExternalReference(scoping.ChildRow):
    """A mixin of the identifier of a record in an external list (CPJ, MFRR, UN, Wikidata …)."""

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, info=PUBLIC)
    scheme: Mapped[str] = mapped_column(sa.String(40), info=PUBLIC)
    identifier: Mapped[str] = mapped_column(sa.String(200), info=PUBLIC)
    url: Mapped[str] = mapped_column(sa.String(2000), default="", info=PUBLIC)


class NamedRecord(Searchable):
    """A mixin of records with names, which searches find by the beginnings of the words of a name,
    in Cyrillic or Latin letters.
    """

    SEARCH_TEXT_PATHS = "+names"

    name: Mapped[str]

    @property
    def heading(self) -> str:
        """The main name."""
        return self.name

    def search_text(self) -> str:
        """Return one text with every name of the record, and the matching key and loose key of each
        name. Thus a search in Cyrillic or in Latin letters finds the record.
        """
        rows: list[NameVariant] = self.names  # type: ignore[attr-defined]  # each subclass has it
        return " ".join(f"{row.name} {row.matching_key} {row.loose_key}" for row in rows)


class Outlet(NamedRecord, Mergeable, Record, scoping.ScopedRecord, Base):
    """A newsroom, channel or blog; also the publisher of articles."""

    __tablename__ = "outlets"
    __table_args__ = (scoping.owner_unique_key(), no_self_merge_constraint())
    PREFIX = "OUT"
    ENDPOINT = "outlets"

    name: Mapped[str] = mapped_column(sa.String(200), info=PUBLIC)
    sort_key: Mapped[str] = mapped_column(code_point_string(400), index=True, info=INTERNAL)
    country: Mapped[str | None] = mapped_column(sa.String(2), index=True, info=PUBLIC)
    # One per line: host names and channel addresses.
    domains: Mapped[str] = mapped_column(sa.Text, default="", info=PUBLIC)
    channels: Mapped[str] = mapped_column(sa.Text, default="", info=PUBLIC)
    reliability: Mapped[codes.Reliability] = code_field(
        codes.Reliability, default=codes.Reliability.NOT_SURE, classification=INTERNAL,
        label=lazy("Reliability"), meaning="As this organisation judges it.", section="details",
        export_audience=ExportAudience.INTERNAL,
    )  # fmt: skip
    notes: Mapped[str] = mapped_column(sa.Text, default="", info=INTERNAL)

    names: Mapped[list[OutletName]] = relationship(
        back_populates="bearer", cascade="all, delete-orphan", order_by="OutletName.id",
        info={"audited": True},
    )  # fmt: skip
    references: Mapped[list[OutletReference]] = relationship(
        back_populates="record", cascade="all, delete-orphan", order_by="OutletReference.id",
        info={"audited": True},
    )  # fmt: skip
    affiliations: Mapped[list[Affiliation]] = relationship(
        back_populates="outlet", order_by="Affiliation.latest.desc()"
    )


class OutletName(NameVariant, Base):
    """A name of an outlet."""

    __tablename__ = "outlet_names"
    __table_args__ = (scoping.owner_foreign_key("outlets", "bearer_id"),)

    bearer_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    bearer: Mapped[Outlet] = relationship(back_populates="names")


class OutletReference(ExternalReference, Base):
    """The identifier of an outlet in an external list."""

    __tablename__ = "outlet_references"
    __table_args__ = (scoping.owner_foreign_key("outlets", "record_id"),)

    record_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    record: Mapped[Outlet] = relationship(back_populates="references")


class Journalist(NamedRecord, Mergeable, Record, scoping.ScopedRecord, Base):
    """A person who regularly gathers and publishes information or comment for the public, in any
    medium, employed or not; or a person who works with them.
    """

    __tablename__ = "journalists"
    __table_args__ = (
        scoping.owner_unique_key(),
        scoping.team_unique_key("journalists"),
        no_self_merge_constraint(),
    )
    PREFIX = "JRN"
    ENDPOINT = "journalists"

    name: Mapped[str] = mapped_column(sa.String(200), info=INTERNAL)
    sort_key: Mapped[str] = mapped_column(code_point_string(400), index=True, info=INTERNAL)
    kind: Mapped[codes.JournalistKind] = code_field(
        codes.JournalistKind, default=codes.JournalistKind.UNKNOWN, classification=PUBLIC,
        label=lazy("Works as"),
        meaning="The form of employment.", section="details",
        export_audience=ExportAudience.PARTNERS,
    )  # fmt: skip
    gender: Mapped[codes.Gender] = code_field(
        codes.Gender, default=codes.Gender.UNKNOWN, classification=INTERNAL, label=lazy("Gender"),
        meaning="As they or a source say.", section="details",
        export_audience=ExportAudience.INTERNAL,
    )  # fmt: skip
    country: Mapped[str | None] = mapped_column(sa.String(2), index=True, info=PUBLIC)
    notes: Mapped[str] = mapped_column(sa.Text, default="", info=INTERNAL)
    # Since when they must not be named outside the team; until it is undone, their record cannot be
    # shared.
    name_closed_on: Mapped[date | None] = mapped_column(
        sa.Date,
        sa.CheckConstraint(
            "name_closed_on IS NULL OR visibility = 'restricted'", name="closed_name_stays_in_team"
        ),
        info=INTERNAL,
    )

    @property
    def is_withheld(self) -> bool:
        """Whether the journalist's name is redacted outside the team."""
        return self.name_closed_on is not None

    names: Mapped[list[JournalistName]] = relationship(
        back_populates="bearer", cascade="all, delete-orphan", order_by="JournalistName.id",
        info={"audited": True},
    )  # fmt: skip
    references: Mapped[list[JournalistReference]] = relationship(
        back_populates="record", cascade="all, delete-orphan", order_by="JournalistReference.id",
        info={"audited": True},
    )  # fmt: skip
    affiliations: Mapped[list[Affiliation]] = relationship(
        back_populates="journalist", cascade="all, delete-orphan",
        order_by="Affiliation.latest.desc()", info={"audited": True},
    )  # fmt: skip


class JournalistConfidential(scoping.ConfidentialRow, Base):
    """Confidential values of a journalist, for staff of the team that owns the record."""

    __tablename__ = "journalists_confidential"
    __table_args__ = (scoping.team_foreign_key("journalists", "journalist_id"),)

    journalist_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=INTERNAL)
    version: Mapped[int] = mapped_column(sa.Integer, nullable=False, info=INTERNAL)
    legal_name: Mapped[str] = mapped_column(sa.String(200), default="", info=CONFIDENTIAL)
    home_address: Mapped[str] = mapped_column(sa.Text, default="", info=CONFIDENTIAL)
    contacts: Mapped[str] = mapped_column(sa.Text, default="", info=CONFIDENTIAL)
    notes: Mapped[str] = mapped_column(sa.Text, default="", info=CONFIDENTIAL)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads it from the class)


class Erasure(scoping.ChildRow, Base):
    """An erasure of confidential data, requested by one person and approved by another.

    The row does not hold what was erased; only that it was, by whom and why.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        scoping.owner_foreign_key("journalists", "journalist_id"),
        sa.CheckConstraint(
            "(agreed_by_id IS NULL) = (agreed_at IS NULL) "
            "AND (agreed_by_id IS NULL OR agreed_by_id <> asked_by_id)",
            name="two_people",
        ),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
    )

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, info=INTERNAL)
    journalist_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    reason: Mapped[str] = mapped_column(sa.String(500), info=INTERNAL)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), info=INTERNAL)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)
    agreed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), info=INTERNAL)
    agreed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)

    journalist: Mapped[Journalist] = relationship()
    asked_by: Mapped[User] = relationship(foreign_keys="[Erasure.asked_by_id]")
    agreed_by: Mapped[User | None] = relationship(foreign_keys="[Erasure.agreed_by_id]")


class JournalistName(NameVariant, Base):
    """A name of a journalist."""

    __tablename__ = "journalist_names"
    __table_args__ = (scoping.owner_foreign_key("journalists", "bearer_id"),)

    bearer_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    bearer: Mapped[Journalist] = relationship(back_populates="names")


class JournalistReference(ExternalReference, Base):
    """The identifier of a journalist in an external list."""

    __tablename__ = "journalist_references"
    __table_args__ = (scoping.owner_foreign_key("journalists", "record_id"),)

    record_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    record: Mapped[Journalist] = relationship(back_populates="references")


class Affiliation(scoping.ChildRow, DateRangeMixin, Base):
    """A journalist's work for an outlet, with dates and position."""

    __tablename__ = "affiliations"
    __table_args__ = (scoping.owner_foreign_key("journalists", "journalist_id"), date_order_check())

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, info=INTERNAL)
    journalist_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    outlet_id: Mapped[int] = mapped_column(sa.ForeignKey("outlets.id"), index=True, info=INTERNAL)
    position: Mapped[str] = mapped_column(sa.String(120), default="", info=INTERNAL)

    journalist: Mapped[Journalist] = relationship(back_populates="affiliations")
    outlet: Mapped[Outlet | None] = relationship(back_populates="affiliations")


class Institution(NamedRecord, Mergeable, Record, Base):
    """A public body or platform that responds to incidents, or should; shared by all teams."""

    __tablename__ = "institutions"
    __table_args__ = (
        sa.CheckConstraint("name <> ''", name="name_not_empty"),
        no_self_merge_constraint(),
    )
    PREFIX = "INS"
    ENDPOINT = "institutions"

    name: Mapped[str] = mapped_column(sa.String(200), info=PUBLIC)
    sort_key: Mapped[str] = mapped_column(code_point_string(400), index=True, info=INTERNAL)
    kind: Mapped[codes.InstitutionKind] = code_field(
        codes.InstitutionKind, classification=PUBLIC, label=lazy("Kind"), meaning="What it is.",
        section="details",
        export_audience=ExportAudience.PARTNERS,
    )  # fmt: skip
    level: Mapped[codes.InstitutionLevel] = code_field(
        codes.InstitutionLevel, default=codes.InstitutionLevel.UNKNOWN, classification=PUBLIC,
        label=lazy("Level"),
        meaning="The level at which it works.", section="details",
        export_audience=ExportAudience.PARTNERS,
    )  # fmt: skip
    country: Mapped[str | None] = mapped_column(sa.String(2), index=True, info=PUBLIC)

    names: Mapped[list[InstitutionName]] = relationship(
        back_populates="bearer", cascade="all, delete-orphan", order_by="InstitutionName.id",
        info={"audited": True}, lazy="selectin",
    )  # fmt: skip

    @property
    def heading(self) -> str:
        """The institution's official name in the viewer's language, else the main name."""
        legal = [one.name for one in self.names if one.kind is codes.NameKind.LEGAL]
        return find_name_in_language(current_language(), [self.name, *legal]) or self.name


class InstitutionName(Base):
    """A name of an institution. It belongs to no team, since institutions belong to none."""

    __tablename__ = "institution_names"

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, info=PUBLIC)
    bearer_id: Mapped[int] = mapped_column(
        sa.ForeignKey("institutions.id"), index=True, info=PUBLIC
    )
    name: Mapped[str] = mapped_column(sa.String(200), info=PUBLIC)
    kind: Mapped[codes.NameKind] = mapped_column(text_enum(codes.NameKind), info=PUBLIC)
    script: Mapped[codes.Script] = mapped_column(text_enum(codes.Script), info=PUBLIC)
    matching_key: Mapped[str] = mapped_column(sa.String(400), index=True, info=PUBLIC)
    loose_key: Mapped[str] = mapped_column(sa.String(400), index=True, info=PUBLIC)

    bearer: Mapped[Institution] = relationship(back_populates="names")
