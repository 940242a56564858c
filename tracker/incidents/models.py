"""Incidents: what the same actors did to the same targets, in one act or one course of conduct.

Also the columns by which a record of a higher feature refers to an incident.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar, Self

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from tracker import scoping
from tracker.articles.models import Article, Citation, citation_constraints
from tracker.db import INTERNAL, PUBLIC, Base, text_enum
from tracker.i18n import _, current_language, lazy, mark
from tracker.incidents import codes, rules
from tracker.kit.fields import ExportAudience, code_field, text_field
from tracker.people.models import ExternalReference, Journalist, Outlet
from tracker.permissions import Visibility
from tracker.records import DateRangeMixin, child_relationship, date_order_check
from tracker.review import models as review_models
from tracker.review.queries import summary_author_ids
from tracker.search.models import Searchable
from tracker.vocabulary.codes import Answer
from tracker.vocabulary.models import Term

MAX_SUMMARY_LENGTH = 5000  # characters
# The columns of a link that refer to the incident from which the link leads; `other_id`, which
# refers to the incident to which it leads, is not among them.
LINK_ORIGIN_FOREIGN_KEYS = (
    "[IncidentLink.incident_id, IncidentLink.team_id, IncidentLink.visibility]"
)


class Incident(review_models.Reviewable, Searchable, scoping.ScopedRecord, DateRangeMixin, Base):
    """An incident, dated by the days on which it occurred.

    Acts of other actors, or against other targets, are another incident. Acts of several types can
    be one incident.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        scoping.owner_unique_key(),
        scoping.team_unique_key("incidents"),
        date_order_check(),
        review_models.two_person_check(),
        review_models.retract_reason_check(),
        Index("ix_incidents_page", "latest", "earliest", "ref"),
        # Has the columns that decide who sees an incident: counting by month reads only this index.
        Index("ix_incidents_recorded", "recorded_at", "ref", "visibility", "team_id"),
        # To find the drafts of a team.
        Index("ix_incidents_team_state", "team_id", "state"),
        # Figures by country read only this index, and no rows of the table.
        Index("ix_incidents_country", "country", "state", "visibility", "team_id"),
        CheckConstraint(
            "occurrences_at_least IS NULL OR (extent = 'repeated' AND occurrences_at_least >= 2)",
            name="occurrences_of_a_repeated_one",
        ),
        CheckConstraint("country <> ''", name="country_given"),
    )
    PREFIX = "INC"
    ENDPOINT = "incidents"
    HEADING_RELATIONSHIPS = "types.term targets.journalist targets.outlet"
    SEARCH_TEXT_PATHS = (
        "+types.term +actors +references citations targets.journalist.names targets.outlet.names"
    )
    # If empty, the title proposed from type, targets and date is shown, in the viewer's language.
    title: Mapped[str] = mapped_column(String(300), default="", info=PUBLIC)
    narrative: Mapped[str] = mapped_column(Text, default="", info=INTERNAL)
    extent: Mapped[codes.Extent] = mapped_column(
        text_enum(codes.Extent), default=codes.Extent.ONCE, info=PUBLIC
    )
    occurrences_at_least: Mapped[int | None] = mapped_column(info=PUBLIC)
    is_ongoing: Mapped[Answer] = mapped_column(
        text_enum(Answer, name="is_ongoing"), default=Answer.UNKNOWN, info=PUBLIC
    )
    ongoing_as_of: Mapped[date | None] = mapped_column(info=PUBLIC)
    # The article to whose publication words such as "for the past six months" are relative.
    relative_to_id: Mapped[int | None] = mapped_column(
        ForeignKey("articles.id"), index=True, info=INTERNAL
    )
    country: Mapped[str] = mapped_column(String(2), info=PUBLIC)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("terms.id"), index=True, info=PUBLIC)
    place: Mapped[str] = mapped_column(String(200), default="", info=INTERNAL)
    setting: Mapped[codes.Setting] = code_field(
        codes.Setting, default=codes.Setting.UNKNOWN, classification=PUBLIC,
        label=lazy("Online or offline"),
        meaning=mark("Online, offline or both."), section="circumstances",
        export_audience=ExportAudience.PARTNERS,
    )  # fmt: skip
    is_gendered: Mapped[Answer] = code_field(
        Answer, constraint_name="is_gendered", default=Answer.UNKNOWN, classification=PUBLIC,
        label=lazy("Gendered"), meaning=mark("Whether it targets gender."), section="circumstances",
        export_audience=ExportAudience.PARTNERS,
    )  # fmt: skip
    is_coordinated: Mapped[Answer] = code_field(
        Answer, constraint_name="is_coordinated", default=Answer.UNKNOWN, classification=PUBLIC,
        label=lazy("Coordinated"), meaning=mark("Whether it was coordinated."),
        section="circumstances", export_audience=ExportAudience.PARTNERS,
    )  # fmt: skip
    is_ai_made: Mapped[Answer] = code_field(
        Answer, constraint_name="is_ai_made", default=Answer.UNKNOWN, classification=PUBLIC,
        label=lazy("Made with AI"), meaning=mark("Whether AI-generated content was used."),
        section="circumstances", export_audience=ExportAudience.PARTNERS,
    )  # fmt: skip
    detention_form: Mapped[codes.DetentionForm] = code_field(
        codes.DetentionForm, default=codes.DetentionForm.NOT_APPLICABLE, classification=PUBLIC,
        label=lazy("Form of detention"), meaning=mark("The form of detention."),
        section="circumstances",
        export_audience=ExportAudience.PARTNERS, omitted_value=codes.DetentionForm.NOT_APPLICABLE,
    )  # fmt: skip
    work_link: Mapped[codes.WorkLink] = code_field(
        codes.WorkLink, default=codes.WorkLink.UNCLEAR, classification=PUBLIC,
        label=lazy("Link to the work"),
        meaning=mark("Whether it is linked to the journalist's work."), section="circumstances",
        export_audience=ExportAudience.PARTNERS,
    )  # fmt: skip
    work_link_said_by: Mapped[str] = text_field(
        max_length=200, classification=INTERNAL, label=lazy("Who says so"),
        meaning=mark("Who says that it is linked to the journalist's work."),
        section="circumstances", export_audience=ExportAudience.INTERNAL, depends_on="work_link",
    )  # fmt: skip
    verification: Mapped[codes.Verification] = code_field(
        codes.Verification, default=codes.Verification.UNKNOWN, classification=PUBLIC, index=True,
        label=lazy("Verification"), meaning=mark("How well sources support it."),
        section="circumstances", export_audience=ExportAudience.PARTNERS,
    )  # fmt: skip
    public_summary_en: Mapped[str] = text_field(
        max_length=MAX_SUMMARY_LENGTH, classification=PUBLIC, label=lazy("In English"),
        hint=lazy("No names of witnesses, no addresses, nothing told in confidence."),
        meaning="The public summary, in English.", section="summary",
        export_audience=ExportAudience.INTERNAL,
    )  # fmt: skip
    public_summary_ru: Mapped[str] = text_field(
        max_length=MAX_SUMMARY_LENGTH, classification=PUBLIC, server_default="",
        label=lazy("In Russian"), meaning="The same in Russian.", section="summary",
        export_audience=ExportAudience.INTERNAL,
    )  # fmt: skip
    public_summary_kk: Mapped[str] = text_field(
        max_length=MAX_SUMMARY_LENGTH, classification=PUBLIC, server_default="",
        label=lazy("In Kazakh"), meaning="The same in Kazakh.", section="summary",
        export_audience=ExportAudience.INTERNAL,
    )  # fmt: skip
    # Who last wrote the public summary: somebody else publishes it. None if it is older than this
    # column.
    summarised_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), info=INTERNAL)
    # The incident that this one was merged into; this one is retracted as a duplicate.
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("incidents.id"), index=True, info=PUBLIC
    )

    region: Mapped[Term | None] = relationship()
    relative_to: Mapped[Article | None] = relationship()
    types: Mapped[list[IncidentType]] = child_relationship("incident", order_by="IncidentType.rank")
    targets: Mapped[list[IncidentTarget]] = child_relationship(
        "incident", order_by="IncidentTarget.id"
    )
    actors: Mapped[list[IncidentActor]] = child_relationship(
        "incident", order_by="IncidentActor.id"
    )
    citations: Mapped[list[IncidentCitation]] = child_relationship(
        "record", order_by="IncidentCitation.id"
    )
    references: Mapped[list[IncidentReference]] = child_relationship(
        "record", order_by="IncidentReference.id"
    )
    links: Mapped[list[IncidentLink]] = child_relationship(
        "incident", order_by="IncidentLink.id", foreign_keys=LINK_ORIGIN_FOREIGN_KEYS
    )
    merged_into: Mapped[Incident | None] = relationship(remote_side="Incident.id")
    # None if it was never published; the model is beside the other guarded ones.
    publication: Mapped[Any] = relationship("Publication", viewonly=True, uselist=False)

    @property
    def contributor_ids(self) -> frozenset[int]:
        """The ids of the users who must not review the incident, among them the authors of its
        public summary.
        """
        if self.summarised_by_id is None:
            return super().contributor_ids
        return super().contributor_ids | {self.summarised_by_id} | summary_author_ids(self)

    @property
    def publication_needs(self) -> list[str]:
        """What publication still requires besides approval, such as a public summary, in words.
        Only the columns of the incident itself are checked, since every list loads them.
        """
        summaries = self.public_summary_en, self.public_summary_ru, self.public_summary_kk
        needs = [] if any(map(str.strip, summaries)) else [str(_("a public summary"))]
        if self.visibility is not Visibility.INTERNAL:
            needs.append(str(_("access for all users")))
        return needs

    @property
    def heading(self) -> str:
        """The incident's title, or one proposed in the viewer's language."""
        return self.title_in_language(current_language())

    def title_in_language(self, language: str) -> str:
        """Return the incident's title, or one proposed in the given language."""
        return rules.incident_title(self, language)

    def search_text(self) -> str:
        """Return the text to index: the incident's own texts, its quotes and all names."""
        return rules.incident_search_text(self)

    def content_warning(self) -> str:
        """Return the content warning shown before the incident's quotes, "" if none is needed."""
        return rules.incident_content_warning(self)


class IncidentType(scoping.ChildRow, Base):
    """A type of an incident, with the rank that `rules.rank_by_type_code` gives it; the primary
    type has the lowest.
    """

    __tablename__ = "incident_types"
    __table_args__ = (
        scoping.owner_foreign_key("incidents", "incident_id"),
        # Figures by primary type read only this index, and no rows of the table.
        Index("ix_incident_types_rank", "incident_id", "rank", "term_id", "visibility", "team_id"),
    )

    incident_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=PUBLIC)
    term_id: Mapped[int] = mapped_column(
        ForeignKey("terms.id"), primary_key=True, index=True, info=PUBLIC
    )
    rank: Mapped[int] = mapped_column(Integer, info=PUBLIC)

    incident: Mapped[Incident] = relationship(back_populates="types")
    term: Mapped[Term] = relationship(lazy="joined", innerjoin=True)


class IncidentTarget(scoping.ChildRow, Base):
    """A target of an incident: a person, an outlet or an unnamed group."""

    __tablename__ = "incident_targets"
    __table_args__ = (
        scoping.owner_foreign_key("incidents", "incident_id"),
        scoping.owner_unique_key(),
        scoping.team_unique_key("incident_targets"),
        CheckConstraint(
            "journalist_id IS NOT NULL OR outlet_id IS NOT NULL OR words <> ''",
            name="somebody_is_meant",
        ),
        CheckConstraint("number_at_least IS NULL OR number_at_least >= 1", name="at_least_one"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    incident_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    kind: Mapped[codes.TargetKind] = mapped_column(text_enum(codes.TargetKind), info=PUBLIC)
    journalist_id: Mapped[int | None] = mapped_column(
        ForeignKey("journalists.id"), index=True, info=INTERNAL
    )
    outlet_id: Mapped[int | None] = mapped_column(
        ForeignKey("outlets.id"), index=True, info=INTERNAL
    )
    words: Mapped[str] = mapped_column(String(200), default="", info=INTERNAL)
    number_at_least: Mapped[int | None] = mapped_column(info=PUBLIC)
    role: Mapped[codes.TargetRole] = mapped_column(
        text_enum(codes.TargetRole), default=codes.TargetRole.DIRECT, info=PUBLIC
    )
    basis: Mapped[codes.TargetBasis] = mapped_column(
        text_enum(codes.TargetBasis), default=codes.TargetBasis.NAMED, info=PUBLIC
    )
    # How far the name may be shared: derived from the naming decision, whose grounds are
    # confidential.
    name_reach: Mapped[codes.NameReach] = mapped_column(
        text_enum(codes.NameReach),
        default=codes.NameReach.HOUSE,
        server_default="house",
        info=INTERNAL,
    )
    # Replaces a name that is withheld ("an editor in Almaty").
    named_as: Mapped[str] = mapped_column(String(200), default="", server_default="", info=PUBLIC)
    harm: Mapped[str] = mapped_column(String(500), default="", info=INTERNAL)
    place: Mapped[str] = mapped_column(String(200), default="", info=INTERNAL)

    incident: Mapped[Incident] = relationship(back_populates="targets")
    journalist: Mapped[Journalist | None] = relationship()
    outlet: Mapped[Outlet | None] = relationship()
    statuses: Mapped[list[TargetStatus]] = child_relationship(
        "target", order_by="TargetStatus.earliest"
    )

    def describe(self) -> str:
        """Return the target's name, with the outlet of a journalist or the number of people in a
        group. If the name is hidden from the viewer, a general text is returned instead.
        """
        return rules.describe_target(self)


class TargetStatus(scoping.ChildRow, DateRangeMixin, Base):
    """A status of a target with its dates (house arrest until …)."""

    __tablename__ = "target_statuses"
    __table_args__ = (
        scoping.owner_foreign_key("incident_targets", "target_id"),
        date_order_check(),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    target_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    status: Mapped[codes.StatusOfTarget] = mapped_column(
        text_enum(codes.StatusOfTarget), info=INTERNAL
    )
    expected_end: Mapped[date | None] = mapped_column(index=True, info=INTERNAL)

    target: Mapped[IncidentTarget] = relationship(back_populates="statuses")


class IncidentActor(scoping.ChildRow, Base):
    """An actor of an incident, with the certainty and the source of the attribution.

    Men who only say that they are police have `purported_as` police and another actor type;
    otherwise figures would blame the police wrongly.
    """

    __tablename__ = "incident_actors"
    __table_args__ = (
        scoping.owner_foreign_key("incidents", "incident_id"),
        CheckConstraint(
            "actor_type = 'unknown' OR attributed_by IS NOT NULL", name="attributed_unless_unknown"
        ),
        CheckConstraint("name = '' OR attributed_by IS NOT NULL", name="a_name_is_attributed"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    incident_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    actor_type: Mapped[codes.ActorType] = mapped_column(
        text_enum(codes.ActorType), default=codes.ActorType.UNKNOWN, info=PUBLIC
    )
    purported_as: Mapped[codes.PurportedAs | None] = mapped_column(
        text_enum(codes.PurportedAs), info=PUBLIC
    )
    certainty: Mapped[codes.Certainty] = mapped_column(
        text_enum(codes.Certainty), default=codes.Certainty.UNKNOWN, info=PUBLIC
    )
    name: Mapped[str] = mapped_column(String(200), default="", info=INTERNAL)
    attributed_by: Mapped[codes.AttributedBy | None] = mapped_column(
        text_enum(codes.AttributedBy), info=PUBLIC
    )
    degree: Mapped[codes.Degree | None] = mapped_column(text_enum(codes.Degree), info=INTERNAL)

    incident: Mapped[Incident] = relationship(back_populates="actors")

    def describe(self) -> str:
        """Return the actor's name or type, how certain it is that the actor is responsible, and who
        says so, in the viewer's language.
        """
        return rules.describe_actor(self)


class IncidentCitation(Citation, Base):
    """A citation of an article as a source for an incident."""

    __tablename__ = "incident_citations"
    __table_args__ = (
        *citation_constraints("incidents"),
        # To find the sources of an incident, and the incidents of a source, in the indexes alone.
        Index("ix_incident_citations_sources", "record_id", "article_id", "visibility", "team_id"),
        Index("ix_incident_citations_cited", "article_id", "record_id", "visibility", "team_id"),
    )
    record: Mapped[Incident] = relationship(back_populates="citations")


class IncidentReference(ExternalReference, Base):
    """The identifier of an incident in an external list."""

    __tablename__ = "incident_references"
    __table_args__ = (
        scoping.owner_foreign_key("incidents", "record_id"),
        Index(None, "scheme", "identifier"),
    )
    record_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    record: Mapped[Incident] = relationship(back_populates="references")


class IncidentLink(scoping.ChildRow, Base):
    """A link from one incident to another; the page of the incident to which it leads shows the
    inverse.
    """

    __tablename__ = "incident_links"
    __table_args__ = (
        scoping.owner_foreign_key("incidents", "incident_id"),
        CheckConstraint("incident_id <> other_id", name="another_incident"),
        Index("uq_incident_links_pair", "incident_id", "other_id", "kind", unique=True),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    incident_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    other_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True, info=INTERNAL)
    kind: Mapped[codes.IncidentLinkKind] = mapped_column(
        text_enum(codes.IncidentLinkKind), info=INTERNAL
    )

    incident: Mapped[Incident] = relationship(
        back_populates="links", foreign_keys=LINK_ORIGIN_FOREIGN_KEYS
    )
    other: Mapped[Incident | None] = relationship(foreign_keys="[IncidentLink.other_id]")


class IncidentComment(review_models.Comment, Base):
    """A comment on an incident; with an assignee, it assigns the record to a user."""

    __tablename__ = "incident_comments"
    __table_args__ = review_models.comment_constraints("incidents")

    record: Mapped[Incident] = relationship(back_populates="comments")


class IncidentRowMixin(scoping.ChildRow):
    """A mixin of rows about an incident, such as its publication, or a row by which a case refers
    to it; the page of the incident has a section for the rows of each such model.

    See `queries.models_with_rows_about`.
    """


class IncidentJoinMixin(IncidentRowMixin):
    """A mixin of rows by which a case, account or response refers to an incident.
    `OWNER_ATTRIBUTE`: the attribute of the row that is the case, account or response.
    """

    OWNER_ATTRIBUTE: ClassVar[str]

    id: Mapped[int] = mapped_column(Integer, primary_key=True, sort_order=-1, info=INTERNAL)

    @declared_attr
    def incident_id(cls) -> Mapped[int]:
        """Return the id of the incident."""
        return mapped_column(ForeignKey("incidents.id"), index=True, info=INTERNAL)

    @declared_attr
    def incident(cls) -> Mapped[Incident | None]:
        """Return the incident, None if the viewer may not see it."""
        return relationship(Incident)

    def adapt_before_move(
        self, rows_at_new_incident: Sequence[Self], row_of_same_owner: Self | None
    ) -> None:
        """Adapt the row before it moves to another incident in a merger; does nothing by default.
        `rows_at_new_incident`: the rows that the other incident already has; `row_of_same_owner`:
        the row of `rows_at_new_incident` for the same case, account or response, which is kept
        instead of this row, None if there is none.
        """
