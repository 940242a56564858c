"""The timeline as a rule: facts in, entries out, told as one story in two lanes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker.articles.codes import Bearing
from tracker.fake_accounts.codes import AccountEvent
from tracker.incidents.codes import Extent
from tracker.responses.codes import ActType
from tracker.timelines.codes import EntryKind, Lane
from tracker.when import OPEN_START, Precision

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tracker.review.codes import EditorialState
    from tracker.when import When

# Events of an account that somebody in charge brought about; all others tell what the account did.
TAKEDOWNS = frozenset(
    {
        AccountEvent.BLOCK_ORDERED,
        AccountEvent.BLOCKED,
        AccountEvent.SUSPENDED,
        AccountEvent.REMOVED_BY_PLATFORM,
    }
)


@dataclass(frozen=True, slots=True)
class Tag:
    """A code and its label in the viewer's language."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a quote stands."""

    ref: str
    title: str
    publisher: str
    url: str
    published: When


@dataclass(frozen=True, slots=True)
class Quote:
    """A source's words; `source` is None where it may not be shown, `about` names one act of
    several; `closed` stands before words upon which nobody should come unprepared.
    """

    words: str
    source: Source | None
    bearing: Bearing = Bearing.SUPPORTS
    about: Tag | None = None
    closed: str = ""

    @property
    def contradicts(self) -> bool:
        """Say whether the source disputes what the entry tells."""
        return self.bearing is Bearing.CONTRADICTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that has a place in time, taken from one record; words are the viewer's already.

    `part` tells the facts of one record apart; `endpoint` is the blueprint of the record's page.
    """

    kind: EntryKind
    ref: str
    endpoint: str
    title: str
    when: When
    part: str = ""
    event: AccountEvent | None = None
    types: tuple[Tag, ...] = ()
    targets: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    state: EditorialState | None = None
    extent: Extent = Extent.ONCE
    is_ongoing: bool = False
    note: str = ""

    @property
    def is_dated(self) -> bool:
        """Say whether a source gives any time at all."""
        return self.when.precision is not Precision.UNKNOWN

    @property
    def has_open_start(self) -> bool:
        """Say whether nobody knows when it began."""
        return self.when.earliest == OPEN_START

    @property
    def lasted(self) -> bool:
        """Say whether it went on for the whole interval, not on some day within it."""
        return self.extent is not Extent.ONCE or self.kind is EntryKind.TARGET_STATUS


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact at its place: the number under which picture and list show it, and its lane."""

    number: int
    lane: Lane
    fact: Fact

    @property
    def tone(self) -> str:
        """Return what colours it: its lane, except that countermeasures stand apart."""
        is_counter = self.fact.kind is EntryKind.COUNTERMEASURE
        return "countermeasure" if is_counter else self.lane.value


def build_timeline(facts: Iterable[Fact]) -> list[Entry]:
    """Return the entries in the order in which a story is told, each fact once."""
    parts = {
        (part.kind, part.ref, part.part): part for fact in facts for part in _without_counter(fact)
    }
    ordered = sorted(parts.values(), key=_place)
    return [Entry(number, lane_of(fact), fact) for number, fact in enumerate(ordered, start=1)]


def lane_of(fact: Fact) -> Lane:
    """Return the lane: the kind of record decides, so a search by the police is what was done."""
    if fact.kind in {EntryKind.RESPONSE, EntryKind.COUNTERMEASURE} or fact.event in TAKEDOWNS:
        return Lane.AUTHORITIES
    return Lane.DONE


def _without_counter(fact: Fact) -> list[Fact]:
    """Split a response: measures against the target are told, but never as part of an answer."""
    if fact.kind is not EntryKind.RESPONSE:
        return [fact]
    counter = tuple(tag for tag in fact.types if tag.code == ActType.COUNTERMEASURE)
    if not counter:
        return [fact]
    rest = tuple(tag for tag in fact.types if tag.code != ActType.COUNTERMEASURE)
    told = [
        replace(
            fact,
            kind=EntryKind.COUNTERMEASURE,
            types=counter[:1],
            quotes=tuple(quote for quote in fact.quotes if _is_of(quote, counter)),
        )
    ]
    if rest:
        quotes = tuple(quote for quote in fact.quotes if _is_of(quote, rest))
        told.insert(0, replace(fact, types=rest, quotes=quotes))
    return told


def _is_of(quote: Quote, acts: tuple[Tag, ...]) -> bool:
    return quote.about is None or quote.about in acts


def _place(fact: Fact) -> tuple[date, date, str, str, str]:
    # The order of all lists, ascending; the last two make it total within one record.
    return (fact.when.latest, fact.when.earliest, fact.ref, fact.kind.value, fact.part)
