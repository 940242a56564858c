"""Find the names to withhold outside a team, and where a name to be redacted occurs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, inspect, or_, select, union
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.articles.models import Article, Citation
from tracker.articles.queries import citation_models, full_record_load_options
from tracker.articles.rules import Span
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.incidents.codes import NameReach
from tracker.incidents.guarded_models import Publication
from tracker.incidents.models import Incident, IncidentActor, IncidentCitation, IncidentTarget
from tracker.incidents.publication_rules import (
    PARTNER_REACHES,
    WithheldTargetsAndActors,
    unnameable_actors,
)
from tracker.incidents.queries import row_load_options
from tracker.people import queries as people_queries
from tracker.people.models import Affiliation, Journalist, Outlet
from tracker.people.rules import find_mentions, may_mention
from tracker.permissions import Visibility
from tracker.records import record_models
from tracker.review.models import SUBMITTED_STATES
from tracker.scoping import ScopedRecord, system_session
from tracker.search.index import entries_of_referring_records
from tracker.search.models import Searchable

ROWS_PER_FETCH = 1000  # entries of the audit log that are read at a time
# The ids of records about a journalist, by model.
IdsByModel = dict[type[Any], set[int]]


def withholds_name(target: Any, allowed_reaches: Sequence[NameReach] = PARTNER_REACHES) -> Any:  # noqa: ANN401 (IncidentTarget or an alias of it; a condition)
    """Return the SQL condition that a target's name is withheld: its `NameReach` is none of
    `allowed_reaches`. By default a name is withheld that partners may not read.

    Incidents merged into another do not count: their decisions were moved to the other incident.
    """
    merged = select(Incident.id).where(Incident.merged_into_id.is_not(None))
    is_undecided = and_(target.name_reach == NameReach.HOUSE, target.incident_id.in_(merged))
    return and_(target.name_reach.not_in(allowed_reaches), ~is_undecided)


def other_targets_withholding_name(target: IncidentTarget) -> list[IncidentTarget]:
    """Return the same journalist's other targets that withhold the name, with their incidents."""
    rows = select(IncidentTarget).where(
        IncidentTarget.journalist_id == target.journalist_id,
        IncidentTarget.journalist_id.is_not(None),
        IncidentTarget.id != target.id,
        withholds_name(IncidentTarget),
    )
    loaded = rows.options(joinedload(IncidentTarget.incident).options(*row_load_options()))
    return list(db.session.scalars(loaded.order_by(IncidentTarget.id)))


def redacted_journalists(session: Session) -> list[Journalist]:
    """Return the journalists who must not be named in any exported file, with their names.
    `session`: the database session to read from.
    """
    redacted = select(IncidentTarget.journalist_id).where(
        IncidentTarget.name_reach == NameReach.TEAM
    )
    rows = select(Journalist).where(
        or_(Journalist.name_closed_on.is_not(None), Journalist.id.in_(redacted))
    )
    return list(session.scalars(rows.options(selectinload(Journalist.names))))


def redacted_names(session: Session) -> list[str]:
    """Return the names, in all spellings, of the journalists who must not be named in any exported
    file. `session`: the database session to read from.
    """
    found = redacted_journalists(session)
    return list(dict.fromkeys(name for one in found for name in people_queries.names_of(one)))


def names_redacted_by_any_team() -> list[str]:
    """Return `redacted_names` over the records of all teams, even those hidden from the viewer."""
    with system_session("a redacted name is in no file for others", reading=True) as everything:
        return redacted_names(everything)


def withheld_names_in_sources(
    citations: Iterable[Citation], allowed_reaches: Sequence[NameReach] = PARTNER_REACHES
) -> WithheldTargetsAndActors:
    """Return the targets and actors whose names are withheld, in all incidents that cite an article
    which `citations` cite too. `allowed_reaches`: the values of `NameReach` with which a target's
    name is not withheld; by default partners may read the name.

    Targets are withheld as `withholds_name` says, actors as `unnameable_actors` says, each as far
    as the viewer may see them. A source cited for one incident may name anyone who is in another.
    """
    return withheld_names_for_each([citations], allowed_reaches)[0]


def withheld_names_for_each(
    citation_lists: Sequence[Iterable[Citation]],
    allowed_reaches: Sequence[NameReach] = PARTNER_REACHES,
) -> list[WithheldTargetsAndActors]:
    """Return for each list of citations the targets and actors whose names are withheld, as
    `withheld_names_in_sources` does for one list, with as few queries as for one.
    """
    sources = [{one.article_id for one in citations} for citations in citation_lists]
    every = set().union(*sources)
    cites = IncidentCitation.article_id.in_(every)
    citing = select(IncidentCitation.record_id).where(cites)
    pairs = select(IncidentCitation.article_id, IncidentCitation.record_id).where(cites)
    incidents: dict[int, set[int]] = {}
    for article_id, incident_id in db.session.execute(pairs):
        incidents.setdefault(article_id, set()).add(incident_id)
    rows = select(IncidentTarget).where(
        IncidentTarget.incident_id.in_(citing), withholds_name(IncidentTarget, allowed_reaches)
    )
    loaded = rows.options(
        joinedload(IncidentTarget.incident),
        joinedload(IncidentTarget.journalist).joinedload(Journalist.names),
        joinedload(IncidentTarget.outlet).joinedload(Outlet.names),
    )
    actors = select(IncidentActor).where(
        IncidentActor.incident_id.in_(citing), IncidentActor.name != ""
    )
    targets = list(db.session.scalars(loaded.order_by(IncidentTarget.id)).unique())
    suspects = unnameable_actors(db.session.scalars(actors.order_by(IncidentActor.id)))
    found = []
    for articles in sources:
        ids = set().union(*(incidents.get(one, set()) for one in articles))
        found.append(
            WithheldTargetsAndActors(
                targets=[one for one in targets if one.incident_id in ids],
                actors=[one for one in suspects if one.incident_id in ids],
            )
        )
    return found


def unnameable_journalists_in_sources(citations: Iterable[Citation]) -> list[Journalist]:
    """Return the journalists in records other than incidents that cite the same articles as
    `citations`, except those whom an incident allows to be named to partners or the public.

    For example an account impersonates them, or a proceeding concerns them. Limited to what the
    viewer may see; with all their names.
    """
    article_ids = {one.article_id for one in citations}
    cited = [
        rows
        for kind in Citation.__subclasses__()
        if kind is not IncidentCitation
        for rows in _select_journalist_ids(kind, article_ids)
    ]
    let_go = select(IncidentTarget.journalist_id).where(
        IncidentTarget.journalist_id.is_not(None), IncidentTarget.name_reach.in_(PARTNER_REACHES)
    )
    rows = select(Journalist).where(Journalist.id.in_(union(*cited)), Journalist.id.not_in(let_go))
    return list(db.session.scalars(rows.options(selectinload(Journalist.names))))


def _select_journalist_ids(kind: Any, article_ids: set[int]) -> Iterator[Select[Any]]:  # noqa: ANN401 (a type of Citation)
    """Yield selects of the ids of the journalists in records of one kind that cite some articles,
    by a citation or by a row with an article, such as a step. `kind`: the model of the citations.
    """
    record = inspect(kind).relationships["record"].mapper.class_
    hanging = [one for one in inspect(record).relationships if one.info.get("audited")]
    telling = [select(kind.record_id).where(kind.article_id.in_(article_ids))]
    for one in hanging:
        row = one.mapper.class_
        if hasattr(row, "article_id") and row is not kind:
            named = select(record.id).join(getattr(record, one.key))
            telling.append(named.where(row.article_id.in_(article_ids)))
    for one in hanging:
        row = one.mapper.class_
        if hasattr(row, "journalist_id"):
            rows = select(row.journalist_id).join(getattr(row, str(one.back_populates)))
            yield rows.where(row.journalist_id.is_not(None), record.id.in_(union(*telling)))


@dataclass(frozen=True, slots=True)
class NameRedactionPlan:
    """What redacting a journalist's name changes: the passages of articles to make unreadable, and
    the records whose text has the name. Shared records are those that all users see.
    """

    names: list[str]
    # Articles of the team with the passages to mask.
    passages_by_article: dict[Article, list[Span]] = field(default_factory=dict)
    # Shared records of the team, which a user edits first or restricts to the team.
    records_to_edit: list[Any] = field(default_factory=list)
    # Shared records of other teams, which only these teams can edit.
    other_team_records: list[Any] = field(default_factory=list)
    # Shared records of the team with only one word of the name, which may be somebody else's.
    records_with_one_word_of_name: list[Any] = field(default_factory=list)
    # Shared records of the team that once had the name and no longer do.
    refs_with_former_name: list[str] = field(default_factory=list)

    def affected_refs(self) -> list[str]:
        """Return the refs of the articles and records that the user must see before redacting."""
        return [one.ref for one in (*self.passages_by_article, *self.records_to_edit)]


def plan_name_redaction(journalist: Journalist) -> NameRedactionPlan:
    """Return the plan for hiding a journalist's name from everybody outside the owning team."""
    names, team = people_queries.names_of(journalist), journalist.team_id
    ids_by_model = _record_ids_about(journalist)
    articles = _passages_to_mask(names, ids_by_model, team)
    masked = {article.id for article, _spans in articles}
    named, records_with_one_word_of_name = [], []
    for record, is_hers in _candidate_records(names, ids_by_model):
        if record is journalist:
            continue
        if _mentions_person(record, names, allow_single_words=is_hers, masked_article_ids=masked):
            named.append(record)
        elif record.team_id == team and _mentions_person(
            record, names, allow_single_words=True, masked_article_ids=masked
        ):
            records_with_one_word_of_name.append(record)
    own = [one for one in named if one.team_id == team]
    return NameRedactionPlan(
        names=names,
        passages_by_article=dict(articles),
        records_to_edit=own,
        other_team_records=[one for one in named if one.team_id != team],
        records_with_one_word_of_name=records_with_one_word_of_name,
        refs_with_former_name=_refs_with_former_name(names, ids_by_model, team),
    )


def team_incidents_targeting(journalist: Journalist) -> list[Incident]:
    """Return the incidents of a journalist's team in which the journalist is a target.

    They are loaded with all that the audit log records.
    """
    incident_ids = select(IncidentTarget.incident_id).where(
        IncidentTarget.journalist_id == journalist.id
    )
    rows = select(Incident).where(
        Incident.id.in_(incident_ids), Incident.team_id == journalist.team_id
    )
    return list(
        db.session.scalars(rows.options(*full_record_load_options(Incident)).order_by(Incident.id))
    )


def publications_naming(journalist: Journalist) -> list[Publication]:
    """Return the publications whose published text names a journalist.

    The incident itself may have changed since. Publications of all teams are found if the session
    sees all rows.
    """
    names, incident_ids = (
        people_queries.names_of(journalist),
        _record_ids_about(journalist).get(Incident, set()),
    )
    rows = select(Publication).where(Publication.withdrawn_at.is_(None)).order_by(Publication.id)
    loaded = rows.options(
        selectinload(Publication.incident).options(*full_record_load_options(Incident))
    )
    return [
        one
        for one in db.session.scalars(loaded)
        if any(
            find_mentions(text, names, allow_single_words=one.incident_id in incident_ids)
            for text in people_queries.row_texts(one)
        )
    ]


def incidents_made_draft_by_redaction(journalist: Journalist) -> list[Incident]:
    """Return the published incidents that become drafts if a journalist's name is redacted."""
    ids = {one.id for one in team_incidents_targeting(journalist)}
    ids.update(one.incident_id for one in publications_naming(journalist))
    rows = select(Incident).join(Publication, Publication.incident_id == Incident.id)
    taken_back = rows.where(
        Incident.id.in_(ids),
        Incident.state.in_(SUBMITTED_STATES),
        Publication.withdrawn_at.is_(None),
    )
    return list(db.session.scalars(taken_back.order_by(Incident.id)))


def _record_ids_about(journalist: Journalist) -> IdsByModel:
    """Return the ids of the records that refer to a journalist, or to a record that refers to the
    journalist, and of the articles that these records cite, by model.
    """
    found: IdsByModel = defaultdict(set)
    # A channel or blog may have the same name.
    for column, of in (
        (Affiliation.outlet_id, Affiliation.journalist_id),
        (IncidentTarget.outlet_id, IncidentTarget.journalist_id),
    ):
        rows = select(column).where(of == journalist.id, column.is_not(None))
        found[Outlet].update(db.session.scalars(rows))
    places: list[tuple[type[Any], int]] = [(type(journalist), journalist.id)]
    for _round in range(2):
        places = [place for place, _viewer in entries_of_referring_records(db.session(), places)]
        for model, number in places:
            found[model].add(number)
    for citation in citation_models():
        cites = inspect(citation).relationships["record"].mapper.class_
        rows = select(citation.article_id).where(citation.record_id.in_(found.get(cites, set())))
        found[Article].update(db.session.scalars(rows))
    return found


def _candidate_records(names: list[str], ids_by_model: IdsByModel) -> Iterator[tuple[Any, bool]]:
    """Yield the records seen by all users that may have one of the names, each with whether it is
    one of the records about the person. `ids_by_model`: the ids of the records about the person.
    """
    for model in record_models().values():
        if not (issubclass(model, ScopedRecord) and issubclass(model, Searchable)):
            continue
        own_ids = ids_by_model.get(model, set())
        rows = select(model).where(
            model.visibility == Visibility.INTERNAL,
            or_(model.id.in_(own_ids), people_queries.may_mention_condition(model, names)),
        )
        loaded = rows.options(
            *full_record_load_options(model), *people_queries.deferred_text_load_options(model)
        ).order_by(model.id)
        for record in db.session.scalars(loaded).unique():
            yield record, record.id in own_ids


def _passages_to_mask(
    names: list[str], ids_by_model: IdsByModel, team_id: int
) -> list[tuple[Article, list[Span]]]:
    """Return the team's articles that have one of the names, with the places of the names, which
    will be made unreadable. Only articles are searched that all users see, or that are quoted by a
    record that all users see.
    """
    own_ids = ids_by_model.get(Article, set())
    rows = select(Article).where(
        Article.team_id == team_id,
        or_(Article.id.in_(own_ids), people_queries.may_mention_condition(Article, names)),
    )
    found = []
    for article in db.session.scalars(
        rows.options(*people_queries.deferred_text_load_options(Article)).order_by(Article.id)
    ):
        spans = find_mentions(article.text, names, allow_single_words=article.id in own_ids)
        if spans and (
            article.visibility is Visibility.INTERNAL or _is_cited_by_shared_record(article)
        ):
            found.append((article, spans))
    return found


def _is_cited_by_shared_record(article: Article) -> bool:
    """Return whether a record that all users see cites an article."""
    return any(
        db.session.scalars(
            select(model.id)
            .where(model.article_id == article.id, model.visibility == Visibility.INTERNAL)
            .limit(1)
        ).first()
        for model in citation_models()
    )


def _mentions_person(
    record: Any,  # noqa: ANN401 (a record of any feature)
    names: list[str],
    *,
    allow_single_words: bool,
    masked_article_ids: set[int],
) -> bool:
    """Return whether a record names a person in a text that stays readable after the names in the
    articles are masked. `allow_single_words`: count one word of a name as naming the person;
    `masked_article_ids`: the ids of the articles to mask.
    """
    citations = [
        one for one in getattr(record, "citations", []) if one.article_id in masked_article_ids
    ]
    for row in people_queries.record_rows(record):
        if isinstance(row, Article) and row.id in masked_article_ids:
            words: list[str] = [one for one in people_queries.row_texts(row) if one is not row.text]
        elif _is_quote_of_masked_article(row, citations):
            continue
        else:
            words = list(people_queries.row_texts(row))
        if any(find_mentions(one, names, allow_single_words=allow_single_words) for one in words):
            return True
    return False


def _is_quote_of_masked_article(row: Any, masked_citations: list[Any]) -> bool:  # noqa: ANN401 (a row of any feature)
    """Return whether the text of a row of a record is a quote from an article in which names will
    be masked. `masked_citations`: the record's citations of such articles.
    """
    if isinstance(row, Citation):
        return row.start is not None and row in masked_citations
    quote = getattr(row, "quote", "")
    return bool(quote) and any(
        quote in (one.article.text if one.article else "") for one in masked_citations
    )


def _refs_with_former_name(names: list[str], ids_by_model: IdsByModel, team_id: int) -> list[str]:
    """Return the refs of the team's records that all users see and whose entries in the audit log
    have one of the names, even if the records no longer do.
    """
    own_refs = _load_refs(ids_by_model)
    found: set[str] = set()
    rows = select(AuditEvent.subject, AuditEvent.changes).order_by(AuditEvent.sequence)
    for subject, changes in db.session.execute(
        rows, execution_options={"yield_per": ROWS_PER_FETCH}
    ):
        if subject not in found and may_mention(json.dumps(changes, ensure_ascii=False), names):
            is_own = subject in own_refs
            if any(
                find_mentions(one, names, allow_single_words=is_own)
                for one in _texts_in_json(changes)
            ):
                found.add(subject)
    return sorted(_select_shared_refs(found, team_id))


def _load_refs(ids_by_model: IdsByModel) -> set[str]:
    """Return the refs of the records with these ids."""
    return {
        ref
        for model, numbers in ids_by_model.items()
        for ref in db.session.scalars(select(model.ref).where(model.id.in_(numbers)))
    }


def _select_shared_refs(refs: set[str], team_id: int) -> Iterator[str]:
    """Yield each of `refs` whose record belongs to the team and is seen by all users."""
    for model in record_models().values():
        mine = [ref for ref in refs if ref.startswith(f"{model.PREFIX}-")]
        if mine and issubclass(model, ScopedRecord):
            yield from db.session.scalars(
                select(model.ref).where(
                    model.ref.in_(mine),
                    model.team_id == team_id,
                    model.visibility == Visibility.INTERNAL,
                )
            )


def _texts_in_json(value: Any) -> Iterator[str]:  # noqa: ANN401 (JSON)
    """Yield every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts_in_json(one)
