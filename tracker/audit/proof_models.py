"""What else is proved than the values in a record's rows, which have the digest of their entry."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Row, Select

# Between what a save writes and its entry, at most.
ONE_SAVE = timedelta(minutes=1)


class Proved:
    """What `flask audit verify` compares with what was said of it: a class for each such thing.

    `CALLED`: what its findings call them; `ACTS`: the entries that say something of them, by the
    name that `to_prove` gives them; `AT_ONCE`: rows in memory at a time; `SEALED`: under which name
    the seal of older entries says the number of each.
    """

    CALLED: ClassVar[str]
    ACTS: ClassVar[tuple[str, ...]] = ()
    AT_ONCE: ClassVar[int] = 200
    SEALED: ClassVar[str] = ""

    @classmethod
    def to_prove(cls) -> Select[*tuple[Any, ...]]:
        """Select the name first, then what is to be compared; rows of one name in a row."""
        raise NotImplementedError

    @classmethod
    def to_seal(cls) -> Select[str, int]:
        """Select the name and number of each that the seal of older entries says."""
        raise NotImplementedError

    @classmethod
    def is_as_told(cls, rows: Sequence[Row[Any]], told: Mapping[str, Any]) -> bool:
        """Say whether the rows of one name, perhaps none, are what was said of them.

        `told`: the newest of each value in the entries of `ACTS`, and of each act the sequence;
        under the name of the act and ` signed`, by whom it was and when.
        """
        raise NotImplementedError


def is_signed(told: Mapping[str, Any], act: str, *, by: str | None, at: datetime) -> bool:
    """Say whether a row was made by whom and when the newest entry of an act says; entries that are
    older than this say when by their own time alone.
    """
    actor, moment = told[f"{act} signed"]
    exact = told.get("at")
    is_then = at.isoformat() == exact if exact else abs(at - moment) < ONE_SAVE
    return bool(by == actor and is_then)
