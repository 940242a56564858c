"""Models of cases, their records, links, references and comments, and their stored figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Self

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.cases.codes import Accountability, CaseLinkKind, Lifecycle
from tracker.db import INTERNAL, PUBLIC, Base, text_enum
from tracker.fake_accounts.models import FakeAccount
from tracker.incidents.models import IncidentJoinMixin
from tracker.people.models import ExternalReference
from tracker.permissions import Visibility
from tracker.records import REF_LENGTH, Record, child_relationship
from tracker.responses.models import Appeal, OfficialResponse, Proceeding
from tracker.review.models import CaseFilingMixin, Comment, Commentable, comment_constraints
from tracker.scoping import ChildRow, ScopedRecord, ScopedRow, owner_foreign_key, owner_unique_key
from tracker.search.models import Searchable
from tracker.users.models import User
from tracker.vocabulary.codes import Answer


class Case(Record, Commentable, Searchable, ScopedRecord, Base):
    """A case: one affair around the same targets or perpetrators."""

    __tablename__ = "cases"
    __table_args__ = (
        owner_unique_key(),
        Index("ix_cases_page", "recorded_at", "ref"),
        CheckConstraint("title <> ''", name="title_not_empty"),
    )
    PREFIX = "CAS"
    ENDPOINT = "cases"
    SEARCH_TEXT_PATHS = "references"

    title: Mapped[str] = mapped_column(String(300), info=PUBLIC)
    summary: Mapped[str] = mapped_column(Text, default="", info=INTERNAL)
    country: Mapped[str] = mapped_column(String(2), index=True, info=PUBLIC)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True, info=INTERNAL)
    lifecycle: Mapped[Lifecycle] = mapped_column(
        text_enum(Lifecycle), default=Lifecycle.OPEN, info=PUBLIC
    )
    # The step set by hand, None if the step is derived.
    accountability: Mapped[Accountability | None] = mapped_column(
        text_enum(Accountability), info=PUBLIC
    )
    accountability_reason: Mapped[str] = mapped_column(String(500), default="", info=INTERNAL)

    lead: Mapped[User | None] = relationship(foreign_keys=[lead_id])
    incidents: Mapped[list[CaseIncident]] = child_relationship("case", order_by="CaseIncident.id")
    accounts: Mapped[list[CaseAccount]] = child_relationship("case", order_by="CaseAccount.id")
    responses: Mapped[list[CaseResponse]] = child_relationship("case", order_by="CaseResponse.id")
    appeals: Mapped[list[CaseAppeal]] = child_relationship("case", order_by="CaseAppeal.id")
    proceedings: Mapped[list[CaseProceeding]] = child_relationship(
        "case", order_by="CaseProceeding.id"
    )
    links: Mapped[list[CaseLink]] = child_relationship(
        "case",
        order_by="CaseLink.id",
        foreign_keys="[CaseLink.case_id, CaseLink.team_id, CaseLink.visibility]",
    )
    references: Mapped[list[CaseReference]] = child_relationship(
        "record", order_by="CaseReference.id"
    )

    @property
    def heading(self) -> str:
        """The title of the case."""
        return self.title

    def search_text(self) -> str:
        """Return the title, the summary and the identifiers in external lists."""
        return "\n".join([self.title, self.summary, *(one.identifier for one in self.references)])


class CaseFiling(CaseFilingMixin):
    """A row that files a record in a case. A mixin: one table per kind of record."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    case_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)


class CaseIncident(CaseFiling, IncidentJoinMixin, Base):
    """An incident in a case; `is_home` marks the main case, the only one in which it is counted."""

    OWNER_ATTRIBUTE = "case"

    __tablename__ = "case_incidents"
    __table_args__ = (
        owner_foreign_key("cases", "case_id"),
        CheckConstraint("is_home IN ('yes', 'no')", name="home_or_not"),
        Index("uq_case_incidents_pair", "case_id", "incident_id", unique=True),
    )

    is_home: Mapped[Answer] = mapped_column(text_enum(Answer, name="is_home"), info=PUBLIC)

    case: Mapped[Case] = relationship(back_populates="incidents")

    def adapt_before_move(
        self, rows_at_new_incident: Sequence[Self], row_of_same_owner: Self | None
    ) -> None:
        """Set `is_home` so that an incident has one main case after a merge moves this row to it.
        The incident keeps its main case; without one it gets the main case of the merged incident.
        `rows_at_new_incident`: the rows of the remaining incident; `row_of_same_owner`: the one of
        these for the same case, None if there is none; a merge keeps that row, and does not move
        this row.
        """
        if any(row.is_home is Answer.YES for row in rows_at_new_incident):
            self.is_home = Answer.NO
        elif row_of_same_owner is not None:
            row_of_same_owner.is_home = self.is_home


class CaseAccount(CaseFiling, Base):
    """A fake account in a case."""

    __tablename__ = "case_accounts"
    __table_args__ = (
        owner_foreign_key("cases", "case_id"),
        Index("uq_case_accounts_pair", "case_id", "account_id", unique=True),
    )

    account_id: Mapped[int] = mapped_column(
        ForeignKey("fake_accounts.id"), index=True, info=INTERNAL
    )

    case: Mapped[Case] = relationship(back_populates="accounts")
    account: Mapped[FakeAccount | None] = relationship()


class CaseResponse(CaseFiling, Base):
    """An official response in a case."""

    __tablename__ = "case_responses"
    __table_args__ = (
        owner_foreign_key("cases", "case_id"),
        Index("uq_case_responses_pair", "case_id", "response_id", unique=True),
    )

    response_id: Mapped[int] = mapped_column(ForeignKey("responses.id"), index=True, info=INTERNAL)

    case: Mapped[Case] = relationship(back_populates="responses")
    response: Mapped[OfficialResponse | None] = relationship()


class CaseAppeal(CaseFiling, Base):
    """An appeal to an authority in a case."""

    __tablename__ = "case_appeals"
    __table_args__ = (
        owner_foreign_key("cases", "case_id"),
        Index("uq_case_appeals_pair", "case_id", "appeal_id", unique=True),
    )

    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id"), index=True, info=INTERNAL)

    case: Mapped[Case] = relationship(back_populates="appeals")
    appeal: Mapped[Appeal | None] = relationship()


class CaseProceeding(CaseFiling, Base):
    """A proceeding in a case."""

    __tablename__ = "case_proceedings"
    __table_args__ = (
        owner_foreign_key("cases", "case_id"),
        Index("uq_case_proceedings_pair", "case_id", "proceeding_id", unique=True),
    )

    proceeding_id: Mapped[int] = mapped_column(
        ForeignKey("proceedings.id"), index=True, info=INTERNAL
    )

    case: Mapped[Case] = relationship(back_populates="proceedings")
    proceeding: Mapped[Proceeding | None] = relationship()


class CaseLink(ChildRow, Base):
    """A link from one case to another. The page of the other case shows the inverse relation, such
    as "is followed by".
    """

    __tablename__ = "case_links"
    __table_args__ = (
        owner_foreign_key("cases", "case_id"),
        CheckConstraint("case_id <> other_id", name="another_case"),
        Index("uq_case_links_pair", "case_id", "other_id", "kind", unique=True),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    case_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    other_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True, info=INTERNAL)
    kind: Mapped[CaseLinkKind] = mapped_column(text_enum(CaseLinkKind), info=INTERNAL)

    case: Mapped[Case] = relationship(
        back_populates="links",
        foreign_keys="[CaseLink.case_id, CaseLink.team_id, CaseLink.visibility]",
    )
    other: Mapped[Case | None] = relationship(foreign_keys="[CaseLink.other_id]")


class CaseReference(ExternalReference, Base):
    """The identifier of a case in an external list."""

    __tablename__ = "case_references"
    __table_args__ = (owner_foreign_key("cases", "record_id"),)

    record_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    record: Mapped[Case] = relationship(back_populates="references")


class CaseComment(Comment, Base):
    """A comment on a case; with an assignee, it assigns the record to a user."""

    __tablename__ = "case_comments"
    __table_args__ = comment_constraints("cases")

    record: Mapped[Case] = relationship(back_populates="comments")


class StoredCaseFigures(ScopedRow, Base):
    """The stored figures of a case, counted from the records that one group of readers may see: all
    users (`internal`), or the members of a team (`restricted`). See decision 42.
    """

    __tablename__ = "case_figures"

    case_id: Mapped[int] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True, info=INTERNAL
    )
    team_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=INTERNAL)
    visibility: Mapped[Visibility] = mapped_column(
        text_enum(Visibility), primary_key=True, info=INTERNAL
    )
    step: Mapped[Accountability] = mapped_column(
        text_enum(Accountability, name="step"), info=INTERNAL
    )
    # The day on which an unanswered case became public, between bounds, and the ref of the record.
    public_earliest: Mapped[date | None] = mapped_column(Date, info=INTERNAL)
    public_latest: Mapped[date | None] = mapped_column(Date, info=INTERNAL)
    public_ref: Mapped[str] = mapped_column(String(REF_LENGTH), info=INTERNAL)
    is_silent: Mapped[bool] = mapped_column(Boolean, info=INTERNAL)
    is_unanswered: Mapped[bool] = mapped_column(Boolean, info=INTERNAL)
    claims_answer: Mapped[bool] = mapped_column(Boolean, info=INTERNAL)
    # The sort key of the latest dated event.
    last_latest: Mapped[date | None] = mapped_column(Date, info=INTERNAL)
    last_earliest: Mapped[date | None] = mapped_column(Date, info=INTERNAL)
    last_ref: Mapped[str] = mapped_column(String(REF_LENGTH), info=INTERNAL)
    # The refs of the records with consequences, the only ones read to show the case in lists.
    records: Mapped[list[str]] = mapped_column(JSON, info=INTERNAL)
