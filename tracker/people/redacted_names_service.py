"""Reject shared texts that name somebody whose name is redacted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from sqlalchemy import Select, event, inspect, select
from sqlalchemy.orm import Session, UOWTransaction

from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.people import queries
from tracker.people.models import Journalist, JournalistName
from tracker.people.rules import find_mentions
from tracker.permissions import Visibility
from tracker.scoping import ScopedRow

# The key in the session's `info` of the redacted names by team, read once per transaction.
REDACTED_NAMES_KEY = "redacted_names"


@event.listens_for(Session, "after_flush")
def _reject_redacted_names(session: Session, _flushed: UOWTransaction) -> None:
    """Reject a flush that writes a redacted name into a shared text, whatever writes the text.

    The record must be restricted to the team; it can be shared when the text is changed or masked.
    """
    open_rows = [
        row
        for row in (*session.new, *session.dirty)
        if isinstance(row, ScopedRow) and row.visibility is Visibility.INTERNAL
    ]
    if not open_rows:
        return
    redacted = _redacted_names_by_team(session)
    for row in open_rows if redacted else ():
        names = redacted.get(row.team_id, {})
        if names and _mentions_redacted_person(row, names):
            raise InvalidInput(naming=_redacted_name_message())


def validate_shared_text(text: str, *, team_id: int, field: str) -> None:
    """Raise InvalidInput at `field` if a text, which a team shares with all users, has the full
    name of somebody whose name is redacted. Called before the text is stored, so that the error is
    shown with all others.
    """
    names = _redacted_names_by_team(db.session()).get(team_id, {}).values() if text else ()
    if any(find_mentions(text, one) for one in names):
        raise InvalidInput(**{field: _redacted_name_message()})


def _redacted_name_message() -> str:
    """Return the message that a shared text has a redacted name."""
    return str(
        _(
            "This names somebody who must not be named outside the team. Choose other "
            "words, or restrict it to the team."
        )
    )


def validate_no_redacted_names(record: ScopedRow, added_records: Iterable[Any]) -> None:
    """Raise InvalidInput if a shared record's text has the redacted name of an added person.
    `added_records`: the records that are added, with the people they are about.
    """
    if record.visibility is not Visibility.INTERNAL:
        return
    shown_ids = {number for one in added_records for number in queries.linked_journalist_ids(one)}
    redacted = [
        queries.names_of(one)
        for one in queries.journalists_with_redacted_name()
        if one.id in shown_ids
    ]
    if any(
        find_mentions(text, names, allow_single_words=True)
        for text in queries.record_texts(record)
        for names in redacted
    ):
        raise InvalidInput(
            records=_(
                "The text of this case names somebody who must not be named outside the team. "
                "Change the text first, or restrict the case to the team."
            )
        )


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _clear_cached_names(session: Session) -> None:
    """Forget the redacted names that a session has cached, once its transaction has ended."""
    session.info.pop(REDACTED_NAMES_KEY, None)


@event.listens_for(Journalist.name_closed_on, "set")
def _clear_names_on_change(
    journalist: Journalist, _value: object, _before: object, _initiator: object
) -> None:
    """Forget the cached names when the name of a journalist is redacted, or no longer is."""
    session = inspect(journalist).session
    if session is not None:
        session.info.pop(REDACTED_NAMES_KEY, None)


def _mentions_redacted_person(row: Any, redacted: dict[int, list[str]]) -> bool:  # noqa: ANN401 (a row of any feature)
    """Return whether a row's new text names a person whose name is redacted; in a record about
    them, one word of their name suffices. `redacted`: the names by journalist id.
    """
    written = list(_changed_texts(row))
    shown_ids = set(queries.linked_journalist_ids(queries.owning_record(row))) if written else set()
    return any(
        find_mentions(text, names, allow_single_words=number in shown_ids)
        for number, names in redacted.items()
        for text in written
    )


def _redacted_names_by_team(session: Session) -> dict[int, dict[int, list[str]]]:
    """Return, by team id and journalist id, the names of each journalist whose name is redacted."""
    kept: dict[int, dict[int, list[str]]] | None = session.info.get(REDACTED_NAMES_KEY)
    if kept is None:
        kept = defaultdict(lambda: defaultdict(list))
        for team_id, number, name in session.execute(_select_redacted_names()):
            kept[team_id][number].append(name)
        session.info[REDACTED_NAMES_KEY] = kept
    return kept


@cache
def _select_redacted_names() -> Select[int, int, str]:
    """Select team id, journalist id and name of each redacted name."""
    rows = select(JournalistName.team_id, Journalist.id, JournalistName.name)
    named = rows.join(Journalist, JournalistName.bearer_id == Journalist.id)
    return named.where(Journalist.name_closed_on.is_not(None))


def _changed_texts(row: Any) -> Iterator[str]:  # noqa: ANN401 (a row of any feature)
    """Yield the texts of a row that a flush changes. If the flush changes the visibility of the
    row, yield all its texts.
    """
    state = inspect(row)
    is_opened = state.attrs.visibility.history.has_changes()
    for name in queries.free_text_columns(state.mapper):
        if is_opened or state.attrs[name].history.has_changes():
            text = getattr(row, name)
            if text:
                yield text
