"""Confidential rows of other features that speak of a journalist, and what of them is erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from tracker.scoping import TeamOnly

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select


class SpeaksOfHer(TeamOnly):
    """A confidential row about somebody who has a record. A mixin: each kind says which are hers.

    `FREE_TEXT`: the columns that are emptied; `ACT`: what the trail calls a change of them.
    """

    FREE_TEXT: ClassVar[tuple[str, ...]]
    ACT: ClassVar[str]

    @classmethod
    def is_of(cls, journalist_id: int) -> ColumnElement[bool]:
        """Return the condition that a row speaks of her."""
        raise NotImplementedError

    @classmethod
    def subjects(cls, journalist_id: int) -> Select[Any]:
        """Select the refs of the records in whose trail the rows are."""
        raise NotImplementedError

    @classmethod
    def parts(cls, journalist_id: int) -> list[str]:
        """Return what the trail calls the parts of records on which the rows hang."""
        raise NotImplementedError
