"""Reading for a file, in a session that outlives the request; and a user's saved exports."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from tracker.db import db, engines
from tracker.errors import BadQuery
from tracker.i18n import _
from tracker.incidents.queries import PLACE, incident_by_ref
from tracker.reports.models import SavedExport

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Engine, Select

    from tracker.incidents.models import Incident
    from tracker.permissions import Actor
    from tracker.scoping import Viewer


def incidents_beside(rows: Select[Incident], args: Mapping[str, str]) -> Select[Incident]:
    """Return the incidents that a list shows `after=REF`, or `before` it; all where neither is
    given. Raises BadQuery for a ref that the viewer does not see.
    """
    given = place_from_query(args)
    if len(given) > 1:
        raise BadQuery("before", _("Give after or before, not both."))
    for name in given:
        incident = incident_by_ref(args[name])
        if incident is None:
            raise BadQuery(name, _("No such place in this list."))
        place, key = _place_of(incident), tuple_(*PLACE)
        rows = rows.where(key < place if name == "after" else key > place)
    return rows


def place_from_query(args: Mapping[str, str]) -> dict[str, str | list[str]]:
    """Return the `after` or `before` that an address or a command gives."""
    return {name: args[name] for name in ("after", "before") if args.get(name)}


@contextmanager
def reading_session(viewer: Viewer) -> Iterator[Session]:
    """Open a session that reads for a viewer, as long as a file takes."""
    with Session(_snapshot_engine(), info={"viewer": viewer}) as session:
        yield session


def saved_exports(actor: Actor) -> list[SavedExport]:
    """Return the saved exports of the actor by name."""
    rows = select(SavedExport).where(SavedExport.user_id == actor.id)
    return list(db.session.scalars(rows.order_by(SavedExport.name)))


def saved_export_named(name: str, *, of: Actor) -> SavedExport | None:
    """Return the saved export of a name."""
    rows = select(SavedExport).where(SavedExport.user_id == of.id, SavedExport.name == name)
    return db.session.scalars(rows).first()


def _snapshot_engine() -> Engine:
    """Return an engine whose transaction sees the database as it was when it began: an incident
    that is given another date meanwhile must not come twice, or not at all.
    """
    reading = engines().reading
    if reading.dialect.name == "sqlite":
        return reading
    return reading.execution_options(isolation_level="REPEATABLE READ")


def _place_of(incident: Incident) -> Any:  # noqa: ANN401 (a row value)
    return tuple_(*(literal(getattr(incident, one.key), one.type) for one in PLACE))
