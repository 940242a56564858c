"""Writing words into the index: a tsvector on PostgreSQL, an FTS5 table beside them on SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import cast, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from tracker.inserting import Staged, inserted, table_of
from tracker.search.models import SearchEntry
from tracker.search.queries import SEARCH_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.orm import Session


def keep_words(session: Session, table: str, words: Mapping[int, list[str]]) -> set[int]:
    """Put the words of some records of one table into the index, in place of those it has; return
    the ids of those that had others.
    """
    entries = {entry.subject_id: entry for entry in _entries(session, table, words)}
    changed = set()
    for number, kept in words.items():
        entry, text = entries.get(number), " ".join(kept)
        if entry is None:
            made = session.execute(
                insert(SearchEntry)
                .values(subject_table=table, subject_id=number, words=_stored(session, kept))
                .returning(SearchEntry.id)
            ).scalar_one()
            _add_tokens(session, made, text)
        elif _words_of(entry) != set(kept):
            changed.add(number)
            _drop_tokens(session, entry)
            session.execute(
                update(SearchEntry)
                .where(SearchEntry.id == entry.id)
                .values(words=_stored(session, kept))
                .execution_options(synchronize_session=False)
            )
            _add_tokens(session, entry.id, text)
    return changed


def new_words(
    table: str, words: Mapping[int, list[str]], numbers: Iterator[int], *, dialect: str
) -> list[Staged]:
    """Return what puts the words of many new records into the index, for what is stored without an
    object each; `numbers`: of free entries, rising.
    """
    rows: list[dict[str, Any]] = [
        {"id": next(numbers), "subject_table": table, "subject_id": of, "words": " ".join(kept)}
        for of, kept in words.items()
    ]
    entries = table_of(SearchEntry)
    if dialect != "sqlite":
        return [inserted(entries, rows, dialect=dialect, shaped={"words": _cut})]
    if not rows:
        return []
    made = select(entries.c.id, entries.c.words).where(
        entries.c.id.between(rows[0]["id"], rows[-1]["id"])
    )
    tokens = insert(SEARCH_WORDS).from_select(["rowid", "words"], made)
    return [inserted(entries, rows, dialect=dialect), Staged(tokens)]


def _cut(text: ColumnElement[str]) -> ColumnElement[Any]:
    return func.array_to_tsvector(func.string_to_array(text, " "))


def forget_words(session: Session, table: str, numbers: Iterable[int]) -> None:
    """Take records that are no more out of the index."""
    for entry in _entries(session, table, numbers):
        _drop_tokens(session, entry)
        session.execute(
            delete(SearchEntry)
            .where(SearchEntry.id == entry.id)
            .execution_options(synchronize_session=False)
        )


def renew_tokens(session: Session) -> None:
    """Make the tokens anew from the words kept, whatever became of them (SQLite alone has both)."""
    if _has_tokens(session):
        session.execute(insert(SEARCH_WORDS).values(search_words="rebuild"))


def _entries(session: Session, table: str, numbers: Iterable[int]) -> list[Row[Any]]:
    rows = select(SearchEntry.id, SearchEntry.subject_id, SearchEntry.words).where(
        SearchEntry.subject_table == table, SearchEntry.subject_id.in_(list(numbers))
    )
    return [*session.execute(rows)]


def _words_of(entry: Row[Any]) -> set[str]:
    """Return the words of an entry; PostgreSQL writes its lexemes in quotation marks."""
    return {word.strip("'") for word in entry.words.split()}


def _has_tokens(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _stored(session: Session, words: list[str]) -> Any:  # noqa: ANN401 (text, or an expression)
    """Return the words as the column takes them; no parser may cut them another way than we did."""
    if _has_tokens(session):
        return " ".join(words)
    return func.array_to_tsvector(cast(words, ARRAY(Text)))


def _add_tokens(session: Session, entry_id: int, text: str) -> None:
    if _has_tokens(session):
        session.execute(insert(SEARCH_WORDS).values(rowid=entry_id, words=text))


def _drop_tokens(session: Session, entry: Row[Any]) -> None:
    """Take the tokens of the old words out: the table has no copy and must be told them."""
    if _has_tokens(session):
        session.execute(
            insert(SEARCH_WORDS).values(search_words="delete", rowid=entry.id, words=entry.words)
        )
