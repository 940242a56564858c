"""Taking out of a cell whoever is not to be named: the one way of every file; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tracker.people.mention_rules import mentions, without_names

if TYPE_CHECKING:
    from collections.abc import Sequence

# Whoever or whatever is there, but not for this reader.
WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Closed:
    """Who is not to be named. `here`: the names of each closed target of the incident of the row,
    and what she is called instead; `everywhere`: the names of all others, for which `instead`
    stands.
    """

    here: Sequence[tuple[Sequence[str], str]] = ()
    everywhere: Sequence[str] = ()
    instead: str = WITHHELD


def without_closed(words: str, closed: Closed) -> str:
    """Return words of people without them: of a closed target, any word of her name is she."""
    for names, instead in closed.here:
        words = without_names(words, list(names), instead=instead or WITHHELD)
    return without_names(words, closed.everywhere, instead=closed.instead, alone=False)


def glued_without(words: str, closed: Closed) -> str:
    """Return a handle or an address, or that it is withheld where one of the names is in it."""
    everybody = [*closed.everywhere, *(name for names, _instead in closed.here for name in names)]
    return WITHHELD if mentions(unquote(words), everybody, alone=True, within=True) else words
