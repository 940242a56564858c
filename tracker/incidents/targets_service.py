"""Targets of an incident, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from tracker.audit.queries import history_of
from tracker.audit.service import audited
from tracker.errors import InvalidInput, NotFound, gathered
from tracker.i18n import _
from tracker.incidents.codes import NameReach, TargetBasis, TargetKind, TargetRole
from tracker.incidents.models import IncidentTarget, TargetStatus
from tracker.incidents.naming_rules import is_collateral, is_sexual, narrowed
from tracker.incidents.publication_service import withdraw_if_named
from tracker.incidents.rules import named_twice, number_fits
from tracker.people.service import add_journalist, add_outlet
from tracker.review.service import refuse_showing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from tracker.incidents.codes import StatusOfTarget
    from tracker.incidents.models import Incident
    from tracker.people.models import Journalist, Outlet
    from tracker.permissions import Actor, Visibility
    from tracker.when import When

Row = TypeVar("Row", IncidentTarget, TargetStatus)
Key = tuple[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """What is said of a target. A journalist or outlet given as words is somebody new, who is
    recorded with the incident's team and visibility; `at` is the form's row, for errors.
    """

    kind: TargetKind = TargetKind.JOURNALIST
    journalist: Journalist | str | None = None
    outlet: Outlet | str | None = None
    words: str = ""
    number_at_least: int | None = None
    role: TargetRole = TargetRole.DIRECT
    basis: TargetBasis = TargetBasis.NAMED
    harm: str = ""
    place: str = ""
    at: str = ""

    def key(self) -> Key:
        """Return what two descriptions of the same target have in common."""
        if self.kind is TargetKind.JOURNALIST:
            return "journalist", _identity(self.journalist)
        if self.kind is TargetKind.OUTLET:
            return "outlet", _identity(self.outlet)
        return f"words:{self.role}", self.words.casefold()


def refuse_targets(
    targets: Sequence[TargetFacts],
    visibility: Visibility,
    *,
    beside: Sequence[IncidentTarget] = (),
    staying: Collection[str] = (),
) -> None:
    """Raise InvalidInput with all that is wrong with some targets, at the row of each.

    `beside`: those that the incident has already; `staying`: what a target keeps unseen.
    """
    keys = [*(key_of(row) for row in beside), *(target.key() for target in targets)]
    twice = {place - len(beside) for place in named_twice(keys)}
    gathered(
        *(
            partial(_refuse, target, visibility, is_twice=place in twice, staying=staying)
            for place, target in enumerate(targets)
        )
    )


def new_target(facts: TargetFacts, *, owner: Incident, by: Actor) -> IncidentTarget:
    """Return a target with whoever is new in it recorded; `refuse_targets` comes first."""
    target = IncidentTarget()
    _put(target, facts, owner=owner, by=by)
    return target


def add_target(incident: Incident, facts: TargetFacts, *, by: Actor) -> None:
    """Add one more target."""
    refuse_targets([facts], incident.visibility, beside=incident.targets)
    with audited(incident, "incident:edit", by=by):
        incident.targets.append(new_target(facts, owner=incident, by=by))
        incident.revised(by=by)


def change_target(incident: Incident, number: int, facts: TargetFacts, *, by: Actor) -> None:
    """Change what is said of a target; what the editor may not see of it stays."""
    target = _found(incident.targets, number)
    staying = _unseen(target, facts)
    others = [one for one in incident.targets if one is not target]
    refuse_targets([facts], incident.visibility, beside=others, staying=staying)
    _refuse_somebody_else(target, facts, staying)
    is_act = is_sexual({row.term.code for row in incident.types})
    was_guarded = is_act or is_collateral(target.role)
    with audited(incident, "incident:edit", by=by):
        _put(target, facts, owner=incident, staying=staying, by=by)
        target.name_reach = narrowed(
            target.name_reach,
            was_guarded=was_guarded,
            is_guarded=is_act or is_collateral(target.role),
        )
        incident.revised(by=by)
    withdraw_if_named(incident, by=by)


def remove_target(incident: Incident, number: int, *, by: Actor) -> None:
    """Remove a target that was entered by mistake, but never the last one."""
    target = _found(incident.targets, number)
    if len(incident.targets) == 1:
        raise InvalidInput(version=_("An incident has at least one target: add another first."))
    with audited(incident, "incident:edit", by=by):
        incident.targets.remove(target)
        incident.revised(by=by)


def add_status(
    incident: Incident,
    number: int,
    *,
    status: StatusOfTarget,
    when: When,
    expected_end: date | None = None,
    by: Actor,
) -> None:
    """Say what became of a target, from when to when."""
    target = _found(incident.targets, number)
    if expected_end and expected_end < when.earliest:
        raise InvalidInput(expected_end=_("The end lies before the beginning."))
    if any((row.status, row.when) == (status, when) for row in target.statuses):
        raise InvalidInput(status=_("This is said of the target already."))
    with audited(incident, "incident:edit", by=by):
        target.statuses.append(TargetStatus(status=status, when=when, expected_end=expected_end))
        incident.revised(by=by)


def remove_status(incident: Incident, number: int, status_number: int, *, by: Actor) -> None:
    """Remove what was said of a target by mistake."""
    target = _found(incident.targets, number)
    row = _found(target.statuses, status_number)
    with audited(incident, "incident:edit", by=by):
        target.statuses.remove(row)
        incident.revised(by=by)


def _refuse(
    target: TargetFacts, visibility: Visibility, *, is_twice: bool, staying: Collection[str]
) -> None:
    needed = {TargetKind.JOURNALIST: "journalist", TargetKind.OUTLET: "outlet"}
    name = needed.get(target.kind, "words")
    if name not in staying and not getattr(target, name):
        raise InvalidInput(**{f"{target.at}who-name": _("Say who.")})
    if is_twice:
        raise InvalidInput(**{f"{target.at}who-name": _("This target is named already.")})
    if not number_fits(target.kind, target.number_at_least):
        raise InvalidInput(**{f"{target.at}number": _("Only an unnamed group has a number.")})
    people = [one for one in (target.journalist, target.outlet) if not isinstance(one, str)]
    refuse_showing(visibility, people, field=f"{target.at}who-name")


def _refuse_somebody_else(
    target: IncidentTarget, facts: TargetFacts, staying: Collection[str]
) -> None:
    """Refuse another person in the place of one about whose name something was decided."""
    # Whether it was about this target only the confidential row tells, which is not read here.
    decided = any(one.action == "incident:naming" for one in history_of(target.incident.ref))
    if not decided or "journalist" in staying or target.kind is not TargetKind.JOURNALIST:
        return
    if facts.kind is not target.kind or facts.journalist is not target.journalist:
        raise InvalidInput(
            **{
                f"{facts.at}who-name": _(
                    "What was decided about naming is about this person: add the other one as a "
                    "target of their own, and remove this one."
                )
            }
        )


def _put(
    target: IncidentTarget,
    facts: TargetFacts,
    *,
    owner: Incident,
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
        raise InvalidInput(**{f"{facts.at}who-name": str(error)}) from error
    target.kind, target.role, target.basis = facts.kind, facts.role, facts.basis
    target.words, target.number_at_least = facts.words, facts.number_at_least
    target.harm, target.place = facts.harm, facts.place
    if "journalist" not in staying:
        target.journalist = journalist
        if journalist is not None and journalist.is_withheld:
            target.name_reach = NameReach.TEAM
    if "outlet" not in staying:
        target.outlet = outlet


def _unseen(target: IncidentTarget, facts: TargetFacts) -> set[str]:
    """Return which of journalist and outlet the editor may not see, and names no other for."""
    if facts.kind is not target.kind:
        return set()
    return {
        name
        for name in ("journalist", "outlet")
        if getattr(target, name) is None
        and getattr(target, f"{name}_id") is not None
        and getattr(facts, name) is None
    }


def _identity(one: Journalist | Outlet | str | None) -> object:
    return one.casefold() if isinstance(one, str) else one and one.id


def key_of(row: IncidentTarget) -> Key:
    """Return who is meant, by which two targets are the same."""
    if row.kind is TargetKind.JOURNALIST:
        return "journalist", row.journalist_id
    if row.kind is TargetKind.OUTLET:
        return "outlet", row.outlet_id
    return f"words:{row.role}", row.words.casefold()


def _found(rows: Sequence[Row], number: int) -> Row:
    row = next((one for one in rows if one.id == number), None)
    if row is None:
        raise NotFound
    return row
