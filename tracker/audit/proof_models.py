"""What else is proved than the values in a record's rows, which have the digest of their entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Row, Select


class Proved:
    """What `flask audit verify` compares with what was said of it: a class for each such thing.

    `CALLED`: what its findings call them; `ACTS`: the entries that say something of them, by the
    name that `to_prove` gives them; `AT_ONCE`: rows in memory at a time.
    """

    CALLED: ClassVar[str]
    ACTS: ClassVar[tuple[str, ...]] = ()
    AT_ONCE: ClassVar[int] = 200

    @classmethod
    def to_prove(cls) -> Select[*tuple[Any, ...]]:
        """Select the name first, then what is to be compared; rows of one name in a row."""
        raise NotImplementedError

    @classmethod
    def is_as_told(cls, rows: Sequence[Row[Any]], told: Mapping[str, Any]) -> bool:
        """Say whether the rows of one name, perhaps none, are what was said of them.

        `told`: the newest of each value in the entries of `ACTS`, and of each act the sequence.
        """
        raise NotImplementedError
