"""Queries for records in review, comments and assignments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import MANYTOONE, Mapper, joinedload, selectinload

from tracker.articles.models import Article
from tracker.articles.queries import citation_models, full_record_load_options, heading_load_options
from tracker.audit.models import AuditEvent
from tracker.audit.queries import list_entries, load_visible_records
from tracker.db import db
from tracker.permissions import CONSOLE_NAME, Actor, Permission, Visibility
from tracker.records import Record, record_models
from tracker.review.codes import EditorialState
from tracker.review.models import CaseFilingMixin, Comment, Commentable, PublishedText, Reviewable
from tracker.review.rules import (
    DraftVersion,
    QueueGroup,
    can_be_assigned,
    first_cited_article,
    group_by_origin,
)
from tracker.scoping import ScopedRecord
from tracker.users.models import User
from tracker.users.queries import select_users_by_name

# Assignments shown at most, for each kind of record.
MAX_ASSIGNMENTS_PER_KIND = 100
# Records in review are counted for the header up to this number.
MAX_IN_REVIEW_COUNTED = 100
# The most records in review of each kind that `next_article_ref_in_review` reads to choose an
# article.
MAX_IN_REVIEW_CONSIDERED = 1_000
# The most of the actor's own drafts that are offered for submission.
MAX_DRAFTS_OFFERED = 200
# The records of each kind that are named as the reason why a record stays shared.
MAX_REFERRING_RECORDS_PER_KIND = 3
# Audit actions that may change the public summary of an incident.
SUMMARY_EDIT_ACTIONS = ("incident:edit", "incident:merge")
# Audit actions that leave a note on a record; the latest entry says whose note it has.
ACTIONS_WITH_NOTE = ("review:returned", "review:approved", "review:brought_back")
# Audit actions by which a second person approves the public summary of an incident.
SUMMARY_APPROVAL_ACTIONS = ("review:approved", "incident:publish")


class TaskCounts(NamedTuple):
    """The numbers of tasks that wait for a user. `assigned`: open assignments; `returned`: own
    records that a reviewer returned; `drafts`: own drafts that cite an article, 201 for more than
    200; `in_review`: records in review, 100 for more, 0 for a user who may not review.
    """

    assigned: int
    returned: int
    drafts: int
    in_review: int = 0


def reviewable_models() -> list[type[Reviewable]]:
    """Return the models of all kinds of records that are reviewed."""
    return list(Reviewable.__subclasses__())


def is_not_retracted(model: type[Reviewable]) -> sa.ColumnElement[bool]:
    """Return the SQL condition that a record of a model is not retracted."""
    return model.state != EditorialState.RETRACTED


def published_texts_of(record: Reviewable) -> list[PublishedText]:
    """Return the published texts of a record, withdrawn ones too."""
    found: list[PublishedText] = []
    for model in PublishedText.__subclasses__():
        relationship = sa.inspect(model).relationships[model.RECORD_ATTRIBUTE]
        if isinstance(record, relationship.mapper.class_):
            key: Any = getattr(model, model.RECORD_ATTRIBUTE + "_id")
            found.extend(db.session.scalars(sa.select(model).where(key == record.id)))
    return found


def records_in_review(limit: int = 50) -> list[Reviewable]:
    """Return the visible records in review, the longest waiting first; at most `limit`."""
    found: list[Reviewable] = []
    for model in reviewable_models():
        rows = (
            sa.select(model)
            .where(model.state == EditorialState.IN_REVIEW)
            .order_by(model.updated_at)
            .limit(limit)
            .options(*full_record_load_options(model))
        )
        found.extend(db.session.scalars(rows))
    return sorted(found, key=lambda record: record.updated_at)[:limit]


def review_queue(actor: Actor) -> list[QueueGroup]:
    """Return the visible records in review, at most 50, grouped by article or case with the actor's
    own work last.
    """
    records = records_in_review()
    cases = _first_case_by_record([one for one in records if first_cited_article(one) is None])
    return group_by_origin(records, cases, actor)


def records_by_refs(refs: Iterable[str]) -> list[Reviewable]:
    """Return the visible records with these refs that are of a reviewed kind, in this order."""
    return list(load_visible_records(refs, reviewable_models(), full_record_load_options).values())


def shared_records_referring_to(record: Record, *, excluding: Iterable[str]) -> list[Record]:
    """Return some of the records that all users see and that refer to a record, themselves or by
    their parts, at most three of each kind. `excluding`: the refs of records that are left out.
    """
    found: dict[str, Record] = {}
    for model in record_models().values():
        if not issubclass(model, ScopedRecord):
            continue
        for parts, reference in _reference_paths(sa.inspect(model), type(record)):
            rows = sa.select(model)
            for part in parts:
                rows = rows.join(part)
            rows = rows.where(
                reference == record,
                model.visibility == Visibility.INTERNAL,
                model.ref.not_in([record.ref, *excluding]),
            )
            rows = rows.options(*heading_load_options(model)).limit(MAX_REFERRING_RECORDS_PER_KIND)
            found |= {one.ref: one for one in db.session.scalars(rows).unique()}
    return list(found.values())


def _reference_paths(
    mapper: Mapper[Any], kind: type[Record], parts: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield each relationship by which rows of a mapper, or of their parts, refer to records of a
    kind, after the relationships that lead to these `parts`.
    """
    for relation in mapper.relationships:
        if relation.info.get("audited"):
            deeper = (*parts, relation.class_attribute)
            yield from _reference_paths(relation.mapper, kind, deeper)
        elif relation.direction is MANYTOONE and relation.mapper.class_ is kind:
            yield parts, relation.class_attribute


def latest_returns_by_record(records: Iterable[Reviewable]) -> dict[Reviewable, sa.Row[Any]]:
    """Return, by record in review that a reviewer returned before, the log entry of its last return
    (`at`, `actor`). The record still has the note with which it was returned.
    """
    waiting = {
        one.ref: one for one in records if one.state is EditorialState.IN_REVIEW and one.review_note
    }
    entries = list_entries(waiting, ACTIONS_WITH_NOTE) if waiting else []
    last = {waiting[entry.subject]: entry for entry in entries}
    return {one: entry for one, entry in last.items() if entry.action == "review:returned"}


def _first_case_by_record(records: Sequence[Reviewable]) -> dict[Reviewable, Any]:
    """Return the visible case into which each record was put first; records without one are left
    out.
    """
    found: dict[Reviewable, Any] = {}
    for model in _mapped_subclasses(CaseFilingMixin):
        filed = _filed_record_relationship(model)
        mine = {one.id: one for one in records if isinstance(one, filed.mapper.class_)}
        key: Any = next(iter(filed.local_columns))
        if mine:
            rows = sa.select(model).where(key.in_(mine)).order_by(model.id.desc())
            with_case = joinedload(model.case)
            for row in db.session.scalars(rows.options(with_case)):
                found[mine[getattr(row, key.key)]] = row.case
    return found


def _filed_record_relationship(model: type[Any]) -> Any:  # noqa: ANN401 (a relationship's property)
    """Return the relationship from a `CaseFilingMixin` model to the record filed in a case."""
    relations = sa.inspect(model).relationships
    return next(one for one in relations if issubclass(one.mapper.class_, Reviewable))


def _mapped_subclasses(model: type[Any]) -> list[Any]:
    """Return the mapped classes that inherit from a mixin, directly or through other mixins."""
    return [
        found
        for one in model.__subclasses__()
        for found in ([one] if hasattr(one, "__mapper__") else _mapped_subclasses(one))
    ]


def author_names_by_id(records: Iterable[Reviewable]) -> dict[int, str]:
    """Return the names of the users who recorded these records, by user id."""
    ids = {one.recorded_by_id for one in records}
    rows = db.session.execute(sa.select(User.id, User.name).where(User.id.in_(ids)))
    return {row.id: row.name for row in rows}


def own_drafts_by_article_id(actor: Actor) -> dict[int, list[DraftVersion]]:
    """Return the actor's own drafts by the id of each article that they cite, the latest article
    first; at most 200 in all.
    """
    kinds = [
        sa.select(model.article_id, record.ref, record.version)
        .join(record, model.record_id == record.id)
        .where(*_own_draft_conditions(record, actor))
        for model, record in _reviewable_citation_models()
    ]
    drafts = sa.union(*kinds).subquery()
    # The join leaves out articles that the viewer may not see.
    cited = sa.select(Article.id, drafts.c.ref, drafts.c.version).join(
        drafts, drafts.c.article_id == Article.id
    )
    found: dict[int, list[DraftVersion]] = {}
    latest_first = cited.order_by(Article.id.desc(), drafts.c.ref).limit(MAX_DRAFTS_OFFERED)
    for key, ref, version in db.session.execute(latest_first):
        found.setdefault(key, []).append(DraftVersion(ref, version))
    return found


def _cites_visible_article(citation_model: Any, record: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 (models)
    """Return the SQL condition that a record cites an article that the viewer may see."""
    # The join leaves out articles that the viewer may not see.
    citations = sa.select(citation_model.id).join(Article, citation_model.article_id == Article.id)
    return citations.where(citation_model.record_id == record.id).correlate(record).exists()


def articles_by_id(ids: Sequence[int]) -> list[Article]:
    """Return the visible articles with these ids, the latest first."""
    rows = sa.select(Article).where(Article.id.in_(ids)).order_by(Article.id.desc())
    return list(db.session.scalars(rows.options(joinedload(Article.publisher))))


def _own_draft_conditions(model: Any, actor: Actor) -> list[sa.ColumnElement[bool]]:  # noqa: ANN401 (a reviewed model)
    """Return the SQL conditions that a record is a draft that the actor may submit as own work."""
    return [
        model.state == EditorialState.DRAFT,
        model.team_id.in_(actor.team_ids),
        sa.or_(model.recorded_by_id == actor.id, model.revised_by_id == actor.id),
    ]


def next_article_ref_in_review(article: Article, actor: Actor) -> str:
    """Return the ref of the article to review after `article`, "" if there is no other: the next
    one cited by a record in review that the actor neither recorded nor last revised.

    Articles are in the order of the queue, by their longest waiting record; the first follows the
    last.
    """
    waiting = sa.union_all(*_in_review_citation_queries(actor)).subquery()
    queue = (
        sa.select(Article.id, Article.ref, sa.func.min(waiting.c.since).label("since"))
        .join(waiting, waiting.c.article_id == Article.id)
        .group_by(Article.id, Article.ref)
        .cte("queue")
    )
    since = sa.select(queue.c.since).where(queue.c.id == article.id).scalar_subquery()
    is_later = sa.tuple_(queue.c.since, queue.c.id) > sa.tuple_(since, article.id)
    others = sa.select(queue.c.ref).where(queue.c.id != article.id)
    ordered = others.order_by(sa.case((is_later, 0), else_=1), queue.c.since, queue.c.id)
    return db.session.scalar(ordered.limit(1)) or ""


def next_record_in_review(actor: Actor) -> Reviewable | None:
    """Return the visible record in review that has waited longest, without the actor's own work;
    None if there is none.
    """
    waiting = sa.union_all(
        *(
            sa.select(model.ref.label("ref"), model.updated_at.label("since")).where(
                *_in_review_by_others(model, actor)
            )
            for model in reviewable_models()
        )
    ).subquery()
    ref = db.session.scalar(
        sa.select(waiting.c.ref).order_by(waiting.c.since, waiting.c.ref).limit(1)
    )
    return next(iter(records_by_refs([ref])), None) if ref else None


def _in_review_by_others(model: Any, actor: Actor) -> list[sa.ColumnElement[bool]]:  # noqa: ANN401 (a reviewed model)
    """Return the SQL conditions that a record is in review, and that the actor neither recorded nor
    last revised it, nor last wrote its public summary.
    """
    conditions = [
        model.state == EditorialState.IN_REVIEW,
        model.recorded_by_id != actor.id,
        model.revised_by_id != actor.id,
    ]
    if hasattr(model, "summarised_by_id"):
        conditions.append(model.summarised_by_id.is_distinct_from(actor.id))
    return conditions


def _in_review_citation_queries(actor: Actor) -> Iterator[sa.Select[Any]]:
    """Yield, for each kind of record, a query of the articles cited by records in review that the
    actor neither recorded nor last revised. Its columns are `article_id` and `since`, the time of
    the last change of the record.
    """
    for model, record in _reviewable_citation_models():
        longest = (
            sa.select(record.id, record.updated_at.label("since"))
            .where(*_in_review_by_others(record, actor))
            .order_by(record.updated_at, record.id)
            .limit(MAX_IN_REVIEW_CONSIDERED)
            .subquery()
        )
        rows: sa.Select[Any] = sa.select(model.article_id, longest.c.since)
        yield rows.join(longest, longest.c.id == model.record_id)


def _reviewable_citation_models() -> list[tuple[Any, Any]]:
    """Return pairs: the model of the citations of a kind of record, and the model of these records.
    Only kinds of records that are reviewed are included.
    """
    pairs = [
        (model, sa.inspect(model).relationships["record"].mapper.class_)
        for model in citation_models()
    ]
    return [pair for pair in pairs if issubclass(pair[1], Reviewable)]


def records_returned_to_actor(actor: Actor, limit: int = 50) -> list[Reviewable]:
    """Return the visible records that the actor recorded or last revised and a reviewer returned,
    the latest first. `limit`: the most records of each kind.
    """
    found: list[Reviewable] = []
    for model in reviewable_models():
        rows = (
            sa.select(model)
            .where(*_returned_conditions(model, actor))
            .order_by(model.updated_at.desc())
            .limit(limit)
            .options(*full_record_load_options(model))
        )
        found.extend(db.session.scalars(rows))
    return sorted(found, key=lambda record: record.updated_at, reverse=True)


def _returned_conditions(model: type[Reviewable], actor: Actor) -> list[sa.ColumnElement[bool]]:
    """Return the SQL conditions that the actor recorded or last revised a record, and that a
    reviewer returned it.
    """
    return [
        model.state == EditorialState.RETURNED,
        sa.or_(model.recorded_by_id == actor.id, model.revised_by_id == actor.id),
    ]


def count_records_in_review() -> int:
    """Return the number of visible records in review, counted up to 100."""
    waiting = _ids_in_review().subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(waiting)) or 0


def _ids_in_review() -> sa.CompoundSelect[int]:
    """Return a query of the ids of the visible records in review, at most 100."""
    return sa.union_all(
        *(
            sa.select(model.id).where(model.state == EditorialState.IN_REVIEW)
            for model in reviewable_models()
        )
    ).limit(MAX_IN_REVIEW_COUNTED)


def summary_author_ids(record: Any) -> frozenset[int]:  # noqa: ANN401 (an Incident)
    """Return the ids of the users who changed the public summary of an incident since its last
    approval.

    Read from the audit log, including records that were merged into the incident.
    """
    model = type(record)
    # The recursion has ids only: PostgreSQL compares collations of the columns that it joins.
    merged = sa.select(sa.literal(record.id).label("id")).cte("merged", recursive=True)
    merged = merged.union(sa.select(model.id).join(merged, model.merged_into_id == merged.c.id))
    refs = sa.select(model.ref).where(model.id.in_(sa.select(merged.c.id)))
    rows = (
        sa.select(AuditEvent.action, AuditEvent.subject, AuditEvent.changes, User.id)
        .outerjoin(User, User.name == AuditEvent.actor)
        .where(
            AuditEvent.subject.in_(refs),
            AuditEvent.action.in_([*SUMMARY_EDIT_ACTIONS, *SUMMARY_APPROVAL_ACTIONS]),
        )
        .order_by(AuditEvent.sequence)
    )
    wrote: defaultdict[str, set[int]] = defaultdict(set)
    for action, subject, changes, user_id in db.session.execute(rows):
        if action in SUMMARY_APPROVAL_ACTIONS:
            wrote[subject].clear()
        elif user_id and any(field.startswith("public_summary_") for field in changes):
            wrote[subject].add(user_id)
        if into := changes.get("merged_into", (None, None))[1]:
            wrote[into] |= wrote[subject]
    return frozenset(wrote[record.ref])


def comment_models() -> list[type[Comment]]:
    """Return the comment models of all kinds of records that can have comments."""
    return list(Comment.__subclasses__())


def comment_model_of(kind: type[Commentable]) -> type[Any]:
    """Return the comment model of one kind of record."""
    model: type[Any] = sa.inspect(kind).relationships["comments"].mapper.class_
    return model


def commentable_model_of(ref: str) -> type[Any] | None:
    """Return the model of the record with a ref, None if such records have no comments."""
    kind = record_models().get(ref.partition("-")[0])
    return kind if kind is not None and issubclass(kind, Commentable) else None


def comments_of(record: Commentable) -> list[Comment]:
    """Return the comments on a record, oldest first."""
    model = comment_model_of(type(record))
    rows = sa.select(model).where(model.record_id == record.id)  # type: ignore[attr-defined]  # a Record
    people = [joinedload(one) for one in (model.written_by, model.assigned_to, model.done_by)]
    return list(db.session.scalars(rows.options(*people).order_by(model.id)))


def get_comment(record: Commentable, number: int) -> Comment | None:
    """Return the comment with an id (`number`) on a record, None if there is none."""
    return next((one for one in comments_of(record) if one.id == number), None)


def possible_assignees(records: Iterable[Any]) -> list[User]:
    """Return the users who can be assigned something about each of these records, by name; none for
    no records.
    """
    # Who sees a record depends on its team and visibility alone.
    alike = {(one.team_id, one.visibility): one for one in records}.values()
    rows = select_users_by_name().where(User.name != CONSOLE_NAME)
    people = db.session.scalars(rows).unique()
    return [one for one in people if alike and all(can_be_assigned(each, one) for each in alike)]


def open_assignments(actor: Actor) -> list[Any]:
    """Return the open assignments to and by the actor on visible records, by due date; at most 100
    on each kind of record.
    """
    found: list[Any] = []
    for model in comment_models():
        record: Any = model.record  # type: ignore[attr-defined]  # each table has it
        is_mine = model.assigned_to_id == actor.id
        rows = (
            sa.select(model)
            .where(
                sa.or_(is_mine, model.written_by_id == actor.id),
                *_open_assignment_conditions(model),
            )
            .order_by(is_mine.desc(), model.due_on.is_(None), model.due_on, model.id)
            .limit(MAX_ASSIGNMENTS_PER_KIND)
            .options(
                selectinload(record).options(
                    *full_record_load_options(record.property.mapper.class_)
                ),
                joinedload(model.assigned_to).selectinload(User.teams),
                joinedload(model.written_by),
            )
        )
        found.extend(db.session.scalars(rows).unique())
    return sorted(found, key=lambda one: (one.due_on or date.max, one.written_at))


def count_tasks(actor: Actor) -> TaskCounts:
    """Return the numbers of an actor's tasks on visible records, in one query."""
    ids_by_name = {
        "assigned": sa.union_all(
            *(
                sa.select(model.id).where(
                    model.assigned_to_id == actor.id, *_open_assignment_conditions(model)
                )
                for model in comment_models()
            )
        ),
        "returned": sa.union_all(
            *(
                sa.select(model.id).where(*_returned_conditions(model, actor))
                for model in reviewable_models()
            )
        ),
        "drafts": sa.union_all(
            *(
                sa.select(record.id).where(
                    *_own_draft_conditions(record, actor), _cites_visible_article(model, record)
                )
                for model, record in _reviewable_citation_models()
            )
        ).limit(MAX_DRAFTS_OFFERED + 1),
    }
    if actor.has_permission(Permission.REVIEW):
        ids_by_name["in_review"] = _ids_in_review()
    counts = (
        sa.select(sa.literal(name), sa.func.count()).select_from(ids.subquery())
        for name, ids in ids_by_name.items()
    )
    return TaskCounts(**{row[0]: row[1] for row in db.session.execute(sa.union_all(*counts))})


def _open_assignment_conditions(model: type[Comment]) -> list[sa.ColumnElement[bool]]:
    """Return the SQL conditions that a comment is an assignment, and neither done nor retracted."""
    return [
        model.assigned_to_id.is_not(None),
        model.done_at.is_(None),
        model.taken_back_at.is_(None),
    ]
