"""The types of an incident: which one is primary, which come by themselves, who may set which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.audit.service import audited
from tracker.errors import InvalidInput, Refused
from tracker.i18n import _
from tracker.incidents.codes import NameReach
from tracker.incidents.models import Incident, IncidentType
from tracker.incidents.naming_rules import is_collateral, is_sexual, narrowed
from tracker.incidents.rules import ASSESSED, MEANS, may_assess, needs_impersonation, ranks_of
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import terms_by_code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from tracker.incidents.codes import PurportedAs
    from tracker.permissions import Actor
    from tracker.vocabulary.models import Term


def checked_types(
    chosen: Sequence[Term],
    *,
    posed_as: Iterable[PurportedAs | None],
    incident: Incident | None = None,
    by: Actor,
) -> list[Term]:
    """Return the types that an incident gets when these are chosen; raise InvalidInput at `types`.

    Posing as officials comes by itself. That a lawsuit is abusive stays as a monitor assessed it.
    """
    validate_types(chosen)
    types = {term.code: term for term in chosen}
    assessed = _assessed(incident)
    if not may_assess(by, incident.recorded_by_id if incident else None):
        if ASSESSED in types and assessed is None:
            raise InvalidInput(
                types=_(
                    "Whether a lawsuit is abusive (SLAPP) is assessed by a monitor, never by "
                    "whoever logs it: choose the civil lawsuit."
                )
            )
        if assessed is not None:
            types[ASSESSED] = assessed
    if MEANS not in types and any(needs_impersonation(one) for one in posed_as):
        types[MEANS] = _term(MEANS)
    return list(types.values())


def validate_types(chosen: Collection[object]) -> None:
    """Raise InvalidInput at `types` where nothing is chosen."""
    if not chosen:
        raise InvalidInput(types=_("Choose at least one type."))


def put_types(incident: Incident, terms: Sequence[Term]) -> None:
    """Give an incident exactly these types, the primary one first; inside an audited block."""
    ranks = ranks_of({term.code: term.rank for term in terms})
    was_act, is_act = is_sexual({row.term.code for row in incident.types}), is_sexual(ranks)
    for row in list(incident.types):
        if row.term.code not in ranks:
            incident.types.remove(row)
    rows = {row.term.code: row for row in incident.types}
    for term in terms:
        if term.code in rows:
            rows[term.code].rank = ranks[term.code]
        else:
            incident.types.append(IncidentType(term=term, rank=ranks[term.code]))
    incident.types.sort(key=lambda row: (row.rank, row.term.code))
    for target in incident.targets if is_act and not was_act else ():
        target.name_reach = narrowed(
            target.name_reach or NameReach.HOUSE,
            was_guarded=is_collateral(target.role),
            is_guarded=True,
        )


def add_means(incident: Incident) -> None:
    """Add posing as officials where an actor did so; inside an audited block."""
    terms = [row.term for row in incident.types]
    if MEANS not in {term.code for term in terms} and any(
        needs_impersonation(actor.purported_as) for actor in incident.actors
    ):
        put_types(incident, [*terms, _term(MEANS)])


def assess(incident: Incident, *, is_abusive: bool, by: Actor) -> None:
    """Say, as a monitor, whether the lawsuit is meant to silence."""
    if not may_assess(by, incident.recorded_by_id):
        raise Refused(_("This is assessed by a monitor who did not log the incident."))
    others = [row.term for row in incident.types if row.term.code != ASSESSED]
    if not others:
        raise InvalidInput(is_abusive=_("Choose at least one type."))
    with audited(incident, "incident:assess", by=by):
        put_types(incident, [*others, _term(ASSESSED)] if is_abusive else others)
        incident.revised(by=by)


def _assessed(incident: Incident | None) -> Term | None:
    rows = incident.types if incident else []
    return next((row.term for row in rows if row.term.code == ASSESSED), None)


def _term(code: str) -> Term:
    return terms_by_code(TermSet.INCIDENT_TYPE, [code], field="types")[0]
