"""The models of official responses, appeals to authorities, and proceedings.

A response is one institution speaking or acting on one occasion; a proceeding is before police,
prosecutor or court.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.articles import models as article_models
from tracker.db import INTERNAL, PUBLIC, Base, text_enum
from tracker.i18n import _, country_name, current_language, localized_date
from tracker.incidents.models import IncidentJoinMixin
from tracker.people.models import Institution, Journalist, Outlet
from tracker.records import DateRangeMixin, child_relationship, date_order_check
from tracker.responses import codes
from tracker.responses.rules import is_step_too_early, steps_in_order
from tracker.review import models as review_models
from tracker.scoping import ChildRow, ScopedRecord, owner_foreign_key, owner_unique_key
from tracker.search.models import Searchable
from tracker.vocabulary.codes import Answer
from tracker.vocabulary.labels import get_label
from tracker.when import format_when


class OfficialResponse(review_models.Reviewable, Searchable, ScopedRecord, DateRangeMixin, Base):
    """An official response: one institution speaking or acting on one dated occasion."""

    __tablename__ = "responses"
    __table_args__ = (
        owner_unique_key(),
        date_order_check(),
        review_models.two_person_check(),
        review_models.retract_reason_check(),
        Index("ix_responses_page", "latest", "earliest", "ref"),
        Index("ix_responses_recorded", "recorded_at", "ref"),
    )
    PREFIX = "RSP"
    ENDPOINT = "responses"
    HEADING_RELATIONSHIPS = "institution.names"
    SEARCH_TEXT_PATHS = "institution.names acts.acting_institution.names citations"

    institution_id: Mapped[int] = mapped_column(
        ForeignKey("institutions.id"), index=True, info=PUBLIC
    )
    official: Mapped[str] = mapped_column(String(200), default="", info=PUBLIC)
    office: Mapped[str] = mapped_column(String(200), default="", info=PUBLIC)
    standing: Mapped[codes.Standing] = mapped_column(text_enum(codes.Standing), info=PUBLIC)
    stance: Mapped[codes.Stance] = mapped_column(
        text_enum(codes.Stance), default=codes.Stance.UNCLEAR, info=PUBLIC
    )
    # Whether it answers named incidents, a case, or the situation of journalists in general.
    answers_scope: Mapped[codes.AnswerScope] = mapped_column(
        text_enum(codes.AnswerScope), info=PUBLIC
    )
    summary: Mapped[str] = mapped_column(Text, default="", info=INTERNAL)

    institution: Mapped[Institution] = relationship()
    other_stances: Mapped[list[ResponseStance]] = child_relationship(
        "response", order_by="ResponseStance.stance"
    )
    acts: Mapped[list[ResponseAct]] = child_relationship("response", order_by="ResponseAct.id")
    answers: Mapped[list[ResponseAnswer]] = child_relationship(
        "response", order_by="ResponseAnswer.id"
    )
    citations: Mapped[list[ResponseCitation]] = child_relationship(
        "record", order_by="ResponseCitation.id"
    )

    @property
    def heading(self) -> str:
        """The institution, stance and date: "Ministry: condemns …, 17 June 2025"."""
        stance = get_label(self.stance, current_language())
        said = f"{self.institution.heading}: {stance[:1].lower()}{stance[1:]}"
        return f"{said}, {localized_date(self.when)}" if format_when(self.when) else said

    def search_text(self) -> str:
        """Return the text to index: all names of the institutions, speaker, summary and quotes."""
        words = [self.institution.search_text(), self.official, self.office, self.summary]
        for act in self.acts:
            words.append(act.quote)
            if act.acting_institution:
                words.append(act.acting_institution.search_text())
        words += [one.quote for one in self.citations]
        return "\n".join(word for word in words if word)


class ResponseStance(ChildRow, Base):
    """A stance of a response besides its primary stance."""

    __tablename__ = "response_stances"
    __table_args__ = (owner_foreign_key("responses", "response_id"),)

    response_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=PUBLIC)
    stance: Mapped[codes.Stance] = mapped_column(
        text_enum(codes.Stance), primary_key=True, info=PUBLIC
    )

    response: Mapped[OfficialResponse] = relationship(back_populates="other_stances")


class ResponseAct(ChildRow, Base):
    """An act of a response: one thing said or done, with its quote."""

    __tablename__ = "response_acts"
    __table_args__ = (
        owner_foreign_key("responses", "response_id"),
        CheckConstraint("is_substantive IN ('yes', 'no')", name="substantive_or_not"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    response_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    act: Mapped[codes.ActType] = mapped_column(text_enum(codes.ActType), info=PUBLIC)
    is_substantive: Mapped[Answer] = mapped_column(
        text_enum(Answer, name="is_substantive"), info=PUBLIC
    )
    quote: Mapped[str] = mapped_column(Text, default="", info=article_models.QUOTE_COLUMN_INFO)
    quote_is: Mapped[codes.QuoteIs] = mapped_column(
        text_enum(codes.QuoteIs), default=codes.QuoteIs.REPORTED, info=PUBLIC
    )
    # The institution said to act, if it is another than the speaking one.
    acting_institution_id: Mapped[int | None] = mapped_column(
        ForeignKey("institutions.id"), index=True, info=PUBLIC
    )

    response: Mapped[OfficialResponse] = relationship(back_populates="acts")
    acting_institution: Mapped[Institution | None] = relationship(info={"may_repeat": True})


class ResponseAnswer(IncidentJoinMixin, Base):
    """A link between a response and an incident that it answers."""

    OWNER_ATTRIBUTE = "response"

    __tablename__ = "response_answers"
    __table_args__ = (
        owner_foreign_key("responses", "response_id"),
        Index("uq_response_answers_pair", "response_id", "incident_id", unique=True),
    )

    response_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)

    response: Mapped[OfficialResponse] = relationship(back_populates="answers")


class ResponseCitation(article_models.Citation, Base):
    """A quoted source of a response."""

    __tablename__ = "response_citations"
    __table_args__ = article_models.citation_constraints("responses")

    record: Mapped[OfficialResponse] = relationship(back_populates="citations")


class OfficialResponseComment(review_models.Comment, Base):
    """A comment on an official response; with an assignee, it assigns the record to a user."""

    __tablename__ = "response_comments"
    __table_args__ = review_models.comment_constraints("responses")

    record: Mapped[OfficialResponse] = relationship(back_populates="comments")


class Appeal(review_models.Reviewable, Searchable, ScopedRecord, DateRangeMixin, Base):
    """An appeal: one request to one authority, with the date on which it was sent."""

    __tablename__ = "appeals"
    __table_args__ = (
        owner_unique_key(),
        date_order_check(),
        review_models.two_person_check(),
        review_models.retract_reason_check(),
        CheckConstraint("due_on >= earliest", name="due_after_sent"),
        CheckConstraint(
            "response_id IS NULL OR outcome IN ('answered', 'referred')",
            name="response_is_an_outcome",
        ),
        Index("ix_appeals_page", "latest", "earliest", "ref"),
        Index("ix_appeals_recorded", "recorded_at", "ref"),
    )
    PREFIX = "APP"
    ENDPOINT = "appeals"
    HEADING_RELATIONSHIPS = "institution.names"
    SEARCH_TEXT_PATHS = "institution.names citations"

    sender_kind: Mapped[codes.AppealSender] = mapped_column(
        text_enum(codes.AppealSender), info=PUBLIC
    )
    # The sender as text: a lawyer or a colleague need no record.
    sender: Mapped[str] = mapped_column(String(200), default="", info=INTERNAL)
    institution_id: Mapped[int] = mapped_column(
        ForeignKey("institutions.id"), index=True, info=PUBLIC
    )
    kind: Mapped[codes.AppealKind] = mapped_column(text_enum(codes.AppealKind), info=PUBLIC)
    due_on: Mapped[date | None] = mapped_column(Date, index=True, info=PUBLIC)
    # The authority's own number of the appeal.
    reference: Mapped[str] = mapped_column(String(200), default="", info=INTERNAL)
    outcome: Mapped[codes.AppealOutcome] = mapped_column(
        text_enum(codes.AppealOutcome), default=codes.AppealOutcome.PENDING, info=PUBLIC
    )
    # The response that answers it; another institution than the one asked may answer.
    response_id: Mapped[int | None] = mapped_column(
        ForeignKey("responses.id"), index=True, info=INTERNAL
    )
    summary: Mapped[str] = mapped_column(Text, default="", info=INTERNAL)

    institution: Mapped[Institution] = relationship()
    response: Mapped[OfficialResponse | None] = relationship()
    incidents: Mapped[list[AppealIncident]] = child_relationship(
        "appeal", order_by="AppealIncident.id"
    )
    citations: Mapped[list[AppealCitation]] = child_relationship(
        "record", order_by="AppealCitation.id"
    )

    @property
    def answer(self) -> OfficialResponse | None:
        """The response that answers the appeal; None if the viewer sees none or it is retracted."""
        return self.response if self.response and not self.response.is_retracted else None

    @property
    def has_unrecorded_response(self) -> bool:
        """Whether the appeal was answered or referred, and the viewer sees no response to it."""
        is_said = self.outcome in codes.OUTCOMES_WITH_RESPONSE and not self.is_retracted
        return is_said and self.answer is None

    @property
    def days_late(self) -> int:
        """The least number of days by which the answer was late; 0 if not known to be late."""
        if self.due_on is None or self.answer is None:
            return 0
        return max((self.answer.when.earliest - self.due_on).days, 0)

    def days_overdue(self, today: date) -> int:
        """Return the number of days since an answer was due, 0 if no answer is awaited."""
        is_pending = self.outcome is codes.AppealOutcome.PENDING and not self.is_retracted
        if not is_pending or self.due_on is None:
            return 0
        return max((today - self.due_on).days, 0)

    @property
    def heading(self) -> str:
        """The form, recipient and date: "Letter to the Ministry, 17 June 2025"."""
        kind = get_label(self.kind, current_language())
        sent = str(_("%(kind)s to %(name)s", kind=kind, name=self.institution.heading))
        return f"{sent}, {localized_date(self.when)}" if format_when(self.when) else sent

    def search_text(self) -> str:
        """Return the text to index: sender, names of the institution, number, text and quotes."""
        words = [self.sender, self.institution.search_text(), self.reference, self.summary]
        words += [one.quote for one in self.citations]
        return "\n".join(word for word in words if word)


class AppealIncident(IncidentJoinMixin, Base):
    """A link between an appeal and an incident."""

    OWNER_ATTRIBUTE = "appeal"

    __tablename__ = "appeal_incidents"
    __table_args__ = (
        owner_foreign_key("appeals", "appeal_id"),
        Index("uq_appeal_incidents_pair", "appeal_id", "incident_id", unique=True),
    )

    appeal_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)

    appeal: Mapped[Appeal] = relationship(back_populates="incidents")


class AppealCitation(article_models.Citation, Base):
    """A quoted source of an appeal."""

    __tablename__ = "appeal_citations"
    __table_args__ = article_models.citation_constraints("appeals")

    record: Mapped[Appeal] = relationship(back_populates="citations")


class AppealComment(review_models.Comment, Base):
    """A comment on an appeal; with an assignee, it assigns the record to a user."""

    __tablename__ = "appeal_comments"
    __table_args__ = review_models.comment_constraints("appeals")

    record: Mapped[Appeal] = relationship(back_populates="comments")


class Proceeding(review_models.Reviewable, Searchable, ScopedRecord, Base):
    """A proceeding before police, prosecutor or court; its status is its last step.

    It has a direction: against perpetrators, against the target, or by the target.
    """

    __tablename__ = "proceedings"
    __table_args__ = (
        owner_unique_key(),
        review_models.two_person_check(),
        review_models.retract_reason_check(),
        Index("ix_proceedings_page", "recorded_at", "ref"),
        Index("ix_proceedings_direction", "direction", "recorded_at", "ref"),
    )
    PREFIX = "PRC"
    ENDPOINT = "proceedings"
    HEADING_RELATIONSHIPS = "institution.names"
    SEARCH_TEXT_PATHS = (
        "institution.names steps.institution.names parties.journalist.names parties.outlet.names "
        "citations"
    )

    direction: Mapped[codes.ProceedingDirection] = mapped_column(
        text_enum(codes.ProceedingDirection), info=PUBLIC
    )
    kind: Mapped[codes.ProceedingKind] = mapped_column(text_enum(codes.ProceedingKind), info=PUBLIC)
    number: Mapped[str] = mapped_column(String(100), default="", index=True, info=INTERNAL)
    country: Mapped[str] = mapped_column(String(2), index=True, info=PUBLIC)
    # The institution that runs it, if known; a step may be another one's.
    institution_id: Mapped[int | None] = mapped_column(
        ForeignKey("institutions.id"), index=True, info=PUBLIC
    )
    legal_basis: Mapped[str] = mapped_column(String(500), default="", info=INTERNAL)
    summary: Mapped[str] = mapped_column(Text, default="", info=INTERNAL)

    institution: Mapped[Institution | None] = relationship()
    parties: Mapped[list[ProceedingParty]] = child_relationship(
        "proceeding", order_by="ProceedingParty.id"
    )
    steps: Mapped[list[ProceedingStep]] = child_relationship(
        "proceeding", order_by="ProceedingStep.latest"
    )
    incidents: Mapped[list[ProceedingIncident]] = child_relationship(
        "proceeding", order_by="ProceedingIncident.id"
    )
    citations: Mapped[list[ProceedingCitation]] = child_relationship(
        "record", order_by="ProceedingCitation.id"
    )

    def steps_by_date(self) -> list[ProceedingStep]:
        """Return the steps in the order in which they were taken."""
        return steps_in_order(self.steps)

    @property
    def last_step(self) -> ProceedingStep | None:
        """The last step, None if there is no step."""
        return next(reversed(self.steps_by_date()), None)

    def is_step_early(self, step: ProceedingStep) -> bool:
        """Return whether a step was taken before all incidents that the viewer sees."""
        return is_step_too_early(step, [one.incident for one in self.incidents if one.incident])

    @property
    def heading(self) -> str:
        """The title: kind and direction, institution (or country if unknown), and file number if
        known.
        """
        direction = get_label(self.direction, current_language())
        called = _(
            "%(kind)s %(direction)s",
            kind=get_label(self.kind, current_language()),
            direction=f"{direction[:1].lower()}{direction[1:]}",
        )
        body = self.institution.heading if self.institution else country_name(self.country)
        number = _("no. %(number)s", number=self.number) if self.number else ""
        return ", ".join(str(one) for one in (called, body, number) if one)

    def search_text(self) -> str:
        """Return the text to index: number, law, subject, all names, notes and quotes."""
        bodies = {self.institution, *(one.institution for one in self.steps)}
        parties = {one.concerned_party() for one in self.parties}
        words = [self.number, self.legal_basis, self.summary]
        words += sorted(one.search_text() for one in {*bodies, *parties} if one)
        words += [one.note for one in self.steps]
        words += [one.quote for one in self.citations]
        return "\n".join(word for word in words if word)


class ProceedingParty(ChildRow, Base):
    """A journalist or outlet whom a proceeding concerns, even without an incident."""

    __tablename__ = "proceeding_parties"
    __table_args__ = (
        owner_foreign_key("proceedings", "proceeding_id"),
        CheckConstraint("(journalist_id IS NULL) <> (outlet_id IS NULL)", name="one_is_meant"),
        Index("uq_proceeding_parties_journalist", "proceeding_id", "journalist_id", unique=True),
        Index("uq_proceeding_parties_outlet", "proceeding_id", "outlet_id", unique=True),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    proceeding_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    journalist_id: Mapped[int | None] = mapped_column(
        ForeignKey("journalists.id"), index=True, info=INTERNAL
    )
    outlet_id: Mapped[int | None] = mapped_column(
        ForeignKey("outlets.id"), index=True, info=INTERNAL
    )

    proceeding: Mapped[Proceeding] = relationship(back_populates="parties")
    journalist: Mapped[Journalist | None] = relationship()
    outlet: Mapped[Outlet | None] = relationship()

    def concerned_party(self) -> Journalist | Outlet | None:
        """Return the journalist or outlet, None if the viewer cannot see it."""
        return self.journalist or self.outlet

    def display_name(self) -> str:
        """Return the name of the party, or other words if the viewer may not see the party."""
        if party := self.concerned_party():
            return party.name
        if self.journalist_id is None:
            return str(_("an outlet not shown to you"))
        return self._name_placeholder() or str(_("a journalist (name withheld)"))

    def _name_placeholder(self) -> str:
        """Return the words that an incident of the proceeding shows in place of the journalist's
        name, "" if there are none.
        """
        about = [one.incident for one in self.proceeding.incidents if one.incident]
        targets = [
            target
            for incident in about
            for target in incident.targets
            if target.journalist_id == self.journalist_id
        ]
        return next((target.named_as for target in targets if target.named_as), "")


class ProceedingStep(ChildRow, DateRangeMixin, Base):
    """A step of a proceeding, with its date, institution and source."""

    __tablename__ = "proceeding_steps"
    __table_args__ = (
        owner_foreign_key("proceedings", "proceeding_id"),
        date_order_check(),
        article_models.part_unique_key("proceeding_steps", "proceeding_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    proceeding_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    step: Mapped[codes.StepOfProceeding] = mapped_column(
        text_enum(codes.StepOfProceeding), index=True, info=PUBLIC
    )
    institution_id: Mapped[int | None] = mapped_column(
        ForeignKey("institutions.id"), index=True, info=PUBLIC
    )
    article_id: Mapped[int | None] = mapped_column(
        ForeignKey("articles.id"), index=True, info=INTERNAL
    )
    note: Mapped[str] = mapped_column(String(500), default="", info=INTERNAL)

    proceeding: Mapped[Proceeding] = relationship(back_populates="steps")
    institution: Mapped[Institution | None] = relationship(info={"may_repeat": True})
    article: Mapped[article_models.Article | None] = relationship()


class ProceedingIncident(IncidentJoinMixin, Base):
    """A link between a proceeding and an incident."""

    OWNER_ATTRIBUTE = "proceeding"

    __tablename__ = "proceeding_incidents"
    __table_args__ = (
        owner_foreign_key("proceedings", "proceeding_id"),
        Index("uq_proceeding_incidents_pair", "proceeding_id", "incident_id", unique=True),
    )

    proceeding_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)

    proceeding: Mapped[Proceeding] = relationship(back_populates="incidents")


class ProceedingCitation(article_models.Citation, Base):
    """A quoted source of a proceeding. `part`: the step of the proceeding that the quote is about,
    None if it is not about a single step.
    """

    __tablename__ = "proceeding_citations"
    __table_args__ = article_models.citation_constraints(
        "proceedings", part_table="proceeding_steps", owner_column="proceeding_id"
    )

    part_id: Mapped[int | None] = mapped_column(index=True, info=INTERNAL)

    record: Mapped[Proceeding] = relationship(back_populates="citations")
    part: Mapped[ProceedingStep | None] = relationship(
        primaryjoin=lambda: ProceedingCitation.part_id == ProceedingStep.id, foreign_keys=[part_id]
    )


class ProceedingComment(review_models.Comment, Base):
    """A comment on a proceeding; with an assignee, it assigns the record to a user."""

    __tablename__ = "proceeding_comments"
    __table_args__ = review_models.comment_constraints("proceedings")

    record: Mapped[Proceeding] = relationship(back_populates="comments")
