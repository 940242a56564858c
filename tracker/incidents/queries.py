"""Find incidents by filter, person, source or expected end of a status; loader options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, selectinload

from tracker.articles.models import Article
from tracker.articles.queries import citation_load_options
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _, current_language
from tracker.incidents import figure_queries
from tracker.incidents.codes import FigureTable
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.guarded_models import Publication
from tracker.incidents.models import (
    Incident,
    IncidentActor,
    IncidentCitation,
    IncidentJoinMixin,
    IncidentLink,
    IncidentRowMixin,
    IncidentTarget,
    IncidentType,
    TargetStatus,
)
from tracker.incidents.rules import (
    HEADINGS_BY_CROSSWALK_TABLE,
    NOT_RECORDED_CODE,
    TABLES_OF_ONE_NUMBER,
    type_groups,
)
from tracker.people.models import Journalist, Outlet
from tracker.people.queries import journalist_by_ref, matches_words_condition, outlet_by_ref
from tracker.permissions import Visibility
from tracker.records import Record
from tracker.review.codes import EditorialState
from tracker.review.queries import is_not_retracted
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import find_term, list_all_terms, term_choices
from tracker.web.filters import choices_hint
from tracker.web.paging import count_up_to_limit

# The columns by which every list of incidents is sorted, the latest first.
SORT_ORDER: tuple[Any, ...] = (Incident.latest, Incident.earliest, Incident.ref)
# Statuses of targets are listed so many days before their expected end.
DEADLINE_WINDOW_DAYS = 30
MAX_DUPLICATES_OFFERED = 10
MAX_STATUSES_SHOWN = 50  # statuses ending soon, and as many overdue


def row_load_options() -> list[Any]:
    """Return the loader options for incidents with all that a list row shows."""
    return [selectinload(Incident.types), *_target_load_options()]


def joined_row_load_options() -> list[Any]:
    """Return the loader options for incidents with all that a list row shows, in one query; for a
    few incidents only.
    """
    targets = joinedload(Incident.targets)
    return [
        joined_types_load_option(),
        targets.joinedload(IncidentTarget.journalist),
        targets.joinedload(IncidentTarget.outlet),
    ]


def joined_types_load_option() -> Any:  # noqa: ANN401 (a loader option)
    """Return the loader option for the types of a few incidents, in the same query.

    Terms are loaded by an outer join: for an inner join SQLite would first read all types.
    """
    return joinedload(Incident.types).joinedload(IncidentType.term, innerjoin=False)


def export_load_options() -> list[Any]:
    """Return the loader options for incidents with all that a row of an export shows."""
    return [
        *row_load_options(),
        joinedload(Incident.region),
        selectinload(Incident.actors),
        selectinload(Incident.citations)
        .selectinload(IncidentCitation.article)
        .joinedload(Article.publisher),
    ]


def page_load_options() -> list[Any]:
    """Return the loader options for an incident with all that its own page shows."""
    return [
        *_target_load_options(),
        joined_types_load_option(),
        joinedload(Incident.region),
        joinedload(Incident.relative_to),
        selectinload(Incident.targets).joinedload(IncidentTarget.statuses),
        joinedload(Incident.actors),
        joinedload(Incident.references),
        citation_load_options(Incident.citations),
    ]


def publication_load_options() -> list[Any]:
    """Return the loader options for incidents with all that decides their publication."""
    targets = selectinload(Incident.targets)
    cited = selectinload(Incident.citations).joinedload(IncidentCitation.article)
    return [
        joined_types_load_option(),
        joinedload(Incident.region),
        joinedload(Incident.actors),
        targets.joinedload(IncidentTarget.journalist).joinedload(Journalist.names),
        targets.joinedload(IncidentTarget.outlet).joinedload(Outlet.names),
        cited.joinedload(Article.publisher),
    ]


def incidents_matching(
    filters: IncidentFilter, *, within: sa.Select[int] | None = None
) -> sa.Select[Incident]:
    """Return the select of the incidents that match a filter. `within`: a select of ids to which
    the result is limited. Raise BadQuery for a type, region, journalist or outlet that does not
    exist for the viewer.

    Retracted incidents are found only if the filter asks for that state.
    """
    rows = (
        sa.select(Incident).where(matches_filter(filters)).execution_options(shared=filters.shared)
    )
    return rows if within is None else rows.where(Incident.id.in_(within))


def matches_filter(filters: IncidentFilter) -> sa.ColumnElement[bool]:
    """Return the SQL condition that an incident matches a filter.

    Raises BadQuery as `incidents_matching` does.
    """
    return sa.and_(*_filter_conditions(filters))


def figure_rows_matching(tables: Iterable[FigureTable], filters: IncidentFilter) -> sa.Select[Any]:
    """Return the select of the rows from which tables of figures are counted, for the incidents
    that match a filter.

    For the columns see `figure_queries.figure_rows`; raises BadQuery as `incidents_matching` does.
    """
    rows = figure_queries.figure_rows(
        tables, (*_filter_conditions(filters), figure_queries.is_counted_in_figures())
    )
    return rows.execution_options(shared=filters.shared)


def filter_labels_by_code(filters: IncidentFilter) -> dict[str, str]:
    """Return the labels of a filter's codes and refs, by code or ref.

    Raises BadQuery as `incidents_matching` does.
    """
    types = [*_types_of_filter(filters, "type"), *_types_of_filter(filters, "primary")]
    terms = [*types, _region_of_filter(filters), _figure_term(filters)]
    names = {term.code: term.label_in(current_language()) for term in terms if term}
    for owner in (_journalist_of_filter(filters), _outlet_of_filter(filters)):
        if owner:
            names[owner.ref] = owner.name
    return names


def type_groups_for_filter(
    filters: IncidentFilter, labels_by_code: Mapping[str, str]
) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return the groups of incident types for the form of a filter, as `type_groups` does; retired
    types only if the filter has them. `labels_by_code`: as `filter_labels_by_code` returns them.
    """
    types = dict(term_choices(TermSet.INCIDENT_TYPE, current_language()))
    return type_groups(
        (types | {code: labels_by_code.get(code, "") for code in filters.type}).items()
    )


def count_incidents(rows: sa.Select[Incident]) -> int:
    """Return how many incidents of a select the viewer may see; 1,001 means more than 1,000."""
    return count_up_to_limit(rows, Incident.id)


def count_incidents_by_journalist_id(journalists: Iterable[Journalist]) -> dict[int, int]:
    """Return the number of incidents against each journalist, by the journalist's id; retracted
    incidents are not counted.
    """
    key: Any = IncidentTarget.journalist_id
    rows = (
        sa.select(key, sa.func.count(IncidentTarget.incident_id.distinct()))
        .join(IncidentTarget.incident)
        .where(key.in_([one.id for one in journalists]), is_not_retracted(Incident))
        .group_by(key)
    )
    return {row[0]: row[1] for row in db.session.execute(rows)}


def incidents_of_journalist(journalist: Journalist) -> sa.Select[Incident]:
    """Return the select of the incidents in which a journalist is a target, in any role."""
    return sa.select(Incident).where(_has_target(IncidentTarget.journalist_id == journalist.id))


def incidents_of_outlet(outlet: Outlet) -> sa.Select[Incident]:
    """Return the select of the incidents against an outlet or somebody working for it."""
    return sa.select(Incident).where(_has_target(IncidentTarget.outlet_id == outlet.id))


def incidents_citing(article: Article) -> list[Incident]:
    """Return the incidents that cite an article, the latest first."""
    citing = sa.select(IncidentCitation.record_id).where(IncidentCitation.article_id == article.id)
    rows = sort_latest_first(sa.select(Incident).where(Incident.id.in_(citing)))
    return list(db.session.scalars(rows.options(*row_load_options())))


def incidents_linked_to(record: Record, *, limit: int) -> list[Incident]:
    """Return the incidents to which a case, account or response refers, the latest first."""
    found: list[Incident] = []
    for model in IncidentJoinMixin.__subclasses__():
        owner: Any = getattr(model, model.OWNER_ATTRIBUTE)
        if owner.property.mapper.class_ is type(record):
            ids = sa.select(model.incident_id).where(owner == record)
            rows = sort_latest_first(sa.select(Incident).where(Incident.id.in_(ids))).limit(limit)
            found += db.session.scalars(rows.options(*row_load_options())).unique()
    return found


def sort_latest_first(rows: sa.Select[Incident]) -> sa.Select[Incident]:
    """Return a select of incidents sorted as in every list of incidents: the latest first."""
    return rows.order_by(*(column.desc() for column in SORT_ORDER))


def possible_duplicates(incident: Incident) -> list[Incident]:
    """Return the visible incidents of the same team that may be the same as an incident: those that
    happened at the same time to one of its journalists or outlets. At most ten, the latest first.
    """
    owners = {
        column: {getattr(target, column.key) for target in incident.targets} - {None}
        for column in (IncidentTarget.journalist_id, IncidentTarget.outlet_id)
    }
    rows = sa.select(Incident).where(
        Incident.id != incident.id,
        Incident.team_id == incident.team_id,
        is_not_retracted(Incident),
        Incident.earliest <= incident.latest,
        Incident.latest >= incident.earliest,
        _has_target(sa.or_(*(column.in_(ids) for column, ids in owners.items()))),
    )
    found = sort_latest_first(rows).options(*row_load_options()).limit(MAX_DUPLICATES_OFFERED)
    return list(db.session.scalars(found))


def incident_by_ref(ref: str) -> Incident | None:
    """Return the incident with a ref, None if there is none that the viewer may see."""
    return db.session.scalars(sa.select(Incident).where(Incident.ref == ref)).first()


def resolve_incident(ref: str) -> Incident:
    """Return the incident whose ref was entered in a form; raise InvalidInput if there is none.

    The error is at `other`.
    """
    incident = incident_by_ref(ref)
    if incident is None:
        raise InvalidInput(other=_("Choose an incident, or give the ref of one."))
    return incident


def approved_incidents(limit: int) -> list[Incident]:
    """Return the approved incidents that are not published, as far as the viewer may see them.

    Those that all users see come first, since no others can be published; oldest first.
    """
    rows = sa.select(Incident).where(Incident.state == EditorialState.APPROVED)
    is_restricted = Incident.visibility == Visibility.RESTRICTED
    order = (is_restricted, Incident.approved_at, Incident.id)
    return list(db.session.scalars(rows.order_by(*order).limit(limit)))


def publication_of(incident: Incident) -> Publication | None:
    """Return the publication of an incident, even withdrawn, None if it was never published."""
    return db.session.scalars(
        sa.select(Publication).where(Publication.incident_id == incident.id)
    ).first()


def links_of(incident: Incident) -> list[IncidentLink]:
    """Return the links between an incident and others, if the viewer may see both."""
    found = db.session.scalars(_select_links(), {"id": incident.id}).unique()
    return [link for link in found if link.other is not None]


@cache
def _select_links() -> sa.Select[IncidentLink]:
    """Return the select of the links from and to the incident whose id is the SQL parameter `id`.

    Cached as `_select_models_about`.
    """
    here = sa.or_(
        IncidentLink.incident_id == sa.bindparam("id"), IncidentLink.other_id == sa.bindparam("id")
    )
    ends = (joinedload(IncidentLink.incident), joinedload(IncidentLink.other))
    both = (one.options(*joined_row_load_options()) for one in ends)
    return sa.select(IncidentLink).where(here).options(*both).order_by(IncidentLink.id)


def models_with_rows_about(incident: Incident) -> frozenset[type[IncidentRowMixin]]:
    """Return the subclasses of `IncidentRowMixin` that have a row about this incident which the
    viewer may see, such as the model of its publication.

    Queried once per session, for all the sections of a page.
    """
    read: dict[int, frozenset[type[IncidentRowMixin]]]
    read = db.session.info.setdefault("models_with_rows_about", {})
    if incident.id not in read:
        kinds, about = _select_models_about()
        found = db.session.scalars(about, {"id": incident.id})
        read[incident.id] = frozenset(kinds[name] for name in found)
    return read[incident.id]


@cache
def _select_models_about() -> tuple[dict[str, Any], sa.CompoundSelect[Any]]:
    """Return all models of rows about incidents by class name, and a select of the class names
    whose models have a row about one incident. The id of the incident is the SQL parameter `id`.

    Cached, since every page of an incident needs both.
    """
    models: list[Any] = [*IncidentJoinMixin.__subclasses__(), *IncidentRowMixin.__subclasses__()]
    kinds = {kind.__name__: kind for kind in models if kind is not IncidentJoinMixin}
    about = (
        sa.select(sa.literal(name)).where(
            sa.select(kind.incident_id).where(kind.incident_id == sa.bindparam("id")).exists()
        )
        for name, kind in kinds.items()
    )
    return kinds, sa.union_all(*about)


def _target_load_options() -> list[Any]:
    """Return the loader options for targets of incidents, with their journalists and outlets."""
    targets = selectinload(Incident.targets)
    return [
        targets.joinedload(IncidentTarget.journalist),
        targets.joinedload(IncidentTarget.outlet),
    ]


def _filter_conditions(filters: IncidentFilter) -> Iterator[Any]:
    """Yield the SQL condition of each field that is set; if no state is set, also that incidents
    are not retracted.
    """
    yield from filters.build_conditions(Incident)
    if filters.primary:
        ids = [term.id for term in _types_of_filter(filters, "primary")]
        yield figure_queries.primary_type_id().in_(ids)
    if filters.type:
        ids = [term.id for term in _types_of_filter(filters, "type")]
        of_types = sa.select(IncidentType.incident_id).where(IncidentType.term_id.in_(ids))
        yield Incident.id.in_(of_types)
    yield from _target_and_actor_conditions(filters)
    if region := _region_of_filter(filters):
        yield Incident.region_id == region.id
    if filters.q:
        yield matches_words_condition(Incident, filters.q)
    if filters.reported:
        yield figure_queries.is_reported_in(filters.reported)
    if not filters.state:
        yield is_not_retracted(Incident)
    if filters.figure:
        yield figure_queries.is_counted_in_figures()
        if filters.figure.table not in TABLES_OF_ONE_NUMBER:
            yield Incident.id.in_(_incident_ids_in_figure(filters, *filters.figure))


def _target_and_actor_conditions(filters: IncidentFilter) -> Iterator[Any]:
    """Yield the SQL conditions of the fields for targets and actors."""
    if journalist := _journalist_of_filter(filters):
        yield _has_target(IncidentTarget.journalist_id == journalist.id)
    if outlet := _outlet_of_filter(filters):
        yield _has_target(IncidentTarget.outlet_id == outlet.id)
    for column, code in (
        (IncidentActor.actor_type, filters.actor),
        (IncidentActor.purported_as, filters.posing_as),
    ):
        if code:
            yield Incident.id.in_(sa.select(IncidentActor.incident_id).where(column == code))


def _has_target(condition: Any) -> Any:  # noqa: ANN401 (conditions)
    """Return the SQL condition that an incident has a target that fulfils a condition."""
    return Incident.id.in_(sa.select(IncidentTarget.incident_id).where(condition))


def _types_of_filter(filters: IncidentFilter, field_name: str) -> list[Term]:
    """Return the types in a field of a filter, where a code such as `threat.` means all types of
    that group, even retired ones. Raise BadQuery for an unknown code.
    """
    asked: tuple[str, ...] = getattr(filters, field_name)
    every = list_all_terms(TermSet.INCIDENT_TYPE) if asked else []
    found: list[Term] = []
    for code in asked:
        is_class = code.endswith(".")
        meant = [
            term for term in every if term.code == code or (is_class and term.code.startswith(code))
        ]
        if not meant:
            raise filters.unknown_value_error(field_name, code, choices_hint())
        found.extend(meant)
    return found


def _region_of_filter(filters: IncidentFilter) -> Term | None:
    """Return the region in a filter, None if unset; raise BadQuery if it does not exist."""
    if not filters.region:
        return None
    term = find_term(TermSet.REGION, filters.region)
    if term is None:
        raise filters.unknown_value_error("region", filters.region, choices_hint())
    return term


def _incident_ids_in_figure(
    filters: IncidentFilter, table: FigureTable, code: str
) -> sa.Select[Any]:
    """Return a query of the ids of the incidents that one number in a table counts. They also match
    all other fields of the filter. `code`: the row of the table that has the number.
    """
    _figure_term(filters)
    terms = list_all_terms(TermSet.INCIDENT_TYPE) if table in HEADINGS_BY_CROSSWALK_TABLE else []
    return figure_queries.incident_ids_in_figure(
        table, code, _filter_conditions(replace(filters, figure=None)), terms
    )


def _figure_term(filters: IncidentFilter) -> Term | None:
    """Return the type or region that the number in the filter counts, None if the number counts
    something else. Raise BadQuery if its table has no such row.
    """
    sets = {FigureTable.TYPE: TermSet.INCIDENT_TYPE, FigureTable.REGION: TermSet.REGION}
    if filters.figure is None or filters.figure.code == NOT_RECORDED_CODE:
        return None
    table, code = filters.figure
    if table in HEADINGS_BY_CROSSWALK_TABLE:
        terms = list_all_terms(TermSet.INCIDENT_TYPE)
        if not any(figure_queries.crosswalk_heading(term, table) == code for term in terms):
            raise filters.unknown_value_error("figure", f"{table}:{code}")
    term = find_term(sets[table], code) if table in sets else None
    if table in sets and term is None:
        raise filters.unknown_value_error("figure", f"{table}:{code}")
    return term


def _journalist_of_filter(filters: IncidentFilter) -> Journalist | None:
    """Return the journalist in a filter, None if unset; raise BadQuery if there is no such one."""
    return filters.get_named_record("journalist", journalist_by_ref)


def _outlet_of_filter(filters: IncidentFilter) -> Outlet | None:
    """Return the outlet in a filter, None if unset; raise BadQuery if there is no such one."""
    return filters.get_named_record("outlet", outlet_by_ref)


def statuses_ending_soon(today: date) -> list[TargetStatus]:
    """Return the current statuses of targets that end today or within 30 days, soonest first.

    At most 50, plus one if there are more; the same limit holds for `overdue_statuses`.
    """
    until = today + timedelta(DEADLINE_WINDOW_DAYS)
    rows = current_statuses().where(TargetStatus.expected_end.between(today, until))
    return _load_statuses(rows.order_by(TargetStatus.expected_end, TargetStatus.id))


def overdue_statuses(today: date) -> list[TargetStatus]:
    """Return the current statuses of targets that should have ended before today, latest first."""
    rows = current_statuses().where(TargetStatus.expected_end < today)
    return _load_statuses(rows.order_by(TargetStatus.expected_end.desc(), TargetStatus.id))


def current_statuses() -> sa.Select[TargetStatus]:
    """Return the select of the statuses of targets that no later status follows."""
    since = aliased(TargetStatus)
    follows = sa.and_(
        since.target_id == TargetStatus.target_id,
        sa.or_(
            since.earliest > TargetStatus.earliest,
            sa.and_(since.earliest == TargetStatus.earliest, since.id > TargetStatus.id),
        ),
    )
    return (
        sa.select(TargetStatus)
        .join(TargetStatus.target)
        .join(IncidentTarget.incident)
        .where(is_not_retracted(Incident), ~sa.select(since.id).where(follows).exists())
    )


def _load_statuses(rows: sa.Select[TargetStatus]) -> list[TargetStatus]:
    """Return the first `MAX_STATUSES_SHOWN` statuses of a select, with their incidents. If the
    select has more, one more is returned, so that the caller sees that.
    """
    target = joinedload(TargetStatus.target)
    loaded = rows.limit(MAX_STATUSES_SHOWN + 1).options(
        target.joinedload(IncidentTarget.journalist),
        target.joinedload(IncidentTarget.outlet),
        target.joinedload(IncidentTarget.incident).options(*row_load_options()),
    )
    return list(db.session.scalars(loaded))
