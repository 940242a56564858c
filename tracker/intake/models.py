"""What came in and waits to be worked on: who has it, and how it ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.articles.models import Article
from tracker.db import INTERNAL, Base, UTCDateTime, choice
from tracker.i18n import _
from tracker.intake.codes import InboxState, UnreadReason
from tracker.records import Record
from tracker.scoping import Scoped
from tracker.users.models import User

# In the order in which somebody goes through them.
WAITING = (InboxState.RECEIVED, InboxState.TAKEN, InboxState.UNREADABLE)
ENDED = (InboxState.LOGGED, InboxState.ADDS_SOURCE, InboxState.OUT_OF_SCOPE)


def _among(states: tuple[InboxState, ...]) -> str:
    named = ", ".join(f"'{state}'" for state in states)
    return f"state IN ({named})"


class IntakeItem(Record, Scoped, Base):
    """One thing that came in: the article made of it, or the bytes where none could be made.

    An inbox is its team's, whoever may see the article: nobody else is told who works on what.
    """

    __tablename__ = "intake_items"
    __table_args__ = (
        Index("ix_intake_items_page", "recorded_at", "ref"),
        Index("ix_intake_items_state", "state", "recorded_at", "ref"),
        CheckConstraint("visibility = 'restricted'", name="inbox_of_one_team"),
        CheckConstraint(
            "(article_id IS NULL) = (content IS NOT NULL) "
            "AND (content IS NULL) = (unread_reason IS NULL)",
            name="article_or_content",
        ),
        CheckConstraint(
            "content IS NULL OR length(content) <= 10485760", name="content_at_most_10_mb"
        ),
        CheckConstraint(
            f"({_among(ENDED)}) = (ended_at IS NOT NULL) "
            "AND (ended_at IS NULL) = (ended_by_id IS NULL)",
            name="ended_by_somebody",
        ),
        CheckConstraint("state <> 'taken' OR taken_by_id IS NOT NULL", name="taken_by_somebody"),
        CheckConstraint(
            "state NOT IN ('received', 'unreadable') "
            "OR (taken_by_id IS NULL AND (state = 'received') = (article_id IS NOT NULL))",
            name="waiting_for_anybody",
        ),
        CheckConstraint(
            "state NOT IN ('logged', 'adds_source') OR article_id IS NOT NULL",
            name="logged_from_an_article",
        ),
        CheckConstraint("state <> 'out_of_scope' OR reason <> ''", name="reason_given"),
    )
    PREFIX = "INB"
    ENDPOINT = "intake"

    # What was made of it; an article comes in once.
    article_id: Mapped[int | None] = mapped_column(
        ForeignKey("articles.id"), unique=True, info=INTERNAL
    )
    # As it was called where it came from, "" for a text that was pasted.
    file_name: Mapped[str] = mapped_column(String(200), default="", info=INTERNAL)
    media_type: Mapped[str] = mapped_column(String(80), default="", info=INTERNAL)
    sha256: Mapped[str] = mapped_column(String(64), index=True, info=INTERNAL)
    # Kept here only as long as there is no article to keep them.
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True, info=INTERNAL)
    unread_reason: Mapped[UnreadReason | None] = mapped_column(choice(UnreadReason), info=INTERNAL)
    state: Mapped[InboxState] = mapped_column(
        choice(InboxState), default=InboxState.RECEIVED, info=INTERNAL
    )
    taken_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id"), index=True, info=INTERNAL
    )
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), info=INTERNAL)
    reason: Mapped[str] = mapped_column(String(500), default="", info=INTERNAL)

    article: Mapped[Article | None] = relationship()
    taken_by: Mapped[User | None] = relationship(foreign_keys=[taken_by_id])
    ended_by: Mapped[User | None] = relationship(foreign_keys=[ended_by_id])

    @property
    def has_ended(self) -> bool:
        """Say whether nobody need look at it any more."""
        return self.state in ENDED

    def heading(self) -> str:
        """Return the title of the article, else the name of the file."""
        if self.article is not None:
            return self.article.title
        return self.file_name or str(_("A pasted text"))
