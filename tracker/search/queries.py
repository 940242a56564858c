"""Search records by the beginnings of their words, with the same result on both databases."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Load, Mapper, Session

from tracker.bulk_insert import join_json_list
from tracker.db import db
from tracker.i18n import compatibility_form
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
SEARCH_WORDS_TABLE = sa.table(
    "search_words", sa.column("rowid"), sa.column("words"), sa.column("search_words")
)
# A list considers at most this many records with the words searched for.
MAX_SEARCH_CANDIDATES = 5_000
# Up to this many ids are passed as single parameters, so that the query planner knows how many they
# are; more are passed as one JSON list.
MAX_INLINE_IDS = 200
# A model and the id of one of its records.
IndexEntry = tuple[type[Any], int]


def normalized_words(text: str) -> list[str]:
    """Return the normalised words of a text in order: NFKC, case folded, ё as е.

    Kazakh letters and digits stay, punctuation is dropped. The index has whole words; what is
    searched for are beginnings of them, see `word_stem`.
    """
    folded = compatibility_form(compatibility_form(text).casefold())
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
        if db.session.get_bind().dialect.name == "sqlite":
            is_one = SearchEntry.id.in_(sa.select(SEARCH_WORDS_TABLE.c.rowid).where(is_one))
    return sa.select(SearchEntry.subject_id).where(
        SearchEntry.subject_table == model.__tablename__, is_one
    )


def select_matching_for_list(
    model: type[Any],
    filters: Any,  # noqa: ANN401 (a filter with words, `q`)
    matching: Callable[[Any], sa.Select[Any]],
    spellings: Callable[[str], Iterable[str]] = lambda q: (q,),
) -> tuple[sa.Select[Any], bool]:
    """Return a select of the records that a list shows for a filter, and whether some are left out.
    `matching`: returns the select for a filter; `spellings`: returns the texts to search for, given
    the words of the filter.

    If more than `MAX_SEARCH_CANDIDATES` have its words, only those indexed last are considered.
    """
    if not filters.q:
        return matching(filters), False
    ids = latest_matching_ids(
        model, spellings(filters.q), within=sa.select(model), limit=MAX_SEARCH_CANDIDATES + 1
    )
    some = ids[:MAX_SEARCH_CANDIDATES]
    rows = matching(replace(filters, q=""))
    if len(some) > MAX_INLINE_IDS:
        dialect = db.session.get_bind().dialect.name
        rows = join_json_list(rows, model.id, dialect, json.dumps(some))
    else:
        rows = rows.where(model.id.in_(some))
    return rows, len(ids) > len(some)


def latest_matching_ids(
    model: type[Any], spellings: Iterable[str], *, within: sa.Select[Any], limit: int
) -> list[int]:
    """Return the ids of records that have all words of one of several texts, last indexed first.
    `spellings`: these texts; `within`: a select of the records considered; `limit`: the largest
    number of ids returned.

    The viewer limits what is considered: hidden records neither appear nor count.
    """
    asked = _query_word_groups(spellings)
    if not asked:
        return []
    rows = within.with_only_columns(model.id, maintain_column_froms=True)
    rows = rows.join(SearchEntry, SearchEntry.subject_id == model.id)
    rows = rows.where(SearchEntry.subject_table == model.__tablename__, _words_condition(asked))
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    place: Any = SearchEntry.id
    if is_sqlite:
        # Read from the end of the word index, the first ids need not be sorted.
        place = SEARCH_WORDS_TABLE.c.rowid
        rows = rows.join(SEARCH_WORDS_TABLE, SearchEntry.id == place)
    latest = rows.order_by(place.desc()).limit(limit).subquery()
    # As one value: thousands of rows would take longer to read than to find.
    gather = sa.func.json_group_array if is_sqlite else sa.func.json_agg
    found = db.session.scalar(sa.select(gather(latest.c.id, type_=sa.JSON)))
    return found or []


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
        yield from _index_entries(session, model, sa.select(*_index_entry_columns(model)))


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
            yield from _index_entries(session, model, rows, {"some": some})


@cache
def _selects_of_referring_records(kind: type[Any]) -> list[tuple[type[Any], sa.Select[Any]]]:
    """Return each model whose records refer to records of the model `kind`, with a select of the
    records that refer to some of them. The select has a bind parameter `some`: the ids of the
    records of `kind`.

    Cached, since every save needs them.
    """
    found = []
    for model in searchable_models():
        ways = list(_reference_conditions(sa.inspect(model), kind, deep=True))
        if ways:
            found.append((model, sa.select(*_index_entry_columns(model)).where(sa.or_(*ways))))
    return found


def _index_entry_columns(model: type[Any]) -> list[Any]:
    """Return the columns of a model that say for whom a record is indexed: its id, and its team and
    visibility if it has them.
    """
    return [
        model.id,
        *((model.team_id, model.visibility) if issubclass(model, ScopedRecord) else ()),
    ]


def _index_entries(
    session: Session, model: type[Any], rows: sa.Select[Any], values: dict[str, Any] | None = None
) -> Iterator[tuple[IndexEntry, Viewer]]:
    """Yield the selected records of a model, each with the viewer for whom it is indexed.
    `values`: the values of bind parameters.
    """
    for row in session.execute(rows, values).all():
        yield (model, row.id), viewer_for_indexing(row)


def _reference_conditions(
    mapper: Mapper[Any], kind: type[Any], *, deep: bool
) -> Iterator[sa.ColumnElement[bool]]:
    """Yield a condition for each way in which rows of a model may refer to records of `kind`.
    `deep`: also by child rows. Each condition has a bind parameter `some`: the ids of the records
    of `kind`.
    """
    for relation in mapper.relationships:
        if relation.direction.name == "MANYTOONE" and issubclass(kind, relation.mapper.class_):
            (key,) = (one for one, its in relation.local_remote_pairs if its.name == "id")
            pointing = mapper.get_property_by_column(key).class_attribute
            yield pointing.in_(sa.bindparam("some", expanding=True))
        elif deep and relation.info.get("trail"):
            inner = list(_reference_conditions(relation.mapper, kind, deep=False))
            if inner:
                yield getattr(mapper.class_, relation.key).any(sa.or_(*inner))


def _query_word_groups(texts: Iterable[str]) -> list[list[str]]:
    """Return a list of words to search for from each text, without texts that have no words."""
    return [words for text in dict.fromkeys(texts) if (words := query_words(text))]


def _words_condition(word_groups: Iterable[list[str]]) -> sa.ColumnElement[bool]:
    """Return the SQL condition that an index entry has all words of at least one of the lists.

    On SQLite the select reads `SEARCH_WORDS_TABLE` for it.
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
    return SEARCH_WORDS_TABLE.c.search_words.op("MATCH")(query)
