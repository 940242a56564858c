"""What a record has that stands twice: where it leads to, and what was moved there."""

from __future__ import annotations

from typing import Any, Self

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from tracker.db import INTERNAL


class Mergeable:
    """A record that may turn out to be the same as another one of its kind. A mixin.

    `moved` holds the rows that said this record and say the other one now, as lists of row ids by
    "table.relationship", so that a merge can be undone: nothing else is lost by one.
    """

    moved: Mapped[dict[str, list[int]]] = mapped_column(
        JSON, default=dict, server_default="{}", info=INTERNAL | {"trail": "digest"}
    )

    @declared_attr
    def merged_into_id(cls) -> Mapped[int | None]:
        """Return the record that stays."""
        made: Any = cls
        return mapped_column(
            ForeignKey(f"{made.__tablename__}.id"), index=True, default=None, info=INTERNAL
        )

    @declared_attr
    def merged_into(cls) -> Mapped[Self | None]:
        """Return the record that stays, None where there is one alone."""
        made: Any = cls
        return relationship(
            made, remote_side=lambda: made.id, foreign_keys=lambda: made.merged_into_id
        )


def leads_to_another() -> CheckConstraint:
    """Return the CHECK that nothing is merged into itself."""
    return CheckConstraint("merged_into_id <> id", name="leads_to_another")
