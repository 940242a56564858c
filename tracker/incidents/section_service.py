"""The sections of an incident: targets and their statuses, types, actors, links and references."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeVar

from tracker.audit.queries import history_of
from tracker.audit.service import audited
from tracker.errors import Forbidden, InvalidInput, NotFound, collect_errors
from tracker.i18n import _
from tracker.incidents import codes, models, rules
from tracker.incidents.publication_rules import adjusted_reach, is_collateral
from tracker.incidents.publication_service import withdraw_if_named
from tracker.incidents.words import is_sexual
from tracker.people.models import Journalist, Outlet
from tracker.people.rules import is_web_address
from tracker.people.service import add_journalist, add_outlet
from tracker.permissions import Actor, Permission, Visibility
from tracker.review.service import validate_shown_visibility
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import terms_by_code
from tracker.when import When

Row = TypeVar("Row", models.IncidentTarget, models.TargetStatus)
Key = tuple[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """The details of a target.

    A journalist or outlet given as a string is new, and is created with the incident's team and
    visibility; `field_prefix` is the form's row, for errors.
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

    def key(self) -> Key:
        """Return the key that two descriptions of the same target share."""
        if self.kind is codes.TargetKind.JOURNALIST:
            return "journalist", _identity(self.journalist)
        if self.kind is codes.TargetKind.OUTLET:
            return "outlet", _identity(self.outlet)
        return f"words:{self.role}", self.words.casefold()


def validate_targets(
    targets: Sequence[TargetFacts],
    visibility: Visibility,
    *,
    beside: Sequence[models.IncidentTarget] = (),
    staying: Collection[str] = (),
) -> None:
    """Raise InvalidInput with all errors of some targets, each at its row.

    `beside`: the targets that the incident already has; `staying`: hidden fields that a target
    keeps.
    """
    keys = [*(key_of(row) for row in beside), *(target.key() for target in targets)]
    twice = {place - len(beside) for place in rules.duplicate_targets(keys)}
    collect_errors(
        *(
            partial(_validate_target, target, visibility, is_twice=place in twice, staying=staying)
            for place, target in enumerate(targets)
        )
    )


def new_target(facts: TargetFacts, *, owner: models.Incident, by: Actor) -> models.IncidentTarget:
    """Return a new target, creating new people in it; call `validate_targets` first."""
    target = models.IncidentTarget()
    _set_target(target, facts, owner=owner, by=by)
    return target


def add_target(incident: models.Incident, facts: TargetFacts, *, by: Actor) -> None:
    """Add a target."""
    validate_targets([facts], incident.visibility, beside=incident.targets)
    with audited(incident, "incident:edit", by=by):
        incident.targets.append(new_target(facts, owner=incident, by=by))
        incident.revised(by=by)


def change_target(incident: models.Incident, number: int, facts: TargetFacts, *, by: Actor) -> None:
    """Edit a target; what the editor may not see is unchanged."""
    target = _row_numbered(incident.targets, number)
    staying = _hidden_owners(target, facts)
    others = [one for one in incident.targets if one is not target]
    validate_targets([facts], incident.visibility, beside=others, staying=staying)
    _validate_same_person(target, facts, staying)
    is_act = is_sexual({row.term.code for row in incident.types})
    was_guarded = is_act or is_collateral(target.role)
    with audited(incident, "incident:edit", by=by):
        _set_target(target, facts, owner=incident, staying=staying, by=by)
        target.name_reach = adjusted_reach(
            target.name_reach,
            was_guarded=was_guarded,
            is_guarded=is_act or is_collateral(target.role),
        )
        incident.revised(by=by)
    withdraw_if_named(incident, by=by)


def remove_target(incident: models.Incident, number: int, *, by: Actor) -> None:
    """Remove a target entered by mistake, but never the last one."""
    target = _row_numbered(incident.targets, number)
    if len(incident.targets) == 1:
        raise InvalidInput(version=_("An incident has at least one target: add another first."))
    with audited(incident, "incident:edit", by=by):
        incident.targets.remove(target)
        incident.revised(by=by)


def add_status(
    incident: models.Incident,
    number: int,
    *,
    status: codes.StatusOfTarget,
    when: When,
    expected_end: date | None = None,
    by: Actor,
) -> None:
    """Add a status of a target with its dates."""
    target = _row_numbered(incident.targets, number)
    if expected_end and expected_end < when.earliest:
        raise InvalidInput(expected_end=_("The end lies before the beginning."))
    if any((row.status, row.when) == (status, when) for row in target.statuses):
        raise InvalidInput(status=_("This is already recorded for the target."))
    with audited(incident, "incident:edit", by=by):
        target.statuses.append(
            models.TargetStatus(status=status, when=when, expected_end=expected_end)
        )
        incident.revised(by=by)


def remove_status(incident: models.Incident, number: int, status_number: int, *, by: Actor) -> None:
    """Remove a status of a target."""
    target = _row_numbered(incident.targets, number)
    row = _row_numbered(target.statuses, status_number)
    with audited(incident, "incident:edit", by=by):
        target.statuses.remove(row)
        incident.revised(by=by)


def _validate_target(
    target: TargetFacts, visibility: Visibility, *, is_twice: bool, staying: Collection[str]
) -> None:
    needed = {codes.TargetKind.JOURNALIST: "journalist", codes.TargetKind.OUTLET: "outlet"}
    name = needed.get(target.kind, "words")
    if name not in staying and not getattr(target, name):
        raise InvalidInput(**{f"{target.field_prefix}who-name": _("Say who.")})
    if is_twice:
        raise InvalidInput(**{f"{target.field_prefix}who-name": _("This target is named already.")})
    if not rules.is_valid_target_number(target.kind, target.number_at_least):
        raise InvalidInput(
            **{f"{target.field_prefix}number": _("Only unnamed groups have a number.")}
        )
    people = [one for one in (target.journalist, target.outlet) if not isinstance(one, str)]
    validate_shown_visibility(visibility, people, field=f"{target.field_prefix}who-name")


def _validate_same_person(
    target: models.IncidentTarget, facts: TargetFacts, staying: Collection[str]
) -> None:
    """Reject another person in place of one who has a naming decision."""
    # Only the confidential row, which is not read here, says whether it was about this target.
    decided = any(one.action == "incident:naming" for one in history_of(target.incident.ref))
    if not decided or "journalist" in staying or target.kind is not codes.TargetKind.JOURNALIST:
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


def _set_target(
    target: models.IncidentTarget,
    facts: TargetFacts,
    *,
    owner: models.Incident,
    staying: Collection[str] = (),
    by: Actor,
) -> None:
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
    if "journalist" not in staying:
        target.journalist = journalist
        if journalist is not None and journalist.is_withheld:
            target.name_reach = codes.NameReach.TEAM
    if "outlet" not in staying:
        target.outlet = outlet


def _hidden_owners(target: models.IncidentTarget, facts: TargetFacts) -> set[str]:
    """Return which of journalist and outlet the editor cannot see and does not replace."""
    if facts.kind is not target.kind:
        return set()
    return {
        name
        for name in ("journalist", "outlet")
        if getattr(target, name) is None
        and getattr(target, f"{name}_id") is not None
        and getattr(facts, name) is None
    }


def _identity(journalist: Journalist | Outlet | str | None) -> object:
    return journalist.casefold() if isinstance(journalist, str) else journalist and journalist.id


def key_of(row: models.IncidentTarget) -> Key:
    """Return the key by which two targets are the same."""
    if row.kind is codes.TargetKind.JOURNALIST:
        return "journalist", row.journalist_id
    if row.kind is codes.TargetKind.OUTLET:
        return "outlet", row.outlet_id
    return f"words:{row.role}", row.words.casefold()


def _row_numbered(rows: Sequence[Row], number: int) -> Row:
    row = next((one for one in rows if one.id == number), None)
    if row is None:
        raise NotFound
    return row


def resolve_types(
    chosen: Sequence[Term],
    *,
    posed_as: Iterable[codes.PurportedAs | None],
    incident: models.Incident | None = None,
    by: Actor,
) -> list[Term]:
    """Return the types of an incident for these choices; raise InvalidInput at `types`.

    The type for impersonating officials is added automatically. An assessment as an abusive lawsuit
    is kept.
    """
    validate_types(chosen)
    types = {term.code: term for term in chosen}
    assessed = _assessed_type(incident)
    if not rules.may_assess(by, incident.recorded_by_id if incident else None):
        if rules.ASSESSED_TYPE in types and assessed is None:
            raise InvalidInput(
                types=_(
                    "Only a monitor assesses whether a lawsuit is abusive (SLAPP), not the "
                    "person who logs it: choose the civil lawsuit."
                )
            )
        if assessed is not None:
            types[rules.ASSESSED_TYPE] = assessed
    if codes.IMPERSONATION_AS_MEANS not in types and any(
        rules.is_official_impersonation(one) for one in posed_as
    ):
        types[codes.IMPERSONATION_AS_MEANS] = _term(codes.IMPERSONATION_AS_MEANS)
    return list(types.values())


def validate_types(chosen: Collection[object]) -> None:
    """Raise InvalidInput at `types` if nothing is chosen."""
    if not chosen:
        raise InvalidInput(types=_("Choose at least one type."))


def set_types(incident: models.Incident, terms: Sequence[Term]) -> None:
    """Set the types of an incident, the primary one first; call inside an `audited` block."""
    ranks = rules.ranks_of({term.code: term.rank for term in terms})
    was_act, is_act = is_sexual({row.term.code for row in incident.types}), is_sexual(ranks)
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
        target.name_reach = adjusted_reach(
            target.name_reach or codes.NameReach.HOUSE,
            was_guarded=is_collateral(target.role),
            is_guarded=True,
        )


def add_impersonation_type(incident: models.Incident) -> None:
    """Add the type for impersonating officials if an actor did; call inside an `audited` block."""
    terms = [row.term for row in incident.types]
    if codes.IMPERSONATION_AS_MEANS not in {term.code for term in terms} and any(
        rules.is_official_impersonation(actor.purported_as) for actor in incident.actors
    ):
        set_types(incident, [*terms, _term(codes.IMPERSONATION_AS_MEANS)])


def assess_lawsuit(incident: models.Incident, *, is_abusive: bool, by: Actor) -> None:
    """Set, as a monitor, whether the lawsuit is abusive; what was submitted stays in review."""
    if not rules.may_assess(by, incident.recorded_by_id):
        raise Forbidden(_("This is assessed by a monitor who did not log the incident."))
    others = [row.term for row in incident.types if row.term.code != rules.ASSESSED_TYPE]
    if not others:
        raise InvalidInput(is_abusive=_("Choose at least one type."))
    incident.is_assessed = True
    with audited(incident, "incident:assess", by=by):
        set_types(incident, [*others, _term(rules.ASSESSED_TYPE)] if is_abusive else others)
        incident.revised(by=by)


def _assessed_type(incident: models.Incident | None) -> Term | None:
    rows = incident.types if incident else []
    return next((row.term for row in rows if row.term.code == rules.ASSESSED_TYPE), None)


def _term(code: str) -> Term:
    return terms_by_code(TermSet.INCIDENT_TYPE, [code], field="types")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorFacts:
    """The details of an actor; men who only say that they are police are of unknown type."""

    actor_type: codes.ActorType = codes.ActorType.UNKNOWN
    purported_as: codes.PurportedAs | None = None
    certainty: codes.Certainty = codes.Certainty.UNKNOWN
    name: str = ""
    attributed_by: codes.AttributedBy | None = None


def validate_actor(facts: ActorFacts) -> None:
    """Raise InvalidInput if the attribution of an actor is missing."""
    if facts.attributed_by is None and rules.is_attribution_required(facts.actor_type, facts.name):
        raise InvalidInput(
            attributed_by=_("Choose who attributes it: the tracker itself accuses nobody.")
        )


def new_actor(facts: ActorFacts) -> models.IncidentActor:
    """Return a new actor; call `validate_actor` first."""
    actor = models.IncidentActor()
    _set_actor(actor, facts)
    return actor


def add_actor(incident: models.Incident, facts: ActorFacts, *, by: Actor) -> None:
    """Add an actor; impersonating officials adds its type automatically."""
    validate_actor(facts)
    with audited(incident, "incident:edit", by=by):
        incident.actors.append(new_actor(facts))
        add_impersonation_type(incident)
        incident.revised(by=by)
    withdraw_if_named(incident, by=by)


def change_actor(incident: models.Incident, number: int, facts: ActorFacts, *, by: Actor) -> None:
    """Edit an actor; the degree set by a monitor is unchanged."""
    actor = actor_of(incident, number)
    validate_actor(facts)
    with audited(incident, "incident:edit", by=by):
        _set_actor(actor, facts)
        add_impersonation_type(incident)
        incident.revised(by=by)
    withdraw_if_named(incident, by=by)


def remove_actor(incident: models.Incident, number: int, *, by: Actor) -> None:
    """Remove an actor entered by mistake; the types are unchanged."""
    actor = actor_of(incident, number)
    with audited(incident, "incident:edit", by=by):
        incident.actors.remove(actor)
        incident.revised(by=by)


def set_degree(
    incident: models.Incident, number: int, degree: codes.Degree | None, *, by: Actor
) -> None:
    """Set, as a monitor, the degree of an actor's involvement."""
    if not by.may(Permission.REVIEW):
        raise Forbidden(_("Only monitors set the degree of involvement."))
    actor = actor_of(incident, number)
    incident.is_assessed = True
    with audited(incident, "incident:assess", by=by):
        actor.degree = degree
        incident.revised(by=by)


def actor_of(incident: models.Incident, number: int) -> models.IncidentActor:
    """Return an actor of the incident; raise NotFound if there is none."""
    actor = next((one for one in incident.actors if one.id == number), None)
    if actor is None:
        raise NotFound
    return actor


def _set_actor(actor: models.IncidentActor, facts: ActorFacts) -> None:
    actor.actor_type, actor.purported_as = facts.actor_type, facts.purported_as
    actor.certainty, actor.name = facts.certainty, facts.name
    actor.attributed_by = facts.attributed_by


def add_link(
    incident: models.Incident,
    other: models.Incident | None,
    *,
    kind: codes.IncidentLinkKind,
    by: Actor,
) -> None:
    """Link an incident to another one; the other page shows the inverse."""
    if other is None:
        raise InvalidInput(other=_("There is no such incident, or it is not for you."))
    if other is incident:
        raise InvalidInput(other=_("An incident is not linked to itself."))
    there = [link.kind for link in incident.links if link.other_id == other.id]
    back = [link.kind for link in other.links if link.other_id == incident.id]
    if rules.is_conflicting_link(kind, existing=there, back=back):
        raise InvalidInput(other=_("These two incidents are linked in this way already."))
    with audited(incident, "incident:edit", by=by):
        incident.links.append(models.IncidentLink(other=other, kind=kind))
        incident.revised(by=by)


def remove_link(incident: models.Incident, number: int, *, by: Actor) -> None:
    """Remove a link made by mistake."""
    link = next((one for one in incident.links if one.id == number), None)
    if link is None:
        raise NotFound
    with audited(incident, "incident:edit", by=by):
        incident.links.remove(link)
        incident.revised(by=by)


def add_reference(
    incident: models.Incident, *, scheme: str, identifier: str, url: str = "", by: Actor
) -> None:
    """Add the identifier of the incident in an external list."""
    if url and not is_web_address(url):
        raise InvalidInput(url=_("This is not the address of a web page (https://…)."))
    if any((one.scheme, one.identifier) == (scheme, identifier) for one in incident.references):
        raise InvalidInput(identifier=_("This reference is already here."))
    with audited(incident, "incident:edit", by=by):
        incident.references.append(
            models.IncidentReference(scheme=scheme, identifier=identifier, url=url)
        )
        incident.revised(by=by)


def remove_reference(incident: models.Incident, number: int, *, by: Actor) -> None:
    """Remove a reference entered by mistake."""
    reference = next((one for one in incident.references if one.id == number), None)
    if reference is None:
        raise NotFound
    with audited(incident, "incident:edit", by=by):
        incident.references.remove(reference)
        incident.revised(by=by)
