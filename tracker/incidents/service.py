"""Record an incident from a source, and edit it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from tracker import clock
from tracker.articles.codes import Independence
from tracker.articles.models import Article
from tracker.articles.queries import latest_possible_date as known_from
from tracker.articles.service import make_citations
from tracker.audit.service import audited
from tracker.errors import InvalidInput, collect_errors
from tracker.i18n import _, is_country
from tracker.incidents import rules, section_service
from tracker.incidents.codes import DetentionForm, Extent, Verification
from tracker.incidents.models import Incident, IncidentCitation
from tracker.incidents.publication_service import withdraw_if_named
from tracker.kit.fields import set_fields
from tracker.permissions import Actor, Visibility
from tracker.records import sign_new_record
from tracker.review.codes import LET_THROUGH, EditorialState
from tracker.review.service import validate_shown_visibility
from tracker.vocabulary.codes import Answer
from tracker.vocabulary.models import Term
from tracker.when import When


def report_incident(
    *,
    types: Sequence[Term],
    occurred: When,
    country: str,
    targets: Sequence[section_service.TargetFacts],
    article: Article,
    quote: str,
    extent: Extent = Extent.ONCE,
    region: Term | None = None,
    place: str = "",
    actor: section_service.ActorFacts | None = None,
    title: str = "",
    narrative: str = "",
    team_id: int,
    visibility: Visibility,
    by: Actor,
) -> Incident:
    """Record an incident that a source reports; `quote` is its sentence numbers or its words.

    Raises InvalidInput with all errors at once: at types, country, region, attributed_by, quote,
    and at the rows of the targets.
    """
    terms, citations = _validated_parts(
        types=types, country=country, region=region, targets=targets,
        article=article, quote=quote, actor=actor, visibility=visibility, by=by,
    )  # fmt: skip
    incident = Incident(
        title=title, narrative=narrative, when=occurred, extent=extent, country=country,
        region=region, place=place, relative_to=article if occurred.as_stated else None,
        team_id=team_id, visibility=visibility,
    )  # fmt: skip
    sign_new_record(incident, by=by)
    section_service.set_types(incident, terms)
    incident.targets = [section_service.new_target(one, owner=incident, by=by) for one in targets]
    incident.actors = [section_service.new_actor(actor)] if actor else []
    incident.citations = citations
    with audited(incident, "incident:create", by=by):
        pass
    return incident


def validate_new_incident(
    *,
    types: Collection[object],
    country: str,
    article: Article,
    quote: str,
    actor: section_service.ActorFacts | None,
    region: Term | None = None,
) -> None:
    """Raise InvalidInput for errors of a report found before its date and names are read.

    So all errors are shown at once.
    """
    collect_errors(
        lambda: section_service.validate_types(types),
        lambda: make_citations(IncidentCitation, article, quote),
        lambda: _validate_place(country, region),
        lambda: section_service.validate_actor(actor) if actor else None,
    )


def revise_incident(
    incident: Incident,
    *,
    title: str,
    types: Sequence[Term],
    occurred: When,
    extent: Extent,
    occurrences_at_least: int | None,
    is_ongoing: Answer,
    country: str,
    region: Term | None,
    place: str,
    narrative: str,
    by: Actor,
) -> None:
    """Edit what happened, when and where."""
    posed_as = [actor.purported_as for actor in incident.actors]
    terms, *_rest = collect_errors(
        lambda: section_service.resolve_types(types, posed_as=posed_as, incident=incident, by=by),
        lambda: _validate_place(country, region),
        lambda: _validate_narrative(incident, types, narrative),
        lambda: _validate_occurrences(extent, occurrences_at_least),
    )
    with audited(incident, "incident:edit", by=by):
        section_service.set_types(incident, terms)
        if not occurred.as_stated:
            incident.relative_to = None
        elif not incident.as_stated:
            incident.relative_to = _latest_source(incident)
        incident.title, incident.narrative = title, narrative
        incident.when = occurred
        incident.extent, incident.occurrences_at_least = extent, occurrences_at_least
        incident.is_ongoing = is_ongoing
        # An ongoing incident lasts at least until its latest source.
        incident.ongoing_as_of = (
            latest_possible_date(incident) if is_ongoing is Answer.YES else None
        )
        incident.country, incident.region, incident.place = country, region, place
        incident.revised(by=by)
    withdraw_if_named(incident, by=by)


def set_circumstances(incident: Incident, values: dict[str, Any], *, by: Actor) -> None:
    """Set the fields of the section: how it happened, and how well it is supported.

    Fields that are not given are unchanged.
    """
    collect_errors(
        lambda: _validate_detention(
            incident, values.get("detention_form", incident.detention_form)
        ),
        lambda: _validate_verification(incident, values.get("verification", incident.verification)),
    )
    with audited(incident, "incident:edit", by=by):
        set_fields(incident, values, section="circumstances")
        incident.revised(by=by)


def write_public_summary(incident: Incident, texts: Mapping[str, str], *, by: Actor) -> None:
    """Save the public summary: a text for each `public_summary_…`.

    An approved incident stays approved, since somebody else reads the summary and publishes it. The
    published text is unchanged until then.
    """
    if all(getattr(incident, column) == text for column, text in texts.items()):
        return
    with audited(incident, "incident:edit", by=by):
        for column, text in texts.items():
            setattr(incident, column, text)
        incident.summarised_by_id = by.id
        if incident.state in LET_THROUGH:
            incident.state, incident.updated_at = EditorialState.APPROVED, clock.now()
        else:
            incident.revised(by=by)


def latest_possible_date(incident: Incident) -> date:
    """Return the day by which everything that an incident's sources report had happened.

    Today if the viewer sees no source.
    """
    return max(
        (known_from(one.article) for one in incident.citations if one.article),
        default=clock.today(),
    )


def restrict_incident(incident: Incident, *, by: Actor) -> None:
    """Restrict an incident to its team; its people and sources keep their own visibility."""
    with audited(incident, "incident:narrow", by=by):
        incident.visibility = Visibility.RESTRICTED


def _validated_parts(
    *,
    types: Sequence[Term],
    country: str,
    region: Term | None,
    targets: Sequence[section_service.TargetFacts],
    article: Article,
    quote: str,
    actor: section_service.ActorFacts | None,
    visibility: Visibility,
    by: Actor,
) -> tuple[list[Term], list[IncidentCitation]]:
    """Return the types and citations of a new incident; raise InvalidInput with all errors."""
    posed_as = [actor.purported_as] if actor else []
    terms, citations, *_rest = collect_errors(
        lambda: section_service.resolve_types(types, posed_as=posed_as, by=by),
        lambda: make_citations(IncidentCitation, article, quote),
        lambda: _validate_place(country, region),
        lambda: _validate_first_targets(targets, visibility),
        lambda: section_service.validate_actor(actor) if actor else None,
        lambda: validate_shown_visibility(visibility, [article], field="quote"),
    )
    return terms, citations


def _validate_first_targets(
    targets: Sequence[section_service.TargetFacts], visibility: Visibility
) -> None:
    if not targets:
        raise InvalidInput(**{"targets-0-who-name": _("Say at least who was meant.")})
    section_service.validate_targets(targets, visibility)


def _validate_place(country: str, region: Term | None) -> None:
    if not is_country(country):
        raise InvalidInput(country=_("Choose a country."))
    if region is not None and region.country not in {None, country}:
        raise InvalidInput(region=_("This region lies in another country."))


def _validate_occurrences(extent: Extent, occurrences_at_least: int | None) -> None:
    if not rules.is_valid_occurrence_count(extent, occurrences_at_least):
        raise InvalidInput(
            occurrences_at_least=_("A number of times is only for repeated incidents: at least 2.")
        )


def _validate_narrative(incident: Incident, types: Sequence[Term], narrative: str) -> None:
    codes = {term.code for term in types}
    if rules.is_narrative_required(codes, narrative):
        raise InvalidInput(
            narrative=_("This type is too general by itself: describe what happened.")
        )
    if not rules.is_valid_detention_form(codes, incident.detention_form):
        raise InvalidInput(
            types=_("A form of detention is recorded: keep the type, or take the form out first.")
        )


def _validate_detention(incident: Incident, detention_form: DetentionForm) -> None:
    if not rules.is_valid_detention_form({row.term.code for row in incident.types}, detention_form):
        raise InvalidInput(
            detention_form=_("A form of detention goes with the type “arrest, detention”.")
        )


def _validate_verification(incident: Incident, verification: Verification) -> None:
    """Check a newly set verification against the sources, if the actor sees them all."""
    if verification is incident.verification:
        return
    sources = _sources_of(incident)
    if sources is not None and not rules.is_supported(verification, sources):
        raise InvalidInput(
            verification=_(
                "Its sources do not support this: “confirmed” needs two independent ones, or "
                "one and a document or the authority’s own words; “likely” needs one."
            )
        )


def _sources_of(incident: Incident) -> list[rules.Source] | None:
    """Return the sources for verification, None if one is hidden from the viewer."""
    found = []
    for citation in incident.citations:
        article = citation.article
        if article is not None and article.repeats_id is not None:
            article = article.repeats
        if article is None:
            return None
        independence = article.independence
        if independence is Independence.REPEATS_ANOTHER:
            # The source it repeats is not on record, so it counts in its place.
            independence = Independence.INDEPENDENT
        found.append(rules.Source(article.id, article.kind, independence, citation.bearing))
    return found


def _latest_source(incident: Incident) -> Article | None:
    articles = [one.article for one in incident.citations if one.article]
    return max(articles, key=known_from, default=None)
