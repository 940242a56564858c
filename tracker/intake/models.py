"""Inbox items, outcomes of suggestions, and pairs of records that are not duplicates.

Imported bytes are verified by their digest, which the log entry of the record covers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker import clock
from tracker.articles.models import Article
from tracker.audit.models import LogCheck
from tracker.db import INTERNAL, Base, UTCDateTime, text_enum
from tracker.i18n import _
from tracker.intake.codes import InboxState, SuggestionKind, SuggestionVerdict, UnreadReason
from tracker.people.models import Institution, Journalist, Outlet
from tracker.records import REF_LENGTH, Record
from tracker.scoping import ChildRow, ScopedRecord, owner_foreign_key
from tracker.users.models import User

# The states in which an inbox item still needs work.
OPEN_STATES = (InboxState.RECEIVED, InboxState.TAKEN, InboxState.UNREADABLE)
# The states in which an inbox item needs no more work; OUT_OF_SCOPE needs a reason.
CLOSED_STATES = (InboxState.LOGGED, InboxState.ADDS_SOURCE, InboxState.OUT_OF_SCOPE)


def _state_condition_sql(states: tuple[InboxState, ...]) -> str:
    """Return the SQL condition that the column `state` has one of these states."""
    named = ", ".join(f"'{state}'" for state in states)
    return f"state IN ({named})"


class IntakeItem(Record, ScopedRecord, Base):
    """An inbox item: its article, or the bytes of a file that could not be read.

    Only the team sees its inbox, even if all users see the article: others do not learn who works
    on what.
    """

    __tablename__ = "intake_items"
    __table_args__ = (
        sa.Index("ix_intake_items_page", "recorded_at", "ref"),
        sa.Index("ix_intake_items_state", "state", "recorded_at", "ref"),
        sa.CheckConstraint("visibility = 'restricted'", name="inbox_of_one_team"),
        sa.CheckConstraint(
            "(article_id IS NULL) = (content IS NOT NULL) "
            "AND (content IS NULL) = (unread_reason IS NULL)",
            name="article_or_content",
        ),
        sa.CheckConstraint(
            "content IS NULL OR length(content) <= 10485760", name="content_at_most_10_mb"
        ),
        sa.CheckConstraint(
            f"({_state_condition_sql(CLOSED_STATES)}) = (ended_at IS NOT NULL) "
            "AND (ended_at IS NULL) = (ended_by_id IS NULL)",
            name="ended_by_somebody",
        ),
        sa.CheckConstraint("state <> 'taken' OR taken_by_id IS NOT NULL", name="taken_by_somebody"),
        sa.CheckConstraint(
            "state NOT IN ('received', 'unreadable') "
            "OR (taken_by_id IS NULL AND (state = 'received') = (article_id IS NOT NULL))",
            name="waiting_for_anybody",
        ),
        sa.CheckConstraint(
            "state NOT IN ('logged', 'adds_source') OR article_id IS NOT NULL",
            name="logged_from_an_article",
        ),
        sa.CheckConstraint("state <> 'out_of_scope' OR reason <> ''", name="reason_given"),
    )
    PREFIX = "INB"
    ENDPOINT = "intake"

    # The article made from it; an article has one item.
    article_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("articles.id"), unique=True, info=INTERNAL
    )
    # The original file name, "" for a pasted text.
    file_name: Mapped[str] = mapped_column(sa.String(200), default="", info=INTERNAL)
    media_type: Mapped[str] = mapped_column(sa.String(80), default="", info=INTERNAL)
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True, info=INTERNAL)
    # Stored here only while there is no article to store them.
    content: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True, info=INTERNAL)
    unread_reason: Mapped[UnreadReason | None] = mapped_column(
        text_enum(UnreadReason), info=INTERNAL
    )
    state: Mapped[InboxState] = mapped_column(
        text_enum(InboxState), default=InboxState.RECEIVED, info=INTERNAL
    )
    taken_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("users.id"), index=True, info=INTERNAL
    )
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), info=INTERNAL)
    reason: Mapped[str] = mapped_column(sa.String(500), default="", info=INTERNAL)

    article: Mapped[Article | None] = relationship()
    taken_by: Mapped[User | None] = relationship(foreign_keys=[taken_by_id])
    ended_by: Mapped[User | None] = relationship(foreign_keys=[ended_by_id])

    @property
    def is_closed(self) -> bool:
        """Whether the item is closed: its state is one of `CLOSED_STATES`."""
        return self.state in CLOSED_STATES

    @property
    def heading(self) -> str:
        """The title of the article, else the name of the file."""
        if self.article is not None:
            return self.article.title
        return self.file_name or str(_("A pasted text"))


class SuggestionOutcome(ChildRow, Base):
    """What a user did with a suggestion, or a value that a user added without one. `code`: the
    incident type, the act, the kind of an added account or the standing of an added response, else
    ""; `score`: of the suggestion in percent, None for an added value.

    No words are copied: `start`/`end` refer to the article's text, where a passage may be masked
    later. `record_ref` is "" if nothing was recorded, or if not everybody who sees the article may
    see the record.
    """

    __tablename__ = "suggestion_outcomes"
    __table_args__ = (
        owner_foreign_key("articles", "article_id"),
        sa.CheckConstraint(
            '(start IS NULL) = ("end" IS NULL) AND (start IS NULL OR start < "end")',
            name="words_in_place",
        ),
        sa.CheckConstraint(
            "(verdict = 'added') = (score IS NULL) AND score BETWEEN 0 AND 100",
            name="only_suggestions_have_scores",
        ),
    )

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, info=INTERNAL)
    article_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    kind: Mapped[SuggestionKind] = mapped_column(text_enum(SuggestionKind), info=INTERNAL)
    code: Mapped[str] = mapped_column(sa.String(60), default="", info=INTERNAL)
    start: Mapped[int | None] = mapped_column(info=INTERNAL)
    end: Mapped[int | None] = mapped_column(info=INTERNAL)
    score: Mapped[int | None] = mapped_column(info=INTERNAL)
    verdict: Mapped[SuggestionVerdict] = mapped_column(text_enum(SuggestionVerdict), info=INTERNAL)
    record_ref: Mapped[str] = mapped_column(sa.String(REF_LENGTH), default="", info=INTERNAL)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), info=INTERNAL)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)


class NotDuplicates:
    """A mixin for the decision that two records are not duplicates, with its author and time, in
    one table per kind of record.

    The record that was created first comes first, so that a pair is stored once. A record merged
    into a third stays here unchanged: readers follow the merge.
    """

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, info=INTERNAL)
    told_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)
    told_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), info=INTERNAL)


def _ordered_pair_constraints(table: str) -> tuple[Any, ...]:
    """Return the constraints by which a table stores each pair of ids once, the lower first."""
    return (
        sa.CheckConstraint("one_id < other_id", name="each_pair_once"),
        sa.Index(f"uq_{table}_pair", "one_id", "other_id", unique=True),
    )


class JournalistNotDuplicates(NotDuplicates, ChildRow, Base):
    """The decision that two journalists are not duplicates."""

    __tablename__ = "journalist_namesakes"
    __table_args__ = (
        owner_foreign_key("journalists", "one_id"),
        *_ordered_pair_constraints("journalist_namesakes"),
    )

    one_id: Mapped[int] = mapped_column(info=INTERNAL)
    other_id: Mapped[int] = mapped_column(
        sa.ForeignKey("journalists.id"), index=True, info=INTERNAL
    )

    told_by: Mapped[User] = relationship()


class OutletNotDuplicates(NotDuplicates, ChildRow, Base):
    """The decision that two outlets are not duplicates."""

    __tablename__ = "outlet_namesakes"
    __table_args__ = (
        owner_foreign_key("outlets", "one_id"),
        *_ordered_pair_constraints("outlet_namesakes"),
    )

    one_id: Mapped[int] = mapped_column(info=INTERNAL)
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("outlets.id"), index=True, info=INTERNAL)

    told_by: Mapped[User] = relationship()


class InstitutionNotDuplicates(NotDuplicates, Base):
    """The decision that two institutions are not duplicates. It belongs to no team, because
    institutions belong to none.
    """

    __tablename__ = "institution_namesakes"
    __table_args__ = _ordered_pair_constraints("institution_namesakes")

    one_id: Mapped[int] = mapped_column(sa.ForeignKey("institutions.id"), info=INTERNAL)
    other_id: Mapped[int] = mapped_column(
        sa.ForeignKey("institutions.id"), index=True, info=INTERNAL
    )

    told_by: Mapped[User] = relationship()


# By the model of a record: the model of the decisions that two such records are not duplicates.
NOT_DUPLICATES_MODELS: dict[type[Journalist | Outlet | Institution], type[Any]] = {
    Journalist: JournalistNotDuplicates,
    Outlet: OutletNotDuplicates,
    Institution: InstitutionNotDuplicates,
}


class UnreadableFileLogCheck(LogCheck):
    """A check of `flask audit verify`: the bytes of an unreadable file must have the digest that
    was stored when the file was imported. The log entry of the inbox item covers this digest.
    """

    LABEL = "file of"
    BATCH_SIZE = 10

    @classmethod
    def select_rows(cls) -> sa.Select[*tuple[Any, ...]]:
        """Select the ref, the bytes and the digest of each inbox item with an unreadable file."""
        columns = (IntakeItem.ref, IntakeItem.content, IntakeItem.sha256)
        return sa.select(*columns).where(IntakeItem.content.is_not(None)).order_by(IntakeItem.id)

    @classmethod
    def matches_log(cls, rows: Sequence[sa.Row[Any]], logged: Mapping[str, Any]) -> bool:
        """Return whether the bytes have the stored digest. `logged`: not needed for this."""
        del logged
        return bool(hashlib.sha256(rows[0].content).hexdigest() == rows[0].sha256)
