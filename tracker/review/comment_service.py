"""Saying something of a record, asking somebody to do something about it, and what becomes of that.

Nothing of it revises the record: what was approved stays approved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker import clock
from tracker.audit.service import record_event
from tracker.db import db
from tracker.errors import InvalidInput, Refused, gathered
from tracker.i18n import _
from tracker.review.comment_queries import comment_model_of, who_may_be_asked
from tracker.review.rules import may_comment, may_finish, may_take_back

if TYPE_CHECKING:
    from datetime import date
    from typing import Any

    from tracker.permissions import Actor
    from tracker.review.comment_models import Comment
    from tracker.users.models import User


def comment_on(
    record: Any,  # noqa: ANN401 (a record that is discussed)
    words: str,
    *,
    assigned_to: str = "",
    due_on: date | None = None,
    by: Actor,
) -> Comment:
    """Say something of a record; `assigned_to` names who is asked to do it, "" for nobody.

    The trail keeps that it was said, never the words: they can be taken back.
    """
    refuse_unless_at_work(record, by=by)
    words, person, _day = gathered(
        lambda: _said(words),
        lambda: _asked(record, assigned_to),
        lambda: _due(due_on, is_asked=bool(assigned_to)),
    )
    made: Comment = comment_model_of(type(record))(
        record=record, words=words, written_by_id=by.id, assigned_to=person, due_on=due_on
    )
    db.session.add(made)
    record_event("review:assign" if person else "review:comment", record.ref, by=by)
    return made


def finish(comment: Any, *, by: Actor) -> None:  # noqa: ANN401 (a comment on a record of any kind)
    """Say that what somebody was asked to do is done."""
    if not comment.is_open:
        raise InvalidInput(done=_("It is done already, or was taken back."))
    if not may_finish(comment, by):
        raise Refused(_("Only who was asked to do it, or who asked, says that it is done."))
    comment.done_at, comment.done_by_id = clock.now(), by.id
    record_event("review:done", comment.record.ref, by=by)


def take_back(comment: Any, *, by: Actor) -> None:  # noqa: ANN401 (as above)
    """Erase what was said; that something was said stays."""
    if comment.taken_back_at is not None:
        raise InvalidInput(comment=_("It is taken back already."))
    if not may_take_back(comment, by):
        raise Refused(_("Only who wrote a comment takes it back."))
    comment.words, comment.taken_back_at = "", clock.now()
    record_event("review:take-back", comment.record.ref, by=by)


def refuse_unless_at_work(record: Any, *, by: Actor) -> None:  # noqa: ANN401 (as above)
    """Raise Refused unless the actor may say something of the record."""
    if not may_comment(record, by):
        raise Refused(
            _("Only staff of the team that keeps this record, and monitors, comment on it.")
        )


def _said(words: str) -> str:
    if not words.strip():
        raise InvalidInput(comment=_("Write something."))
    return words.strip()


def _asked(record: Any, name: str) -> User | None:  # noqa: ANN401 (as above)
    if not name:
        return None
    for person in who_may_be_asked(record):
        if person.name == name:
            return person
    raise InvalidInput(assigned_to=_("Choose somebody who can sign in and sees this record."))


def _due(day: date | None, *, is_asked: bool) -> None:
    if day is not None and not is_asked:
        raise InvalidInput(assigned_to=_("Say who is to do it by that day."))
    if day is not None and day < clock.today():
        raise InvalidInput(due_on=_("This day has passed."))
