"""Appeals: what somebody asked of an authority, by when, and what came of it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.articles.models import Citation, words_in_place
from tracker.dates import when_words
from tracker.db import INTERNAL, PUBLIC, Base, choice
from tracker.i18n import _, language
from tracker.incidents.joining_models import JoinsIncident
from tracker.incidents.models import Incident
from tracker.people.models import Institution
from tracker.records import Dated, in_order
from tracker.responses.codes import BY_A_RESPONSE, AppealKind, AppealOutcome, AppealSender
from tracker.responses.models import TRAIL, WHOLE, OfficialResponse
from tracker.review.comment_models import Comment, said
from tracker.review.models import Reviewable, retracted_for_a_reason, second_person
from tracker.scoping import Scoped, followed, follows
from tracker.search.models import Searchable
from tracker.vocabulary.labels import label
from tracker.when import typed


class Appeal(Reviewable, Searchable, Scoped, Dated, Base):
    """One request to one authority. Dated: when it was sent."""

    __tablename__ = "appeals"
    __table_args__ = (
        followed(),
        in_order(),
        second_person(),
        retracted_for_a_reason(),
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
    WORDS_FROM = "institution.names citations"

    sender_kind: Mapped[AppealSender] = mapped_column(choice(AppealSender), info=PUBLIC)
    # Who that is, in words: a lawyer or a colleague need be no record.
    sender: Mapped[str] = mapped_column(String(200), default="", info=INTERNAL)
    institution_id: Mapped[int] = mapped_column(
        ForeignKey("institutions.id"), index=True, info=PUBLIC
    )
    kind: Mapped[AppealKind] = mapped_column(choice(AppealKind), info=PUBLIC)
    due_on: Mapped[date | None] = mapped_column(Date, index=True, info=PUBLIC)
    # Under which number the authority has it.
    reference: Mapped[str] = mapped_column(String(200), default="", info=INTERNAL)
    outcome: Mapped[AppealOutcome] = mapped_column(
        choice(AppealOutcome), default=AppealOutcome.PENDING, info=PUBLIC
    )
    # What answers it; the body that answers may be another than the one asked.
    response_id: Mapped[int | None] = mapped_column(
        ForeignKey("responses.id"), index=True, info=INTERNAL
    )
    summary: Mapped[str] = mapped_column(Text, default="", info=INTERNAL)

    institution: Mapped[Institution] = relationship()
    response: Mapped[OfficialResponse | None] = relationship()
    incidents: Mapped[list[AppealIncident]] = relationship(
        back_populates="appeal", cascade=WHOLE, order_by="AppealIncident.id", info=TRAIL
    )
    citations: Mapped[list[AppealCitation]] = relationship(
        back_populates="record", cascade=WHOLE, order_by="AppealCitation.id", info=TRAIL
    )

    @property
    def answer(self) -> OfficialResponse | None:
        """Return its response, None where that is retracted."""
        return self.response if self.response and not self.response.is_retracted else None

    @property
    def lacks_response(self) -> bool:
        """Say whether it was answered or passed on by nothing that the viewer sees on record."""
        is_said = self.outcome in BY_A_RESPONSE and not self.is_retracted
        return is_said and self.answer is None

    def heading(self) -> str:
        """Return what was sent to whom and when: "Letter to the Ministry, 17 June 2025"."""
        kind = label(self.kind, language())
        sent = str(_("%(kind)s to %(name)s", kind=kind, name=self.institution.heading()))
        return f"{sent}, {when_words(self.when)}" if typed(self.when) else sent

    def search_text(self) -> str:
        """Return who asked, the body under all its names, the number, the words and every quote."""
        words = [self.sender, self.institution.search_text(), self.reference, self.summary]
        words += [one.quote for one in self.citations]
        return "\n".join(word for word in words if word)


class AppealIncident(JoinsIncident, Base):
    """The appeal is about this incident."""

    OWNER = "appeal"

    __tablename__ = "appeal_incidents"
    __table_args__ = (
        follows("appeals", "appeal_id"),
        Index("uq_appeal_incidents_pair", "appeal_id", "incident_id", unique=True),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    appeal_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True, info=INTERNAL)

    appeal: Mapped[Appeal] = relationship(back_populates="incidents")
    incident: Mapped[Incident | None] = relationship()


class AppealCitation(Citation, Base):
    """A source for an appeal, in its words."""

    __tablename__ = "appeal_citations"
    __table_args__ = (follows("appeals", "record_id"), words_in_place())

    record: Mapped[Appeal] = relationship(back_populates="citations")


class AppealComment(Comment, Base):
    """What was said of an appeal, or is to be done about it."""

    __tablename__ = "appeal_comments"
    __table_args__ = (follows("appeals", "record_id"), *said())

    record: Mapped[Appeal] = relationship(back_populates="comments")
