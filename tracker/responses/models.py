"""Official responses: one institution speaking or acting on one occasion, in one or more acts."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.articles.models import QUOTED, Citation, words_in_place
from tracker.dates import when_words
from tracker.db import INTERNAL, PUBLIC, Base, choice
from tracker.i18n import language
from tracker.incidents.joining_models import JoinsIncident
from tracker.incidents.models import Incident
from tracker.people.models import Institution
from tracker.records import Dated, in_order
from tracker.responses.codes import ActType, AnswerScope, QuoteIs, Stance, Standing
from tracker.review.comment_models import Comment, said
from tracker.review.models import Reviewable, retracted_for_a_reason, second_person
from tracker.scoping import Follows, Scoped, followed, follows
from tracker.search.models import Searchable
from tracker.vocabulary.codes import Answer
from tracker.vocabulary.labels import label
from tracker.when import typed

WHOLE = "all, delete-orphan"
TRAIL = {"trail": True}


class OfficialResponse(Reviewable, Searchable, Scoped, Dated, Base):
    """One occasion on which an institution spoke or acted. Dated: when it was made."""

    __tablename__ = "responses"
    __table_args__ = (
        followed(),
        in_order(),
        second_person(),
        retracted_for_a_reason(),
        Index("ix_responses_page", "latest", "earliest", "ref"),
        Index("ix_responses_recorded", "recorded_at", "ref"),
    )
    PREFIX = "RSP"
    ENDPOINT = "responses"
    WORDS_FROM = "institution.names acts.acting_institution.names citations"

    institution_id: Mapped[int] = mapped_column(
        ForeignKey("institutions.id"), index=True, info=PUBLIC
    )
    official: Mapped[str] = mapped_column(String(200), default="", info=PUBLIC)
    office: Mapped[str] = mapped_column(String(200), default="", info=PUBLIC)
    standing: Mapped[Standing] = mapped_column(choice(Standing), info=PUBLIC)
    stance: Mapped[Stance] = mapped_column(choice(Stance), default=Stance.UNCLEAR, info=PUBLIC)
    # What it answers: named incidents, this case, or the situation of journalists at large.
    answers_scope: Mapped[AnswerScope] = mapped_column(choice(AnswerScope), info=PUBLIC)
    summary: Mapped[str] = mapped_column(Text, default="", info=INTERNAL)

    institution: Mapped[Institution] = relationship()
    other_stances: Mapped[list[ResponseStance]] = relationship(
        back_populates="response", cascade=WHOLE, order_by="ResponseStance.stance", info=TRAIL
    )
    acts: Mapped[list[ResponseAct]] = relationship(
        back_populates="response", cascade=WHOLE, order_by="ResponseAct.id", info=TRAIL
    )
    answers: Mapped[list[ResponseAnswer]] = relationship(
        back_populates="response", cascade=WHOLE, order_by="ResponseAnswer.id", info=TRAIL
    )
    citations: Mapped[list[ResponseCitation]] = relationship(
        back_populates="record", cascade=WHOLE, order_by="ResponseCitation.id", info=TRAIL
    )

    def heading(self) -> str:
        """Return who took which stance and when: "Ministry: condemns …, 17 June 2025"."""
        stance = label(self.stance, language())
        said = f"{self.institution.heading()}: {stance[:1].lower()}{stance[1:]}"
        return f"{said}, {when_words(self.when)}" if typed(self.when) else said

    def search_text(self) -> str:
        """Return the bodies under all their names, who spoke, the summary and every quote."""
        words = [self.institution.search_text(), self.official, self.office, self.summary]
        for act in self.acts:
            words.append(act.quote)
            if act.acting_institution:
                words.append(act.acting_institution.search_text())
        words += [one.quote for one in self.citations]
        return "\n".join(word for word in words if word)


class ResponseStance(Follows, Base):
    """A stance besides the primary one."""

    __tablename__ = "response_stances"
    __table_args__ = (follows("responses", "response_id"),)

    response_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=PUBLIC)
    stance: Mapped[Stance] = mapped_column(choice(Stance), primary_key=True, info=PUBLIC)

    response: Mapped[OfficialResponse] = relationship(back_populates="other_stances")


class ResponseAct(Follows, Base):
    """One thing said or done on the occasion, with the words that show it."""

    __tablename__ = "response_acts"
    __table_args__ = (
        follows("responses", "response_id"),
        CheckConstraint("is_substantive IN ('yes', 'no')", name="substantive_or_not"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    response_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    act: Mapped[ActType] = mapped_column(choice(ActType), info=PUBLIC)
    is_substantive: Mapped[Answer] = mapped_column(
        choice(Answer, name="is_substantive"), info=PUBLIC
    )
    quote: Mapped[str] = mapped_column(Text, default="", info=QUOTED)
    quote_is: Mapped[QuoteIs] = mapped_column(
        choice(QuoteIs), default=QuoteIs.REPORTED, info=PUBLIC
    )
    # The body said to act, where it is another than the one that speaks.
    acting_institution_id: Mapped[int | None] = mapped_column(
        ForeignKey("institutions.id"), index=True, info=PUBLIC
    )

    response: Mapped[OfficialResponse] = relationship(back_populates="acts")
    acting_institution: Mapped[Institution | None] = relationship(info={"may_repeat": True})


class ResponseAnswer(JoinsIncident, Base):
    """The response answers this incident."""

    OWNER = "response"

    __tablename__ = "response_answers"
    __table_args__ = (
        follows("responses", "response_id"),
        Index("uq_response_answers_pair", "response_id", "incident_id", unique=True),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    response_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True, info=INTERNAL)

    response: Mapped[OfficialResponse] = relationship(back_populates="answers")
    incident: Mapped[Incident | None] = relationship()


class ResponseCitation(Citation, Base):
    """A source for a response, in its words."""

    __tablename__ = "response_citations"
    __table_args__ = (follows("responses", "record_id"), words_in_place())

    record: Mapped[OfficialResponse] = relationship(back_populates="citations")


class OfficialResponseComment(Comment, Base):
    """What was said of an official response, or is to be done about it."""

    __tablename__ = "response_comments"
    __table_args__ = (follows("responses", "record_id"), *said())

    record: Mapped[OfficialResponse] = relationship(back_populates="comments")
