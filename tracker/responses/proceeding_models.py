"""Proceedings: a case before police, prosecutor or court, whose it is, and its dated steps."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.articles.models import Article, Citation, words_in_place
from tracker.db import INTERNAL, PUBLIC, Base, choice
from tracker.i18n import _, country_name, language
from tracker.incidents.joining_models import JoinsIncident
from tracker.incidents.models import Incident
from tracker.people.models import Institution
from tracker.records import Dated, in_order
from tracker.responses.codes import ProceedingDirection, ProceedingKind, StepOfProceeding
from tracker.responses.models import TRAIL, WHOLE
from tracker.responses.proceeding_rules import in_turn
from tracker.review.models import Reviewable, retracted_for_a_reason, second_person
from tracker.scoping import Follows, Scoped, followed, follows
from tracker.search.models import Searchable
from tracker.vocabulary.labels import label


class Proceeding(Reviewable, Searchable, Scoped, Base):
    """One proceeding, by its direction: against perpetrators, against the target, or by the target.

    Where it stands is its last step, and never typed.
    """

    __tablename__ = "proceedings"
    __table_args__ = (
        followed(),
        second_person(),
        retracted_for_a_reason(),
        Index("ix_proceedings_page", "recorded_at", "ref"),
        Index("ix_proceedings_direction", "direction", "recorded_at", "ref"),
    )
    PREFIX = "PRC"
    ENDPOINT = "proceedings"

    direction: Mapped[ProceedingDirection] = mapped_column(choice(ProceedingDirection), info=PUBLIC)
    kind: Mapped[ProceedingKind] = mapped_column(choice(ProceedingKind), info=PUBLIC)
    number: Mapped[str] = mapped_column(String(100), default="", index=True, info=INTERNAL)
    country: Mapped[str] = mapped_column(String(2), index=True, info=PUBLIC)
    # The body that runs it, as far as that is known; a step may be another one's.
    institution_id: Mapped[int | None] = mapped_column(
        ForeignKey("institutions.id"), index=True, info=PUBLIC
    )
    legal_basis: Mapped[str] = mapped_column(String(500), default="", info=INTERNAL)
    summary: Mapped[str] = mapped_column(Text, default="", info=INTERNAL)

    institution: Mapped[Institution | None] = relationship()
    steps: Mapped[list[ProceedingStep]] = relationship(
        back_populates="proceeding", cascade=WHOLE, order_by="ProceedingStep.latest", info=TRAIL
    )
    incidents: Mapped[list[ProceedingIncident]] = relationship(
        back_populates="proceeding", cascade=WHOLE, order_by="ProceedingIncident.id", info=TRAIL
    )
    citations: Mapped[list[ProceedingCitation]] = relationship(
        back_populates="record", cascade=WHOLE, order_by="ProceedingCitation.id", info=TRAIL
    )

    def in_turn(self) -> list[ProceedingStep]:
        """Return its steps, the first first."""
        return in_turn(self.steps)

    @property
    def last_step(self) -> ProceedingStep | None:
        """Return the step at which it stands, None before any."""
        return next(reversed(self.in_turn()), None)

    def heading(self) -> str:
        """Return what it is and by whom or under which number it is known."""
        direction = label(self.direction, language())
        called = _(
            "%(kind)s %(direction)s",
            kind=label(self.kind, language()),
            direction=f"{direction[:1].lower()}{direction[1:]}",
        )
        body = self.institution.name if self.institution else country_name(self.country)
        number = _("no. %(number)s", number=self.number) if self.number else ""
        return ", ".join(str(one) for one in (called, body, number) if one)

    def search_text(self) -> str:
        """Return number, law, what it is about, the bodies under all names, notes and quotes."""
        bodies = {self.institution, *(one.institution for one in self.steps)} - {None}
        words = [self.number, self.legal_basis, self.summary]
        words += sorted(one.search_text() for one in bodies if one)
        words += [one.note for one in self.steps]
        words += [one.quote for one in self.citations]
        return "\n".join(word for word in words if word)


class ProceedingStep(Follows, Dated, Base):
    """One step of a proceeding, when, by which body, and which source says so."""

    __tablename__ = "proceeding_steps"
    __table_args__ = (follows("proceedings", "proceeding_id"), in_order())

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    proceeding_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    step: Mapped[StepOfProceeding] = mapped_column(
        choice(StepOfProceeding), index=True, info=PUBLIC
    )
    institution_id: Mapped[int | None] = mapped_column(
        ForeignKey("institutions.id"), index=True, info=PUBLIC
    )
    article_id: Mapped[int | None] = mapped_column(
        ForeignKey("articles.id"), index=True, info=INTERNAL
    )
    note: Mapped[str] = mapped_column(String(500), default="", info=INTERNAL)

    proceeding: Mapped[Proceeding] = relationship(back_populates="steps")
    institution: Mapped[Institution | None] = relationship()
    article: Mapped[Article | None] = relationship()


class ProceedingIncident(JoinsIncident, Base):
    """The proceeding is about this incident."""

    OWNER = "proceeding"

    __tablename__ = "proceeding_incidents"
    __table_args__ = (
        follows("proceedings", "proceeding_id"),
        Index("uq_proceeding_incidents_pair", "proceeding_id", "incident_id", unique=True),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    proceeding_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True, info=INTERNAL)

    proceeding: Mapped[Proceeding] = relationship(back_populates="incidents")
    incident: Mapped[Incident | None] = relationship()


class ProceedingCitation(Citation, Base):
    """A source for a proceeding, in its words."""

    __tablename__ = "proceeding_citations"
    __table_args__ = (follows("proceedings", "record_id"), words_in_place())

    record: Mapped[Proceeding] = relationship(back_populates="citations")
