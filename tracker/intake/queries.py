"""Queries of inbox items and their assignees, and of possible duplicates by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, inspect, or_, select, tuple_
from sqlalchemy.orm import MANYTOONE, RelationshipProperty, aliased, joinedload, selectinload

from tracker.articles.models import Article
from tracker.articles.queries import full_record_load_options
from tracker.db import Base, db
from tracker.i18n import lazy
from tracker.intake.codes import InboxState
from tracker.intake.models import NOT_DUPLICATES_MODELS, OPEN_STATES, IntakeItem, NotDuplicates
from tracker.kit.filters import ListFilter, code_filter, text_filter
from tracker.people.models import Institution, Journalist, Outlet
from tracker.people.queries import NAME_MODELS
from tracker.people.service import NamedModel
from tracker.permissions import Actor
from tracker.users.models import User

# The number of decisions that two records are not duplicates in the list of them. Earlier decisions
# are shown on the page that compares the two records.
MAX_NOT_DUPLICATES_SHOWN = 100
# The kinds of records that may be merged.
DUPLICATE_KINDS: tuple[type[Journalist | Outlet | Institution], ...] = (
    Journalist,
    Outlet,
    Institution,
)
# Pairs of possible duplicates shown for each kind.
MAX_DUPLICATE_PAIRS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFilter(ListFilter):
    """The filter of the inbox; without a state, open items match."""

    state: InboxState | None = code_filter(InboxState, lazy("Status"))
    taken_by: str = text_filter(
        lazy("Assigned to"), heading=lazy("assigned to %(name)s"), max_length=80, control="select"
    )


def item_of_article(article: Article) -> IntakeItem | None:
    """Return the inbox item of an article, None if there is none that the viewer may see."""
    return db.session.scalars(
        select(IntakeItem)
        .where(IntakeItem.article_id == article.id)
        .options(joinedload(IntakeItem.taken_by), joinedload(IntakeItem.ended_by))
    ).first()


def unreadable_item_by_digest(sha256: str, team_id: int) -> IntakeItem | None:
    """Return the unreadable item of a team with exactly these bytes, None if there is none."""
    return db.session.scalars(
        select(IntakeItem)
        .where(IntakeItem.sha256 == sha256, IntakeItem.team_id == team_id)
        .where(IntakeItem.article_id.is_(None))
        .order_by(IntakeItem.recorded_at, IntakeItem.ref)
    ).first()


def article_by_digest(sha256: str, team_id: int) -> Article | None:
    """Return the article of a team made from exactly these bytes, None if there is none."""
    return db.session.scalars(
        select(Article)
        .join(IntakeItem, IntakeItem.article_id == Article.id)
        .where(IntakeItem.sha256 == sha256, IntakeItem.team_id == team_id)
        .order_by(IntakeItem.recorded_at, IntakeItem.ref)
        .options(joinedload(Article.publisher))
    ).first()


def item_loader_options() -> list[Any]:
    """Return the loader options for everything that the inbox shows of an item."""
    return [
        # If joined, articles would be loaded for all items before the limit of the page applies.
        selectinload(IntakeItem.article).joinedload(Article.publisher),
        joinedload(IntakeItem.taken_by),
        joinedload(IntakeItem.ended_by),
    ]


def items_matching(filters: InboxFilter) -> Select[IntakeItem]:
    """Return a select of the inbox items that match a filter; open items if it has no state."""
    states = [filters.state] if filters.state else OPEN_STATES
    rows = select(IntakeItem).where(IntakeItem.state.in_(states)).options(*item_loader_options())
    if filters.taken_by:
        who = select(User.id).where(User.name == filters.taken_by)
        rows = rows.where(IntakeItem.taken_by_id.in_(who))
    return rows


def count_open_items() -> int:
    """Return the number of open items in the inboxes that the viewer sees."""
    rows = select(func.count()).select_from(IntakeItem).where(IntakeItem.state.in_(OPEN_STATES))
    return db.session.scalar(rows) or 0


def next_open_item(*, excluding: Article | None, by: Actor) -> IntakeItem | None:
    """Return the oldest open item that the actor may work on, None if there is none. `excluding`:
    an article whose item is left out.
    """
    rows = (
        select(IntakeItem)
        .where(IntakeItem.state.in_((InboxState.RECEIVED, InboxState.TAKEN)))
        .where(or_(IntakeItem.taken_by_id.is_(None), IntakeItem.taken_by_id == by.id))
        .where(IntakeItem.article_id.is_not(None), IntakeItem.team_id.in_(by.team_ids))
        .order_by(IntakeItem.recorded_at, IntakeItem.ref)
        .limit(1)
        .options(joinedload(IntakeItem.article))
    )
    if excluding is not None:
        rows = rows.where(IntakeItem.article_id != excluding.id)
    return db.session.scalars(rows).first()


def assignee_names() -> list[str]:
    """Return the names of assignees of items that the viewer may see."""
    has_item = select(IntakeItem.id).where(IntakeItem.taken_by_id == User.id).exists()
    return list(db.session.scalars(select(User.name).where(has_item).order_by(User.name)))


class DuplicatePair(NamedTuple):
    """Two records that may be duplicates: each has a name with the same loose key (see
    `name_keys`). `is_exact`: these names also have the same matching key, which distinguishes o
    from u.
    """

    one: NamedModel
    other: NamedModel
    is_exact: bool


def duplicate_pairs(kind: Any) -> list[DuplicatePair]:  # noqa: ANN401 (a kind that can be merged)
    """Return the pairs of visible records that may be duplicates, exact pairs first. Merged
    records, and pairs that are marked as not duplicates, are left out. `kind`: the model of the
    records, such as `Outlet`.
    """
    row = NAME_MODELS[kind]
    mine, theirs = aliased(row), aliased(row)
    here, there = aliased(kind), aliased(kind)
    exact = func.max(case((mine.matching_key == theirs.matching_key, 1), else_=0))
    found = db.session.execute(
        select(mine.bearer_id, theirs.bearer_id, exact)
        .join(theirs, (mine.loose_key == theirs.loose_key) & (mine.bearer_id < theirs.bearer_id))
        .join(here, here.id == mine.bearer_id)
        .join(there, there.id == theirs.bearer_id)
        .where(
            here.merged_into_id.is_(None),
            there.merged_into_id.is_(None),
            tuple_(mine.bearer_id, theirs.bearer_id).not_in(not_duplicate_id_pairs(kind)),
            # Each country may have a ministry of the same name.
            *([here.country.is_not_distinct_from(there.country)] if kind is Institution else []),
        )
        .group_by(mine.bearer_id, theirs.bearer_id)
        .order_by(exact.desc(), mine.bearer_id, theirs.bearer_id)
        .limit(MAX_DUPLICATE_PAIRS)
    ).all()
    ids = {one for pair in found for one in pair[:2]}
    rows = select(kind).where(kind.id.in_(ids)).options(selectinload(kind.names))
    owners: dict[int, Any] = {one.id: one for one in db.session.scalars(rows)}
    return [DuplicatePair(owners[one], owners[other], bool(same)) for one, other, same in found]


def relationships_to_party_kind(kind: type[Any]) -> Iterator[RelationshipProperty[Any]]:
    """Yield every relationship, of any model, by which rows refer to a party. `kind`: the model of
    the party, such as `Outlet`.
    """
    for mapper in sorted(Base.registry.mappers, key=lambda one: one.class_.__name__):
        for relation in mapper.relationships:
            if (
                relation.mapper.class_ is kind
                and relation.direction is MANYTOONE
                and mapper.class_ not in {kind, NAME_MODELS[kind]}
                and len(relation.local_columns) == 1
            ):
                yield relation


def rows_referring_to(relation: RelationshipProperty[Any], party: NamedModel) -> list[Any]:
    """Return the rows that refer to a party by a relationship, with the records that own them."""
    model: Any = relation.parent.class_
    column = inspect(model).get_property_by_column(next(iter(relation.local_columns)))
    rows = select(model).where(getattr(model, column.key) == party.id)
    return list(db.session.scalars(rows.options(*full_record_load_options(model))))


class NotDuplicatesDecision(NamedTuple):
    """A decision (`row`) that two records are not duplicates, with the two; `one` is the older."""

    row: NotDuplicates
    one: NamedModel
    other: NamedModel


def list_not_duplicates(kind: Any) -> list[NotDuplicatesDecision]:  # noqa: ANN401 (a kind that can be merged)
    """Return the decisions that two visible records are not duplicates, the latest first. `kind`:
    the model of the records, such as `Outlet`.
    """
    rows = _select_decisions(kind).order_by(
        NOT_DUPLICATES_MODELS[kind].told_at.desc(), NOT_DUPLICATES_MODELS[kind].id.desc()
    )
    return [
        NotDuplicatesDecision(*found)
        for found in db.session.execute(rows.limit(MAX_NOT_DUPLICATES_SHOWN)).all()
    ]


def find_not_duplicates_decision(party: NamedModel, other: NamedModel) -> NotDuplicates | None:
    """Return the decision that exactly these two records are not duplicates, None for none."""
    row: Any = NOT_DUPLICATES_MODELS[type(party)]
    first, second = sorted((party.id, other.id))
    rows = select(row).where(row.one_id == first, row.other_id == second)
    found: NotDuplicates | None = db.session.scalars(rows.options(joinedload(row.told_by))).first()
    return found


def are_not_duplicates(party: NamedModel, other: NamedModel) -> bool:
    """Return whether two records, or any merged into them, are marked as not duplicates."""
    first, second = sorted((party.id, other.id))
    pairs = not_duplicate_id_pairs(type(party)).subquery()
    rows = select(pairs.c.one).where(pairs.c.one == first, pairs.c.other == second)
    return db.session.scalar(rows.limit(1)) is not None


def not_duplicate_id_pairs(kind: Any) -> Select[Any]:  # noqa: ANN401 (a kind that can be merged)
    """Return a select of the ids of records that are not duplicates: `one`, the lower id of a pair,
    and `other`. `kind`: the model of the records, such as `Outlet`.

    A record of a marked pair that was merged is followed to the record that it was merged into.
    """
    row = NOT_DUPLICATES_MODELS[kind]
    is_one = kind.id == row.one_id
    found = (
        select(row.id.label("decision"), is_one.label("is_one"), kind.id, kind.merged_into_id)
        .join(kind, or_(is_one, kind.id == row.other_id))
        .cte(recursive=True)
    )
    led = select(found.c.decision, found.c.is_one, kind.id, kind.merged_into_id)
    found = found.union_all(led.join(kind, kind.id == found.c.merged_into_id))
    here, there = aliased(found), aliased(found)
    same = (here.c.decision == there.c.decision) & (here.c.is_one != there.c.is_one)
    return (
        select(here.c.id.label("one"), there.c.id.label("other"))
        .join(there, same)
        .where(here.c.id < there.c.id)
    )


def _select_decisions(kind: Any) -> Select[Any]:  # noqa: ANN401 (a kind that can be merged)
    """Return a select of the decisions that records are not duplicates, each with its two records.
    `kind`: the model of the records, such as `Outlet`.
    """
    row = NOT_DUPLICATES_MODELS[kind]
    one, other = aliased(kind), aliased(kind)
    return (
        select(row, one, other)
        .join(one, one.id == row.one_id)
        .join(other, other.id == row.other_id)
        .options(joinedload(row.told_by))
    )
