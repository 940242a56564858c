"""Taking an import back: its untouched drafts are retracted, and whom it brought goes with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tracker.audit.service import audited, record_event
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import Incident
from tracker.incidents.queries import with_everything
from tracker.people.models import Journalist, Outlet
from tracker.reports.imports.codes import ImportState
from tracker.reports.imports.queries import ASKED_AT_ONCE
from tracker.reports.imports.undo_queries import (
    AT_ONCE,
    BROUGHT,
    brought_by,
    meant_among,
    touched_among,
)
from tracker.review.codes import EditorialState, RetractReason
from tracker.review.service import move

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.incidents.models import IncidentTarget
    from tracker.permissions import Actor
    from tracker.reports.imports.models import ImportBatch


@dataclass(slots=True)
class Brought:
    """Whom an import made, by kind: who goes with it, and how many stay since they were touched."""

    going: dict[type[Any], list[int]] = field(default_factory=dict)
    touched: int = 0

    def takes(self, kind: type[Any], number: int | None) -> bool:
        """Say whether one goes."""
        return number is not None and number in self.going[kind]


def whom_it_brought(batch: ImportBatch) -> Brought:
    """Return who goes with an import: of whom the trail tells nothing else, and to whom nothing
    leads but the incidents that are retracted with them.
    """
    found = Brought()
    for kind in BROUGHT:
        ids = brought_by(batch.id, kind)
        going: list[int] = []
        for some in _some(ids, ASKED_AT_ONCE):
            touched = touched_among(kind, some)
            found.touched += len(touched)
            staying = touched | meant_among(kind, some, but_in=batch.id)
            going += [one for one in some if one not in staying]
        found.going[kind] = going
    return found


def retract_some(ids: Sequence[int], going: Brought, *, by: Actor) -> None:
    """Retract some drafts of an import; whoever brought the file may, nobody has touched them.

    They go on naming in words whom they named: no record of her stays.
    """
    rows = select(Incident).where(Incident.id.in_(ids)).options(*with_everything())
    for incident in db.session.scalars(rows).unique():
        with audited(incident, "import:undo", by=by):
            move(incident, EditorialState.RETRACTED, by=by)
            incident.retract_reason = RetractReason.CODING_ERROR
            for target in incident.targets:
                _name_in_words(target, going)


def _name_in_words(target: IncidentTarget, going: Brought) -> None:
    if going.takes(Outlet, target.outlet_id):
        if target.kind is TargetKind.OUTLET and target.outlet is not None:
            target.words, target.kind = target.outlet.name, TargetKind.UNNAMED_GROUP
        target.outlet = None
    if going.takes(Journalist, target.journalist_id):
        if target.journalist is not None:
            target.words, target.kind = target.journalist.name, TargetKind.UNNAMED_PERSON
        target.journalist = None


def remove_some(kind: type[Any], ids: list[int], *, by: Actor) -> int:
    """Remove some of those whom an import made; return how many. Who was meant or touched since
    this began stays.
    """
    staying = touched_among(kind, ids) | meant_among(kind, ids)
    rows = select(kind).where(kind.id.in_([one for one in ids if one not in staying]))
    gone = db.session.scalars(rows).all()
    for one in gone:
        record_event("import:undo", one.ref, by=by, changes={"removed": [one.ref]})
        db.session.delete(one)
    return len(gone)


def parts_of(going: Brought) -> Iterator[tuple[type[Any], list[int]]]:
    """Yield those who go, some at a time."""
    for kind, ids in going.going.items():
        for some in _some(ids, AT_ONCE):
            yield kind, some


def refuse_undoing(batch: ImportBatch) -> None:
    """Raise InvalidInput for a file that was not imported, or whose import was undone."""
    if batch.state is not ImportState.TAKEN:
        raise InvalidInput(version=_("Only what was imported can be undone."))


def end_undoing(batch: ImportBatch, *, by: Actor) -> None:
    """Say of a file that its import was undone."""
    refuse_undoing(batch)
    with audited(batch, "import:undo", by=by):
        batch.state = ImportState.UNDONE
        batch.revised(by=by)


def _some(ids: list[int], many: int) -> Iterator[list[int]]:
    return (ids[at : at + many] for at in range(0, len(ids), many))
