"""Reading incidents for a file: batch after batch, never a list of all."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from tracker.cases.models import Case, CaseIncident
from tracker.db import engines
from tracker.errors import BadQuery
from tracker.i18n import _
from tracker.incidents.queries import PLACE, incident_by_ref, latest_first, with_everything
from tracker.people.mention_queries import closed_journalists, names_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Engine, Select

    from tracker.incidents.models import Incident
    from tracker.scoping import Viewer

BATCH = 500


def beside_place(rows: Select[Incident], args: Mapping[str, str]) -> Select[Incident]:
    """Return the incidents that a list shows `after=REF`, or `before` it; all where neither is
    given. Raises BadQuery for a ref that the viewer does not see.
    """
    given = place_in(args)
    if len(given) > 1:
        raise BadQuery("before", _("Give after or before, not both."))
    for name in given:
        incident = incident_by_ref(args[name])
        if incident is None:
            raise BadQuery(name, _("No such place in this list."))
        place, key = _place_of(incident), tuple_(*PLACE)
        rows = rows.where(key < place if name == "after" else key > place)
    return rows


def place_in(args: Mapping[str, str]) -> dict[str, str | list[str]]:
    """Return the `after` or `before` that an address or a command gives."""
    return {name: args[name] for name in ("after", "before") if args.get(name)}


def batches_of(
    rows: Select[Incident], viewer: Viewer, *, size: int = BATCH
) -> Iterator[tuple[list[Incident], dict[int, list[str]], list[str]]]:
    """Yield incidents as a list orders them, with the refs of their cases and the names that the
    viewer's teams name to nobody else, for one viewer.

    The session is this reading's own: the file outlives the request that asked for it.
    """
    with reading_for(viewer) as session:
        ordered = latest_first(rows).limit(size).options(*with_everything())
        page = ordered
        closed = [name for one in closed_journalists(session) for name in names_of(one)]
        while True:
            found = list(session.scalars(page).unique())
            if found:
                yield found, _cases_of(session, [one.id for one in found]), closed
            if len(found) < size:
                return
            page = ordered.where(tuple_(*PLACE) < _place_of(found[-1]))
            session.expunge_all()


@contextmanager
def reading_for(viewer: Viewer) -> Iterator[Session]:
    """Open a session that reads for a viewer, as long as a file takes."""
    with Session(_one_moment(), info={"viewer": viewer}) as session:
        yield session


def _one_moment() -> Engine:
    """Return an engine whose transaction sees the database as it was when it began: an incident
    that is given another date meanwhile must not come twice, or not at all.
    """
    reading = engines().reading
    if reading.dialect.name == "sqlite":
        return reading
    return reading.execution_options(isolation_level="REPEATABLE READ")


def _place_of(incident: Incident) -> Any:  # noqa: ANN401 (a row value)
    return tuple_(*(literal(getattr(incident, one.key), one.type) for one in PLACE))


def _cases_of(session: Session, ids: list[int]) -> dict[int, list[str]]:
    """Return the refs of the cases of incidents, the home case first."""
    rows = session.execute(
        select(CaseIncident.incident_id, Case.ref)
        .join(Case, CaseIncident.case_id == Case.id)
        .where(CaseIncident.incident_id.in_(ids))
        .order_by(CaseIncident.is_home.desc(), Case.ref)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for incident_id, ref in rows:
        found[incident_id].append(ref)
    return found
