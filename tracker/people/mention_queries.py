"""The free texts of a record and its rows, and whose names must not occur in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Enum, String, Text, cast, inspect, select
from sqlalchemy.orm import MANYTOONE, selectinload, undefer

from tracker.db import db
from tracker.people.mention_rules import find_mentions, may_mention
from tracker.people.models import Journalist, Outlet
from tracker.permissions import Visibility
from tracker.records import record_models
from tracker.scoping import Scoped
from tracker.search.models import Searchable, SearchEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Mapper, RelationshipProperty, Session

STREAMED = 1000
# Keys and fingerprints: made of other columns, or of nothing anybody wrote.
NOT_WRITTEN = frozenset(
    {"ref", "sort_key", "matching_key", "loose_key", "text_digest", "sha256", "media_type"}
)


def record_texts(record: Any) -> Iterator[str]:  # noqa: ANN401 (a record of any feature)
    """Yield the free texts of a record and its children, except confidential values."""
    for row in rows_of(record):
        yield from texts_in_row(row)


def rows_of(record: Any) -> Iterator[Any]:  # noqa: ANN401 (a record of any feature, or a row on one)
    """Yield a record and all its child rows, comments included."""
    yield record
    for relation in inspect(type(record)).relationships:
        if _is_owner_relation(relation):
            for child in getattr(record, relation.key):
                yield from rows_of(child)


def owner_of(row: Any) -> Any:  # noqa: ANN401 (as above)
    """Return the record that owns a row, a record itself."""
    for relation in inspect(type(row)).relationships:
        back = relation.back_populates and relation.mapper.relationships[relation.back_populates]
        owner = getattr(row, relation.key) if back and _is_owner_relation(back) else None
        if owner is not None:
            return owner_of(owner)
    return row


def _is_owner_relation(relation: RelationshipProperty[Any]) -> bool:
    return bool(relation.info.get("trail") or relation.info.get("said"))


def journalists_shown_by(record: Any) -> Iterator[int]:  # noqa: ANN401 (as above)
    """Yield the ids of the journalists that a record is about."""
    for row in rows_of(record):
        for relation in inspect(type(row)).relationships:
            if relation.mapper.class_ is Journalist and relation.direction is MANYTOONE:
                number = getattr(row, next(iter(relation.local_columns)).key)
                if number is not None:
                    yield number


def texts_in_row(row: Any) -> Iterator[str]:  # noqa: ANN401 (as above)
    """Yield the free texts of one row."""
    for name in free_text_columns(inspect(type(row))):
        text = getattr(row, name)
        if text:
            yield text


def names_of(owner: Journalist | Outlet) -> list[str]:
    """Return every name by which a source may call somebody."""
    return list(dict.fromkeys([owner.name, *(row.name for row in owner.names)]))


def closed_journalists(session: Session | None = None) -> list[Journalist]:
    """Return those journalists of the viewer's teams who are not to be named outside these; of
    every team, where the session given sees all.
    """
    rows = select(Journalist).where(Journalist.name_closed_on.is_not(None))
    return list((session or db.session).scalars(rows.options(selectinload(Journalist.names))))


def may_mention_condition(model: type[Any], names: list[str]) -> ColumnElement[bool]:
    """Return the condition by which the index finds a model's records: a word of one of the
    names is in them, in any script and case. What was said of them is in no index.
    """
    places = [
        select(SearchEntry.subject_id, cast(SearchEntry.words, Text)).where(
            SearchEntry.subject_table == model.__tablename__
        ),
        *(select(said.record_id, said.words) for said in _comment_tables(model)),
    ]
    ids: set[int] = set()
    for rows in places:
        streamed = db.session.execute(rows, execution_options={"yield_per": STREAMED})
        ids.update(number for number, words in streamed if may_mention(words, names))
    found: ColumnElement[bool] = model.id.in_(ids)
    return found


def _comment_tables(model: type[Any]) -> list[Any]:
    """Return the tables that hold what is said of a model's records."""
    relations = inspect(model).relationships
    return [one.mapper.class_ for one in relations if one.info.get("said")]


def shared_records_naming(names: list[str], team_id: int) -> list[Any]:
    """Return the records of a team that others read and that say one of these names in full."""
    found: list[Any] = []
    for model in record_models().values():
        if issubclass(model, Scoped) and issubclass(model, Searchable):
            rows = select(model).where(
                model.visibility == Visibility.INTERNAL,
                model.team_id == team_id,
                may_mention_condition(model, names),
            )
            found += [
                one
                for one in db.session.scalars(rows.options(*text_options(model))).unique()
                if any(find_mentions(text, names) for text in record_texts(one))
            ]
    return found


def free_text_columns(mapper: Mapper[Any]) -> list[str]:
    """Return the names of the columns that hold words of people."""
    return [
        attribute.key
        for attribute in mapper.column_attrs
        if isinstance(attribute.columns[0].type, String)
        and not isinstance(attribute.columns[0].type, Enum)
        and attribute.key not in NOT_WRITTEN
        and attribute.columns[0].info.get("class") != "confidential"
    ]


def text_options(kind: type[Any]) -> list[Any]:
    """Return the loader options for the texts of a record that are else left for later."""
    mapper: Mapper[Any] = inspect(kind)
    later = [name for name in free_text_columns(mapper) if mapper.column_attrs[name].deferred]
    said = [one.class_attribute for one in mapper.relationships if one.info.get("said")]
    return [*(undefer(getattr(kind, name)) for name in later), *map(selectinload, said)]
