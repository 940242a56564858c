"""Record and edit incidents with their types, targets and actors."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from tracker import clock
from tracker.articles.codes import Independence, SourceKind
from tracker.articles.models import Article
from tracker.articles.queries import latest_possible_event_date
from tracker.articles.service import build_citations, is_independence_known
from tracker.audit.service import audited_change
from tracker.errors import InvalidInput, collect_errors
from tracker.i18n import _, is_country_code
from tracker.incidents import codes, models, rules
from tracker.incidents.publication_rules import is_collateral, reach_after_edit
from tracker.incidents.publication_service import withdraw_if_name_withheld
from tracker.incidents.rules import has_sexual_type
from tracker.kit.fields import set_fields
from tracker.people.models import Journalist, Outlet
from tracker.people.service import add_journalist, add_outlet
from tracker.permissions import Actor, Visibility
from tracker.records import set_record_author, validate_linked_visibility
from tracker.review.codes import APPROVED_STATES, EditorialState
from tracker.vocabulary.codes import Answer, TermSet
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import terms_with_codes
from tracker.when import When

# What identifies a target within an incident. Of a journalist or outlet: the text `journalist` or
# `outlet`, and the id, or the name if it is not recorded yet. Of an unnamed target: the text
# `words:` with its role, and its description.
TargetKey = tuple[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """The details of a target, as entered in a form or read from a file.

    A journalist or outlet given as a string is new, and is created with the incident's team and
    visibility; `place`: where the target was; `field_prefix`: the form's row, for errors.
    """

    kind: codes.TargetKind = codes.TargetKind.JOURNALIST
    journalist: Journalist | str | None = None
    outlet: Outlet | str | None = None
    words: str = ""
    number_at_least: int | None = None
    role: codes.TargetRole = codes.TargetRole.DIRECT
    basis: codes.TargetBasis = codes.TargetBasis.NAMED
    harm: str = ""
    place: str = ""
    field_prefix: str = ""

    def identity_key(self) -> TargetKey:
        """Return the `TargetKey` of the target, which is equal for the same target."""
        if self.kind is codes.TargetKind.JOURNALIST:
            return "journalist", _name_or_id(self.journalist)
        if self.kind is codes.TargetKind.OUTLET:
            return "outlet", _name_or_id(self.outlet)
        return f"words:{self.role}", self.words.casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorFacts:
    """The details of an actor, as entered in a form or read from a file.

    Men who only say that they are police are of unknown type.
    """

    actor_type: codes.ActorType = codes.ActorType.UNKNOWN
    purported_as: codes.PurportedAs | None = None
    certainty: codes.Certainty = codes.Certainty.UNKNOWN
    name: str = ""
    attributed_by: codes.AttributedBy | None = None


def record_incident(
    *,
    types: Sequence[Term],
    occurred: When,
    country: str,
    targets: Sequence[TargetFacts],
    article: Article,
    quote: str,
    extent: codes.Extent = codes.Extent.ONCE,
    region: Term | None = None,
    place: str = "",
    actor: ActorFacts | None = None,
    title: str = "",
    narrative: str = "",
    team_id: int,
    visibility: Visibility,
    by: Actor,
) -> models.Incident:
    """Record an incident from an article; `quote`: words of the article, or sentence numbers.

    Raises InvalidInput with all errors at once: at types, country, region, attributed_by, quote,
    and at the rows of the targets.
    """
    terms, citations = _validate_parts(
        types=types, country=country, region=region, targets=targets,
        article=article, quote=quote, actor=actor, visibility=visibility, by=by,
    )  # fmt: skip
    incident = models.Incident(
        title=title, narrative=narrative, when=occurred, extent=extent, country=country,
        region=region, place=place, relative_to=article if occurred.as_stated else None,
        team_id=team_id, visibility=visibility,
    )  # fmt: skip
    set_record_author(incident, by=by)
    set_types(incident, terms)
    incident.targets = [build_target(one, owner=incident, by=by) for one in targets]
    incident.actors = [build_actor(actor)] if actor else []
    incident.citations = citations
    with audited_change(incident, "incident:create", by=by):
        pass
    return incident


def validate_new_incident(
    *,
    types: Collection[str],
    country: str,
    article: Article,
    quote: str,
    actor: ActorFacts | None,
    region: Term | None = None,
    by: Actor,
) -> None:
    """Raise InvalidInput for errors in the types (given by codes), quote, country, region and actor
    of a new incident, but not for those in its date and targets.

    Called when those are invalid, so that all errors are shown at once.
    """
    collect_errors(
        lambda: _validate_types(types, by=by),
        lambda: build_citations(models.IncidentCitation, article, quote),
        lambda: _validate_country_and_region(country, region),
        lambda: validate_actor(actor) if actor else None,
    )


def edit_incident(
    incident: models.Incident,
    *,
    title: str,
    types: Sequence[Term],
    occurred: When,
    extent: codes.Extent,
    occurrences_at_least: int | None,
    is_ongoing: Answer,
    country: str,
    region: Term | None,
    place: str,
    narrative: str,
    by: Actor,
) -> None:
    """Edit what happened in an incident, when and where."""
    identities = [actor.purported_as for actor in incident.actors]
    terms, *_rest = collect_errors(
        lambda: resolve_types(types, claimed_identities=identities, incident=incident, by=by),
        lambda: _validate_country_and_region(country, region),
        lambda: _validate_revised_types(incident, types, narrative),
        lambda: _validate_occurrences(extent, occurrences_at_least),
    )
    with audited_change(incident, "incident:edit", by=by):
        set_types(incident, terms)
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
            latest_date_in_sources(incident) if is_ongoing is Answer.YES else None
        )
        incident.country, incident.region, incident.place = country, region, place
        incident.mark_revised(by=by)
    withdraw_if_name_withheld(incident, by=by)


def set_circumstances(incident: models.Incident, values: dict[str, Any], *, by: Actor) -> None:
    """Set an incident's circumstances, link to the work, and verification. `values`: the new values
    by field name, only of fields in the section `circumstances`; fields without a new value are
    unchanged.
    """
    collect_errors(
        lambda: _validate_detention(
            incident, values.get("detention_form", incident.detention_form)
        ),
        lambda: _validate_verification(incident, values.get("verification", incident.verification)),
    )
    with audited_change(incident, "incident:edit", by=by):
        set_fields(incident, values, section="circumstances")
        incident.mark_revised(by=by)


def write_public_summary(incident: models.Incident, texts: Mapping[str, str], *, by: Actor) -> None:
    """Save the public summary of an incident; `texts`: by column, such as `public_summary_en`.

    An approved incident stays approved, since somebody else reads the summary and publishes it. The
    published text is unchanged until then.
    """
    if all(getattr(incident, column) == text for column, text in texts.items()):
        return
    with audited_change(incident, "incident:edit", by=by):
        for column, text in texts.items():
            setattr(incident, column, text)
        incident.summarised_by_id = by.id
        if incident.state in APPROVED_STATES:
            incident.state, incident.updated_at = EditorialState.APPROVED, clock.utc_now()
        else:
            incident.mark_revised(by=by)


def latest_date_in_sources(incident: models.Incident) -> date:
    """Return the last day on which the events that an incident's sources report can have happened;
    today if the viewer sees no source.
    """
    return max(
        (latest_possible_event_date(one.article) for one in incident.citations if one.article),
        default=clock.current_date(),
    )


def _validate_parts(
    *,
    types: Sequence[Term],
    country: str,
    region: Term | None,
    targets: Sequence[TargetFacts],
    article: Article,
    quote: str,
    actor: ActorFacts | None,
    visibility: Visibility,
    by: Actor,
) -> tuple[list[Term], list[models.IncidentCitation]]:
    """Return the types and citations of a new incident; raise InvalidInput with all errors."""
    identities = [actor.purported_as] if actor else []
    terms, citations, *_rest = collect_errors(
        lambda: resolve_types(types, claimed_identities=identities, by=by),
        lambda: build_citations(models.IncidentCitation, article, quote),
        lambda: _validate_country_and_region(country, region),
        lambda: _validate_new_targets(targets, visibility),
        lambda: validate_actor(actor) if actor else None,
        lambda: validate_linked_visibility(visibility, [article], field="quote"),
    )
    return terms, citations


def _validate_new_targets(targets: Sequence[TargetFacts], visibility: Visibility) -> None:
    """Raise InvalidInput with all errors of the targets of a new incident, or if it has none."""
    if not targets:
        raise InvalidInput(**{"targets-0-who-name": _("Say at least who was meant.")})
    validate_targets(targets, visibility)


def _validate_country_and_region(country: str, region: Term | None) -> None:
    """Raise InvalidInput for an unknown country, or a region of another country."""
    if not is_country_code(country):
        raise InvalidInput(country=_("Choose a country."))
    if region is not None and region.country not in {None, country}:
        raise InvalidInput(region=_("This region lies in another country."))


def _validate_occurrences(extent: codes.Extent, occurrences_at_least: int | None) -> None:
    """Raise InvalidInput if the number of occurrences does not go with the extent."""
    if not rules.is_valid_occurrence_count(extent, occurrences_at_least):
        raise InvalidInput(
            occurrences_at_least=_("A number of times is only for repeated incidents: at least 2.")
        )


def _validate_revised_types(
    incident: models.Incident, types: Sequence[Term], narrative: str
) -> None:
    """Raise InvalidInput if one of the types needs a narrative and it is empty, or if the types
    exclude the recorded form of detention.
    """
    codes = {term.code for term in types}
    if rules.lacks_required_narrative(codes, narrative):
        raise InvalidInput(
            narrative=_("This type is too general by itself: describe what happened.")
        )
    if not rules.is_valid_detention_form(codes, incident.detention_form):
        raise InvalidInput(
            types=_("A form of detention is recorded: keep the type, or take the form out first.")
        )


def _validate_detention(incident: models.Incident, detention_form: codes.DetentionForm) -> None:
    """Raise InvalidInput if a form of detention does not go with the incident's types."""
    if not rules.is_valid_detention_form({row.term.code for row in incident.types}, detention_form):
        raise InvalidInput(
            detention_form=_("A form of detention goes with the type “arrest, detention”.")
        )


def _validate_verification(incident: models.Incident, verification: codes.Verification) -> None:
    """Raise InvalidInput if the verification was changed and the sources do not support the new
    one. Nothing is checked if a source is hidden from the actor.
    """
    if verification is incident.verification:
        return
    sources = _cited_sources(incident)
    if sources is not None and not rules.is_verification_supported(verification, sources):
        words = _(
            "Its sources do not support this: “confirmed” needs two independent ones (several "
            "articles of one publisher count as one), or one and a document or the authority’s "
            "own words; “likely” needs one."
        )
        names = ", ".join(one.title for one in sources_of_unknown_independence(incident))
        if names:
            words += " " + _(
                "Not counted as independent, since the publisher is not known: %(names)s.",
                names=names,
            )
        raise InvalidInput(verification=words)


def _cited_sources(incident: models.Incident) -> list[rules.CitedSource] | None:
    """Return the sources for verification, None if one is hidden from the viewer."""
    found = []
    for citation in incident.citations:
        article = _original_source_of(citation)
        if article is None:
            return None
        independence: Independence | None = article.independence
        if independence is Independence.REPEATS_ANOTHER:
            # The source it repeats is not on record, so it counts in its place.
            independence = Independence.INDEPENDENT
        if not is_independence_known(article):
            independence = None
        source_key = _source_key(article)
        found.append(rules.CitedSource(source_key, article.kind, independence, citation.bearing))
    return found


def _source_key(article: Article) -> str:
    """Return what an article counts as: its publisher, whose articles are one source together. A
    source of another kind, or of a publisher that the viewer does not see, counts as itself.
    """
    name = article.publisher_name() if article.kind is SourceKind.ARTICLE else ""
    return name.casefold() or article.ref


def sources_of_unknown_independence(incident: models.Incident) -> list[Article]:
    """Return the sources of an incident that do not count as independent, since nobody knows their
    publisher.
    """
    counted = dict.fromkeys(filter(None, map(_original_source_of, incident.citations)))
    return [one for one in counted if not is_independence_known(one)]


def _original_source_of(citation: models.IncidentCitation) -> Article | None:
    """Return the source that a citation counts as: the cited article, or the article that it
    repeats; None if the viewer may not see it.
    """
    article: Article | None = citation.article
    return article.repeats if article is not None and article.repeats_id is not None else article


def _latest_source(incident: models.Incident) -> Article | None:
    """Return the cited article that can report the latest events, by its date; None if the viewer
    sees none.
    """
    articles = [one.article for one in incident.citations if one.article]
    return max(articles, key=latest_possible_event_date, default=None)


def validate_targets(
    targets: Sequence[TargetFacts],
    visibility: Visibility,
    *,
    existing: Sequence[models.IncidentTarget] = (),
    hidden_fields: Collection[str] = (),
) -> None:
    """Raise InvalidInput with all errors of some targets, each at its row of the form. `existing`:
    the targets that the incident already has; `hidden_fields`: fields of an edited target that the
    editor may not see and that stay unchanged.
    """
    keys = [
        *(target_identity_key(row) for row in existing),
        *(target.identity_key() for target in targets),
    ]
    twice = {place - len(existing) for place in rules.duplicate_target_positions(keys)}
    collect_errors(
        *(
            partial(
                _validate_target,
                target,
                visibility,
                is_duplicate=place in twice,
                hidden_fields=hidden_fields,
            )
            for place, target in enumerate(targets)
        )
    )


def build_target(facts: TargetFacts, *, owner: models.Incident, by: Actor) -> models.IncidentTarget:
    """Return a new target, recording a new journalist or outlet; call `validate_targets` first."""
    target = models.IncidentTarget()
    update_target(target, facts, owner=owner, by=by)
    return target


def update_target(
    target: models.IncidentTarget,
    facts: TargetFacts,
    *,
    owner: models.Incident,
    hidden_fields: Collection[str] = (),
    by: Actor,
) -> None:
    """Set the details of a target. A new journalist or outlet is recorded, with the team and
    visibility of `owner`; raise InvalidInput for a wrong name. `hidden_fields`: left unchanged.
    """
    kept = {"team_id": owner.team_id, "visibility": owner.visibility}
    journalist, outlet = facts.journalist, facts.outlet
    try:
        if isinstance(journalist, str):
            journalist = add_journalist(journalist, **kept, by=by)  # type: ignore[arg-type]  # of two types
        if isinstance(outlet, str):
            outlet = add_outlet(outlet, **kept, by=by)  # type: ignore[arg-type]  # as above
    except InvalidInput as error:
        raise InvalidInput(**{f"{facts.field_prefix}who-name": str(error)}) from error
    target.kind, target.role, target.basis = facts.kind, facts.role, facts.basis
    target.words, target.number_at_least = facts.words, facts.number_at_least
    target.harm, target.place = facts.harm, facts.place
    if "journalist" not in hidden_fields:
        target.journalist = journalist
        if journalist is not None and journalist.is_withheld:
            target.name_reach = codes.NameReach.TEAM
    if "outlet" not in hidden_fields:
        target.outlet = outlet


def _validate_target(
    target: TargetFacts,
    visibility: Visibility,
    *,
    is_duplicate: bool,
    hidden_fields: Collection[str],
) -> None:
    """Raise InvalidInput for an invalid target, at the wrong field of its form row. `is_duplicate`:
    the incident or an earlier row already has this target; `hidden_fields`: fields that the editor
    may not see and that stay unchanged.
    """
    needed = {codes.TargetKind.JOURNALIST: "journalist", codes.TargetKind.OUTLET: "outlet"}
    name = needed.get(target.kind, "words")
    if name not in hidden_fields and not getattr(target, name):
        raise InvalidInput(**{f"{target.field_prefix}who-name": _("Say who.")})
    if is_duplicate:
        raise InvalidInput(**{f"{target.field_prefix}who-name": _("This target is named already.")})
    if not rules.is_valid_target_number(target.kind, target.number_at_least):
        raise InvalidInput(
            **{f"{target.field_prefix}number": _("Only unnamed groups have a number.")}
        )
    people = [one for one in (target.journalist, target.outlet) if not isinstance(one, str)]
    validate_linked_visibility(visibility, people, field=f"{target.field_prefix}who-name")


def target_identity_key(row: models.IncidentTarget) -> TargetKey:
    """Return the key that two targets share if they are the same person, outlet or group."""
    if row.kind is codes.TargetKind.JOURNALIST:
        return "journalist", row.journalist_id
    if row.kind is codes.TargetKind.OUTLET:
        return "outlet", row.outlet_id
    return f"words:{row.role}", row.words.casefold()


def _name_or_id(who: Journalist | Outlet | str | None) -> object:
    """Return the id of a recorded journalist or outlet, the name in lower case of a new one, None
    if nobody is given.
    """
    return who.casefold() if isinstance(who, str) else who and who.id


def resolve_types(
    chosen_terms: Sequence[Term],
    *,
    claimed_identities: Iterable[codes.PurportedAs | None],
    incident: models.Incident | None = None,
    by: Actor,
) -> list[Term]:
    """Return the chosen types; the type for impersonating officials is added if
    `claimed_identities`, the identities that the actors claimed, has an official one. If the user
    may not assess lawsuits, the type of an abusive lawsuit stays as it was. Raise InvalidInput at
    the field `types`. `incident`: None for a new one.
    """
    types = {term.code: term for term in chosen_terms}
    _validate_types(types, incident=incident, by=by)
    assessed = _abusive_lawsuit_type_of(incident)
    if assessed is not None and not _may_assess_lawsuit(by, incident):
        types[rules.ABUSIVE_LAWSUIT_TYPE] = assessed
    if codes.OFFICIAL_IMPERSONATION_TYPE not in types and any(
        rules.is_official_impersonation(one) for one in claimed_identities
    ):
        types[codes.OFFICIAL_IMPERSONATION_TYPE] = incident_type_by_code(
            codes.OFFICIAL_IMPERSONATION_TYPE
        )
    return list(types.values())


def _validate_types(
    chosen_codes: Collection[str], *, incident: models.Incident | None = None, by: Actor
) -> None:
    """Raise InvalidInput at `types` if nothing is chosen, or if the user, who may not assess
    lawsuits, chose the type of an abusive lawsuit and the incident does not have it.
    """
    if not chosen_codes:
        raise InvalidInput(types=_("Choose at least one type."))
    is_new = (
        rules.ABUSIVE_LAWSUIT_TYPE in chosen_codes and _abusive_lawsuit_type_of(incident) is None
    )
    if is_new and not _may_assess_lawsuit(by, incident):
        raise InvalidInput(
            types=_(
                "Only a monitor assesses whether a lawsuit is abusive (SLAPP), not the "
                "person who logs it: choose the civil lawsuit."
            )
        )


def _may_assess_lawsuit(by: Actor, incident: models.Incident | None) -> bool:
    """Return whether a user may assess whether the lawsuit in an incident is abusive. `incident`:
    None for a new one.
    """
    return rules.may_assess_lawsuit(by, incident.recorded_by_id if incident else None)


def set_types(incident: models.Incident, terms: Sequence[Term]) -> None:
    """Set the types of an incident, the primary one first; call inside an audited change."""
    ranks = rules.rank_by_type_code({term.code: term.rank for term in terms})
    was_act, is_act = (
        has_sexual_type({row.term.code for row in incident.types}),
        has_sexual_type(ranks),
    )
    for row in list(incident.types):
        if row.term.code not in ranks:
            incident.types.remove(row)
    rows = {row.term.code: row for row in incident.types}
    for term in terms:
        if term.code in rows:
            rows[term.code].rank = ranks[term.code]
        else:
            incident.types.append(models.IncidentType(term=term, rank=ranks[term.code]))
    incident.types.sort(key=lambda row: (row.rank, row.term.code))
    for target in incident.targets if is_act and not was_act else ():
        target.name_reach = reach_after_edit(
            target.name_reach or codes.NameReach.HOUSE,
            consent_was_needed=is_collateral(target.role),
            consent_is_needed=True,
        )


def _abusive_lawsuit_type_of(incident: models.Incident | None) -> Term | None:
    """Return the type for an abusive lawsuit if the incident has it, that is if a monitor assessed
    the incident as one; else None.
    """
    rows = incident.types if incident else []
    return next((row.term for row in rows if row.term.code == rules.ABUSIVE_LAWSUIT_TYPE), None)


def incident_type_by_code(code: str) -> Term:
    """Return the incident type with a code; raise InvalidInput at `types` if there is none."""
    return terms_with_codes(TermSet.INCIDENT_TYPE, [code], field="types")[0]


def validate_actor(facts: ActorFacts) -> None:
    """Raise InvalidInput if the attribution of an actor is missing."""
    if facts.attributed_by is None and rules.is_attribution_required(facts.actor_type, facts.name):
        raise InvalidInput(
            attributed_by=_("Choose who attributes it: the tracker itself accuses nobody.")
        )


def build_actor(facts: ActorFacts) -> models.IncidentActor:
    """Return a new actor; call `validate_actor` first."""
    actor = models.IncidentActor()
    update_actor(actor, facts)
    return actor


def update_actor(actor: models.IncidentActor, facts: ActorFacts) -> None:
    """Set the details of an actor."""
    actor.actor_type, actor.purported_as = facts.actor_type, facts.purported_as
    actor.certainty, actor.name = facts.certainty, facts.name
    actor.attributed_by = facts.attributed_by
