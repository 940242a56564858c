"""Record and edit proceedings, their steps and their incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.articles.models import Article
from tracker.audit.service import audited_change
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.incidents.models import Incident
from tracker.people.models import Institution, Journalist, Outlet
from tracker.permissions import Actor, Visibility
from tracker.records import row_by_id, set_record_author, validate_linked_visibility
from tracker.responses import models
from tracker.responses.codes import ProceedingDirection, ProceedingKind, StepOfProceeding
from tracker.responses.proceeding_queries import proceedings_by_number
from tracker.review.service import validate_nothing_hidden
from tracker.when import When

# Whom a proceeding concerns, as its party.
ConcernedParty = Journalist | Outlet


@dataclass(frozen=True, slots=True, kw_only=True)
class ProceedingFacts:
    """The details of a proceeding; `institution`: the one in charge; `number`: its file number."""

    direction: ProceedingDirection
    kind: ProceedingKind
    country: str
    institution: Institution | None = None
    number: str = ""
    legal_basis: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFacts:
    """A step: type, date, institution and source, with the quotes of the source."""

    step: StepOfProceeding
    when: When
    institution: Institution | None = None
    article: Article | None = None
    quotes: Sequence[models.ProceedingCitation] = ()
    note: str = ""


def record_proceeding(
    facts: ProceedingFacts,
    *,
    parties: Sequence[ConcernedParty] = (),
    steps: Sequence[StepFacts] = (),
    incidents: Sequence[Incident] = (),
    citations: Sequence[models.ProceedingCitation] = (),
    team_id: int,
    visibility: Visibility,
    by: Actor,
) -> models.Proceeding:
    """Record a proceeding; raise InvalidInput at `number`, `parties` or `visibility`."""
    sources = [*(one.article for one in citations), *(one.article for one in steps)]
    validate_linked_visibility(visibility, sources)
    validate_linked_visibility(visibility, parties, field="parties")
    validate_not_duplicate(facts, team_id=team_id)
    proceeding = models.Proceeding(
        parties=[_build_party(one) for one in dict.fromkeys(parties)],
        steps=[],
        incidents=[models.ProceedingIncident(incident=one) for one in dict.fromkeys(incidents)],
        citations=list(citations),
        team_id=team_id,
        visibility=visibility,
    )
    _set_values(proceeding, facts)
    for one in steps:
        _add_step(proceeding, one)
    set_record_author(proceeding, by=by)
    with audited_change(proceeding, "proceeding:create", by=by):
        pass
    return proceeding


def edit_proceeding(
    proceeding: models.Proceeding,
    facts: ProceedingFacts,
    *,
    parties: Sequence[ConcernedParty],
    visibility: Visibility,
    by: Actor,
) -> None:
    """Edit a proceeding; parties that the actor cannot see are unchanged. Raise InvalidInput as
    `record_proceeding` does.
    """
    sources = [
        *(one.article for one in proceeding.citations),
        *(one.article for one in proceeding.steps),
    ]
    validate_linked_visibility(visibility, sources)
    validate_linked_visibility(visibility, parties, field="parties")
    validate_nothing_hidden(visibility, proceeding)
    validate_not_duplicate(facts, team_id=proceeding.team_id, excluding=proceeding)
    with audited_change(proceeding, "proceeding:edit", by=by):
        _set_values(proceeding, facts)
        kept = [one for one in proceeding.parties if one.concerned_party() in {None, *parties}]
        known = [one.concerned_party() for one in kept]
        new = [_build_party(one) for one in dict.fromkeys(parties) if one not in known]
        proceeding.parties = [*kept, *new]
        proceeding.visibility = visibility
        proceeding.mark_revised(by=by)


def add_step(
    proceeding: models.Proceeding, facts: StepFacts, *, by: Actor
) -> models.ProceedingStep:
    """Add a step; raise InvalidInput at `step` if it is recorded already, at `article` if its
    source is more restricted than the proceeding.
    """
    validate_linked_visibility(proceeding.visibility, [facts.article], field="article")
    if any(_is_same_step(one, facts) for one in proceeding.steps):
        raise InvalidInput(step=_("This is recorded already."))
    with audited_change(proceeding, "proceeding:edit", by=by):
        step = _add_step(proceeding, facts)
        proceeding.mark_revised(by=by)
    return step


def remove_step(proceeding: models.Proceeding, step_id: int, *, by: Actor) -> None:
    """Remove a step recorded by mistake, with the quotes about it alone.

    Raises InvalidInput if these are the only source of the proceeding.
    """
    step = row_by_id(proceeding.steps, step_id)
    left = [one for one in proceeding.citations if one.part_id != step.id]
    if proceeding.citations and not left:
        raise InvalidInput(
            version=_("Its words are the only source of the proceeding: cite another one first.")
        )
    with audited_change(proceeding, "proceeding:edit", by=by):
        proceeding.citations = left
        proceeding.steps.remove(step)
        proceeding.mark_revised(by=by)


def add_incident(proceeding: models.Proceeding, incident: Incident, *, by: Actor) -> None:
    """Link a proceeding to an incident; raise InvalidInput at `incident` if it is linked."""
    if any(one.incident_id == incident.id for one in proceeding.incidents):
        raise InvalidInput(incident=_("This is recorded already."))
    with audited_change(proceeding, "proceeding:edit", by=by):
        proceeding.incidents.append(models.ProceedingIncident(incident=incident))
        proceeding.mark_revised(by=by)


def remove_incident(proceeding: models.Proceeding, link_id: int, *, by: Actor) -> None:
    """Unlink a proceeding from an incident, given the id of the ProceedingIncident."""
    joined = row_by_id(proceeding.incidents, link_id)
    with audited_change(proceeding, "proceeding:edit", by=by):
        proceeding.incidents.remove(joined)
        proceeding.mark_revised(by=by)


def validate_not_duplicate(
    facts: ProceedingFacts, *, team_id: int, excluding: models.Proceeding | None = None
) -> None:
    """Raise InvalidInput at `number` if the team has another proceeding with the same number, kind
    and country that is not retracted; it may have the same number if the two institutions are known
    and different. `excluding`: the proceeding that is edited.

    Two institutions may use the same number.
    """
    if not facts.number:
        return
    found = proceedings_by_number(
        facts.number, kind=facts.kind, country=facts.country, team_id=team_id
    )
    known = [
        one
        for one in found
        if one is not excluding
        and not one.is_retracted
        and (one.institution is facts.institution or not (one.institution and facts.institution))
    ]
    if known:
        raise InvalidInput(
            number=_(
                "It is on record already: %(name)s (%(ref)s). Add the step there, and cite the "
                "article.",
                name=known[0].heading,
                ref=known[0].ref,
            )
        )


def _set_values(proceeding: models.Proceeding, facts: ProceedingFacts) -> None:
    """Set the columns of a proceeding to its details."""
    proceeding.direction, proceeding.kind = facts.direction, facts.kind
    proceeding.country, proceeding.institution = facts.country, facts.institution
    proceeding.number, proceeding.legal_basis = facts.number, facts.legal_basis
    proceeding.summary = facts.summary


def _build_party(concerned: ConcernedParty) -> models.ProceedingParty:
    if isinstance(concerned, Journalist):
        return models.ProceedingParty(journalist=concerned)
    return models.ProceedingParty(outlet=concerned)


def _add_step(proceeding: models.Proceeding, facts: StepFacts) -> models.ProceedingStep:
    """Add a step and its quotes to a proceeding, without checks or log entry; return the step."""
    step = models.ProceedingStep(
        step=facts.step,
        when=facts.when,
        institution=facts.institution,
        article=facts.article,
        note=facts.note,
    )
    proceeding.steps.append(step)
    for one in facts.quotes:
        one.part = step
        proceeding.citations.append(one)
    return step


def _is_same_step(step: models.ProceedingStep, facts: StepFacts) -> bool:
    """Return whether a recorded step has the same type, days and institution."""
    days = (step.earliest, step.latest) == (facts.when.earliest, facts.when.latest)
    return days and (step.step, step.institution) == (facts.step, facts.institution)
