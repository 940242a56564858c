"""When two rows of two incidents say the same; pure."""

from __future__ import annotations

from typing import Any

AS_ACTOR = ("actor_type", "purported_as", "name", "attributed_by")
AS_CITATION = ("article_id", "quote", "field", "bearing")
AS_REFERENCE = ("scheme", "identifier")
AS_STATUS = ("status", "earliest", "latest", "precision")


def told(row: Any, same: tuple[str, ...]) -> tuple[Any, ...]:  # noqa: ANN401 (a row)
    """Return what a row says, by which it is compared."""
    return tuple(getattr(row, name) for name in same)
