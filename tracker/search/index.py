"""The search index: find records by the beginnings of their words, and keep the index current.

Both databases find the same. Changes are indexed before their transaction commits.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Load, Mapper, Session, UOWTransaction
from sqlalchemy.types import Text

from tracker.bulk_insert import PreparedInsert, join_json_list, prepare_insert, table_of
from tracker.db import db
from tracker.i18n import normalise_for_comparison
from tracker.permissions import Visibility
from tracker.records import record_models
from tracker.scoping import ScopedRecord, Viewer
from tracker.search.models import Searchable, SearchEntry

# Letters and digits of any script; marks that NFKC cannot combine with a letter end a word.
WORD_PATTERN = re.compile(r"[^\W_]+")
# Longer words, such as encryption keys, are cut to this length, in the index and in a search.
MAX_WORD_LENGTH = 60
# The most bytes of words that are indexed of one record. PostgreSQL rejects more than 1 MB; no
# article comes near half of it.
MAX_INDEXED_BYTES = 500_000
# Bytes of a letter of a word in UTF-8.
MAX_BYTES_PER_LETTER = 4
MAX_QUERY_WORDS = 40  # further words of a query are ignored
# The case ending of a Russian word, after at least three letters. The ending "ов" or "ев", which
# many surnames have, counts only after at least seven letters.
RUSSIAN_CASE_ENDING_PATTERN = re.compile(
    "(?<=...)(?:иями|иях|иям|ием|ией|ами|ями|ого|его|ому|ему|ыми|ими|ия|ии|ию|ие|ий|ая|яя|ое|ее|"
    "ые|ой|ей|ый|ом|ем|ым|им|ых|их|ую|юю|ою|ею|ам|ям|ах|ях|[аяоеуюыийь])$|(?<=.......)[ое]в$"
)
# The case ending of a Kazakh word, with the plural and the possessive before it.
KAZAKH_CASE_ENDING_PATTERN = re.compile(
    "(?<=...)(?:[лдт][ае]р)?(?:с?[ыі])?"
    "(?:[ндт][ыі]ң|[ғқ]а|[гк]е|[ндт][ыі]|[дт][ае]н?|н[ае]н|[мбп]ен)?$"
)
# A letter that Russian does not have.
KAZAKH_LETTER_PATTERN = re.compile("[әғқңөұүһі]")
# A word of Russian and Kazakh letters only.
CYRILLIC_WORD_PATTERN = re.compile("[а-яәғқңөұүһі]+")
# The full-text table of SQLite. It is created by a migration and has no model. FTS5 adds the column
# with the name of the table: MATCH searches it, and commands of FTS5 are inserted into it.
FULL_TEXT_TABLE = sa.table(
    "search_words", sa.column("rowid"), sa.column("words"), sa.column("search_words")
)
# A list considers at most this many records with the words searched for.
MAX_SEARCH_CANDIDATES = 5_000
# Up to this many ids are passed as single parameters, so that the query planner knows how many they
# are; more are passed as one JSON list.
MAX_INLINE_IDS = 200
# A model and the id of one of its records.
IndexEntry = tuple[type[Any], int]
ItemT = TypeVar("ItemT")  # an element of a list that is split into batches
BATCH_SIZE = 200  # records indexed at once
# The table of index entries, which are written without ORM objects.
ENTRIES_TABLE = table_of(SearchEntry)
# Keys in the session's `info`: the index entries of records that the transaction has changed, each
# with its viewer, of those that it deleted, and of those whose team or visibility it changed.
CHANGED_RECORDS_KEY, DELETED_RECORDS_KEY, RESCOPED_RECORDS_KEY = (
    "search_touched", "search_gone", "search_rescoped",
)  # fmt: skip


def normalized_words(text: str) -> list[str]:
    """Return the normalised words of a text in order: NFKC, case folded, ё as е.

    Kazakh letters and digits stay, punctuation is dropped. The index has whole words; what is
    searched for are beginnings of them, see `word_stem`.
    """
    folded = normalise_for_comparison(normalise_for_comparison(text).casefold())
    return [word[:MAX_WORD_LENGTH] for word in WORD_PATTERN.findall(folded.replace("ё", "е"))]


def indexed_words(text: str) -> list[str]:
    """Return the words of a text for the index: each once, those that fit `MAX_INDEXED_BYTES`."""
    # Repeated parts contain nothing new, and cost the most.
    parts = dict.fromkeys(text.split())
    words = list(dict.fromkeys(normalized_words(" ".join(parts))))
    if sum(map(len, words)) * MAX_BYTES_PER_LETTER <= MAX_INDEXED_BYTES:
        return words
    kept: list[str] = []
    room = MAX_INDEXED_BYTES
    for word in words:
        room -= len(word.encode())
        if room < 0:
            break
        kept.append(word)
    return kept


def query_words(text: str) -> list[str]:
    """Return the words of a query without case endings and duplicates.

    Each of them matches the beginnings of indexed words.
    """
    return list(dict.fromkeys(map(word_stem, normalized_words(text))))[:MAX_QUERY_WORDS]


def word_stem(word: str) -> str:
    """Return a normalised Russian or Kazakh word without its case ending.

    "бажкеновой" becomes "бажкенов"; words of other languages stay as they are.
    """
    if not CYRILLIC_WORD_PATTERN.fullmatch(word):
        return word
    stem = (
        KAZAKH_CASE_ENDING_PATTERN.sub("", word, count=1)
        if KAZAKH_LETTER_PATTERN.search(word)
        else word
    )
    return stem if stem != word else RUSSIAN_CASE_ENDING_PATTERN.sub("", word, count=1)


def ids_matching_words(model: type[Any], *texts: str) -> sa.Select[int]:
    """Return a select of the ids of records that have all words of at least one of the `texts`.
    A word of these texts matches every word of a record that begins with it.

    The index has no teams: use it only inside a select of the records themselves, which is limited
    to the viewer. Words that are only punctuation find nothing.
    """
    is_one: sa.ColumnElement[bool] = sa.false()
    if asked := _query_word_groups(texts):
        is_one = _words_condition(asked)
        if _has_full_text_table(db.session()):
            is_one = SearchEntry.id.in_(sa.select(FULL_TEXT_TABLE.c.rowid).where(is_one))
    return sa.select(SearchEntry.subject_id).where(
        SearchEntry.subject_table == model.__tablename__, is_one
    )


def select_for_filtered_list(
    model: type[Any],
    filters: Any,  # noqa: ANN401 (a filter with words, `q`)
    select_matching: Callable[[Any], sa.Select[Any]],
    spellings: Callable[[str], Iterable[str]] = lambda q: (q,),
) -> tuple[sa.Select[Any], bool]:
    """Return a select of the records that a list shows for a filter, and whether some are left out.
    `select_matching`: returns the select for a filter; `spellings`: returns the texts to search
    for, given the words of the filter.

    If more than `MAX_SEARCH_CANDIDATES` have its words, only those indexed last are considered.
    """
    if not filters.q:
        return select_matching(filters), False
    ids = latest_matching_ids(
        model,
        spellings(filters.q),
        candidates=sa.select(model),
        limit=MAX_SEARCH_CANDIDATES + 1,
    )
    some = ids[:MAX_SEARCH_CANDIDATES]
    rows = select_matching(replace(filters, q=""))
    if len(some) > MAX_INLINE_IDS:
        dialect = db.session.get_bind().dialect.name
        rows = join_json_list(rows, model.id, dialect, json.dumps(some))
    else:
        rows = rows.where(model.id.in_(some))
    return rows, len(ids) > len(some)


def latest_matching_ids(
    model: type[Any], spellings: Iterable[str], *, candidates: sa.Select[Any], limit: int
) -> list[int]:
    """Return the ids of records that have all words of one of several texts, last indexed first.
    `spellings`: these texts; `candidates`: a select of the records considered; `limit`: the
    largest number of ids returned.

    The viewer limits what is considered: hidden records neither appear nor count.
    """
    asked = _query_word_groups(spellings)
    if not asked:
        return []
    rows = candidates.with_only_columns(model.id, maintain_column_froms=True)
    rows = rows.join(SearchEntry, SearchEntry.subject_id == model.id)
    rows = rows.where(SearchEntry.subject_table == model.__tablename__, _words_condition(asked))
    is_sqlite = _has_full_text_table(db.session())
    place: Any = SearchEntry.id
    if is_sqlite:
        # Read from the end of the word index, the first ids need not be sorted.
        place = FULL_TEXT_TABLE.c.rowid
        rows = rows.join(FULL_TEXT_TABLE, SearchEntry.id == place)
    latest = rows.order_by(place.desc()).limit(limit).subquery()
    # As one value: thousands of rows would take longer to read than to find.
    gather = sa.func.json_group_array if is_sqlite else sa.func.json_agg
    found = db.session.scalar(sa.select(gather(latest.c.id, type_=sa.JSON)))
    return found or []


def _query_word_groups(texts: Iterable[str]) -> list[list[str]]:
    """Return a list of words to search for from each text, without texts that have no words."""
    return [words for text in dict.fromkeys(texts) if (words := query_words(text))]


def _words_condition(word_groups: Iterable[list[str]]) -> sa.ColumnElement[bool]:
    """Return the SQL condition that an index entry has all words of at least one of the lists.

    On SQLite the select reads `FULL_TEXT_TABLE` for it.
    """
    # Words are letters and digits only, so neither query language can be injected.
    if db.session.get_bind().dialect.name == "postgresql":
        query = " | ".join(
            "(" + " & ".join(f"'{one}':*" for one in words) + ")" for words in word_groups
        )
        return SearchEntry.words.op("@@", is_comparison=True)(sa.cast(query, TSQUERY))
    query = " OR ".join(
        "(" + " AND ".join(f'"{one}"*' for one in words) + ")" for words in word_groups
    )
    return FULL_TEXT_TABLE.c.search_words.op("MATCH")(query)


@sa.event.listens_for(Session, "after_flush")
def _collect_changes(session: Session, _flushed: UOWTransaction) -> None:
    """Collect the changed records. They are indexed just before the commit, when all of their child
    rows have been written.
    """
    for record in [*session.new, *session.dirty]:
        if isinstance(record, Searchable):
            session.info.setdefault(CHANGED_RECORDS_KEY, {})[_entry_of_record(record)] = (
                viewer_for_indexing(record)
            )
    for record in session.dirty:
        if isinstance(record, Searchable) and _has_changed_visibility(record):
            session.info.setdefault(RESCOPED_RECORDS_KEY, set()).add(_entry_of_record(record))
    for record in session.deleted:
        if isinstance(record, Searchable):
            session.info.setdefault(DELETED_RECORDS_KEY, set()).add(_entry_of_record(record))


@sa.event.listens_for(Session, "before_commit")
def update_index(session: Session) -> None:
    """Index what this transaction wrote, in the same transaction."""
    session.flush()
    touched: dict[IndexEntry, Viewer] = session.info.pop(CHANGED_RECORDS_KEY, {})
    gone: set[IndexEntry] = session.info.pop(DELETED_RECORDS_KEY, set())
    rescoped: set[IndexEntry] = session.info.pop(RESCOPED_RECORDS_KEY, set())
    for model, number in gone:
        touched.pop((model, number), None)
        remove_from_index(session, model.__tablename__, [number])
    reindexed = (_index_records(session, touched) | rescoped) - gone
    if reindexed:
        # A user who renames a journalist need not see every incident that names them.
        with _session_for_viewer(
            session, system="search: records that show a changed one"
        ) as beside:
            showing = dict(entries_of_referring_records(beside, reindexed))
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

    A caller may commit after each step, so that other writers need not wait for the end; the last
    step removes deleted records.
    """
    places = dict(all_index_entries(session))
    batch: dict[IndexEntry, Viewer] = {}
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
    rebuild_full_text_table(session)
    yield len(places)


def _index_records(session: Session, viewer_by_entry: dict[IndexEntry, Viewer]) -> set[IndexEntry]:
    """Index records, each as its viewer sees it; return those whose words changed."""
    grouped: dict[tuple[Viewer, type[Any]], list[int]] = defaultdict(list)
    for (model, number), viewer in viewer_by_entry.items():
        grouped[viewer, model].append(number)
    words: dict[IndexEntry, list[str]] = {}
    for (viewer, model), numbers in grouped.items():
        with _session_for_viewer(session, viewer=viewer) as beside:
            for some in _split_into_batches(numbers):
                rows = select_with_search_text(model).where(model.id.in_(some))
                for record in beside.scalars(rows).unique():
                    words[model, record.id] = indexed_words(record.search_text())
                beside.expunge_all()
    changed: set[IndexEntry] = set()
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


def _split_into_batches(items: list[ItemT]) -> Iterable[list[ItemT]]:
    """Return the items in lists of at most `BATCH_SIZE`."""
    return (items[start : start + BATCH_SIZE] for start in range(0, len(items), BATCH_SIZE))


def _entry_of_record(record: Any) -> IndexEntry:  # noqa: ANN401 (a mixin beside Record)
    """Return the model and the id of a record."""
    return type(record), record.id


def _has_changed_visibility(record: Any) -> bool:  # noqa: ANN401 (as above)
    """Return whether a record's team or visibility changed in this transaction."""
    attributes = sa.inspect(record).attrs
    keys = {"team_id", "visibility"}.intersection(attributes.keys())
    return any(attributes[key].history.has_changes() for key in keys)


def searchable_models() -> list[type[Any]]:
    """Return every model whose records can be found by their words."""
    models = record_models().values()
    return [model for model in models if issubclass(model, Searchable)]


def viewer_for_indexing(record: Any) -> Viewer:  # noqa: ANN401 (a Searchable, or the columns of one)
    """Return the viewer who sees the record and as little else as possible.

    The record is indexed as this viewer sees it: otherwise a name that only some readers may see
    would find it for all of them.
    """
    is_restricted = getattr(record, "visibility", None) is Visibility.RESTRICTED
    return Viewer((record.team_id,) if is_restricted else ())


def all_index_entries(session: Session) -> Iterator[tuple[IndexEntry, Viewer]]:
    """Yield every searchable record, with the viewer for whom it is indexed."""
    for model in searchable_models():
        yield from _entries_with_viewers(session, model, sa.select(*_visibility_columns(model)))


def select_with_search_text(model: type[Any]) -> sa.Select[Any]:
    """Return a select of records with everything that `search_text` reads, loaded in batches."""
    return sa.select(model).options(*_search_text_loader_options(sa.inspect(model)))


@cache
def _search_text_loader_options(mapper: Mapper[Any]) -> list[Load]:
    """Return the loader options that load everything that `search_text` reads. The result is
    cached, since every save needs it.
    """
    loading = []
    for path in mapper.class_.SEARCH_TEXT_PATHS.split():
        found, kind = Load(mapper.class_), mapper.class_
        is_joined = path.startswith("+")
        for name in path.removeprefix("+").split("."):
            attribute = getattr(kind, name)
            if is_joined or not attribute.property.uselist:
                # For an inner join SQLite would first build all rows of that kind.
                found = found.joinedload(attribute, innerjoin=False)
            else:
                found = found.selectinload(attribute)
            kind = attribute.property.mapper.class_
            is_joined = True
        loading.append(found)
    return loading


def entries_of_referring_records(
    session: Session, entries: Iterable[IndexEntry]
) -> Iterator[tuple[IndexEntry, Viewer]]:
    """Yield the records that refer to the given records, directly or by a child row, each with the
    viewer for whom it is indexed.

    A record that refers to several kinds is repeated.
    """
    numbers: dict[Any, list[int]] = defaultdict(list)
    for kind, number in entries:
        numbers[kind].append(number)
    for kind, some in numbers.items():
        for model, rows in _selects_of_referring_records(kind):
            yield from _entries_with_viewers(session, model, rows, {"some": some})


@cache
def _selects_of_referring_records(kind: type[Any]) -> list[tuple[type[Any], sa.Select[Any]]]:
    """Return each model whose records refer to records of the model `kind`, with a select of the
    records that refer to some of them. The select has a bind parameter `some`: the ids of the
    records of `kind`.

    Cached, since every save needs them.
    """
    found = []
    for model in searchable_models():
        ways = list(_reference_conditions(sa.inspect(model), kind, includes_child_rows=True))
        if ways:
            found.append((model, sa.select(*_visibility_columns(model)).where(sa.or_(*ways))))
    return found


def _visibility_columns(model: type[Any]) -> list[Any]:
    """Return the columns of a model that say for whom a record is indexed: its id, and its team and
    visibility if it has them.
    """
    return [
        model.id,
        *((model.team_id, model.visibility) if issubclass(model, ScopedRecord) else ()),
    ]


def _entries_with_viewers(
    session: Session, model: type[Any], rows: sa.Select[Any], values: dict[str, Any] | None = None
) -> Iterator[tuple[IndexEntry, Viewer]]:
    """Yield the selected records of a model, each with the viewer for whom it is indexed.
    `values`: the values of bind parameters.
    """
    for row in session.execute(rows, values).all():
        yield (model, row.id), viewer_for_indexing(row)


def _reference_conditions(
    mapper: Mapper[Any], kind: type[Any], *, includes_child_rows: bool
) -> Iterator[sa.ColumnElement[bool]]:
    """Yield a condition for each way in which rows of a model may refer to records of `kind`.
    `includes_child_rows`: also by child rows. Each condition has a bind parameter `some`: the ids
    of the records of `kind`.
    """
    for relation in mapper.relationships:
        if relation.direction.name == "MANYTOONE" and issubclass(kind, relation.mapper.class_):
            (key,) = (one for one, its in relation.local_remote_pairs if its.name == "id")
            pointing = mapper.get_property_by_column(key).class_attribute
            yield pointing.in_(sa.bindparam("some", expanding=True))
        elif includes_child_rows and relation.info.get("audited"):
            inner = list(_reference_conditions(relation.mapper, kind, includes_child_rows=False))
            if inner:
                yield getattr(mapper.class_, relation.key).any(sa.or_(*inner))


def _store_words(session: Session, words: Mapping[IndexEntry, list[str]]) -> set[IndexEntry]:
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
            _remove_from_full_text_table(session, entry)
            session.execute(
                sa.update(ENTRIES_TABLE)
                .where(ENTRIES_TABLE.c.id == entry.id)
                .values(words=_words_column_value(session, text))
            )
            _add_to_full_text_table(session, {entry.id: text})
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
    _add_to_full_text_table(
        session, {one.id: texts[one.subject_table, one.subject_id] for one in made}
    )


def prepare_index_inserts(
    table: str, words_by_id: Mapping[int, list[str]], free_ids: Iterator[int], *, dialect: str
) -> list[PreparedInsert]:
    """Return inserts of the words of many new records, which are stored without ORM objects.
    `table`: the name of their table; `words_by_id`: by the id of the record; `free_ids`:
    free ids of index entries, ascending; `dialect`: "sqlite" or "postgresql".
    """
    rows: list[dict[str, Any]] = [
        {"id": next(free_ids), "subject_table": table, "subject_id": of, "words": " ".join(kept)}
        for of, kept in words_by_id.items()
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
    tokens = sa.insert(FULL_TEXT_TABLE).from_select(["rowid", "words"], made)
    return [prepare_insert(ENTRIES_TABLE, rows, dialect=dialect), PreparedInsert(tokens)]


def _as_tsvector(text: Any) -> sa.ColumnElement[Any]:  # noqa: ANN401 (text, or an expression)
    """Return words that are separated by spaces as a tsvector of PostgreSQL."""
    return sa.func.array_to_tsvector(sa.func.string_to_array(text, " "))


def remove_from_index(session: Session, table: str, ids: Iterable[int]) -> None:
    """Remove deleted records of a table from the index."""
    for entry in _stored_entries(session, {table: ids}):
        _remove_from_full_text_table(session, entry)
        session.execute(sa.delete(ENTRIES_TABLE).where(ENTRIES_TABLE.c.id == entry.id))


def rebuild_full_text_table(session: Session) -> None:
    """Rebuild SQLite's full-text table from the stored words; do nothing on PostgreSQL."""
    if _has_full_text_table(session):
        session.execute(sa.insert(FULL_TEXT_TABLE).values(search_words="rebuild"))


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


def _has_full_text_table(session: Session) -> bool:
    """Return whether the database is SQLite, which has the words in a full-text table, too."""
    return session.get_bind().dialect.name == "sqlite"


def _words_column_value(session: Session, text: Any) -> Any:  # noqa: ANN401 (words as text, or an expression)
    """Return indexed words, separated by spaces, as a value of the column `words`: text for SQLite,
    a tsvector for PostgreSQL.
    """
    return text if _has_full_text_table(session) else _as_tsvector(text)


def _add_to_full_text_table(session: Session, texts: Mapping[int, str]) -> None:
    """Add words to the full-text table; `texts`: the words of each index entry by its id."""
    if texts and _has_full_text_table(session):
        session.execute(
            sa.insert(FULL_TEXT_TABLE),
            [{"rowid": number, "words": text} for number, text in texts.items()],
        )


def _remove_from_full_text_table(session: Session, entry: sa.Row[Any]) -> None:
    """Remove the stored words of an entry from the full-text table; FTS5 requires them as input."""
    if _has_full_text_table(session):
        session.execute(
            sa.insert(FULL_TEXT_TABLE).values(
                search_words="delete", rowid=entry.id, words=entry.words
            )
        )
