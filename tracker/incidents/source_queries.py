"""Find the sources whose address may be shared outside the organisation: those that reveal nobody
who may not be named there. Partner files, dossiers and the public file share this rule
(docs/decisions/0049).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, and_, except_, inspect, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.articles.models import Article, Citation
from tracker.articles.queries import citation_models
from tracker.incidents.codes import NameReach, TargetKind
from tracker.incidents.models import (
    Incident,
    IncidentActor,
    IncidentCitation,
    IncidentJoinMixin,
    IncidentTarget,
)
from tracker.incidents.naming_queries import withholds_name
from tracker.incidents.publication_rules import is_identified_by_one_word, may_name_actor_outside
from tracker.people.rules import is_named_in_address
from tracker.permissions import Visibility

# The values of `NameReach` with which a name may be read by the audience of a file.
Reaches = Sequence[NameReach]


def source_ids_with_shareable_url(
    session: Session, allowed_reaches: Reaches, *, source_ids: Collection[int] | None = None
) -> list[int]:
    """Return the ids of the sources of incidents whose address may be shared with an audience. Each
    person in a record that cites the source may be named to the audience, and the address has no
    name of an actor who may not be named. `session`: a session that sees all rows, since a record
    of any team may withhold a name; `allowed_reaches`: the values of `NameReach` with which the
    audience may read a name; `source_ids`: only sources with these ids are returned, None for all.
    """
    told = _select_source_ids(IncidentCitation, source_ids).join(
        IncidentTarget, IncidentTarget.incident_id == IncidentCitation.record_id
    )
    selected = except_(
        told.where(visible_to_all_condition()),
        told.where(withheld_name_condition(allowed_reaches)),
        *_select_source_ids_of_other_records(allowed_reaches, source_ids),
    )
    found = set(session.scalars(selected))
    if found:
        found.difference_update(_source_ids_with_actor_in_url(session, source_ids))
    return sorted(found)


def visible_to_all_condition() -> Any:  # noqa: ANN401 (a condition)
    """Return the SQL condition that all users may see a target."""
    return IncidentTarget.visibility == Visibility.INTERNAL


def withheld_name_condition(allowed_reaches: Reaches) -> Any:  # noqa: ANN401 (a condition)
    """Return the SQL condition that the name of a target is withheld from an audience."""
    is_somebody = or_(
        IncidentTarget.journalist_id.is_not(None), IncidentTarget.outlet_id.is_not(None)
    )
    return and_(is_somebody, IncidentTarget.name_reach.not_in(allowed_reaches))


def unnameable_condition(row: Any, allowed_reaches: Reaches) -> Any:  # noqa: ANN401 (a model with a journalist and an outlet, a condition)
    """Return the SQL condition that a row refers to a person or outlet who must not be named to an
    audience: no incident that all users see allows it, or an incident of any team forbids it.
    """
    named_outlets = select(IncidentTarget.outlet_id).where(
        visible_to_all_condition(),
        IncidentTarget.kind == TargetKind.OUTLET,
        IncidentTarget.outlet_id.is_not(None),
        IncidentTarget.name_reach.in_(allowed_reaches),
    )
    return or_(
        and_(
            row.journalist_id.is_not(None),
            row.journalist_id.not_in(select_nameable_journalist_ids(allowed_reaches)),
        ),
        and_(row.outlet_id.is_not(None), row.outlet_id.not_in(named_outlets)),
    )


def select_nameable_journalist_ids(allowed_reaches: Reaches) -> Select[Any]:
    """Select the ids of the journalists who may be named to an audience according to every incident
    that targets them.
    """
    other = aliased(IncidentTarget)
    kept = select(other.journalist_id).where(
        other.journalist_id.is_not(None), withholds_name(other, allowed_reaches)
    )
    return select(IncidentTarget.journalist_id).where(
        visible_to_all_condition(),
        IncidentTarget.journalist_id.is_not(None),
        IncidentTarget.journalist_id.not_in(kept),
    )


def _select_source_ids(kind: type[Citation], source_ids: Collection[int] | None) -> Select[Any]:
    """Select the ids of the sources in rows of a model, such as citations, without empty ones."""
    asked = kind.article_id.is_not(None) if source_ids is None else kind.article_id.in_(source_ids)
    return select(kind.article_id).where(asked)


def _select_source_ids_of_other_records(
    allowed_reaches: Reaches, source_ids: Collection[int] | None
) -> Iterator[Select[Any]]:
    """Yield selects of the ids of sources that may reveal a person who must not be named: the
    sources of responses, appeals and proceedings about an incident that targets the person, of
    proceedings with the person as a party, and of accounts that impersonate the person or are used
    in such an incident.
    """
    for kind in citation_models():
        record = inspect(kind).relationships["record"].mapper.class_
        parts = [one for one in inspect(record).relationships if one.info.get("audited")]
        about = [
            getattr(record, one.key).any(condition)
            for one in parts
            for condition in _unnameable_person_conditions(one.mapper.class_, allowed_reaches)
        ]
        for one in parts if record is not Incident else []:
            row = one.mapper.class_
            if hasattr(row, "article_id"):
                owner = getattr(row, str(one.back_populates))
                yield _select_source_ids(row, source_ids).where(owner.has(or_(*about)))


def _unnameable_person_conditions(row: Any, allowed_reaches: Reaches) -> Iterable[Any]:  # noqa: ANN401 (a model, conditions)
    """Return a list with the SQL condition that a row of a record refers to somebody who must not
    be named, directly or through an incident. The list is empty for rows that refer to nobody.
    """
    if issubclass(row, IncidentJoinMixin):
        return [row.incident.has(Incident.targets.any(withheld_name_condition(allowed_reaches)))]
    return [unnameable_condition(row, allowed_reaches)] if hasattr(row, "journalist_id") else []


def _source_ids_with_actor_in_url(
    session: Session, source_ids: Collection[int] | None
) -> Iterator[int]:
    """Yield the ids of sources whose address has the name of an actor of an incident that cites
    them, and who may not be named outside.
    """
    actor = IncidentActor
    rows = (
        _select_source_ids(IncidentCitation, source_ids)
        .join(Article, Article.id == IncidentCitation.article_id)
        .join(actor, actor.incident_id == IncidentCitation.record_id)
        .where(actor.name != "")
        .add_columns(
            Article.url, Article.archive_url,
            actor.name, actor.actor_type, actor.certainty, actor.attributed_by,
        )
    )  # fmt: skip
    for row in session.execute(rows):
        if not may_name_actor_outside(row) and any(
            is_named_in_address(one, [row.name], allow_parts=is_identified_by_one_word(row))
            for one in (row.url, row.archive_url)
        ):
            yield row.article_id
