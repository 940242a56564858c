"""What a dossier consists of, in words already; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tracker.incidents.codes import PeopleCounted
    from tracker.timelines.build import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody concerned, or an outlet, once however many incidents tell of them.

    `counted`: in which of the four figures; `is_withheld`: somebody whose name is known here, and
    not told. `entries`: the numbers of the incidents in the chronology; `ref`: of whoever is named.
    """

    words: str
    roles: tuple[str, ...]
    counted: PeopleCounted
    is_withheld: bool
    number: int
    entries: tuple[int, ...]
    harm: tuple[str, ...] = ()
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Perpetrator:
    """Who is said to have done something, how certain that is, and on whose word."""

    words: str
    certainty: str
    attributed_by: str
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked of an authority, and what came of it; `waiting`: for how long of nothing."""

    entry: int
    title: str
    sender: str
    outcome: str
    waiting: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """A proceeding with its steps, which are entries of the chronology."""

    heading: str
    steps: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A clock in words."""

    start: str
    kind: str
    days: str
    ended_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A source by its number; `sha256`, `file` and `size` where its original lies beside."""

    number: int
    ref: str
    kind: str
    title: str
    publisher: str
    published: str
    url: str
    archive_url: str
    captured_on: date | None
    quotes: tuple[str, ...]
    media_type: str = ""
    sha256: str = ""
    file: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything that a dossier says; `descriptions` of incidents by the number of their entry;
    `said_answered`: appeals that are so by nothing on record, which count as unanswered while the
    case `is_waiting`. `lacks_answers`: a response on record is not in this file, so that it counts
    no silence.
    """

    ref: str
    title: str
    country: str
    summary: str
    as_of: date
    lifecycle: str
    accountability: str
    accountability_reason: str
    incidents: int
    people: Sequence[Person]
    entries: Sequence[Entry]
    descriptions: dict[int, str]
    perpetrators: Sequence[Perpetrator]
    asked: Sequence[Asked]
    remedies: Sequence[Remedy]
    silences: Sequence[Silence]
    said_answered: Sequence[str]
    is_waiting: bool
    lacks_answers: bool
    sources: Sequence[Told]

    def counted(self, of: PeopleCounted, *, withheld: bool = False) -> int:
        """Return how many people, or outlets, are of one figure, and named or not."""
        return sum(
            one.number for one in self.people if one.counted is of and one.is_withheld is withheld
        )

    def numbers(self) -> dict[str, int]:
        """Return the numbers of the sources, by ref."""
        return {one.ref: one.number for one in self.sources}

    @property
    def withheld(self) -> int:
        """Return how many people and outlets are known here and not named."""
        return sum(one.number for one in self.people if one.is_withheld)
