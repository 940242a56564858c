"""Edit the sections of an incident: targets and statuses, actors, links, references."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from tracker.audit.queries import list_record_history
from tracker.audit.service import audited_change
from tracker.errors import Forbidden, InvalidInput
from tracker.i18n import _
from tracker.incidents import codes, models, rules, service
from tracker.incidents.publication_rules import is_collateral, reach_after_edit
from tracker.incidents.publication_service import withdraw_if_name_withheld
from tracker.incidents.rules import has_sexual_type
from tracker.people.rules import is_web_address
from tracker.permissions import Actor, Permission
from tracker.records import row_by_id
from tracker.when import When


def add_target(incident: models.Incident, facts: service.TargetFacts, *, by: Actor) -> None:
    """Add a target to an incident."""
    service.validate_targets([facts], incident.visibility, existing=incident.targets)
    with audited_change(incident, "incident:edit", by=by):
        incident.targets.append(service.build_target(facts, owner=incident, by=by))
        incident.mark_revised(by=by)


def edit_target(
    incident: models.Incident, target_id: int, facts: service.TargetFacts, *, by: Actor
) -> None:
    """Edit a target of an incident; a journalist or outlet hidden from the editor is unchanged."""
    target = row_by_id(incident.targets, target_id)
    hidden_fields = _hidden_fields(target, facts)
    others = [one for one in incident.targets if one is not target]
    service.validate_targets(
        [facts], incident.visibility, existing=others, hidden_fields=hidden_fields
    )
    _validate_same_person(target, facts, hidden_fields)
    is_act = has_sexual_type({row.term.code for row in incident.types})
    consent_was_needed = is_act or is_collateral(target.role)
    with audited_change(incident, "incident:edit", by=by):
        service.update_target(target, facts, owner=incident, hidden_fields=hidden_fields, by=by)
        target.name_reach = reach_after_edit(
            target.name_reach,
            consent_was_needed=consent_was_needed,
            consent_is_needed=is_act or is_collateral(target.role),
        )
        incident.mark_revised(by=by)
    withdraw_if_name_withheld(incident, by=by)


def remove_target(incident: models.Incident, target_id: int, *, by: Actor) -> None:
    """Remove a target entered by mistake; raise InvalidInput for the last one."""
    target = row_by_id(incident.targets, target_id)
    if len(incident.targets) == 1:
        raise InvalidInput(version=_("An incident has at least one target: add another first."))
    with audited_change(incident, "incident:edit", by=by):
        incident.targets.remove(target)
        incident.mark_revised(by=by)


def add_status(
    incident: models.Incident,
    target_id: int,
    *,
    status: codes.StatusOfTarget,
    when: When,
    expected_end: date | None = None,
    by: Actor,
) -> None:
    """Add a status with its dates to a target; raise InvalidInput if it is there already, or is
    expected to end before it begins.
    """
    target = row_by_id(incident.targets, target_id)
    if expected_end and expected_end < when.earliest:
        raise InvalidInput(expected_end=_("The end lies before the beginning."))
    if any((row.status, row.when) == (status, when) for row in target.statuses):
        raise InvalidInput(status=_("This is already recorded for the target."))
    with audited_change(incident, "incident:edit", by=by):
        target.statuses.append(
            models.TargetStatus(status=status, when=when, expected_end=expected_end)
        )
        incident.mark_revised(by=by)


def remove_status(incident: models.Incident, target_id: int, status_id: int, *, by: Actor) -> None:
    """Remove a status of a target."""
    target = row_by_id(incident.targets, target_id)
    row = row_by_id(target.statuses, status_id)
    with audited_change(incident, "incident:edit", by=by):
        target.statuses.remove(row)
        incident.mark_revised(by=by)


def _validate_same_person(
    target: models.IncidentTarget, facts: service.TargetFacts, hidden_fields: Collection[str]
) -> None:
    """Raise InvalidInput if an edit puts another person or kind of target in place of a journalist,
    and a naming decision was ever saved for a target of this incident.
    """
    # Only the confidential row, which is not read here, says whether it was about this target.
    decided = any(
        one.action == "incident:naming" for one in list_record_history(target.incident.ref)
    )
    if (
        not decided
        or "journalist" in hidden_fields
        or target.kind is not codes.TargetKind.JOURNALIST
    ):
        return
    if facts.kind is not target.kind or facts.journalist is not target.journalist:
        raise InvalidInput(
            **{
                f"{facts.field_prefix}who-name": _(
                    "The naming consent is about this person: add the other one as a separate "
                    "target, and remove this one."
                )
            }
        )


def _hidden_fields(target: models.IncidentTarget, facts: service.TargetFacts) -> set[str]:
    """Return those of the field names "journalist" and "outlet" whose stored value the editor
    cannot see and does not replace.
    """
    if facts.kind is not target.kind:
        return set()
    return {
        name
        for name in ("journalist", "outlet")
        if getattr(target, name) is None
        and getattr(target, f"{name}_id") is not None
        and getattr(facts, name) is None
    }


def add_impersonation_type(incident: models.Incident) -> None:
    """Add the type for impersonating officials if an actor of the incident posed as an official;
    call inside an audited change.
    """
    terms = [row.term for row in incident.types]
    if codes.OFFICIAL_IMPERSONATION_TYPE not in {term.code for term in terms} and any(
        rules.is_official_impersonation(actor.purported_as) for actor in incident.actors
    ):
        service.set_types(
            incident, [*terms, service.incident_type_by_code(codes.OFFICIAL_IMPERSONATION_TYPE)]
        )


def assess_lawsuit(incident: models.Incident, *, is_abusive: bool, by: Actor) -> None:
    """Save a monitor's assessment of whether the lawsuit is abusive; an approved or published
    incident is then in review again. Raise Forbidden unless the actor is a monitor who did not log
    the incident, InvalidInput if it has no other type.
    """
    if not rules.may_assess_lawsuit(by, incident.recorded_by_id):
        raise Forbidden(_("This is assessed by a monitor who did not log the incident."))
    others = [row.term for row in incident.types if row.term.code != rules.ABUSIVE_LAWSUIT_TYPE]
    if not others:
        raise InvalidInput(is_abusive=_("Choose at least one type."))
    incident.is_assessed = True
    with audited_change(incident, "incident:assess", by=by):
        assessed = [service.incident_type_by_code(rules.ABUSIVE_LAWSUIT_TYPE)] if is_abusive else []
        service.set_types(incident, [*others, *assessed])
        incident.mark_revised(by=by)


def add_actor(incident: models.Incident, facts: service.ActorFacts, *, by: Actor) -> None:
    """Add an actor to an incident, and the type for impersonating officials if needed."""
    service.validate_actor(facts)
    with audited_change(incident, "incident:edit", by=by):
        incident.actors.append(service.build_actor(facts))
        add_impersonation_type(incident)
        incident.mark_revised(by=by)
    withdraw_if_name_withheld(incident, by=by)


def edit_actor(
    incident: models.Incident, actor_id: int, facts: service.ActorFacts, *, by: Actor
) -> None:
    """Edit an actor of an incident; the degree set by a monitor is unchanged."""
    actor = get_actor(incident, actor_id)
    service.validate_actor(facts)
    with audited_change(incident, "incident:edit", by=by):
        service.update_actor(actor, facts)
        add_impersonation_type(incident)
        incident.mark_revised(by=by)
    withdraw_if_name_withheld(incident, by=by)


def remove_actor(incident: models.Incident, actor_id: int, *, by: Actor) -> None:
    """Remove an actor entered by mistake; the types are unchanged."""
    actor = get_actor(incident, actor_id)
    with audited_change(incident, "incident:edit", by=by):
        incident.actors.remove(actor)
        incident.mark_revised(by=by)


def set_degree(
    incident: models.Incident, actor_id: int, degree: codes.Degree | None, *, by: Actor
) -> None:
    """Save a monitor's assessment of the degree of an actor's involvement, None for none. Raise
    Forbidden unless `by` is a monitor.
    """
    if not by.has_permission(Permission.REVIEW):
        raise Forbidden(_("Only monitors set the degree of involvement."))
    actor = get_actor(incident, actor_id)
    incident.is_assessed = True
    with audited_change(incident, "incident:assess", by=by):
        actor.degree = degree
        incident.mark_revised(by=by)


def get_actor(incident: models.Incident, actor_id: int) -> models.IncidentActor:
    """Return an actor of an incident by its id; raise NotFound if there is none."""
    return row_by_id(incident.actors, actor_id)


def add_link(
    incident: models.Incident,
    other: models.Incident | None,
    *,
    kind: codes.IncidentLinkKind,
    by: Actor,
) -> None:
    """Add a link from an incident to another one, whose page shows the inverse; raise InvalidInput
    if `other` is None, the same incident or linked already.
    """
    if other is None:
        raise InvalidInput(other=_("There is no such incident, or it is not for you."))
    if other is incident:
        raise InvalidInput(other=_("An incident is not linked to itself."))
    there = [link.kind for link in incident.links if link.other_id == other.id]
    back = [link.kind for link in other.links if link.other_id == incident.id]
    if rules.is_conflicting_link(kind, existing_kinds=there, reverse_kinds=back):
        raise InvalidInput(other=_("These two incidents are linked in this way already."))
    with audited_change(incident, "incident:edit", by=by):
        incident.links.append(models.IncidentLink(other=other, kind=kind))
        incident.mark_revised(by=by)


def remove_link(incident: models.Incident, link_id: int, *, by: Actor) -> None:
    """Remove a link between incidents made by mistake."""
    link = row_by_id(incident.links, link_id)
    with audited_change(incident, "incident:edit", by=by):
        incident.links.remove(link)
        incident.mark_revised(by=by)


def add_reference(
    incident: models.Incident, *, scheme: str, identifier: str, url: str = "", by: Actor
) -> None:
    """Add the identifier of an incident in an external list; `scheme`: the list, such as CPJ. Raise
    InvalidInput if it is there already, or `url` is no web address.
    """
    if url and not is_web_address(url):
        raise InvalidInput(url=_("This is not the address of a web page (https://…)."))
    if any((one.scheme, one.identifier) == (scheme, identifier) for one in incident.references):
        raise InvalidInput(identifier=_("This reference is already here."))
    with audited_change(incident, "incident:edit", by=by):
        incident.references.append(
            models.IncidentReference(scheme=scheme, identifier=identifier, url=url)
        )
        incident.mark_revised(by=by)


def remove_reference(incident: models.Incident, reference_id: int, *, by: Actor) -> None:
    """Remove the identifier of an incident in an external list, entered by mistake."""
    reference = row_by_id(incident.references, reference_id)
    with audited_change(incident, "incident:edit", by=by):
        incident.references.remove(reference)
        incident.mark_revised(by=by)
