"""Keeping the index current: whatever a transaction changes is indexed before it commits."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session

from tracker.search.index_service import forget_words, keep_words, renew_tokens
from tracker.search.models import Searchable, SearchEntry
from tracker.search.queries import every_place, least_viewer, places_showing, with_words
from tracker.search.rules import words_to_keep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from sqlalchemy.orm import UOWTransaction

    from tracker.scoping import Viewer
    from tracker.search.queries import Place

BATCH = 200
# What a transaction has written so far, in the session's `info`.
TOUCHED, GONE, RESCOPED = "search_touched", "search_gone", "search_rescoped"


@event.listens_for(Session, "after_flush")
def _note(session: Session, _flushed: UOWTransaction) -> None:
    """Note what was written. Words are read at the commit: children may still follow."""
    for record in [*session.new, *session.dirty]:
        if isinstance(record, Searchable):
            session.info.setdefault(TOUCHED, {})[_place(record)] = least_viewer(record)
    for record in session.dirty:
        if isinstance(record, Searchable) and _is_rescoped(record):
            session.info.setdefault(RESCOPED, set()).add(_place(record))
    for record in session.deleted:
        if isinstance(record, Searchable):
            session.info.setdefault(GONE, set()).add(_place(record))


@event.listens_for(Session, "before_commit")
def keep_current(session: Session) -> None:
    """Index what this transaction wrote, in the same transaction."""
    session.flush()
    touched: dict[Place, Viewer] = session.info.pop(TOUCHED, {})
    gone: set[Place] = session.info.pop(GONE, set())
    rescoped: set[Place] = session.info.pop(RESCOPED, set())
    for model, number in gone:
        touched.pop((model, number), None)
        forget_words(session, model.__tablename__, [number])
    others_say_it = (_index(session, touched) | rescoped) - gone
    if others_say_it:
        # Whoever renames a journalist need not see every incident that names her.
        with _beside(session, system="search: records that show a changed one") as beside:
            showing = dict(places_showing(beside, others_say_it))
        _index(session, {place: showing[place] for place in showing.keys() - touched.keys()})


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    for kept in (TOUCHED, GONE, RESCOPED):
        session.info.pop(kept, None)


def rebuild(session: Session) -> Iterator[int]:
    """Index every record anew in a session that sees them all; yields how many are done.

    Commit at each step, so that nobody waits for the whole; the last step drops what is no more.
    """
    places = dict(every_place(session))
    batch: dict[Place, Viewer] = {}
    for done, (place, viewer) in enumerate(places.items(), 1):
        batch[place] = viewer
        if len(batch) == BATCH or done == len(places):
            _index(session, batch)
            batch = {}
            yield done
    current = {(model.__tablename__, number) for model, number in places}
    kept = session.execute(select(SearchEntry.subject_table, SearchEntry.subject_id)).all()
    for table, number in kept:
        if (table, number) not in current:
            forget_words(session, table, [number])
    renew_tokens(session)
    yield len(places)


def _index(session: Session, places: dict[Place, Viewer]) -> set[Place]:
    """Index some records, each in the eyes of its viewer; return those that had other words."""
    changed: set[Place] = set()
    grouped: dict[tuple[Viewer, type[Any]], list[int]] = defaultdict(list)
    for (model, number), viewer in places.items():
        grouped[viewer, model].append(number)
    for (viewer, model), numbers in grouped.items():
        with _beside(session, viewer=viewer) as beside:
            for some in _batches(numbers):
                records = beside.scalars(with_words(model).where(model.id.in_(some))).unique()
                words = {record.id: words_to_keep(record.search_text()) for record in records}
                new = keep_words(session, model.__tablename__, words)
                changed |= {(model, number) for number in new}
                beside.expunge_all()
    return changed


def _beside(session: Session, **info: Any) -> Session:  # noqa: ANN401 (a viewer or a reason)
    """Return a session in the same transaction that reads with other eyes."""
    return Session(
        session.connection(), info=info, autoflush=False, join_transaction_mode="rollback_only"
    )


def _batches(numbers: list[int]) -> Iterable[list[int]]:
    return (numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH))


def _place(record: Any) -> Place:  # noqa: ANN401 (a mixin beside Record)
    return type(record), record.id


def _is_rescoped(record: Any) -> bool:  # noqa: ANN401 (as above)
    """Say whether other people see the record now: it may show on fewer or more pages of others."""
    attributes = inspect(record).attrs
    keys = {"team_id", "visibility"}.intersection(attributes.keys())
    return any(attributes[key].history.has_changes() for key in keys)
