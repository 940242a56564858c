"""Find records by the beginnings of their words, with the same result on both databases; and what a
word is, for indexed and for searched text.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Load, Mapper, Session

from tracker.bulk_insert import is_in_json_list
from tracker.db import db
from tracker.permissions import Visibility
from tracker.records import record_models
from tracker.scoping import Scoped, Viewer
from tracker.search.models import Searchable, SearchEntry

# Letters and digits of any script; marks that NFKC cannot combine with a letter end a word.
WORD = re.compile(r"[^\W_]+")
# Longer runs are keys and encodings, not words; their beginning still finds them.
LONGEST_WORD = 60
# PostgreSQL rejects a document of more than 1 MB of words; no article comes near half of it.
MOST_BYTES = 500_000
# Bytes of a letter in UTF-8, at most.
LONGEST_LETTER = 4
MOST_ASKED = 40
# The full-text table of SQLite, created by a migration and without a model. A column with the
# table's own name represents the whole row: in MATCH, and in FTS5's own commands.
SEARCH_WORDS = sa.table(
    "search_words", sa.column("rowid"), sa.column("words"), sa.column("search_words")
)
# A list considers at most this many records with the words searched for.
MOST_CANDIDATES = 5_000
# Up to this many ids are passed one by one, so that the database knows how few they are.
MOST_NAMED = 200
# A model and the id of one of its records.
IndexEntry = tuple[type[Any], int]


def normal_words(text: str) -> list[str]:
    """Return the normalised words of a text in order: NFKC, case folded, ё as е.

    Kazakh letters and digits stay, punctuation is dropped. There is no stemming: searches are by
    the beginnings of words.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return [word[:LONGEST_WORD] for word in WORD.findall(folded.replace("ё", "е"))]


def indexed_words(text: str) -> list[str]:
    """Return the words of a text for the index: each once, within the limits of both databases."""
    # Repeated parts contain nothing new, and cost the most.
    parts = dict.fromkeys(text.split())
    words = list(dict.fromkeys(normal_words(" ".join(parts))))
    if sum(map(len, words)) * LONGEST_LETTER <= MOST_BYTES:
        return words
    kept: list[str] = []
    room = MOST_BYTES
    for word in words:
        room -= len(word.encode())
        if room < 0:
            break
        kept.append(word)
    return kept


def query_words(text: str) -> list[str]:
    """Return the words of a query without duplicates; they match beginnings of words."""
    return list(dict.fromkeys(normal_words(text)))[:MOST_ASKED]


def ids_matching(model: type[Any], q: str) -> sa.Select[int]:
    """Return a select of the ids of records that have all words of `q`, as beginnings of words.

    The index has no teams: use it only inside a select of the records themselves, which is limited
    to the viewer. Words that are only punctuation find nothing.
    """
    return sa.select(SearchEntry.subject_id).where(
        SearchEntry.subject_table == model.__tablename__, _has_all(query_words(q))
    )


def select_for_list(
    model: type[Any],
    filters: Any,  # noqa: ANN401 (a filter with words, `q`)
    matching: Callable[[Any], sa.Select[Any]],
    ways: Callable[[str], Iterable[str]] = lambda q: (q,),
) -> tuple[sa.Select[Any], bool]:
    """Return a select of the records that a list shows for a filter, and whether some are left out.

    If more than `MOST_CANDIDATES` have its words, only those indexed last are considered.
    `matching`: selects records by a filter; `ways`: returns the spellings of the words.
    """
    if not filters.q:
        return matching(filters), False
    ids = _latest_matching(model, ways(filters.q))
    some = ids[:MOST_CANDIDATES]
    is_one = model.id.in_(some)
    if len(some) > MOST_NAMED:
        is_one = is_in_json_list(model.id, db.session.get_bind().dialect.name, json.dumps(some))
    return matching(replace(filters, q="")).where(is_one), len(ids) > len(some)


def _latest_matching(model: type[Any], ways: Iterable[str]) -> list[int]:
    """Return the ids of visible records with all words of one of several texts, last indexed first.

    At most `MOST_CANDIDATES`, and one more if there are more. The limit is on what the viewer sees:
    hidden records neither appear nor count.
    """
    asked = [words for q in dict.fromkeys(ways) if (words := query_words(q))]
    if not asked:
        return []
    rows = sa.select(model.id).join(SearchEntry, SearchEntry.subject_id == model.id)
    rows = rows.where(SearchEntry.subject_table == model.__tablename__)
    place: Any = SearchEntry.id
    if db.session.get_bind().dialect.name == "postgresql":
        rows = rows.where(sa.or_(*map(_has_all, asked)))
    else:
        # Read from the end of the word index, the first ids need not be sorted.
        place = SEARCH_WORDS.c.rowid
        query = " OR ".join(f"({_fts_query(words)})" for words in asked)
        rows = rows.join(SEARCH_WORDS, SearchEntry.id == place)
        rows = rows.where(SEARCH_WORDS.c.search_words.op("MATCH")(query))
    return list(db.session.scalars(rows.order_by(place.desc()).limit(MOST_CANDIDATES + 1)))


def searchable_models() -> list[type[Any]]:
    """Return every model whose records can be found by their words."""
    models = record_models().values()
    return [model for model in models if issubclass(model, Searchable)]


def narrowest_viewer(record: Any) -> Viewer:  # noqa: ANN401 (a Searchable, or the columns of one)
    """Return the viewer who sees the record and as little else as possible.

    The record is indexed as this viewer sees it: otherwise a name that only some readers may see
    would find it for all of them.
    """
    is_restricted = getattr(record, "visibility", None) is Visibility.RESTRICTED
    return Viewer((record.team_id,) if is_restricted else ())


def all_index_entries(session: Session) -> Iterator[tuple[IndexEntry, Viewer]]:
    """Yield every searchable record, with the viewer for whom it is indexed."""
    for model in searchable_models():
        yield from _index_entries(session, model, sa.select(*_columns(model)))


def select_with_words(model: type[Any]) -> sa.Select[Any]:
    """Return a select of records with everything that `search_text` reads, loaded in batches."""
    loading = []
    for path in model.WORDS_FROM.split():
        found, kind = Load(model), model
        for name in path.split("."):
            attribute = getattr(kind, name)
            is_many = attribute.property.uselist
            found = found.selectinload(attribute) if is_many else found.joinedload(attribute)
            kind = attribute.property.mapper.class_
        loading.append(found)
    return sa.select(model).options(*loading)


def entries_showing(
    session: Session, places: Iterable[IndexEntry]
) -> Iterator[tuple[IndexEntry, Viewer]]:
    """Yield the records that show these records, by a link of their own or of a child row.

    One that shows several kinds is repeated.
    """
    numbers: dict[Any, list[int]] = defaultdict(list)
    for kind, number in places:
        numbers[kind].append(number)
    for kind, some in numbers.items():
        for model, rows in _selects_showing(kind):
            yield from _index_entries(session, model, rows, {"some": some})


@cache
def _selects_showing(kind: type[Any]) -> list[tuple[type[Any], sa.Select[Any]]]:
    """Return the selects of the records that show `some` of a kind, one for each model that can.

    Cached, since every save needs them.
    """
    found = []
    for model in searchable_models():
        ways = list(_relation_conditions(sa.inspect(model), kind, deep=True))
        if ways:
            found.append((model, sa.select(*_columns(model)).where(sa.or_(*ways))))
    return found


def _columns(model: type[Any]) -> list[Any]:
    return [model.id, *((model.team_id, model.visibility) if issubclass(model, Scoped) else ())]


def _index_entries(
    session: Session, model: type[Any], rows: sa.Select[Any], asked: dict[str, Any] | None = None
) -> Iterator[tuple[IndexEntry, Viewer]]:
    for row in session.execute(rows, asked).all():
        yield (model, row.id), narrowest_viewer(row)


def _relation_conditions(
    mapper: Mapper[Any], kind: type[Any], *, deep: bool
) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the conditions by which rows of a model show `some` of a kind.

    One for each relationship that refers to it by its id.
    """
    for relation in mapper.relationships:
        if relation.direction.name == "MANYTOONE" and issubclass(kind, relation.mapper.class_):
            (key,) = (one for one, its in relation.local_remote_pairs if its.name == "id")
            pointing = mapper.get_property_by_column(key).class_attribute
            yield pointing.in_(sa.bindparam("some", expanding=True))
        elif deep and relation.info.get("trail"):
            inner = list(_relation_conditions(relation.mapper, kind, deep=False))
            if inner:
                yield getattr(mapper.class_, relation.key).any(sa.or_(*inner))


def _has_all(words: list[str]) -> sa.ColumnElement[bool]:
    if not words:
        return sa.false()
    # Words are letters and digits only, so neither query language can be injected.
    if db.session.get_bind().dialect.name == "postgresql":
        query = " & ".join(f"'{word}':*" for word in words)
        return SearchEntry.words.op("@@", is_comparison=True)(sa.cast(query, TSQUERY))
    is_match = SEARCH_WORDS.c.search_words.op("MATCH")(_fts_query(words))
    return SearchEntry.id.in_(sa.select(SEARCH_WORDS.c.rowid).where(is_match))


def _fts_query(words: list[str]) -> str:
    return " AND ".join(f'"{word}"*' for word in words)
