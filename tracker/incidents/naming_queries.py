"""Which decisions about a name keep it at home, who is closed, whom a source tells of besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, inspect, or_, select, union
from sqlalchemy.orm import joinedload, selectinload

from tracker.articles.models import Citation
from tracker.db import db
from tracker.incidents.codes import NameReach
from tracker.incidents.models import Incident, IncidentActor, IncidentCitation, IncidentTarget
from tracker.incidents.naming_rules import LEAVES, HeldBack, accused
from tracker.incidents.queries import for_a_line
from tracker.people.mention_queries import names_of
from tracker.people.models import Journalist, Outlet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session


def holds_back(target: Any, lets_go: Sequence[NameReach] = LEAVES) -> Any:  # noqa: ANN401 (IncidentTarget or an alias of it; a condition)
    """Return the condition that a target keeps a name from partners, or from whoever is named where
    it reaches so far. Nobody decides any more in an incident that was merged: what was decided
    there went along to the one that it leads to.
    """
    merged = select(Incident.id).where(Incident.merged_into_id.is_not(None))
    is_undecided = and_(target.name_reach == NameReach.HOUSE, target.incident_id.in_(merged))
    return and_(target.name_reach.not_in(lets_go), ~is_undecided)


def holding_back(target: IncidentTarget) -> list[IncidentTarget]:
    """Return the other targets by which her name is held back, of those that the viewer may see,
    with their incidents.
    """
    rows = select(IncidentTarget).where(
        IncidentTarget.journalist_id == target.journalist_id,
        IncidentTarget.journalist_id.is_not(None),
        IncidentTarget.id != target.id,
        holds_back(IncidentTarget),
    )
    loaded = rows.options(joinedload(IncidentTarget.incident).options(*for_a_line()))
    return list(db.session.scalars(loaded.order_by(IncidentTarget.id)))


def closed_names(session: Session) -> list[str]:
    """Return every name of those whom no file names: closed by their team, or in an incident."""
    closed = select(IncidentTarget.journalist_id).where(IncidentTarget.name_reach == NameReach.TEAM)
    rows = select(Journalist).where(
        or_(Journalist.name_closed_on.is_not(None), Journalist.id.in_(closed))
    )
    found = session.scalars(rows.options(selectinload(Journalist.names)))
    return list(dict.fromkeys(name for one in found for name in names_of(one)))


def held_back_beside(
    citations: Iterable[Citation], lets_go: Sequence[NameReach] = LEAVES
) -> HeldBack:
    """Return the targets whose names are held back, as by `holds_back`, in any incident that has a
    source in common with some citations, and who is accused there; of those that the viewer may
    see, with all their names. A source told of one incident may tell of whoever is in another.
    """
    return held_back_beside_each([citations], lets_go)[0]


def held_back_beside_each(
    cited: Sequence[Iterable[Citation]], lets_go: Sequence[NameReach] = LEAVES
) -> list[HeldBack]:
    """Return `held_back_beside` for each of several lists of citations, in as many queries."""
    sources = [{one.article_id for one in citations} for citations in cited]
    every = set().union(*sources)
    cites = IncidentCitation.article_id.in_(every)
    citing = select(IncidentCitation.record_id).where(cites)
    pairs = select(IncidentCitation.article_id, IncidentCitation.record_id).where(cites)
    incidents: dict[int, set[int]] = {}
    for article_id, incident_id in db.session.execute(pairs):
        incidents.setdefault(article_id, set()).add(incident_id)
    rows = select(IncidentTarget).where(
        IncidentTarget.incident_id.in_(citing), holds_back(IncidentTarget, lets_go)
    )
    loaded = rows.options(
        joinedload(IncidentTarget.incident),
        joinedload(IncidentTarget.journalist).selectinload(Journalist.names),
        joinedload(IncidentTarget.outlet).selectinload(Outlet.names),
    )
    actors = select(IncidentActor).where(
        IncidentActor.incident_id.in_(citing), IncidentActor.name != ""
    )
    targets = list(db.session.scalars(loaded.order_by(IncidentTarget.id)))
    suspects = accused(db.session.scalars(actors.order_by(IncidentActor.id)))
    found = []
    for articles in sources:
        ids = set().union(*(incidents.get(one, set()) for one in articles))
        found.append(
            HeldBack(
                targets=[one for one in targets if one.incident_id in ids],
                actors=[one for one in suspects if one.incident_id in ids],
            )
        )
    return found


def unasked_beside(citations: Iterable[Citation]) -> list[Journalist]:
    """Return the journalists who stand in any other record than an incident that has a source in
    common with some citations, and whose name no decision lets go: an account poses as them, or a
    proceeding concerns them. As far as the viewer sees; with all their names.
    """
    article_ids = {one.article_id for one in citations}
    told = [
        rows
        for kind in Citation.__subclasses__()
        if kind is not IncidentCitation
        for rows in _standing_in(kind, article_ids)
    ]
    let_go = select(IncidentTarget.journalist_id).where(
        IncidentTarget.journalist_id.is_not(None), IncidentTarget.name_reach.in_(LEAVES)
    )
    rows = select(Journalist).where(Journalist.id.in_(union(*told)), Journalist.id.not_in(let_go))
    return list(db.session.scalars(rows.options(selectinload(Journalist.names))))


def _standing_in(kind: Any, article_ids: set[int]) -> Iterator[Select[Any]]:  # noqa: ANN401 (a type of Citation)
    """Select the journalists of the records of which some sources tell, by a citation or by the
    source that a row on them names.
    """
    record = inspect(kind).relationships["record"].mapper.class_
    hanging = [one for one in inspect(record).relationships if one.info.get("trail")]
    telling = [select(kind.record_id).where(kind.article_id.in_(article_ids))]
    for one in hanging:
        row = one.mapper.class_
        if hasattr(row, "article_id") and row is not kind:
            told = select(record.id).join(getattr(record, one.key))
            telling.append(told.where(row.article_id.in_(article_ids)))
    for one in hanging:
        row = one.mapper.class_
        if hasattr(row, "journalist_id"):
            rows = select(row.journalist_id).join(getattr(row, str(one.back_populates)))
            yield rows.where(row.journalist_id.is_not(None), record.id.in_(union(*telling)))
