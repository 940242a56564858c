"""Who is concerned, counted once each, and who is said to have done it; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.incidents.codes import PeopleCounted, TargetKind
from tracker.incidents.naming_rules import is_collateral
from tracker.reports.dossiers.leaving import bearer_of, words_of
from tracker.reports.dossiers.parts import Perpetrator, Person
from tracker.reports.dossiers.telling import actor_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tracker.reports.dossiers.leaving import Leaving


def people_of(
    incidents: Iterable[Any], numbers: Mapping[str, int], leaving: Leaving
) -> list[Person]:
    """Return everybody at whom incidents were aimed or whom they touched, those named first.

    `numbers`: of incidents in the chronology, by ref.
    """
    hers: dict[object, list[tuple[int, Any]]] = {}
    for incident in incidents:
        for target in incident.targets:
            hers.setdefault(_who(target), []).append((numbers[incident.ref], target))
    found = [_person(of, leaving) for of in hers.values()]
    return sorted(found, key=lambda one: (one.is_withheld, list(PeopleCounted).index(one.counted)))


def perpetrators_of(
    incidents: Iterable[Any], numbers: Mapping[str, int], leaving: Leaving
) -> Iterator[Perpetrator]:
    """Yield who is said to have done what; nobody is accused but on somebody's word."""
    for incident in incidents:
        for actor in incident.actors:
            by = actor.attributed_by
            yield Perpetrator(
                words=actor_of(actor, leaving, attributed=False),
                certainty=words_of(actor.certainty),
                attributed_by=words_of(by) if by else "",
                entry=numbers[incident.ref],
            )


def _who(target: Any) -> object:  # noqa: ANN401 (an IncidentTarget)
    """Return by what a target is one and the same in several incidents."""
    if target.kind is TargetKind.JOURNALIST:
        return "journalist", target.journalist_id
    if target.kind is TargetKind.OUTLET:
        return "outlet", target.outlet_id
    return "unnamed", target.id


def _person(hers: list[tuple[int, Any]], leaving: Leaving) -> Person:
    targets = [target for _number, target in hers]
    # Named where one incident lets her be named; else by what stands for the name, if anything.
    first = next((one for one in targets if leaving.names(one)), None)
    is_known = targets[0].kind in {TargetKind.JOURNALIST, TargetKind.OUTLET}
    is_withheld = is_known and first is None
    shown = first or next((one for one in targets if one.named_as), targets[0])
    harm = [] if leaving.is_outside else [leaving.text(one.harm) for one in targets if one.harm]
    return Person(
        words=leaving.target(shown),
        roles=tuple(dict.fromkeys(words_of(one.role) for one in targets)),
        counted=_counted(targets),
        is_withheld=is_withheld,
        number=1 if is_known else targets[0].number_at_least or 1,
        entries=tuple(sorted({number for number, _target in hers})),
        harm=tuple(harm),
        ref=bearer_of(first).ref if first else "",
    )


def _counted(targets: list[Any]) -> PeopleCounted:
    if all(is_collateral(one.role) for one in targets):
        return PeopleCounted.COLLATERAL
    of = {
        TargetKind.JOURNALIST: PeopleCounted.NAMED,
        TargetKind.OUTLET: PeopleCounted.OUTLETS,
    }
    return of.get(targets[0].kind, PeopleCounted.UNNAMED)
