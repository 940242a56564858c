"""Keep the search index current: changes are indexed before the transaction commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, UOWTransaction
from sqlalchemy.types import Text

from tracker.bulk_insert import PreparedInsert, prepare_insert, table_of
from tracker.scoping import Viewer
from tracker.search import queries
from tracker.search.models import Searchable, SearchEntry

# The type of the elements of a list that is split into batches.
Item = TypeVar("Item")
BATCH_SIZE = 200  # records indexed at once
# The table of index entries, which are written without ORM objects.
ENTRIES_TABLE = table_of(SearchEntry)
# Keys in the session's `info`: the index entries of records that the transaction has changed, each
# with its viewer, of those that it deleted, and of those whose team or visibility it changed.
CHANGED_RECORDS_KEY, DELETED_RECORDS_KEY, RESCOPED_RECORDS_KEY = (
    "search_touched",
    "search_gone",
    "search_rescoped",
)


@sa.event.listens_for(Session, "after_flush")
def _collect_changes(session: Session, _flushed: UOWTransaction) -> None:
    """Collect the changed records. They are indexed just before the commit, when all of their child
    rows have been written.
    """
    for record in [*session.new, *session.dirty]:
        if isinstance(record, Searchable):
            session.info.setdefault(CHANGED_RECORDS_KEY, {})[_index_entry(record)] = (
                queries.viewer_for_indexing(record)
            )
    for record in session.dirty:
        if isinstance(record, Searchable) and _has_changed_visibility(record):
            session.info.setdefault(RESCOPED_RECORDS_KEY, set()).add(_index_entry(record))
    for record in session.deleted:
        if isinstance(record, Searchable):
            session.info.setdefault(DELETED_RECORDS_KEY, set()).add(_index_entry(record))


@sa.event.listens_for(Session, "before_commit")
def update_index(session: Session) -> None:
    """Index what this transaction wrote, in the same transaction."""
    session.flush()
    touched: dict[queries.IndexEntry, Viewer] = session.info.pop(CHANGED_RECORDS_KEY, {})
    gone: set[queries.IndexEntry] = session.info.pop(DELETED_RECORDS_KEY, set())
    rescoped: set[queries.IndexEntry] = session.info.pop(RESCOPED_RECORDS_KEY, set())
    for model, number in gone:
        touched.pop((model, number), None)
        remove_from_index(session, model.__tablename__, [number])
    reindexed = (_index_records(session, touched) | rescoped) - gone
    if reindexed:
        # A user who renames a journalist need not see every incident that names them.
        with _session_for_viewer(
            session, system="search: records that show a changed one"
        ) as beside:
            showing = dict(queries.entries_of_referring_records(beside, reindexed))
        _index_records(
            session, {place: showing[place] for place in showing.keys() - touched.keys()}
        )


@sa.event.listens_for(Session, "after_rollback")
def _discard_changes(session: Session) -> None:
    """Forget the collected changes of a transaction that was rolled back."""
    for kept in (CHANGED_RECORDS_KEY, DELETED_RECORDS_KEY, RESCOPED_RECORDS_KEY):
        session.info.pop(kept, None)


def rebuild_index(session: Session) -> Iterator[int]:
    """Index every record again in a session that sees them all; yield how many are done.

    Commit at each step, so that other writers need not wait for the end; the last step removes
    deleted records.
    """
    places = dict(queries.all_index_entries(session))
    batch: dict[queries.IndexEntry, Viewer] = {}
    for done, (place, viewer) in enumerate(places.items(), 1):
        batch[place] = viewer
        if len(batch) == BATCH_SIZE or done == len(places):
            _index_records(session, batch)
            batch = {}
            yield done
    current = {(model.__tablename__, number) for model, number in places}
    kept = session.execute(sa.select(SearchEntry.subject_table, SearchEntry.subject_id)).all()
    for table, number in kept:
        if (table, number) not in current:
            remove_from_index(session, table, [number])
    rebuild_search_tokens(session)
    yield len(places)


def _index_records(
    session: Session, viewers: dict[queries.IndexEntry, Viewer]
) -> set[queries.IndexEntry]:
    """Index records, each as its viewer sees it; return those whose words changed."""
    grouped: dict[tuple[Viewer, type[Any]], list[int]] = defaultdict(list)
    for (model, number), viewer in viewers.items():
        grouped[viewer, model].append(number)
    words: dict[queries.IndexEntry, list[str]] = {}
    for (viewer, model), numbers in grouped.items():
        with _session_for_viewer(session, viewer=viewer) as beside:
            for some in _split_into_batches(numbers):
                rows = queries.select_with_search_text(model).where(model.id.in_(some))
                for record in beside.scalars(rows).unique():
                    words[model, record.id] = queries.indexed_words(record.search_text())
                beside.expunge_all()
    changed: set[queries.IndexEntry] = set()
    for batch in _split_into_batches(list(words)):
        changed |= _store_words(session, {place: words[place] for place in batch})
    return changed


def _session_for_viewer(session: Session, **info: Any) -> Session:  # noqa: ANN401 (a viewer or a reason)
    """Return a session in the same transaction for another viewer.
    `info`: `viewer`, or `system` with the reason for seeing every row.
    """
    return Session(
        session.connection(), info=info, autoflush=False, join_transaction_mode="rollback_only"
    )


def _split_into_batches(items: list[Item]) -> Iterable[list[Item]]:
    """Return the items in lists of at most `BATCH_SIZE`."""
    return (items[start : start + BATCH_SIZE] for start in range(0, len(items), BATCH_SIZE))


def _index_entry(record: Any) -> queries.IndexEntry:  # noqa: ANN401 (a mixin beside Record)
    """Return the model and the id of a record."""
    return type(record), record.id


def _has_changed_visibility(record: Any) -> bool:  # noqa: ANN401 (as above)
    """Return whether a record's team or visibility changed in this transaction."""
    attributes = sa.inspect(record).attrs
    keys = {"team_id", "visibility"}.intersection(attributes.keys())
    return any(attributes[key].history.has_changes() for key in keys)


def _store_words(
    session: Session, words: Mapping[queries.IndexEntry, list[str]]
) -> set[queries.IndexEntry]:
    """Store the words of a few records in the index; return those that had other words there."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for model, number in words:
        numbers[model.__tablename__].append(number)
    entries = {
        (one.subject_table, one.subject_id): one for one in _stored_entries(session, numbers)
    }
    changed, new = set(), {}
    for (model, number), kept in words.items():
        entry, text = entries.get((model.__tablename__, number)), " ".join(kept)
        if entry is None:
            new[model.__tablename__, number] = text
        elif _words_of_entry(entry) != set(kept):
            changed.add((model, number))
            _remove_tokens(session, entry)
            session.execute(
                sa.update(ENTRIES_TABLE)
                .where(ENTRIES_TABLE.c.id == entry.id)
                .values(words=_words_column_value(session, text))
            )
            _add_tokens(session, {entry.id: text})
    _add_index_entries(session, new)
    return changed


def _add_index_entries(session: Session, texts: Mapping[tuple[str, int], str]) -> None:
    """Add index entries for new records. `texts`: the words of each record, separated by spaces, by
    the name of the table and the id.
    """
    if not texts:
        return
    made = session.execute(
        sa.insert(ENTRIES_TABLE)
        .values(words=_words_column_value(session, sa.bindparam("text", type_=Text)))
        .returning(
            ENTRIES_TABLE.c.id,
            ENTRIES_TABLE.c.subject_table,
            ENTRIES_TABLE.c.subject_id,
        ),
        [
            {"subject_table": table, "subject_id": number, "text": text}
            for (table, number), text in texts.items()
        ],
    )
    _add_tokens(session, {one.id: texts[one.subject_table, one.subject_id] for one in made})


def prepare_index_inserts(
    table: str, words: Mapping[int, list[str]], numbers: Iterator[int], *, dialect: str
) -> list[PreparedInsert]:
    """Return inserts of the words of many new records, which are stored without ORM objects.
    `table`: the name of their table; `words`: by the id of the record; `numbers`: free ids of index
    entries, ascending; `dialect`: "sqlite" or "postgresql".
    """
    rows: list[dict[str, Any]] = [
        {"id": next(numbers), "subject_table": table, "subject_id": of, "words": " ".join(kept)}
        for of, kept in words.items()
    ]
    if dialect != "sqlite":
        return [
            prepare_insert(
                ENTRIES_TABLE, rows, dialect=dialect, conversions={"words": _as_tsvector}
            )
        ]
    if not rows:
        return []
    made = sa.select(ENTRIES_TABLE.c.id, ENTRIES_TABLE.c.words).where(
        ENTRIES_TABLE.c.id.between(rows[0]["id"], rows[-1]["id"])
    )
    tokens = sa.insert(queries.SEARCH_WORDS_TABLE).from_select(["rowid", "words"], made)
    return [prepare_insert(ENTRIES_TABLE, rows, dialect=dialect), PreparedInsert(tokens)]


def _as_tsvector(text: Any) -> sa.ColumnElement[Any]:  # noqa: ANN401 (text, or an expression)
    """Return words that are separated by spaces as a tsvector of PostgreSQL."""
    return sa.func.array_to_tsvector(sa.func.string_to_array(text, " "))


def remove_from_index(session: Session, table: str, ids: Iterable[int]) -> None:
    """Remove deleted records of a table from the index."""
    for entry in _stored_entries(session, {table: ids}):
        _remove_tokens(session, entry)
        session.execute(sa.delete(ENTRIES_TABLE).where(ENTRIES_TABLE.c.id == entry.id))


def rebuild_search_tokens(session: Session) -> None:
    """Rebuild SQLite's full-text table from the stored words; do nothing on PostgreSQL."""
    if _has_token_table(session):
        session.execute(sa.insert(queries.SEARCH_WORDS_TABLE).values(search_words="rebuild"))


def _stored_entries(session: Session, ids: Mapping[str, Iterable[int]]) -> list[sa.Row[Any]]:
    """Return the index entries of records; `ids`: the ids of the records by name of the table."""
    # As a union, each select uses the index: with OR, SQLite would read the whole table.
    by_table = [
        sa.select(ENTRIES_TABLE).where(
            ENTRIES_TABLE.c.subject_table == table,
            ENTRIES_TABLE.c.subject_id.in_(list(some)),
        )
        for table, some in ids.items()
    ]
    return [*session.execute(sa.union_all(*by_table))] if by_table else []


def _words_of_entry(entry: sa.Row[Any]) -> set[str]:
    """Return the words of an entry; PostgreSQL writes its lexemes in quotation marks."""
    return {word.strip("'") for word in entry.words.split()}


def _has_token_table(session: Session) -> bool:
    """Return whether the database is SQLite, which has the words in a full-text table, too."""
    return session.get_bind().dialect.name == "sqlite"


def _words_column_value(session: Session, text: Any) -> Any:  # noqa: ANN401 (words as text, or an expression)
    """Return indexed words, separated by spaces, as a value of the column `words`: text for SQLite,
    a tsvector for PostgreSQL.
    """
    return text if _has_token_table(session) else _as_tsvector(text)


def _add_tokens(session: Session, texts: Mapping[int, str]) -> None:
    """Add words to the full-text table; `texts`: the words of each index entry by its id."""
    if texts and _has_token_table(session):
        session.execute(
            sa.insert(queries.SEARCH_WORDS_TABLE),
            [{"rowid": number, "words": text} for number, text in texts.items()],
        )


def _remove_tokens(session: Session, entry: sa.Row[Any]) -> None:
    """Remove the stored words of an entry from the full-text table; FTS5 requires them as input."""
    if _has_token_table(session):
        session.execute(
            sa.insert(queries.SEARCH_WORDS_TABLE).values(
                search_words="delete", rowid=entry.id, words=entry.words
            )
        )
