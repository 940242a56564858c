"""Whose names are taken out of the words of a dossier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tracker.db import db
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import Incident
from tracker.incidents.naming_queries import closed_names
from tracker.incidents.naming_rules import accused, is_closed
from tracker.people.mention_queries import names_of
from tracker.people.models import Journalist, Outlet
from tracker.reports.closed_names import Closed
from tracker.reports.dossiers.leaving import instead_of, withheld

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tracker.reports.dossiers.compose import Material
    from tracker.reports.extent_queries import Extent


def kept_back(seen: Material, targets: list[Any], extent: Extent) -> Closed:
    """Return who is not to be named, of those of whom the case tells, and of all others."""
    bearers = set(_bearers(seen, targets))
    journalists = {one for one in bearers if isinstance(one, Journalist)}
    others: list[str] = []
    if extent.is_outside:
        outlets = {one for one in bearers if isinstance(one, Outlet)}
        here = _left_out(Journalist, "journalists", journalists, extent)
        others = [
            *(
                one.name
                for incident in seen.of(Incident.PREFIX)
                for one in accused(incident.actors)
            ),
            *(
                name
                for one in _left_out(Outlet, "outlets", outlets, extent)
                for name in names_of(one)
            ),
        ]
    else:
        closed = {one.journalist for one in targets if is_closed(one)}
        here = {one for one in journalists if one in closed or one.is_withheld}
    called = {one.journalist_id: one.named_as for one in reversed(targets) if one.named_as}
    stands = instead_of(TargetKind.JOURNALIST)
    return Closed(
        here=[
            (names_of(one), called.get(one.id) or stands)
            for one in sorted(here, key=lambda one: one.ref)
        ],
        everywhere=list(dict.fromkeys([*others, *closed_names(db.session())])),
        instead=withheld(),
    )


def refs_within(
    extent: Extent, model: type[Any], table: str, records: Iterable[Any]
) -> frozenset[str]:
    """Return the refs of those records that a table of a package would hold."""
    ids = [one.id for one in records]
    rows = select(model.ref).where(model.id.in_(ids), model.id.in_(extent.members[table]))
    return frozenset(db.session.scalars(rows))


def _left_out(model: type[Any], table: str, records: set[Any], extent: Extent) -> set[Any]:
    refs = refs_within(extent, model, table, records)
    return {one for one in records if one.ref not in refs}


def _bearers(seen: Material, targets: Iterable[Any]) -> Iterator[Any]:
    """Yield the journalists and outlets of whom the case tells: at whom something was aimed, as
    whom an account poses, whom a proceeding concerns.
    """
    rows = [*targets]
    for record in seen.records.values():
        rows += [*getattr(record, "impersonates", ()), *getattr(record, "parties", ())]
    for row in rows:
        yield from (row.journalist, row.outlet)
